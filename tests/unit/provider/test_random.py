"""The provider `random`: made once, the same after a crash, and honest about what nobody looks at."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path

import pytest

from secopskit.errors import ConfigError, SecopsError
from secopskit.provider import PROVIDERS, build_provider, parse_settings
from secopskit.provider.exchange import exchange
from secopskit.provider.interface import Credential, Provider, RotationDraft, RotationPhase
from secopskit.secret import SecretValue
from secopskit.settings.options import Text
from support.origins import provider_surroundings
from support.values import alnum


def made(base: Path, given: Mapping[str, Text], old: bytes | None = None) -> Provider:
    credential = Credential(
        name="INTERNAL_ADMIN_TOKEN",
        environment="production",
        provider="random",
        settings=parse_settings("random", given, source="`x."),
        old=None if old is None else SecretValue(old),
    )
    return build_provider(credential, provider_surroundings(base))


@pytest.mark.parametrize(
    ("given", "bits", "size"),
    [
        ({}, 256, 43),
        ({"kind": "base64"}, 256, 44),
        ({"kind": "hex", "bytes": "20"}, 160, 40),
        ({"kind": "uuid"}, 122, 36),
        ({"kind": "Password", "length": "24"}, 141, 24),
    ],
)
def test_what_is_made_and_how_strong_it_is(
    tmp_path: Path, given: Mapping[str, Text], bits: int, size: int
) -> None:
    rotation = made(tmp_path, given)
    assert rotation.phase is RotationPhase.SINGLE
    assert rotation.outline().strength == f"{bits} bits"
    draft = rotation.prepare()
    assert draft.value is not None
    assert len(draft.value) == size
    # After a crash the draft is all there is: the value is that of the draft, whoever carries on.
    first, again = rotation.create(draft), made(tmp_path, given).create(draft)
    assert first == again
    assert first.value == draft.value
    assert rotation.verify(first).startswith(f"{bits} bits; no reader was asked")
    assert "not looked at" in rotation.revoke(first)
    assert rotation.in_use(first) == ""
    assert "forgotten" in rotation.rollback(draft, first)


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "words"}, {"bytes": "15"}, {"bytes": "1025"}, {"bytes": "x"}, {"bytes": "-32"},
        {"length": "15"}, {"length": "513"}, {"length": "\u0663\u0662"}, {"size": "1"},
        {"kind": ["token", "hex"]},
    ],
)  # fmt: skip
def test_wrong_settings_are_configuration_errors(given: Mapping[str, Text]) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_settings("random", given, source="`x.")
    assert caught.value.advice


@pytest.mark.parametrize(
    ("old", "advice"),
    [
        (b"postgresql://u@h/d", "provider: postgres"),
        (b"jdbc:postgresql://h/d?user=u", "provider: postgres"),
        (b"redis://h/1", "provider: manual"),
        (b"https://h/hook", "provider: manual"),
    ],
)
def test_a_url_is_no_value_of_our_own_making(tmp_path: Path, old: bytes, advice: str) -> None:
    rotation = made(tmp_path, {}, old)
    for step in (rotation.outline, rotation.prepare):
        with pytest.raises(ConfigError, match="is a URL") as caught:
            step()
        assert advice in caught.value.advice


def test_what_contains_the_old_value_contains_the_new_one(tmp_path: Path) -> None:
    old = alnum(20).encode()
    rotation = made(tmp_path, {}, old)
    new = rotation.create(rotation.prepare())
    assert rotation.rewrite(SecretValue(old), new) == new.value
    assert rotation.rewrite(SecretValue(b"Bearer " + old), new) == SecretValue(
        b"Bearer " + new.value.reveal()
    )
    assert rotation.rewrite(SecretValue(b"something else"), new) is None
    assert made(tmp_path, {}).rewrite(SecretValue(old), new) is None
    assert rotation.dies() == (SecretValue(old),)
    assert made(tmp_path, {}).dies() == ()


def test_no_sentence_holds_a_value(tmp_path: Path) -> None:
    old = alnum(20)
    rotation = made(tmp_path, {"kind": "password"}, old.encode())
    draft = rotation.prepare()
    new = rotation.create(draft)
    told = [
        rotation.outline(),
        rotation.verify(new),
        rotation.revoke(new),
        rotation.rollback(draft, new),
        draft,
        new,
    ]
    text = repr(told) + repr(rotation)
    assert old not in text
    assert new.value.reveal().decode() not in text


def test_a_journal_without_a_value_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SecopsError, match="lacks the new value"):
        made(tmp_path, {}).create(RotationDraft())


def test_the_registry_says_the_phases_of_its_modules() -> None:
    for name in ("random", "manual"):
        assert PROVIDERS[name].phase in {phase.value for phase in RotationPhase}
        assert PROVIDERS[name].summary


@pytest.mark.parametrize(
    ("value", "old", "new", "expected"),
    [
        (b"old-value", b"old-value", b"n", b"n"),
        (b"u://a:old-value@h/old-value", b"old-value", b"n/w", b"u://a:n%2Fw@h/n%2Fw"),
        (b"u://a:p%2F%2B%3Dpppp@h", b"p/+=pppp", b"n@w", b"u://a:n%40w@h"),
        (b"see u://h: p/+=pppp", b"p/+=pppp", b"n@w", b"see u://h: n@w"),
        (b"it='p/+=pppp' x", b"p/+=pppp", b"n@w", b"it='n@w' x"),
        (b"has old within", b"old", b"n", None),
        (b"nothing", b"old-value", b"n", None),
        (b"x", b"", b"n", None),
        (b"u://a:p%2f+%3dpppp@h", b"p/+=pppp", b"n@w", b"u://a:n%40w@h"),
        (b"a%20b", b"a b", b"n/w", b"n%2Fw"),
        (b'{"it":"p\\"ppppppp"}', b'p"ppppppp', b'n"w', b'{"it":"n\\"w"}'),
        (b'{"it": "old-value"}', b"old-value", b'n"w', b'{"it": "n\\"w"}'),
        (b64encode(b"old"), b"old", b"other", b64encode(b"other")),
        (b64encode(b"me:old-value"), b"old-value", b"new", b64encode(b"me:new")),
        (b64encode(b"m:old-value").rstrip(b"="), b"old-value", b"n", b64encode(b"m:n").rstrip(b"=")),
        (b"Basic " + b64encode(b"me:old-value"), b"old-value", b"n", b"Basic " + b64encode(b"me:n")),
        (urlsafe_b64encode(b"???>>>old-value"), b"old-value", b"n", urlsafe_b64encode(b"???>>>n")),
        (b64encode(b"me:old") + b"=", b"old-value", b"n", None),
        (b"\xff\xfeold-value", b"old-value", b"n", b"\xff\xfen"),
    ],
)
def test_exchange(value: bytes, old: bytes, new: bytes, expected: bytes | None) -> None:
    found = exchange(SecretValue(value), SecretValue(old), SecretValue(new))
    assert found == (None if expected is None else SecretValue(expected))
