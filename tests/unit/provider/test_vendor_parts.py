"""What the providers of vendors share: kinds of settings, patience, making once, telling of refusals."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from secopskit.errors import ConfigError, SecopsError
from secopskit.provider.vendor import kinds
from secopskit.provider.vendor.making import PASSWORD_BITS, made_name, made_password
from secopskit.provider.vendor.once import made_once, may_be_done
from secopskit.provider.vendor.talk import VendorRefusalError, VendorTalk, open_client
from secopskit.provider.vendor.waiting import patiently
from secopskit.settings.options import Option, ValueKind, parse_section
from secopskit.web.errors import LostError, WebError
from support.values import alnum
from support.vendors.rotation import Bench, Clock, value
from support.vendors.server import Asked, Fault, Reply, Route, Vendor, serving

_GOOD: list[tuple[ValueKind, str, object]] = [
    (kinds.BASE_URL, "", ""),
    (kinds.BASE_URL, "https://api.example.com/", "https://api.example.com"),
    (kinds.BASE_URL, "http://127.0.0.1:8080/v3/", "http://127.0.0.1:8080/v3"),
    (kinds.BASE_URL, "http://[::1]:8080", "http://[::1]:8080"),
    (kinds.VARIABLE, "DO_ACCESS_TOKEN", "DO_ACCESS_TOKEN"),
    (kinds.PATIENCE, "5min", 300.0),
    (kinds.LOGIN, "postgresql://u@h:5/db?sslmode=require", "postgresql://u@h:5/db?sslmode=require"),
    (kinds.one_of("a", "b"), " B ", "b"),
]
_WRONG: list[tuple[ValueKind, str | list[str]]] = [
    (kinds.BASE_URL, "http://api.example.com"),
    (kinds.BASE_URL, "http://127.0.0.1.example.com"),
    (kinds.BASE_URL, "https://user:word@api.example.com"),
    (kinds.BASE_URL, "ftp://127.0.0.1"),
    (kinds.BASE_URL, "https://"),
    (kinds.VARIABLE, "NO SUCH"),
    (kinds.PATIENCE, "2h"),
    (kinds.PATIENCE, "long"),
    (kinds.LOGIN, "postgresql://u:word@h/db"),
    (kinds.one_of("a", "b"), "c"),
    (kinds.one_of("a", "b"), ["a"]),
]


@pytest.mark.parametrize(("kind", "text", "expected"), _GOOD)
def test_settings_that_are_such(kind: ValueKind, text: str, expected: object) -> None:
    assert kind.parse(text) == expected


@pytest.mark.parametrize(("kind", "text"), _WRONG)
def test_settings_that_are_none(kind: ValueKind, text: str | list[str]) -> None:
    option = Option("name", kind, "", "help", "rotate")
    with pytest.raises(ConfigError, match="must be"):
        parse_section({"name": text}, (option,), source="`")


def test_patience_looks_at_once_and_ends() -> None:
    clock = Clock()
    around = Bench(clock=clock).surroundings()
    answers = [False, False, True]
    assert patiently(lambda: answers.pop(0), around, 60)
    assert clock.slept == [2.0, 2.0]
    assert not patiently(lambda: False, around, 5)
    assert clock.slept == [2.0] * 4
    assert patiently(lambda: True, around, 0)


def test_what_may_have_been_made_is_swept_before_it_is_made_again() -> None:
    steps = list[str]()

    def making(*errors: SecopsError | None) -> Callable[[], str]:
        left = list(errors)

        def make() -> str:
            error = left.pop(0)
            steps.append("fail" if error else "make")
            if error:
                raise error
            return "made"

        return make

    lost, fault = LostError("x", sent=True), WebError("x", status=500)
    assert made_once(lambda: steps.append("sweep"), making(lost, fault, None)) == "made"
    assert steps == ["sweep", "fail", "sweep", "fail", "sweep", "make"]
    steps.clear()
    with pytest.raises(LostError):
        made_once(lambda: steps.append("sweep"), making(lost, lost, lost))
    assert steps == ["sweep", "fail"] * 3
    steps.clear()
    refusal = VendorRefusalError("x", status=409)
    with pytest.raises(VendorRefusalError):
        made_once(lambda: steps.append("sweep"), making(refusal))
    assert steps == ["sweep", "fail"]
    assert not may_be_done(SecopsError("no status: not the vendor's"))


def test_names_and_passwords_are_new_and_plain() -> None:
    names = {made_name(1_800_000_000.0) for _ in range(50)}
    assert len(names) == 50
    assert all(name.startswith("secops_20270115_") and len(name) <= 64 for name in names)
    passwords = {made_password().reveal() for _ in range(50)}
    assert len(passwords) == 50
    assert all(word.isalnum() and word.isascii() for word in passwords)
    assert PASSWORD_BITS == 256


class _Plain(Vendor):
    """A vendor with one path."""

    def routes(self) -> list[Route]:
        return [Route("GET", "/x", lambda _: Reply(200, {"fine": True}))]

    def admits(self, asked: Asked, route: Route | None) -> Reply | None:
        return None


def test_what_a_vendor_says_is_told_without_values_and_escapes() -> None:
    secret = alnum(30)
    with serving(_Plain()) as vendor:
        around = Bench().surroundings()
        client = open_client(vendor.url, around, token=value(secret))
        talk = VendorTalk(vendor="Vendor", client=client, advice={409: "Look."}, hidden=(value(secret),))
        assert talk.ask("GET", "/x", doing="looking") == {"fine": True}
        bodies = [
            {"message": f"\x1b[31m{secret}\u202e"},
            {"message": ["one", secret]},
            {"error": f"bad {secret}", "message": None},
            {"id": "only"},
            ["a list"],
            None,
            {"message": "x" * 5000},
        ]
        vendor.faults = [Fault("GET", "x", Reply(409, body)) for body in bodies]
        for _ in bodies:
            with pytest.raises(VendorRefusalError) as caught:
                talk.ask("GET", "/x", doing="looking")
            text = str(caught.value)
            assert text.startswith("Vendor: looking: HTTP 409")
            assert secret not in text
            assert text.isprintable()
            assert len(text) < 400
            assert caught.value.advice == "Look."
        vendor.faults = [Fault("GET", "x", Reply(404)), Fault("GET", "x", Reply(404))]
        assert talk.ask("GET", "/x", doing="looking", missing=True) is None
        with pytest.raises(VendorRefusalError):
            talk.ask("GET", "/x", doing="looking")
        vendor.faults = [Fault("GET", "x", where="before", times=99)]
        with pytest.raises(LostError):
            talk.ask("GET", "/x", doing="looking")
