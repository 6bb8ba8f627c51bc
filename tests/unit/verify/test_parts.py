"""What fills a request, what an answer may say, and which addresses may be spoken to."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secopskit.findings import VerificationState
from secopskit.rules.inquiry import AnswerSign, Inquiry
from secopskit.secret import SecretValue
from secopskit.verify.address import is_public, pinned_address
from secopskit.verify.answer import read_answer
from secopskit.verify.ask import Asker, ask_once
from secopskit.verify.model import Surrounding, UnaskableError
from secopskit.verify.near import slots_of
from secopskit.verify.request import fill_in
from secopskit.web.wire import WireAnswer
from support.loopback import Clock
from support.values import alnum

_INQUIRY = Inquiry(
    name="me",
    source="https://own.example/",
    url="https://{region}.api.own.example/v1/me?key={value}",
    headers=(("Authorization", "Bearer {value}"),),
    parts=(("region", r"-([a-z0-9.]+)\Z"),),
    active=(AnswerSign(200),),
    inactive=(AnswerSign(401),),
    account=("user.name", "teams.*.name"),
    scopes=("header X-Scopes", "granted.*"),
)


def secret(text: str) -> SecretValue:
    return SecretValue(text.encode())


# --- what fills a request -------------------------------------------------------------------------


def test_parts_of_a_value_fill_host_and_headers() -> None:
    request = fill_in(_INQUIRY, slots_of(_INQUIRY, secret("abc/d-eu1")).values)
    assert request.url == "https://eu1.api.own.example/v1/me?key=abc%2Fd-eu1"
    assert request.headers["Authorization"] == "Bearer abc/d-eu1"
    assert request.what == "GET /v1/me?key=*** at eu1.api.own.example"
    assert "abc" not in repr(request)


@pytest.mark.parametrize("value", ["abc-eu.evil.example", "abc-", "abc", "a\r\nb-eu1", "é-eu1", ""])
def test_no_value_leads_elsewhere(value: str) -> None:
    with pytest.raises(UnaskableError) as caught:
        fill_in(_INQUIRY, slots_of(_INQUIRY, secret(value)).values)
    assert not value or value not in str(caught.value)
    clock = Clock()
    seen = ask_once(_INQUIRY, secret(value), Asker(tell=clock, sleep=clock.sleep, now=clock.now))
    assert seen.state is VerificationState.UNKNOWN
    assert not seen.answered


@given(st.binary(max_size=60))
def test_whatever_a_value_is_it_stays_with_its_issuer(raw: bytes) -> None:
    inquiry = _INQUIRY._replace(headers=())
    try:
        request = fill_in(inquiry, slots_of(inquiry, SecretValue(raw + b"-eu1")).values)
    except UnaskableError:
        return
    assert request.base_url == "https://eu1.api.own.example"
    assert request.url.startswith("https://eu1.api.own.example/v1/me?key=")
    assert not set(request.url) & set(" \r\n#@")


def test_the_nearest_one_makes_a_pair() -> None:
    inquiry = Inquiry(name="x", source="", near=(("account_sid", "AC[0-9]{4}"),))
    text, token = b"AC1111 .... AC2222 token TOKEN", "TOKEN"
    slots = slots_of(inquiry, secret(token), Surrounding(text, text.index(token.encode())))
    assert slots.values["account_sid"] == secret("AC2222")
    assert slots.several
    alone = slots_of(inquiry, secret(token), Surrounding(b"TOKEN AC1111 AC1111", 0))
    assert not alone.several
    with pytest.raises(
        UnaskableError, match="account sid that belongs to it does not stand in the same file"
    ):
        slots_of(inquiry, secret(token), Surrounding(b"TOKEN", 0))


# --- what an answer says --------------------------------------------------------------------------


def read(body: Any, *, hidden: str = "x", **headers: str) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return read_answer(_INQUIRY, WireAnswer(200, named, raw), "GET /me", (secret(hidden),))


def test_account_and_scopes_are_told() -> None:
    seen = read(
        {"user": {"name": "ada"}, "teams": [{"name": "core"}, {"name": "ops"}], "granted": ["read", "write"]},
        x_scopes="repo, user:email",
    )
    assert (seen.account, seen.scopes) == ("ada, core", ("repo", "user:email", "read", "write"))


def test_what_an_issuer_says_is_bounded_and_fit_to_be_shown() -> None:
    value = alnum(40)
    seen = read(
        {"user": {"name": f"\x1b[2J{value}" + "y" * 500}, "granted": [f"scope-{n}" for n in range(100)]},
        hidden=value,
    )
    assert value not in seen.account
    assert seen.account.isprintable()
    assert len(seen.account) <= 120
    assert seen.scopes[-1] == "and 70 more"


@settings(max_examples=40)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["user", "teams", "name", "granted"]), inner)
        ),
    )
)
def test_no_answer_is_too_strange(body: Any) -> None:
    seen = read(body)
    assert (seen.state is VerificationState.ACTIVE) is isinstance(body, dict | list)
    assert seen.account.isprintable()


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 100_000, b"\xff\xfe", b'"\\ud800"'])
def test_what_is_no_json_says_nothing_more(body: bytes) -> None:
    assert (read(body).account, read(body).scopes) == ("", ())


@pytest.mark.parametrize("status", [200, 403])
def test_a_page_of_a_portal_or_a_firewall_makes_nothing_active(status: int) -> None:
    inquiry = _INQUIRY._replace(active=(AnswerSign(200), AnswerSign(403)))
    for body, state in ((b"<html>blocked", VerificationState.UNKNOWN), (b"{}", VerificationState.ACTIVE)):
        seen = read_answer(inquiry, WireAnswer(status, {}, body), "GET /me", ())
        assert seen.state is state


# --- addresses ------------------------------------------------------------------------------------

_PRIVATE = (
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "fd00:ec2::254",
    "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "ff02::1", "2001:db8::1", "no address",
)  # fmt: skip


@pytest.mark.parametrize("address", _PRIVATE)
def test_what_only_we_can_reach_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"])
def test_the_internet_is_public(address: str) -> None:
    assert is_public(address)


def resolved(*addresses: str) -> Any:
    return lambda host, port: [(0, 0, 0, "", (address, port)) for address in addresses]


def test_a_name_is_resolved_once_and_every_address_counts() -> None:
    assert pinned_address("db.example", 5432, resolve=resolved("93.184.216.34")) == "93.184.216.34"
    for addresses in (("93.184.216.34", "127.0.0.1"), ("169.254.169.254",)):
        with pytest.raises(UnaskableError, match="private network"):
            pinned_address("db.example", 5432, resolve=resolved(*addresses))
    admitted = pinned_address("DB.example", 1, admitted={"db.example"}, resolve=resolved("10.0.0.7"))
    assert admitted == "10.0.0.7"


@pytest.mark.parametrize(
    "host", ["localhost", "db", "x.localhost", "nas.local", "db.prod.internal", "10.0.0.1", "fd00::1"]
)
def test_a_name_of_our_own_network_is_not_even_looked_up(host: str) -> None:
    def never(host: str, port: int) -> Any:
        raise AssertionError(host)

    with pytest.raises(UnaskableError, match="private network"):
        pinned_address(host, 5432, resolve=never)


@pytest.mark.parametrize("host", ["", "/var/run/postgresql", "@abstract", "-oProxy", "dé.example"])
def test_what_is_no_host_of_elsewhere_is_not_looked_up(host: str) -> None:
    with pytest.raises(UnaskableError):
        pinned_address(host, 5432, resolve=resolved("93.184.216.34"))


def test_a_name_without_an_address() -> None:
    def nothing(host: str, port: int) -> Any:
        raise OSError

    for resolve in (nothing, resolved()):
        with pytest.raises(UnaskableError, match="no address"):
            pinned_address("db.example", 5432, resolve=resolve)


# --- decimal and other spellings of an address ----------------------------------------------------


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "017700000001"])
def test_other_spellings_of_our_own_address_are_seen_through(host: str) -> None:
    with pytest.raises(UnaskableError):
        pinned_address(host, 5432)
