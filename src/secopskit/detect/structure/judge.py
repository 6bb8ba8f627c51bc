"""Turns settings into matches: the one place that decides whether a value is a secret.

A format's module only parses: it yields `Setting`s. What the key says, whether the value is a
reference, a placeholder, weak or real, and which rule that makes, is decided here.
"""

from __future__ import annotations

import re
from base64 import b64decode
from typing import TYPE_CHECKING, Final, NamedTuple

from secopskit.detect.structure.setting import Setting, SettingPlace, Trust
from secopskit.detect.value.filters import (
    KeyKind,
    default_of,
    is_path,
    is_placeholder,
    is_reference,
    is_weak_password,
    looks_random,
    plausible_password,
    sensitive_key,
)
from secopskit.findings import Confidence, Match, Span
from secopskit.secret import SecretValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WEAK_RULE: Final = "weak-password"
CONNECTION_RULE: Final = "connection-string-password"
_LONGEST: Final = 8192  # bytes of one value


def judge(settings: Iterable[Setting], place: SettingPlace) -> Iterator[Match]:
    """The matches among `settings`."""
    for setting in settings:
        if 0 < len(setting.value) <= _LONGEST:
            yield from judge_one(setting, place)


def judge_one(setting: Setting, place: SettingPlace) -> Iterator[Match]:
    """The matches in one setting: its value, or the passwords in URLs and connection strings it holds."""
    inner = list(_inner(setting))
    if inner:
        for part in inner:
            yield from _judge_value(part, KeyKind.PASSWORD, place)
        return
    kind = setting.kind or sensitive_key(setting.key)
    if kind is not None and kind is not KeyKind.URL:
        yield from _judge_value(setting, kind, place)


# --- values inside values ---------------------------------------------------------------------

# The user may be empty (redis://:password@host). The password ends at the last @ before the host.
_URL: Final = re.compile(
    rb"[A-Za-z][A-Za-z0-9+.-]{1,40}://(?:[^\s:/@\"'<>{}]{0,120}|\$\{[^{}]{1,100}\}):"
    rb"((?:\$\{[^{}]{1,200}\}|[^\s/\"'<>${}]|\$(?!\{)){1,200})@(?=[\w.\[${*%-])"
)
_CONNECTION: Final = re.compile(
    rb"(?i)(?:^|[;\s\"'?&])(?:password|pwd|accountkey|sharedaccesskey|sharedsecret)\s{0,3}=\s{0,3}([^;\"'&\s]{1,300})"
)
_CONNECTION_SIGN: Final = re.compile(
    rb"(?i)(?:server|data source|host|addr(?:ess)?|endpoint|accountname|database|initial catalog|dbname"
    rb"|user id|uid|user)"
    rb"\s{0,3}=[^;]{0,200}[;\s&]|jdbc:"
)


def _inner(setting: Setting) -> Iterator[Setting]:
    value = setting.value
    if b"://" in value:
        for found in _URL.finditer(value):
            yield _part(
                setting, found.start(1), found[1], f"password in the URL of {_shown(setting.key)}", ""
            )
    if b"=" in value and _CONNECTION_SIGN.search(value):
        for found in _CONNECTION.finditer(value):
            yield _part(
                setting, found.start(1), found[1], f"connection string {_shown(setting.key)}", CONNECTION_RULE
            )


def _part(setting: Setting, offset: int, value: bytes, note: str, rule: str) -> Setting:
    return Setting(
        key=setting.key,
        value=value,
        span=_narrow(setting, offset, len(value)),
        note=note,
        rule=rule or setting.rule,
    )


def _narrow(setting: Setting, offset: int, length: int) -> Span:
    """The span of a part of the value, where the value stands as it is; else the whole span."""
    if setting.span.end - setting.span.start != len(setting.value):
        return setting.span
    return Span(setting.span.start + offset, setting.span.start + offset + length)


# --- the verdict ------------------------------------------------------------------------------


def _judge_value(setting: Setting, kind: KeyKind, place: SettingPlace) -> Iterator[Match]:
    default = default_of(setting.value)
    if default is not None:
        note = f"default value of {_shown(setting.key)}"
        setting = _part(setting, default.offset, default.value, note, setting.rule)
    if _is_label(setting):
        return
    verdict = _verdict(setting.value, kind, place.trust)
    if verdict is None:
        return
    weak = verdict is _WEAK
    yield Match(
        rule_id=WEAK_RULE if weak else setting.rule or place.rule,
        span=setting.span,
        secret=SecretValue(setting.value),
        confidence=verdict.confidence,
        severity=place.weak if weak else None,
        note=setting.note or f"key {_shown(setting.key)}",
    )


class _Verdict(NamedTuple):
    confidence: Confidence | None = None


_PERCENT: Final = re.compile(rb"%([0-9A-Fa-f]{2})")
_WEAK: Final = _Verdict()
_REAL: Final = _Verdict(confidence=Confidence.HIGH)
_LIKELY: Final = _Verdict(confidence=Confidence.MEDIUM)


def _is_label(setting: Setting) -> bool:
    """`password: Password` is a caption."""
    value = setting.value.strip()
    return value[:1].isupper() and setting.key.lower().endswith(value.lower().decode("ascii", "replace"))


def _verdict(value: bytes, kind: KeyKind, trust: Trust) -> _Verdict | None:
    text = value.strip()
    if b"%" in text:  # as URLs write signs
        text = _PERCENT.sub(lambda found: bytes([int(found[1], 16)]), text)
    if is_weak_password(text):
        return _WEAK if _weak_counts(text, kind, trust) else None
    if kind is KeyKind.PASSWORD:
        return _password_verdict(text, trust)
    return _token_verdict(text, trust)


def _weak_counts(text: bytes, kind: KeyKind, trust: Trust) -> bool:
    if kind is KeyKind.PASSWORD:
        return trust is Trust.DEPLOYED or (trust is Trust.SETTINGS and len(text) >= 3)
    return len(text) >= 5 and (
        trust is Trust.DEPLOYED or (trust is Trust.SETTINGS and kind is KeyKind.SECRET)
    )


def _password_verdict(text: bytes, trust: Trust) -> _Verdict | None:
    if not plausible_password(text):
        return None
    if looks_random(text):
        return _REAL
    return _LIKELY if trust in (Trust.DEPLOYED, Trust.SETTINGS) else None


def _token_verdict(text: bytes, trust: Trust) -> _Verdict | None:
    solid = text.replace(b" ", b"")  # the salts of WordPress hold blanks
    if len(text) < 8 or is_placeholder(text) or is_path(text) or not text.isascii():
        return None
    if len(solid) < len(text) and not (len(text) >= 32 and looks_random(solid)):
        return None
    if trust in (Trust.CODE, Trust.TEMPLATE) and _is_encoded_text(text):
        return None
    if looks_random(solid) and (len(text) >= 12 or trust is Trust.DEPLOYED):
        return _REAL
    wordy = trust is Trust.DEPLOYED and plausible_password(text)
    return _LIKELY if wordy and not is_reference(text) else None


def _is_encoded_text(text: bytes) -> bool:
    """Whether `text` is base64 of something made up of words: it looks random and is not."""
    plain = decoded(text)
    return plain is not None and plain.isascii() and not looks_random(plain)


def decoded(value: bytes) -> bytes | None:
    """`value` decoded from base64, without the line end that `echo` adds; None if it is no text."""
    compact = b"".join(value.split())
    if not compact or len(compact) > 65536:
        return None
    try:
        plain = b64decode(compact + b"=" * (-len(compact) % 4), validate=True).rstrip(b"\r\n")
        plain.decode("utf-8")
    except ValueError:  # binascii.Error and UnicodeDecodeError are ValueErrors
        return None
    return plain


def _shown(key: str) -> str:
    """The key as a note may show it: short and printable."""
    return "".join(c if c.isprintable() else "?" for c in key[-60:]) or "?"
