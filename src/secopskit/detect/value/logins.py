"""Logins, a user and a password side by side: in a URL, for curl, in a Basic header.

Documentation is full of them, so the password has to look like one somebody uses.
"""

from __future__ import annotations

from typing import Final

from secopskit.detect.value.elsewhere import is_drawn_among_signs, is_reference
from secopskit.detect.value.fakes import against_commented
from secopskit.detect.value.generic_filters import (
    LINE_TOO_LONG,
    LONGEST_LINE,
    NEXT_OPTION,
    is_drawn,
    is_next_option,
)
from secopskit.detect.value.hashes import HASH, is_password_hash
from secopskit.detect.value.made_up import SELF_NAMED, is_by_the_rules, is_made_up
from secopskit.detect.value.passwords import LEET, against_plausible, is_weak_password, plausible_password
from secopskit.detect.value.placeholders import is_placeholder
from secopskit.lazy_regex import LazyRegex

_SLOT_TEXT: Final = "only shows where a password belongs"
_WEAK_TEXT: Final = "is a password anyone guesses, as documentation has them"
_EXAMPLE_TEXT: Final = "belongs to a user or a host of examples"
_WORD_TEXT: Final = "reads as a word"
_SHORT_TEXT: Final = "is shorter than six characters, or the name of the user"
_LOOK_BACK: Final = 120
_LEAST: Final = 6  # characters of a password
# What stands for a password in documentation, with any prefix or suffix of the kind.
_CALLED: Final = LazyRegex(
    rb"(?i)[<(\[]?(?:[a-z]{1,16}[0-9]{0,4}[-_.]?)?(?:pass(?:word|wd|phrase)?|pwd|pw|secret|token|(?:api|access|auth)?[-_]?key)"
    rb"[-_.]?(?:[0-9]{0,4}|here|value)[!>)\]]{0,2}"
)
_SLOT: Final = LazyRegex(
    rb"%[\w.()-]{1,24}|\{[^{}]{0,60}\}|:?[A-Z][A-Z0-9_]{2,40}|\[[^\[\]]{0,60}\]|[*.x#-]{1,40}|\d{1,5}"
)
_CODE: Final = LazyRegex(rb".{0,160}(?:\$\{|\{\{|#\{|<%|\$\(|\{\w{1,40}\}|%[sdv]\b|\\\(|\$\w{1,40}$)")
# `host:8080,org.acme.Pool@1fc032aa`, as Java shows an object that has an address for its name.
_PORT: Final = LazyRegex(rb"\d{2,5}[,;]")
_IDENTITY: Final = LazyRegex(rb"@[0-9a-f]{5,8}(?![\w.-])")
_USERS: Final = frozenset(
    b"user username usr name myuser my-user my_user your_user yourusername login foo alice bob joe "
    b"someuser testuser test me".split()
)
_SCHEME: Final = LazyRegex(rb"([A-Za-z][A-Za-z0-9+.-]{0,24})://([^\s:/@\"'<>]{0,80}):$")
_LOCAL: Final = LazyRegex(
    rb"(?i)@(?:(?:[\w.-]{0,60}\.)?(?:example(?:\.\w{2,5})?|invalid)|(?:your|my|some)?[-_.]?host(?:name)?|somewhere)(?![\w.-])"
)
_HERE: Final = LazyRegex(
    rb"(?i)@(?:localhost|127\.|0\.0\.0\.0|\[::1\]|(?:domain|site|company|server|proxy)(?![\w-]))"
)
_WEB: Final = frozenset(b"http https ws wss git ssh".split())
_MIXED: Final = LazyRegex(rb"(?=.{0,160}[A-Za-z])(?=.{0,160}(?:\d|[^\w.-]))")
_PERCENT: Final = LazyRegex(rb"%[0-9A-Fa-f]{2}")


def against_url_password(value: bytes, line: bytes) -> str:
    """The filter of rules for passwords in URLs: drops slots, words of documentation and weak ones."""
    if against := _against_guessed(value, line):
        return against
    scheme, user, rest = _around(value, line)
    value = _PERCENT.sub(b"a", value)
    if b"%" in user or (_PORT.match(value) and _IDENTITY.match(rest)):
        return "stands in a whole address: one within another, or the name of an object"
    if is_drawn(value):
        return ""
    words = "" if is_made_up(value) else against_commented(value, line)
    short = _SHORT_TEXT if len(value) < _LEAST or value == user else ""
    if against := words or short or against_plausible(value):
        return against
    if _LOCAL.match(rest) or (user.lower() in _USERS and not _is_used_at(value, rest)):
        return _EXAMPLE_TEXT
    return _WORD_TEXT if scheme in _WEB and not _MIXED.match(value) else ""


def _is_used_at(value: bytes, rest: bytes) -> bool:
    """Whether `value` is that of somebody called `user`: of all kinds of characters, for a host elsewhere."""
    plain = value.lower().translate(LEET)
    return is_by_the_rules(value) and not SELF_NAMED.search(plain) and not _HERE.match(rest)


def against_weak_url_password(value: bytes, line: bytes) -> str:
    """The filter of the rule for weak passwords in URLs: drops all but weak ones somebody uses."""
    if against := _against_any(value, line):
        return against
    if not is_weak_password(value):
        return "is no weak password"
    scheme, user, rest = _around(value, line)
    if not scheme or scheme in _WEB:
        return "stands in no URL of a server that asks for it"
    return _EXAMPLE_TEXT if user.lower() in _USERS or _LOCAL.match(rest) else ""


def _against_any(value: bytes, line: bytes) -> str:
    """What speaks against a password wherever it stands."""
    if len(line) > LONGEST_LINE:
        return LINE_TOO_LONG
    return _SLOT_TEXT if is_slot(value) else ""


def _against_guessed(value: bytes, line: bytes) -> str:
    """What speaks against a password, one that is guessed at once included."""
    return _against_any(value, line) or (_WEAK_TEXT if is_weak_password(value) else "")


def _against_used(value: bytes, line: bytes) -> str:
    """What speaks against `value` being a password that somebody uses."""
    if against := _against_guessed(value, line):
        return against
    return HASH if is_password_hash(value) else against_plausible(value)


def _around(value: bytes, line: bytes) -> tuple[bytes, bytes, bytes]:
    """The scheme and the user before a URL's password, and what follows it from the @ on."""
    at = line.find(b":" + value + b"@") + 1
    found = _SCHEME.search(line[max(0, at - _LOOK_BACK) : at])
    rest = line[at + len(value) :][:80]
    return (found[1].lower(), found[2], rest) if found else (b"", b"", rest)


def against_login(value: bytes, line: bytes) -> str:
    """The filter of rules for passwords on a command line: only what cannot be documentation."""
    if against := _against_used(value, line):
        return against
    good = is_drawn(value) or (b"curl" in line and _MIXED.match(value))
    return "" if good else _WORD_TEXT


_CONNECTION: Final = LazyRegex(
    rb"(?i)(?:server|data source|host|addr(?:ess)?|database|initial catalog|dsn|user id|uid|user|username)"
    rb"[ \t]{0,2}=[^;\n]{1,200};"
)


def against_connection_password(value: bytes, line: bytes) -> str:
    """The filter of the rule for connection strings: there must be one, and a password somebody uses."""
    if against := _against_used(value, line):
        return against
    return "" if _CONNECTION.search(line) else "stands in no connection string"


def against_option_password(value: bytes, line: bytes) -> str:
    """The filter of the rule for options such as `--password X`: words are prose or other options."""
    if against := _against_used(value, line):
        return against
    if is_next_option(value):
        return NEXT_OPTION
    return "" if is_drawn(value) or _MIXED.match(value) else _WORD_TEXT


def is_slot(value: bytes) -> bool:
    """Whether `value` only shows that a password belongs there."""
    if _CALLED.fullmatch(value) or is_reference(value):
        return True
    # Capitals and digits may be drawn, and so may signs of templates among others.
    found = _SLOT.fullmatch(value) or _CODE.match(value)
    return bool(found) and not is_drawn_among_signs(value)


def is_used_login(login: bytes) -> bool:
    """Whether `user:password` is one that somebody uses rather than an example."""
    user, colon, password = login.partition(b":")
    text = password.strip()
    if not colon or not user.strip() or is_slot(text) or is_placeholder(text) or is_weak_password(text):
        return False
    return is_drawn(text) or bool(plausible_password(text) and _MIXED.match(text) and len(text) >= _LEAST)
