"""Two roles in turn, on real servers: nobody fails, nothing is lost, and the old login ends."""

from __future__ import annotations

import time
from typing import Any

import psycopg
import pytest

from secopskit.errors import ConfigError, RefusedError
from secopskit.provider.interface import RotationPhase, VerificationError
from secopskit.provider.postgres.dsn import read_dsn
from secopskit.secret import SecretValue
from support.postgres import Servers, versions
from support.shops import Shop, Storm
from support.shops import shop as make_shop


def text(value: SecretValue | None) -> str:
    assert value is not None
    return value.reveal().decode()


def test_a_rotation_from_beginning_to_end(shop: Shop) -> None:
    rotation = shop.provider()
    assert rotation.phase is RotationPhase.DUAL
    draft = rotation.prepare()
    assert not shop.admits(text(draft.value)), "nothing has changed yet"
    assert shop.admits(shop.value)
    new = rotation.create(draft)
    assert "directly" in rotation.verify(new)
    assert shop.admits(shop.value), "both work"
    assert text(rotation.rewrite(SecretValue(shop.value.encode()), new)) == text(new.value)
    with psycopg.connect(shop.value, sslmode="disable", application_name="shop web") as session:
        seen = rotation.in_use(new)
        assert "1 session of" in seen
        assert "1 of shop web" in seen
        assert "127.0.0.1" not in seen, "the administrator may not see that"
        shop.run("GRANT pg_read_all_stats TO {}", shop.admin)
        assert "1 of shop web from 127.0.0.1" in rotation.in_use(new)
        ended = rotation.revoke(new)
        assert "refused" in ended
        assert "still open" in ended
        assert session.execute("SELECT 1").fetchone() == (1,), "sessions survive"
    assert not shop.admits(shop.value)
    assert shop.admits(text(new.value))
    assert not shop.waits
    assert not shop.notes.notes


def test_the_next_rotation_turns_back(shop: Shop) -> None:
    value = shop.value
    for role in (shop.two, shop.one, shop.two):
        rotation = shop.provider(value)
        new = rotation.create(rotation.prepare())
        rotation.verify(new)
        rotation.revoke(new)
        found = read_dsn(new.value)
        assert found is not None
        assert found.role == role
        assert not shop.admits(value)
        value = text(new.value)
        assert shop.admits(value)


def test_no_login_fails(shop: Shop) -> None:
    published = [shop.value]
    rotation = shop.provider()
    with Storm(lambda: published[0]) as storm:
        storm.wait_for(150)
        new = rotation.create(rotation.prepare())
        rotation.verify(new)
        storm.wait_for(300)
        time.sleep(0.1)
        published[0] = text(new.value)
        after = storm.total
        storm.wait_for(after + 20)  # whoever had read the old one has logged in
        rotation.revoke(new)
        storm.wait_for(max(500, after + 150))
    assert storm.total >= 500
    assert not storm.failures
    assert not shop.admits(shop.value)


def test_what_a_new_session_makes_belongs_to_the_owner(shop: Shop) -> None:
    rotation = shop.provider()
    new = rotation.create(rotation.prepare())
    with psycopg.connect(text(new.value), sslmode="disable", autocommit=True) as session:
        session.execute("CREATE TABLE made (id int); ALTER TABLE things ADD COLUMN more int")
    rows = shop.database.query("SELECT tableowner FROM pg_tables WHERE tablename IN ('made', 'things')")
    assert rows == [(shop.owner,), (shop.owner,)]


def test_every_step_again_ends_in_the_same_state(shop: Shop) -> None:
    draft = shop.provider().prepare()
    stored = "SELECT rolname, rolpassword, rolcanlogin FROM pg_authid WHERE rolname = ANY (%s) ORDER BY 1"
    states = []
    for _ in range(3):  # each with a provider that knows nothing but the journal
        new = shop.provider().create(draft)
        states.append(shop.database.query(stored, [shop.one, shop.two]))
    assert states[0] == states[1] == states[2], "the same salt, so poolers see no other password"
    assert shop.provider().verify(new) == shop.provider().verify(new)
    first = shop.provider().revoke(new)
    assert shop.provider().revoke(new) == first
    assert shop.database.query(stored, [shop.one, shop.two])[0][1:] == (None, False)
    assert shop.admits(text(new.value))


def test_rolled_back_the_old_login_is_the_only_one(shop: Shop) -> None:
    rotation = shop.provider()
    draft = rotation.prepare()
    rotation.rollback(draft, None)
    new = rotation.create(draft)
    for _ in range(2):
        assert "neither password nor login" in rotation.rollback(draft, new)
    assert shop.admits(shop.value)
    assert not shop.admits(text(new.value))
    again = rotation.create(draft)
    rotation.revoke(again)
    with pytest.raises(RefusedError, match="revocation has begun"):
        rotation.rollback(draft, again)
    assert shop.admits(text(again.value))


def test_sessions_end_where_that_is_wanted(any_shop: Shop) -> None:
    rotation = any_shop.provider(end_sessions="true")
    with pytest.raises(RefusedError, match="may not end the sessions") as refused:
        rotation.prepare()
    any_shop.database.run(refused.value.advice)
    new = rotation.create(rotation.prepare())
    with psycopg.connect(any_shop.value, sslmode="disable") as session:
        assert "1 sessions ended" in rotation.revoke(new)
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT 1")
    assert not rotation.in_use(new)


def test_what_is_missing_is_said_as_sql_that_mends_it(shop: Shop) -> None:
    shop.run("ALTER ROLE {} RESET role", shop.two)
    shop.run("REVOKE {} FROM {}", shop.owner, shop.two)
    shop.run("ALTER ROLE {} CONNECTION LIMIT 7", shop.one)
    shop.run("CREATE TABLE mine (); ALTER TABLE mine OWNER TO {}", shop.one)
    with pytest.raises(RefusedError, match="no member of") as refused:
        shop.provider().prepare()
    first, *statements = refused.value.advice.splitlines()
    assert first.endswith("once:")
    shop.database.run("\n".join(statements))
    assert shop.provider().prepare().memo["owner"] == shop.owner


def test_a_second_role_is_made_by_that_sql_too(shop: Shop) -> None:
    shop.run("DROP ROLE {}", shop.two)
    shop.run("ALTER ROLE {} RESET role", shop.one)
    with pytest.raises(RefusedError, match=f"{shop.two} is not there") as refused:
        shop.provider().prepare()
    sql = refused.value.advice.partition("\n")[2]
    assert "CREATE ROLE app_owner NOLOGIN;" in sql or "CREATE ROLE shop_owner NOLOGIN;" in sql
    with pytest.raises(RefusedError) as declared:
        shop.provider(owner=shop.owner).prepare()
    shop.database.run(declared.value.advice.partition("\n")[2])
    if shop.database.server.version >= 16:
        with pytest.raises(RefusedError, match="may not set the password") as lacking:
            shop.provider().prepare()
        shop.database.run(lacking.value.advice.partition(": ")[2])
    assert shop.provider().prepare().memo["role"] == shop.two


def test_grants_of_one_role_alone_are_no_twins(any_shop: Shop) -> None:
    any_shop.run("GRANT SELECT ON things TO {}", any_shop.one)
    with pytest.raises(RefusedError, match="rights on objects that the other lacks"):
        any_shop.provider().prepare()
    any_shop.run("REVOKE SELECT ON things FROM {}", any_shop.one)
    any_shop.run("ALTER ROLE {} SET search_path = other", any_shop.one)
    with pytest.raises(RefusedError, match=r"settings differ \(search_path\)"):
        any_shop.provider().prepare()
    any_shop.run("ALTER ROLE {} RESET search_path", any_shop.one)
    any_shop.run("ALTER ROLE {} SUPERUSER", any_shop.two)
    with pytest.raises(RefusedError, match="is a superuser"):
        any_shop.provider().prepare()


def test_a_role_in_use_is_not_given_another_password(any_shop: Shop) -> None:
    any_shop.run("ALTER ROLE {} LOGIN PASSWORD 'x'", any_shop.two)
    with (
        psycopg.connect(any_shop.url(any_shop.two, "x"), sslmode="disable"),
        pytest.raises(RefusedError, match="is in use"),
    ):
        any_shop.provider().prepare()


def test_the_administrator_is_none_of_the_two(any_shop: Shop) -> None:
    any_shop.run("ALTER ROLE {} CREATEROLE", any_shop.one)
    with pytest.raises(RefusedError, match="its own login away"):
        any_shop.provider(admin=any_shop.value).prepare()
    with pytest.raises(ConfigError, match="not a connection string"):
        any_shop.provider(any_shop.url("a\x1b[1m", "x"))


def test_an_odoo_database_is_refused(any_shop: Shop) -> None:
    any_shop.database.run("CREATE TABLE ir_model (); CREATE TABLE res_users ()")
    with pytest.raises(RefusedError, match="Odoo"):
        any_shop.provider().prepare()
    with pytest.raises(RefusedError, match="Odoo"):
        any_shop.alone().prepare()
    assert any_shop.admits(any_shop.value)


def test_whoever_may_not_set_passwords_learns_it_before_anything_changes(shop: Shop) -> None:
    shop.run("ALTER ROLE {} NOCREATEROLE", shop.admin)
    with pytest.raises(RefusedError, match="may not set the password") as refused:
        shop.provider().prepare()
    assert "ADMIN OPTION" in refused.value.advice
    assert shop.admits(shop.value)


def test_a_server_that_asks_for_no_password_proves_nothing(any_shop: Shop) -> None:
    rotation = any_shop.provider()
    new = rotation.create(rotation.prepare())
    file = any_shop.database.server.directory / "data" / "pg_hba.conf"
    before = file.read_text()
    try:
        file.write_text("host all all 127.0.0.1/32 trust\n" + before)
        any_shop.database.query("SELECT pg_reload_conf(), pg_sleep(0.3)")
        assert "proves nothing" in rotation.verify(new)
        assert "refused" in rotation.revoke(new), "without LOGIN trust does not help"
    finally:
        file.write_text(before)
        any_shop.database.query("SELECT pg_reload_conf(), pg_sleep(0.3)")


def test_a_new_login_that_fails_is_tried_at_a_distance_and_then_told(any_shop: Shop) -> None:
    rotation = any_shop.provider()
    new = rotation.create(rotation.prepare())
    any_shop.run("ALTER ROLE {} PASSWORD NULL", any_shop.two)
    with pytest.raises(VerificationError, match="does not get in") as failed:
        rotation.verify(new)
    assert any_shop.waits
    assert min(any_shop.waits) >= 2
    password = read_dsn(new.value)
    assert password is not None
    assert text(password.password) not in str(failed.value) + failed.value.advice


def test_an_old_login_that_still_gets_in_is_an_error(any_shop: Shop) -> None:
    rotation = any_shop.provider()
    new = rotation.create(rotation.prepare())
    other = any_shop.provider(any_shop.url(any_shop.two, "x"), roles=[any_shop.one, any_shop.two])
    with pytest.raises(VerificationError, match="the new one did too"):
        other.revoke(type(new)(value=new.value, memo={**new.memo, "old_role": any_shop.two}))


def test_an_administrator_of_another_server_is_refused(any_shop: Shop, servers: Servers) -> None:
    other = servers.of(min(versions()))
    assert other is not any_shop.database.server
    with make_shop(other) as elsewhere:
        elsewhere.run("CREATE DATABASE {}", any_shop.database.name)
        try:
            with pytest.raises(RefusedError, match="another server"):
                any_shop.provider(admin=elsewhere.url(elsewhere.admin, elsewhere.admin_word)).prepare()
        finally:
            elsewhere.run("DROP DATABASE {} WITH (FORCE)", any_shop.database.name)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"roles": []}, "two roles need `roles`"),
        ({"admin_url_env": ""}, "two roles need `roles` and `admin_url_env`"),
        ({"admin_url_env": "NO_SUCH"}, "NO_SUCH: not set"),
        ({"roles": ["x", "y"]}, "none of the roles"),
        ({"url": "http://x"}, "not a connection string"),
    ],
)
def test_what_a_declaration_lacks(any_shop: Shop, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        any_shop.provider(**settings)


def test_a_bare_password_has_one_role(any_shop: Shop) -> None:
    with pytest.raises(ConfigError, match="not a connection string"):
        any_shop.provider("just-a-word", admin_url_env="")
    with pytest.raises(ConfigError, match="two roles need a connection string, or"):
        any_shop.provider("just-a-word", user=any_shop.one)


def test_user_and_password_apart_change_together(any_shop: Shop) -> None:
    any_shop.neighbours["SHOP_USER"] = SecretValue(any_shop.one.encode())
    rotation = any_shop.provider(any_shop.word, user_name="SHOP_USER")
    draft = rotation.prepare()
    new = rotation.create(draft)
    assert new.companions == {"SHOP_USER": SecretValue(any_shop.two.encode())}
    assert any_shop.admits(any_shop.url(any_shop.two, text(new.value)))
    assert rotation.rewrite(SecretValue(any_shop.word.encode()), new) == new.value
    whole = rotation.rewrite(SecretValue(any_shop.value.encode()), new)
    assert text(whole) == any_shop.url(any_shop.two, text(new.value))
    rotation.verify(new)
    rotation.revoke(new)
    assert rotation.dies() == (SecretValue(any_shop.word.encode()),)
    assert not any_shop.admits(any_shop.value)


def test_a_name_of_the_user_that_nobody_has_is_an_error(any_shop: Shop) -> None:
    with pytest.raises(ConfigError, match="SHOP_USER: `user_name` names it"):
        any_shop.provider(user_name="SHOP_USER").stand_in()


def test_what_a_pooler_wants_behind_the_user_stays(any_shop: Shop) -> None:
    any_shop.neighbours["SHOP_USER"] = SecretValue(f"{any_shop.one}.reference".encode())
    rotation = any_shop.provider(user_name="SHOP_USER")
    new = rotation.create(rotation.prepare())
    assert new.companions == {"SHOP_USER": SecretValue(f"{any_shop.two}.reference".encode())}


def test_other_values_are_rewritten_where_they_are_the_same_credential(any_shop: Shop) -> None:
    rotation = any_shop.provider()
    draft = rotation.prepare()
    new = rotation.create(draft)
    elsewhere = any_shop.value.replace("127.0.0.1", "db.internal").replace(
        "postgresql:", "postgresql+psycopg:"
    )
    written = text(rotation.rewrite(SecretValue(elsewhere.encode()), new))
    assert written.startswith(f"postgresql+psycopg://{any_shop.two}:")
    assert "@db.internal:" in written
    for other in (
        any_shop.url(any_shop.one, "other"),
        any_shop.url(any_shop.two, any_shop.word),
        "plain",
        "",
    ):
        assert rotation.rewrite(SecretValue(other.encode()), new) is None
    for made in (new, rotation.stand_in()):
        with pytest.raises(RefusedError, match="bare password"):
            rotation.rewrite(SecretValue(any_shop.word.encode()), made)
    # The name of the user was declared too late: the user itself would stay.
    any_shop.neighbours["SHOP_USER"] = SecretValue(any_shop.one.encode())
    with pytest.raises(RefusedError, match="bare password"):
        any_shop.provider(user_name="SHOP_USER").rewrite(SecretValue(any_shop.word.encode()), new)
    assert SecretValue(any_shop.word.encode()) in rotation.dies()


def test_the_outline_says_it_without_a_connection(any_shop: Shop) -> None:
    outline = any_shop.provider(admin="postgresql://nobody:x@127.0.0.1:1/x").outline()
    assert any_shop.two in outline.create
    assert any_shop.one in outline.revoke
    assert not outline.costs
    assert outline.strength.startswith("256 bits")
