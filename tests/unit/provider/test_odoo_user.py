"""The password of an Odoo user, against a server that is stricter than Odoo."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from secopskit.conduct.consent import NOBODY
from secopskit.errors import ConfigError, RefusedError, SecopsError
from secopskit.provider import build_provider, parse_settings
from secopskit.provider.interface import Credential, Provider, RotationPhase, Surroundings, VerificationError
from secopskit.provider.odoo.faults import OdooFaultError, OdooFaultKind
from secopskit.secret import SecretValue
from secopskit.web.errors import WebError
from support.odoo import COOL_DOWN_AFTER, DATABASE, FakeOdoo, Fault, OdooUser, odoo
from support.values import alnum
from support.vendors.rotation import Notes

LOGIN = "admin"
VERSIONS = ("13.0", "17.0", "19.0")


@pytest.fixture(params=["jsonrpc", "xmlrpc"])
def server(request: pytest.FixtureRequest) -> Iterator[FakeOdoo]:
    with odoo(protocols={request.param}) as state:
        state.users[LOGIN] = OdooUser(uid=2, password=alnum(12) + "<&é \"'")
        yield state


@pytest.fixture
def json_server() -> Iterator[FakeOdoo]:
    with odoo() as state:
        state.users[LOGIN] = OdooUser(uid=2, password=alnum(14))
        yield state


def surroundings(server: FakeOdoo, notes: Notes | None = None) -> Surroundings:
    return Surroundings(
        base="/",
        variable=lambda _: None,
        respondent=NOBODY,
        tell=notes or Notes(),
        sleep=server.sleep,
        now=lambda: server.now,
    )


def rotation_of(server: FakeOdoo, old: str = "", **settings: str) -> Provider:
    given = {"url": server.url, "database": DATABASE, "login": LOGIN} | settings
    credential = Credential(
        name="ODOO_PASSWORD",
        provider="odoo",
        settings=parse_settings("odoo", given, source="`test."),
        old=SecretValue((old or server.users[LOGIN].password).encode()),
    )
    return build_provider(credential, surroundings(server))


def text(value: SecretValue | None) -> str:
    assert value is not None
    return value.reveal().decode()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_rotation_from_beginning_to_end(server: FakeOdoo, version: str) -> None:
    server.version = version
    old = server.users[LOGIN].password
    rotation = rotation_of(server)
    assert rotation.phase is RotationPhase.SINGLE
    assert "session" in " ".join(rotation.outline().costs)
    draft = rotation.prepare()
    assert server.users[LOGIN].password == old
    assert server.users[LOGIN].sessions
    new = rotation.create(draft)
    assert server.users[LOGIN].password == text(new.value)
    assert not server.users[LOGIN].sessions
    assert version in rotation.verify(new)
    assert server.failures == 0, "no failed login so far"
    assert "refused" in rotation.revoke(new)
    assert server.failures == 1, "the dead old value is tried once and last"
    assert server.calls[-1] == "common.authenticate"
    assert rotation.rewrite(SecretValue(old.encode()), new) == new.value
    assert rotation.rewrite(SecretValue(b"other"), new) is None
    assert rotation.dies() == (SecretValue(old.encode()),)
    assert rotation.in_use(new) == ""


def test_the_protocol_can_be_chosen(json_server: FakeOdoo) -> None:
    for protocol, name in (("xmlrpc", "XML-RPC"), ("jsonrpc", "JSON-RPC"), ("auto", "JSON-RPC")):
        assert rotation_of(json_server, protocol=protocol).prepare().memo["protocol"] == name
    json_server.protocols = {"xmlrpc"}
    with pytest.raises(OdooFaultError, match="no remote interface"):
        rotation_of(json_server, protocol="jsonrpc").prepare()


def test_every_step_again_ends_in_the_same_state(server: FakeOdoo) -> None:
    old = server.users[LOGIN].password
    draft = rotation_of(server).prepare()
    for _ in range(3):
        new = rotation_of(server, old).create(draft)
        assert server.users[LOGIN].password == text(draft.value)
    assert server.failures == 2, "one for each time that it was done already"
    assert rotation_of(server, old).verify(new)
    assert rotation_of(server, old).revoke(new)


def test_rolled_back_the_old_password_is_back(server: FakeOdoo) -> None:
    old = server.users[LOGIN].password
    rotation = rotation_of(server)
    draft = rotation.prepare()
    assert "again" in rotation.rollback(draft, None)
    new = rotation.create(draft)
    for _ in range(2):
        assert "again" in rotation.rollback(draft, new)
        assert server.users[LOGIN].password == old
    server.users[LOGIN].password = "somebody " + alnum(8)
    server.now += 100
    with pytest.raises(RefusedError, match="cannot be set again"):
        rotation.rollback(draft, new)


def test_an_old_password_that_odoo_would_strip_cannot_come_back(json_server: FakeOdoo) -> None:
    rotation = rotation_of(json_server, f" {alnum(8)}")
    draft = type(rotation_of(json_server).prepare())(value=SecretValue(b"new"))
    with pytest.raises(RefusedError, match="space"):
        rotation.rollback(draft, None)


@pytest.mark.parametrize("fault", [Fault.LATE_DROP, Fault.LATE_BAD_GATEWAY, Fault.HTML, Fault.GARBAGE])
def test_a_change_whose_answer_got_lost_is_found_out(server: FakeOdoo, fault: Fault) -> None:
    rotation = rotation_of(server)
    draft = rotation.prepare()
    server.faults["execute_kw"] = [fault]
    new = rotation.create(draft)
    assert server.users[LOGIN].password == text(new.value)
    assert server.calls.count("object.execute_kw") == 1
    assert server.failures == 0


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.BAD_GATEWAY])
def test_a_change_that_never_happened_is_said_and_done_at_the_next_call(
    server: FakeOdoo, fault: Fault
) -> None:
    old = server.users[LOGIN].password
    rotation = rotation_of(server)
    draft = rotation.prepare()
    server.faults["execute_kw"] = [fault]
    with pytest.raises(SecopsError, match="got lost"):
        rotation.create(draft)
    assert server.users[LOGIN].password == old
    rotation.create(draft)
    assert server.users[LOGIN].password == text(draft.value)


def test_a_busy_server_is_waited_for(server: FakeOdoo) -> None:
    server.faults = {"version": [Fault.BUSY, Fault.BAD_GATEWAY], "execute_kw": [Fault.BUSY]}
    rotation = rotation_of(server)
    rotation.create(rotation.prepare())
    assert server.now > 0
    assert server.calls.count("object.execute_kw") == 2


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.GARBAGE, Fault.HUGE, Fault.ENTITIES, Fault.OTHER_ID])
def test_what_is_no_answer_of_odoo_is_said(server: FakeOdoo, fault: Fault) -> None:
    json_alone, xml_alone = fault is Fault.OTHER_ID, fault is Fault.ENTITIES
    if (json_alone and "jsonrpc" not in server.protocols) or (xml_alone and "xmlrpc" not in server.protocols):
        return
    protocol = next(iter(server.protocols))
    server.faults["version"] = [fault]
    with pytest.raises(WebError) as failed:
        rotation_of(server, protocol=protocol).prepare()
    assert "Maintenance" not in str(failed.value)


@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_server_says_to_its_developers_is_never_shown(server: FakeOdoo, version: str) -> None:
    server.version = version
    word = server.users[LOGIN].password
    rotation = rotation_of(server)
    draft = rotation.prepare()
    server.faults["execute_kw"] = [Fault.TYPE_ERROR]
    with pytest.raises(OdooFaultError) as failed:
        rotation.create(draft)
    assert failed.value.kind is OdooFaultKind.OTHER
    said = str(failed.value) + failed.value.advice
    for secret in (word, text(draft.value), "Traceback"):
        assert secret not in said


@pytest.mark.parametrize("version", VERSIONS)
def test_a_policy_of_passwords_is_told_without_the_password(server: FakeOdoo, version: str) -> None:
    server.version, server.policy = version, "Passwords must have 99 characters"
    rotation = rotation_of(server)
    draft = rotation.prepare()
    with pytest.raises(OdooFaultError, match="99 characters") as failed:
        rotation.create(draft)
    assert failed.value.kind is OdooFaultKind.USER
    assert text(draft.value) not in str(failed.value)
    assert "more" not in str(failed.value)


def test_a_wrong_old_value_is_one_failure(server: FakeOdoo) -> None:
    with pytest.raises(SecopsError, match="does not get in") as failed:
        rotation_of(server, "wrong").prepare()
    assert "two-factor" in failed.value.advice
    assert server.failures == 1


def test_a_user_with_two_factors_is_led_to_the_browser(server: FakeOdoo) -> None:
    server.users[LOGIN].two_factor = True
    with pytest.raises(SecopsError, match="does not get in") as failed:
        rotation_of(server).prepare()
    assert "Change Password" in failed.value.advice


def test_an_api_key_is_no_password(server: FakeOdoo) -> None:
    key = alnum(40)
    server.users[LOGIN].keys.add(key)
    rotation = rotation_of(server, key)
    draft = rotation.prepare()
    with pytest.raises(OdooFaultError, match="API key"):
        rotation.create(draft)


def test_a_server_without_a_remote_interface(json_server: FakeOdoo) -> None:
    json_server.protocols = set()
    with pytest.raises(OdooFaultError, match="no remote interface") as failed:
        rotation_of(json_server).prepare()
    assert "By hand" in failed.value.advice


def test_a_database_that_is_not_there(json_server: FakeOdoo) -> None:
    with pytest.raises(OdooFaultError, match="cannot be opened"):
        rotation_of(json_server, database="other").prepare()


def test_a_minute_in_which_everybody_is_refused_is_waited_out(server: FakeOdoo) -> None:
    rotation = rotation_of(server)
    new = rotation.create(rotation.prepare())
    server.failures, server.failed_at = COOL_DOWN_AFTER, server.now
    assert rotation.verify(new)
    assert server.now >= 60
    server.failures, server.failed_at = COOL_DOWN_AFTER, server.now
    assert "accepted" in rotation.revoke(new), "the old one is tried when others get in"


def test_a_new_password_that_does_not_work(server: FakeOdoo) -> None:
    rotation = rotation_of(server)
    new = rotation.create(rotation.prepare())
    server.users[LOGIN].password = alnum(10)
    with pytest.raises(VerificationError, match="refuses the new password"):
        rotation.verify(new)
    server.now += 100
    server.users["b"], server.users[LOGIN].password = server.users[LOGIN], text(new.value)
    server.users[LOGIN] = OdooUser(uid=9, password=text(new.value))
    with pytest.raises(VerificationError, match="another user"):
        rotation.verify(new)


def test_an_old_password_that_still_works(server: FakeOdoo) -> None:
    rotation = rotation_of(server)
    old = server.users[LOGIN].password
    new = rotation.create(rotation.prepare())
    server.users[LOGIN].keys.add(old)
    with pytest.raises(VerificationError, match="still works"):
        rotation.revoke(new)


@pytest.mark.parametrize("missing", ["url", "database", "login"])
def test_what_a_declaration_lacks(json_server: FakeOdoo, missing: str) -> None:
    with pytest.raises(ConfigError, match=missing):
        rotation_of(json_server, **{missing: ""})


def test_text_that_xml_cannot_carry(json_server: FakeOdoo) -> None:
    with pytest.raises(ConfigError, match="control characters"):
        rotation_of(json_server, "a\x01b", protocol="xmlrpc").prepare()


def test_the_network_is_not_there(json_server: FakeOdoo) -> None:
    settings: dict[str, Any] = {"url": "http://127.0.0.1:9"}
    for protocol in ("jsonrpc", "xmlrpc"):
        with pytest.raises(WebError, match="cannot be reached"):
            rotation_of(json_server, protocol=protocol, **settings).prepare()
