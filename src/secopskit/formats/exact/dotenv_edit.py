r"""Dotenv files, edited in place: the values of some keys change, every other byte stays.

A value is written in the quotes that it had, if those can carry it; else in the first form on which the
readers of such files agree about it (`secopskit.formats.exact.dotenv_exact` has the grammar): bare, in single
quotes, in double quotes, in double quotes with escapes. Only values that need the last one, with a
backslash, both kinds of quotes, or a single quote beside a `$` or a backtick, are read differently by some.

A carriage return is always written as `\r`, and in files with CRLF a line feed as `\n`: whoever changes the
line ends of the file changes no value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from secopskit.errors import ConfigError
from secopskit.formats.exact.dotenv_exact import (
    ESCAPES,
    MARK,
    NAME,
    ExactDotenv,
    ExactEntry,
    looks_broken,
    looks_swallowed,
    read_exact,
)
from secopskit.named_tuple import NamedTuple
from secopskit.secret import SecretValue

_BARE: Final = re.compile(rb"(?!-----BEGIN)[A-Za-z0-9_./:@%+,=~^-]*")
_ESCAPED: Final = {meant: b"\\" + sign for sign, meant in ESCAPES.items() if meant != b"\n"}
_TO_ESCAPE: Final = re.compile(rb'[\r\\"$]')
_ORDER: Final = ("", "'", '"')
# What a quote cannot have in it, because it ends there or because readers differ.
_FORBIDDEN: Final = {
    "'": re.compile(rb"['\\\r]"),
    "`": re.compile(rb"[`\\\r]"),
    '"': re.compile(rb'["\\$`\r]'),
}


class _Place(NamedTuple):
    """Where a value is to be written: its name, the quote that it had, and what stands around it."""

    name: bytes
    quote: str
    followed: bool
    crlf: bool


def edit_exact(file: ExactDotenv, values: Mapping[str, SecretValue]) -> bytes:
    """The content of `file` with these values; keys that it lacks are added at its end, in their order.

    Raises ConfigError for what is no name, and for a value that no dotenv file can carry.
    """
    data, crlf = file.data, b"\r\n" in file.data
    parts, done = list[bytes](), 0
    known = {entry.key: entry for entry in file.entries}
    for entry in file.entries:
        if entry.key in values and values[entry.key] != entry.value:
            parts += (
                data[done : entry.start],
                _written(file.name, entry, values[entry.key], data, crlf=crlf),
            )
            done = entry.end
    parts.append(data[done:])
    added = [key for key in values if key not in known]
    end = b"\r\n" if crlf else b"\n"
    if added and data not in (b"", MARK) and not data.endswith(b"\n"):
        parts.append(end)
    for key in added:
        _check_name(file.name, key)
        place = _Place(key.encode(), "", followed=False, crlf=crlf)
        parts.append(key.encode() + b"=" + _form(file.name, key, values[key], place) + end)
    return _proved(file, values, b"".join(parts))


def _written(name: str, entry: ExactEntry, value: SecretValue, data: bytes, *, crlf: bool) -> bytes:
    followed = data[entry.end : entry.end + 1] == b"#"
    return _form(
        name, entry.key, value, _Place(entry.key.encode(), entry.quote, followed=followed, crlf=crlf)
    )


def _form(name: str, key: str, secret: SecretValue, place: _Place) -> bytes:
    """The value as it is written, quotes included."""
    value = secret.reveal()
    _check_value(name, key, value)
    return next(_forms(value, place))


def _forms(value: bytes, place: _Place) -> Iterator[bytes]:
    """Ways to write the value, the best first; each of them is read back as it."""
    for quote in dict.fromkeys((place.quote, *_ORDER)):
        if _fits(value, quote, place):
            yield quote.encode() + value + quote.encode()
    breaks = b"\\n" if place.crlf or looks_swallowed(value) else b"\n"
    escaped = _TO_ESCAPE.sub(lambda sign: _ESCAPED[sign[0]], value).replace(b"\n", breaks)
    yield b'"' + escaped + b'"'


def _fits(value: bytes, quote: str, place: _Place) -> bool:
    """Whether the value can stand as it is in these quotes."""
    if not quote:
        bare = _BARE.fullmatch(value) is not None and not looks_broken(place.name, value)
        return bare and not place.followed
    return (
        not _FORBIDDEN[quote].search(value)
        and not (place.crlf and b"\n" in value)
        and not looks_swallowed(value)
    )


def _check_name(name: str, key: str) -> None:
    if not NAME.fullmatch(key.encode("utf-8", "replace")):
        raise ConfigError(
            f"{name}: a key to be written is not a name",
            advice="A name has letters, digits and `_`, and begins with no digit.",
        )


def _check_value(name: str, key: str, value: bytes) -> None:
    problem = "has a NUL byte" if b"\0" in value else "" if _is_text(value) else "is no UTF-8"
    if problem:
        raise ConfigError(
            f"{name}: the value of {key} {problem}: no dotenv file can carry it", advice="Keep it as base64."
        )


def _is_text(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _proved(file: ExactDotenv, values: Mapping[str, SecretValue], data: bytes) -> bytes:
    """`data`, if it is read back as the file was, with these values. Raises ConfigError."""
    wanted = {entry.key: entry.value for entry in file.entries} | dict(values)
    if {entry.key: entry.value for entry in read_exact(data, file.name).entries} != wanted:
        raise ConfigError(f"{file.name}: cannot carry these values", advice="Keep them as base64.")
    return data
