"""The units of escaped text: at a place of some bytes, what may stand there for what.

A unit is the literal byte, or one of the ways in which formats and languages write a sign that they cannot,
or need not, write as it is: JSON and C escapes, references of XML, percent-encoding, doubled quotes. One
place can be read in several ways (`%41` is three signs, or an A), so all of them are told. Escapes within
escapes of the same kind (JSON in JSON, `%2541`, `&amp;#65;`) are units as well, as deep as is seen in
practice; those within another kind (JSON in an attribute of HTML, in a URL) are in `layers`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import Enum
from functools import lru_cache
from typing import Final, TypeAlias

from secopskit.named_tuple import NamedTuple


class Escape(Enum):
    """A way of writing one sign. The value of the member is what the proof calls it."""

    NONE = "as it is"
    BACKSLASH = "escaped with backslashes"
    REFERENCE = "as references of XML and HTML"
    PERCENT = "percent-encoded"
    DOUBLED = "with doubled quotes"
    SHELL = "quoted for a shell"
    TICK = "escaped with backticks"
    CARET = "escaped with carets"
    PRINTABLE = "in quoted-printable"
    FOLD = "folded into lines"
    JOIN = "cut by line continuations and joined texts"


class Unit(NamedTuple):
    """What stands for `text`; the unit ends at `end`. The more it costs, the less likely it was meant."""

    text: bytes
    end: int
    escape: Escape
    cost: int = 0


_Reader: TypeAlias = Callable[[bytes, int], Iterator[Unit]]

DEEPEST: Final = 8
"""The most backslashes that one escape has: three times JSON in JSON."""

LETTERS: Final = {
    0x6E: b"\n",
    0x72: b"\r",
    0x74: b"\t",
    0x62: b"\b",
    0x66: b"\f",
    0x76: b"\v",
    0x61: b"\a",
    0x65: b"\x1b",
    0x30: b"\0",
}
"""The letters, and the 0, that mean a control character behind a backslash or a backtick."""

# Of these a backslash, a backtick or a caret may stand before each: letters and digits mean more behind one.
PUNCTUATION: Final = frozenset(" !\\\"#$%&'()*+,-./:;<=>?@[]^_`{|}~")
OUT_AND_IN: Final = (b"'\\''", b"'\"'\"'")
"""An apostrophe in a shell's text between apostrophes: that ends, and begins again."""
_NUMERIC: Final = frozenset(b"01234567uUx")
_HEX4: Final = re.compile(rb"u([0-9a-fA-F]{4})")
_LOW: Final = re.compile(rb"\\{1,8}u([dD][c-fC-F][0-9a-fA-F]{2})")
_BRACED: Final = re.compile(rb"[ux]\{0{0,7}([0-9a-fA-F]{1,6})\}")
_HEX8: Final = re.compile(rb"U([0-9a-fA-F]{8})")
_HEX2: Final = re.compile(rb"x([0-9a-fA-F]{2})")
_OCTAL: Final = re.compile(rb"0?([0-3][0-7]{2})")
_SHORT_OCTAL: Final = re.compile(rb"([1-7][0-7])")
_PERCENT: Final = tuple(re.compile(rb"%%(?:25){%d}([0-9a-fA-F]{2})" % deep) for deep in range(4))
_PERCENT_U: Final = re.compile(rb"%u([0-9a-fA-F]{4})")
_PRINTABLE: Final = re.compile(rb"=([0-9a-fA-F]{2})")
_REFERENCE: Final = re.compile(
    rb"&(?:amp;){0,3}(?:#0{0,8}([0-9]{1,7})|#[xX]0{0,8}([0-9a-fA-F]{1,6})|([A-Za-z]{2,12}));"
)
_BACKSLASHES: Final = re.compile(rb"\\{1,8}")
_LINE_END: Final = re.compile(rb"\r?\n")
_INDENT: Final = re.compile(rb"\r?\n[ \t]{1,80}")
_MARKED: Final = re.compile(rb"\r?\n[ \t]{0,80}(?:[>#*]|//)[ \t]?")
_FOLD: Final = re.compile(rb"[ \t]{0,40}\r?\n[ \t]{0,80}")
_SURROGATES: Final = range(0xD800, 0xE000)


def units_at(data: bytes, at: int) -> Iterator[Unit]:
    """All units of one kind of escape that begin at `at`, the literal byte first."""
    yield Unit(data[at : at + 1], at + 1, Escape.NONE)
    reader = _READERS.get(data[at])
    if reader:
        yield from reader(data, at)


def _backslash(data: bytes, at: int) -> Iterator[Unit]:
    run = _BACKSLASHES.match(data, at)
    behind = run.end() if run else at
    for several in (2, 4, 8):
        if several <= behind - at:
            yield Unit(b"\\", at + several, Escape.BACKSLASH)
    if behind < len(data):
        yield from _escaped(data, behind)


def _escaped(data: bytes, at: int) -> Iterator[Unit]:
    """What backslashes before `at` make of what stands there."""
    sign = data[at]
    if sign in LETTERS:
        yield Unit(LETTERS[sign], at + 1, Escape.BACKSLASH)
    elif sign != 0x5C and chr(sign) in PUNCTUATION:
        yield Unit(data[at : at + 1], at + 1, Escape.BACKSLASH)
    if sign in _NUMERIC:
        yield from _numbered(data, at)


def _numbered(data: bytes, at: int) -> Iterator[Unit]:
    if found := _HEX4.match(data, at):
        yield from _utf16_unit(data, int(found[1], 16), found.end())
    for pattern in (_BRACED, _HEX8):
        if found := pattern.match(data, at):
            yield from _point(int(found[1], 16), found.end(), Escape.BACKSLASH)
    for pattern, base in ((_HEX2, 16), (_OCTAL, 8), (_SHORT_OCTAL, 8)):
        if found := pattern.match(data, at):
            number = int(found[1], base)
            yield Unit(bytes([number & 0xFF]), found.end(), Escape.BACKSLASH)
            if number >= 0x80:
                yield from _point(number, found.end(), Escape.BACKSLASH)


def _utf16_unit(data: bytes, number: int, end: int) -> Iterator[Unit]:
    if low := _LOW.match(data, end) if 0xD800 <= number < 0xDC00 else None:
        number = 0x10000 + ((number - 0xD800) << 10) + int(low[1], 16) - 0xDC00
        end = low.end()
    yield from _point(number, end, Escape.BACKSLASH)


def _point(number: int, end: int, escape: Escape) -> Iterator[Unit]:
    if number <= 0x10FFFF and number not in _SURROGATES:
        yield Unit(chr(number).encode(), end, escape)


def _reference(data: bytes, at: int) -> Iterator[Unit]:
    if data.startswith(b"&amp;", at):  # more may be behind it, or the text of a reference
        yield Unit(b"&", at + 5, Escape.REFERENCE)
    found = _REFERENCE.match(data, at)
    if not found:
        return
    if found[3]:
        if text := _named().get(found[3]):
            yield Unit(text, found.end(), Escape.REFERENCE)
    else:
        number = int(found[1]) if found[1] else int(found[2], 16)
        yield from _point(number, found.end(), Escape.REFERENCE)


@lru_cache(maxsize=1)
def _named() -> dict[bytes, bytes]:
    """The names that HTML has for signs, and the signs."""
    from html.entities import html5  # a big table, wanted where there is a reference alone

    return {name[:-1].encode(): text.encode() for name, text in html5.items() if name.endswith(";")}


@lru_cache(maxsize=256)
def names_of(text: bytes) -> tuple[bytes, ...]:
    """The names that HTML has for a sign."""
    return tuple(sorted(name for name, meant in _named().items() if meant == text and len(name) <= 12))


def _percent(data: bytes, at: int) -> Iterator[Unit]:
    for pattern in _PERCENT:  # `%2541` may be an A, or the text `%41`
        if found := pattern.match(data, at):
            yield Unit(bytes([int(found[1], 16)]), found.end(), Escape.PERCENT)
        else:
            break
    if found := _PERCENT_U.match(data, at):
        yield from _point(int(found[1], 16), found.end(), Escape.PERCENT)
    yield from _doubled(data, at)


def _plus(_data: bytes, at: int) -> Iterator[Unit]:
    yield Unit(b" ", at + 1, Escape.PERCENT)


def _doubled(data: bytes, at: int) -> Iterator[Unit]:
    if data[at : at + 1] == data[at + 1 : at + 2]:
        yield Unit(data[at : at + 1], at + 2, Escape.DOUBLED)


def _apostrophe(data: bytes, at: int) -> Iterator[Unit]:
    yield from _doubled(data, at)
    for written in OUT_AND_IN:
        if data.startswith(written, at):
            yield Unit(b"'", at + len(written), Escape.SHELL)


def _tick(data: bytes, at: int) -> Iterator[Unit]:
    behind = data[at + 1 : at + 2]
    if behind and (text := LETTERS.get(behind[0])):
        yield Unit(text, at + 2, Escape.TICK)
    elif behind.decode("latin-1") in PUNCTUATION:
        yield Unit(behind, at + 2, Escape.TICK)


def _caret(data: bytes, at: int) -> Iterator[Unit]:
    behind = data[at + 1 : at + 2]
    if behind.decode("latin-1") in PUNCTUATION:
        yield Unit(behind, at + 2, Escape.CARET)


def _printable(data: bytes, at: int) -> Iterator[Unit]:
    if found := _PRINTABLE.match(data, at):
        yield Unit(bytes([int(found[1], 16)]), found.end(), Escape.PRINTABLE)


def _line_end(data: bytes, at: int) -> Iterator[Unit]:
    """A line end of either kind, with the indentation or the quotation mark of the next line; or a fold."""
    for pattern in (_LINE_END, _INDENT, _MARKED):
        if found := pattern.match(data, at):
            yield Unit(b"\n", found.end(), Escape.FOLD)
    yield from _blank(data, at)


def _blank(data: bytes, at: int) -> Iterator[Unit]:
    if found := _FOLD.match(data, at):
        yield Unit(b" ", found.end(), Escape.FOLD)


_READERS: Final[dict[int, _Reader]] = {
    **dict.fromkeys(b'"${}', _doubled),
    **dict.fromkeys(b"\r\n", _line_end),
    **dict.fromkeys(b" \t", _blank),
    ord("\\"): _backslash,
    ord("&"): _reference,
    ord("%"): _percent,
    ord("+"): _plus,
    ord("'"): _apostrophe,
    ord("`"): _tick,
    ord("^"): _caret,
    ord("="): _printable,
}
BEGINNINGS: Final = frozenset(_READERS)
"""The bytes with which a unit that is no literal byte can begin."""
_FOR_THEMSELVES: Final = frozenset(b"\"${}'")  # doubled, or out of a text of the shell and in again
_FOR_BLANKS: Final = frozenset(b" \t\r\n+")


def beginnings_of(sign: int) -> frozenset[int]:
    """The bytes with which a unit can begin that stands for `sign`, or for more that begins with it."""
    others = _FOR_THEMSELVES if sign in b" \n" else _FOR_THEMSELVES | _FOR_BLANKS
    return BEGINNINGS - others | {sign}
