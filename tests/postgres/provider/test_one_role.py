"""One role, on real servers: what it costs, and that the old password comes back when it must."""

from __future__ import annotations

import time
from base64 import b64encode

import psycopg
import pytest

from secopskit.errors import RefusedError
from secopskit.postgres.errors import DatabaseError
from secopskit.provider.interface import RotationPhase
from secopskit.provider.postgres.dsn import read_dsn
from secopskit.secret import SecretValue
from support.shops import Shop, Storm


def text(value: SecretValue | None) -> str:
    assert value is not None
    return value.reveal().decode()


@pytest.mark.parametrize("admin", ["", "ADMIN_URL"])
def test_a_rotation_from_beginning_to_end(shop: Shop, admin: str) -> None:
    rotation = shop.alone(admin_url_env=admin)
    assert rotation.phase is RotationPhase.SINGLE
    assert "fail" in rotation.outline().costs[0]
    draft = rotation.prepare()
    assert shop.admits(shop.value)
    with psycopg.connect(shop.value, sslmode="disable", application_name="shop web") as session:
        new = rotation.create(draft)
        assert not shop.admits(shop.value), "that is what one role costs"
        rotation.verify(new)
        assert session.execute("SELECT 1").fetchone() == (1,), "sessions survive"
        with psycopg.connect(text(new.value), sslmode="disable", application_name="shop new"):
            assert "1 of shop web" in rotation.in_use(new)
            assert admin or "shop new" not in rotation.in_use(new)
        assert "refused" in rotation.revoke(new)
    assert text(rotation.rewrite(SecretValue(shop.value.encode()), new)) == text(new.value)
    assert rotation.rewrite(SecretValue(shop.word.encode()), new) == read_password(new.value)
    assert rotation.rewrite(SecretValue(b"another"), new) is None
    word, told = text(read_password(new.value)), f"Host=h;Username={shop.one};Password={{}}"
    assert rotation.rewrite(SecretValue(told.format(shop.word).encode()), new) == SecretValue(
        told.format(word).encode()
    )
    assert rotation.rewrite(SecretValue(f"Username=x;Password={shop.word}".encode()), new) is None
    assert rotation.rewrite(SecretValue(b64encode(shop.word.encode())), new) == SecretValue(
        b64encode(word.encode())
    )


def read_password(value: SecretValue) -> SecretValue:
    dsn = read_dsn(value)
    assert dsn is not None
    return dsn.password


@pytest.mark.parametrize("admin", ["", "ADMIN_URL"])
def test_every_step_again_ends_in_the_same_state(shop: Shop, admin: str) -> None:
    draft = shop.alone(admin_url_env=admin).prepare()
    stored = "SELECT rolpassword FROM pg_authid WHERE rolname = %s"
    states = []
    for _ in range(2):
        new = shop.alone(admin_url_env=admin).create(draft)
        states.append(shop.database.query(stored, shop.one))
    assert states[0] == states[1]
    shop.alone(admin_url_env=admin).verify(new)
    first = shop.alone(admin_url_env=admin).revoke(new)
    assert shop.alone(admin_url_env=admin).revoke(new) == first


@pytest.mark.parametrize("admin", ["", "ADMIN_URL"])
def test_rolled_back_the_old_password_is_set_again(shop: Shop, admin: str) -> None:
    rotation = shop.alone(admin_url_env=admin)
    draft = rotation.prepare()
    for new in (None, rotation.create(draft)):
        for _ in range(2):
            assert "old password again" in rotation.rollback(draft, new)
            assert shop.admits(shop.value)
            assert not shop.admits(text(draft.value))


def test_a_role_that_nothing_gets_in_with_cannot_be_rolled_back(any_shop: Shop) -> None:
    rotation = any_shop.alone()
    draft = rotation.prepare()
    any_shop.run("ALTER ROLE {} PASSWORD NULL", any_shop.one)
    with pytest.raises(RefusedError, match="cannot be set again"):
        rotation.rollback(draft, None)
    with pytest.raises(DatabaseError, match="password authentication failed"):
        rotation.create(draft)


def test_a_bare_password(shop: Shop) -> None:
    place = shop.url(shop.one, "").replace(":@", "@").replace(f"{shop.one.replace(' ', '%20')}@", "")
    for more in ({"url": place}, {"admin_url_env": "ADMIN_URL"}):
        rotation = shop.alone(shop.word, user=shop.one, **more)
        draft = rotation.prepare()
        new = rotation.create(draft)
        assert "directly" in rotation.verify(new)
        assert "refused" in rotation.revoke(new)
        assert shop.admits(shop.url(shop.one, text(new.value)))
        assert "old password again" in rotation.rollback(draft, new)
        assert rotation.dies() == (SecretValue(shop.word.encode()),)


def test_a_superuser_does_not_shut_itself_out(any_shop: Shop) -> None:
    any_shop.run("ALTER ROLE {} SUPERUSER", any_shop.one)
    with pytest.raises(RefusedError, match="is a superuser"):
        any_shop.alone().prepare()
    rotation = any_shop.alone(admin_url_env="ADMIN_URL")
    with pytest.raises(RefusedError, match="may not set the password"):
        rotation.prepare()


def test_sessions_older_than_the_change_end_where_that_is_wanted(any_shop: Shop) -> None:
    rotation = any_shop.alone(end_sessions="true")
    draft = rotation.prepare()
    with psycopg.connect(any_shop.value, sslmode="disable") as old:
        new = rotation.create(draft)
        with psycopg.connect(text(new.value), sslmode="disable") as young:
            assert "1 sessions ended" in rotation.revoke(new)
            assert young.execute("SELECT 1").fetchone() == (1,)
        with pytest.raises(psycopg.OperationalError):
            old.execute("SELECT 1")


def test_the_cost_is_real(any_shop: Shop) -> None:
    published = [any_shop.value]
    rotation = any_shop.alone()
    with Storm(lambda: published[0]) as storm:
        storm.wait_for(50)
        assert not storm.failures
        new = rotation.create(rotation.prepare())
        time.sleep(0.3)
        published[0] = text(new.value)
        after = storm.total
        storm.wait_for(after + 10)
        failed = len(storm.failures)
        storm.wait_for(after + 60)
    assert failed
    assert len(storm.failures) == failed, "it ends with the publication"


def test_a_login_that_fails_names_the_credential(any_shop: Shop) -> None:
    wrong = any_shop.url(any_shop.one, f"{any_shop.word}x")
    with pytest.raises(DatabaseError) as caught:
        any_shop.alone(wrong).prepare()
    assert "production/" in caught.value.advice
