"""What may be a secret in a setting: its value, the items of a list, and values inside of values."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final

from secopskit.detect import witness
from secopskit.detect.judgement.place import Trust
from secopskit.detect.value.filters import (
    KeyKind,
    is_made_up,
    kind_below,
    kind_of_several,
    looks_random,
    sensitive_key,
)
from secopskit.findings import Span
from secopskit.formats.references import default_of
from secopskit.formats.setting import Setting, SettingForm
from secopskit.lazy_regex import LazyRegex
from secopskit.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST: Final = 8192
"""Bytes of one value; a longer one is none."""
CONNECTION_RULE: Final = "connection-string-password"
_PASSWORDS: Final = (SettingForm.PASSWORD, SettingForm.PASSWORD_OPTION)


class SecretCandidate(NamedTuple):
    """A value that may be a secret, and what its detector knows of it beyond what a `Setting` says.

    `kind` is what it holds if it is one, None if only what stands inside it counts. `rule`
    overrides the place's rule. `note` replaces the usual note that names the key. `literal`: it
    stands in single quotes, in which nothing is expanded.
    """

    key: str
    value: bytes
    span: Span
    kind: KeyKind | None
    rule: str = ""
    note: str = ""
    literal: bool = False


_SALT: Final = LazyRegex(r"(?i)(?:^|[_.-])salt$")


def candidates_of(setting: Setting, trust: Trust) -> list[SecretCandidate]:
    """What may be a secret in `setting`: it, its items, or the salt that the environment of a program has."""
    candidate = candidate_of(setting)
    if candidate and candidate.kind:
        return [candidate]
    if several := _several(setting, trust):
        return several
    if trust is Trust.DEPLOYED and _SALT.search(setting.key):
        return [SecretCandidate(setting.key, setting.value, setting.span, KeyKind.SECRET)]
    return [candidate] if candidate else []


def may_count(key: str | bytes, value: bytes, below: str = "") -> bool:
    """Whether a setting of that name and value, which is no option, can be a candidate.

    `below` is the last part of its path. `value` may be as it is written, with entities.
    """
    return b"://" in value or b"=" in value or _says_anything(key, below)


@lru_cache(maxsize=1 << 14)
def _says_anything(key: str | bytes, below: str) -> bool:
    name = key.decode("utf-8", "replace") if isinstance(key, bytes) else key
    kinds = (sensitive_key(name), kind_of_several(name), kind_below(below, name))
    return any(kind is not None for kind in kinds) or _SALT.search(name) is not None


def candidate_of(setting: Setting, *, rule: str = "", note: str = "") -> SecretCandidate | None:
    """`setting` as a candidate; None where neither its key nor its value gives a reason to look."""
    key, value, form = setting.key, setting.value, setting.form
    if form in _PASSWORDS:
        kind: KeyKind | None = KeyKind.PASSWORD
    else:
        kind = sensitive_key(key)
        if kind is None and setting.path:
            kind = kind_below(setting.path[-1], key)
        if kind is None and (form is SettingForm.OPTION or not (b"://" in value or b"=" in value)):
            return None
    literal = setting.quote == "'"
    return SecretCandidate(key, value, setting.span, kind, rule, note or _note(setting), literal)


_ITEM: Final = LazyRegex(rb"[^\s,;\"'\[\]]{6,400}")
_MOST_ITEMS: Final = 64


def _several(setting: Setting, trust: Trust) -> list[SecretCandidate]:
    """The items of a setting that holds several: `API_TOKENS=a,b`. Words are items of `…PASSWORDS` alone."""
    kind, key, value = kind_of_several(setting.key), setting.key, setting.value
    # Of an object written as JSON, the names in it tell.
    if kind is None or len(value) > LONGEST or b"://" in value or value.lstrip(b"[ ").startswith(b"{"):
        return []
    whole = SecretCandidate(key, value, setting.span, kind, literal=setting.quote == "'")
    found = islice(_ITEM.finditer(value), _MOST_ITEMS)
    parts = [_part(whole, item.start(), item[0], f"one of {shown_key(key)}", "") for item in found]
    in_use = kind is KeyKind.PASSWORD and trust is Trust.DEPLOYED
    return parts if in_use else [part for part in parts if looks_random(part.value)]


def _note(setting: Setting) -> str:
    """What the way in which a setting is written says to the reader; "" for the usual note."""
    if setting.encoding:
        return f"key {setting.key[:60]}, decoded from {setting.encoding}"
    match setting.form:
        case SettingForm.OPTION | SettingForm.PASSWORD_OPTION:
            return f"option {setting.key}"
        case SettingForm.DEFAULT:
            return f"default of variable {setting.key[:60]}"
        case _:
            return ""


def shown_key(key: str) -> str:
    """The key as a note may show it: short and printable."""
    return "".join(c if c.isprintable() else "?" for c in key[-60:]) or "?"


# --- values inside values ---------------------------------------------------------------------

# The user may be empty (redis://:password@host). The password ends at the last @ before the host.
_URL: Final = LazyRegex(
    rb"[A-Za-z][A-Za-z0-9+.-]{1,40}://(?:[^\s:/@\"'<>{}]{0,120}|\$\{[^{}]{1,100}\}):"
    rb"((?:\$\{[^{}]{1,200}\}|[^\s/\"'<>${}]|\$(?!\{)){1,200})@(?=[\w.\[${*%-])"
)
# As every manual writes an address, of a server that runs on the reader's machine or nowhere.
_SHOWN_LOGIN: Final = LazyRegex(
    rb"(?i)[a-z][a-z0-9+.-]{1,40}://(?:my-?|db-?)?user(?:name)?:(?:my-?|db-?)?(?:pass(?:word|wd)?|pwd)"
    rb"@(?:localhost|127\.0\.0\.1|\[::1\]|(?:my-?|db-?)?host(?:name)?|server)(?![\w.-])"
)
_SHOWN: Final = "is the password of the login that manuals show"
_EXAMPLE_HOST: Final = LazyRegex(rb"(?i)@(?:[\w-]{1,60}\.){0,4}example\.(?:com|org|net)(?![\w.-])")
_AT_EXAMPLE: Final = "is a word, at a host of examples"
_CONNECTION: Final = LazyRegex(
    rb"(?i)(?:^|[;\s\"'?&])(?:password|pwd|accountkey|sharedaccesskey|sharedsecret)\s{0,3}=\s{0,3}([^;\"'&\s]{1,300})"
)
_CONNECTION_SIGN: Final = LazyRegex(
    rb"(?i)(?:server|data source|host|addr(?:ess)?|endpoint|accountname|database|initial catalog|dbname"
    rb"|user id|uid|user)"
    rb"\s{0,3}=[^;]{0,200}[;\s&]|jdbc:"
)


# Its image takes user and password in one variable: https://neo4j.com/docs/operations-manual/current/docker/
_OF_NEO4J: Final = LazyRegex(rb"neo4j/(\S{3,200})")


def values_inside(candidate: SecretCandidate) -> Iterator[SecretCandidate]:
    """The passwords in the URLs and connection strings that a value holds."""
    value = candidate.value
    if b"://" in value:
        for found in _URL.finditer(value):
            if _SHOWN_LOGIN.match(value, found.start()):
                witness.tell(candidate.span, found[1], candidate.rule, against=_SHOWN)
                continue
            if _EXAMPLE_HOST.match(value, found.end(1)) and not _is_used(found[1]):
                witness.tell(candidate.span, found[1], candidate.rule, against=_AT_EXAMPLE)
                continue
            note = f"password in the URL of {shown_key(candidate.key)}"
            yield _part(candidate, found.start(1), found[1], note, "")
    if login := _OF_NEO4J.fullmatch(value):
        note = f"password in {shown_key(candidate.key)}"
        yield _part(candidate, login.start(1), login[1], note, "")
    if b"=" in value and _CONNECTION_SIGN.search(value):
        for found in _CONNECTION.finditer(value):
            note = f"connection string {shown_key(candidate.key)}"
            yield _part(candidate, found.start(1), found[1], note, CONNECTION_RULE)


def _is_used(password: bytes) -> bool:
    return looks_random(password) or is_made_up(password)


def _part(candidate: SecretCandidate, offset: int, value: bytes, note: str, rule: str) -> SecretCandidate:
    return SecretCandidate(
        key=candidate.key,
        value=value,
        span=_narrow(candidate, offset, len(value)),
        kind=candidate.kind,
        note=note,
        rule=rule or candidate.rule,
    )


def _narrow(candidate: SecretCandidate, offset: int, length: int) -> Span:
    """The span of a part of the value, where the value stands as it is; else the whole span."""
    start, end = candidate.span
    if end - start != len(candidate.value):
        return candidate.span
    return Span(start + offset, start + offset + length)


def in_use(candidate: SecretCandidate) -> SecretCandidate:
    """The default behind a variable, where the value is one with a default."""
    default = default_of(candidate.value)
    if default is None:
        return candidate
    note = f"default value of {shown_key(candidate.key)}"
    return _part(candidate, default.offset, default.value, note, candidate.rule)
