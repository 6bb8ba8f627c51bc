"""The signs of a value that stands somewhere in another writing: what the engine looks for.

Where a text is written with escapes, some escape of one of its signs stands before the next sign, or
behind the one before it: `expressions` describe that. Where a text is cut in pieces, one of them holds a
part of it whole: those are the `grams`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from secopskit.named_tuple import NamedTuple
from secopskit.purge.values.written.units import LETTERS, OUT_AND_IN, PUNCTUATION, names_of

_GRAM: Final = 6
_SHORTEST_GRAM: Final = 4
_STRIDE: Final = 3
_MOST_GRAMS: Final = 40
_BEGIN: Final = b"\\%&=^$'\"`{}"
# What an escape ends with that another one is within: `\\`, `%5C`, `&#92;`.
_OUTER_END: Final = b"\\Cc;'\""
_TWO_DIGITS: Final = range(0o10, 0o100)
_CONTROLS: Final = {meant: letter for letter, meant in LETTERS.items()}
_DOUBLED: Final = b"'\"$%`{}^"


class Gram(NamedTuple):
    """A part of a text that ends `end` bytes into it."""

    text: bytes
    end: int


class _Sign(NamedTuple):
    """A character of a text (a byte, where it is not UTF-8), with the bytes around it; -1 for none."""

    text: bytes
    point: int
    before: int
    behind: int


class _Escaped(NamedTuple):
    """An expression for an escape, behind its beginning, and the bytes before and behind it; -1 for none."""

    expression: bytes
    before: int
    behind: int


def grams(text: bytes) -> Iterator[Gram]:
    """Parts of `text`, one of which stays whole where it is cut once, or into pieces of some length."""
    size = min(_GRAM, len(text) // 2)
    if size < _SHORTEST_GRAM:
        return
    stride = max(_STRIDE, len(text) // _MOST_GRAMS)
    for start in dict.fromkeys((*range(0, len(text) - size, stride), len(text) - size)):
        if (part := text[start : start + size]).strip(_BEGIN):
            yield Gram(part, start + size)


def expressions(texts: Iterable[bytes], *, looking: bool) -> list[bytes]:
    """Regular expressions that find an escape in any writing of `texts` that has one.

    With `looking`, they may look ahead and behind; else the neighbours are part of what is found.
    """
    signs = list(dict.fromkeys(sign for text in texts for sign in _signs(text)))
    found = [*_numbered(signs)]
    for beginning, make in _ESCAPES:
        found += _with_neighbours(signs, beginning, make, looking=looking)
    return found


def _signs(text: bytes) -> Iterator[_Sign]:
    try:
        pieces = [sign.encode() for sign in text.decode()]
        points = [ord(sign) for sign in text.decode()]
    except UnicodeDecodeError:
        pieces, points = [bytes((byte,)) for byte in text], list(text)
    for number, (piece, point) in enumerate(zip(pieces, points, strict=True)):
        before = pieces[number - 1][-1] if number else -1
        behind = pieces[number + 1][0] if number + 1 < len(pieces) else -1
        yield _Sign(piece, point, before, behind)


def _numbered(signs: list[_Sign]) -> Iterator[bytes]:
    """The escapes that are long enough to be told by themselves."""
    points = sorted({sign.point for sign in signs})
    octets = sorted({byte for sign in signs for byte in sign.text} | {p for p in points if p < 0x100})
    if not points:
        return
    units = {0xD800 + ((p - 0x10000) >> 10) if p > 0xFFFF else p for p in points}
    yield rb"(?:[\\%]u|\\U0000)" + _numbers(units, 16, 4)
    yield rb"\\U" + _numbers(points, 16, 8)
    yield rb"\\[ux]\{0{0,7}" + _numbers(points, 16) + rb"\}"
    yield rb"\\x" + _numbers(octets, 16, 2)
    yield rb"\\0?" + _numbers(octets, 8, 3)
    if short := [byte for byte in octets if byte in _TWO_DIGITS]:
        yield rb"\\" + _numbers(short, 8, 2)
    yield rb"[&;]#(?:0{0,8}" + _numbers(points, 10) + b"|[xX]0{0,8}" + _numbers(points, 16) + b");"


def _with_neighbours(
    signs: list[_Sign], beginning: bytes, make: Callable[[_Sign], Iterable[_Escaped]], *, looking: bool
) -> Iterator[bytes]:
    """The expressions for all escapes that `make` gives, behind their `beginning`; those at the end apart."""
    behind, last = dict[bytes, set[int]](), dict[bytes, set[int]]()
    for sign in signs:
        for escape, before, after in make(sign):
            if after >= 0:
                behind.setdefault(escape, set()).add(after)
            elif before >= 0:
                last.setdefault(escape, set()).add(before)
            else:
                behind.setdefault(escape, set()).update(range(256))
    ahead, back = (b"(?=%b)", b"(?<=%b)") if looking else (b"%b", b"%b")
    if behind:
        inner = _either(escape + ahead % _one_of(some, _BEGIN) for escape, some in behind.items())
        yield beginning + b"(?:" + inner + b")"
    if last:
        yield _either(back % _one_of(some, _OUTER_END) + beginning + escape for escape, some in last.items())


def _percent(sign: _Sign) -> Iterator[_Escaped]:
    octets = sign.text
    for number, byte in enumerate(octets):
        before = octets[number - 1] if number else sign.before
        behind = octets[number + 1] if number + 1 < len(octets) else sign.behind
        yield _Escaped(_hex(byte, 2), before, behind)


def _printable(sign: _Sign) -> Iterator[_Escaped]:
    """What quoted-printable cannot have as it is; programs leave the rest alone."""
    if sign.text == b"=" or not sign.text.isascii() or sign.text in _CONTROLS:
        yield from _percent(sign)


def _backslash(sign: _Sign) -> Iterator[_Escaped]:
    letter = _CONTROLS.get(sign.text)
    if letter or sign.text.decode("latin-1") in PUNCTUATION:
        plain = bytes((letter,)) if letter else sign.text
        yield _Escaped(_literal(plain), sign.before, sign.behind)


def _named(sign: _Sign) -> Iterator[_Escaped]:
    if sign.text.isalnum():
        return
    for name in names_of(sign.text):
        yield _Escaped(name + b";", sign.before, sign.behind)


def _doubled(sign: _Sign) -> Iterator[_Escaped]:
    if sign.text in _DOUBLED:
        yield _Escaped(_literal(sign.text * 2), sign.before, sign.behind)
    if sign.text == b"'":
        for written in OUT_AND_IN:
            yield _Escaped(_literal(written), sign.before, sign.behind)


def _ticked(sign: _Sign) -> Iterator[_Escaped]:
    if letter := _CONTROLS.get(sign.text):
        yield _Escaped(_literal(bytes((letter,))), sign.before, sign.behind)
    else:
        yield from _careted(sign)


def _careted(sign: _Sign) -> Iterator[_Escaped]:
    if sign.text.decode("latin-1") in PUNCTUATION:
        yield _Escaped(_literal(sign.text), sign.before, sign.behind)


_ESCAPES: Final = (
    (rb"%(?:25){0,3}", _percent),
    (rb"\\{1,8}", _backslash),
    (rb"[&;]", _named),
    (b"", _doubled),
    (b"`", _ticked),
    (rb"\^", _careted),
    (b"=", _printable),
)


def _numbers(numbers: Iterable[int], base: int, width: int = 1) -> bytes:
    """What matches the numbers, in digits of either case, at least `width`: the last digits as classes."""
    write = {8: b"%0*o", 10: b"%0*d", 16: b"%0*x"}[base]
    lasts = dict[bytes, set[bytes]]()
    for number in sorted(set(numbers)):
        digits = write % (width, number)
        lasts.setdefault(digits[:-1], set()).add(digits[-1:])
    return b"(?:" + _either(_cased(first) + _class(last) for first, last in lasts.items()) + b")"


def _class(digits: Iterable[bytes]) -> bytes:
    return b"[" + b"".join(sorted({form for digit in digits for form in (digit, digit.upper())})) + b"]"


def _cased(digits: bytes) -> bytes:
    return re.sub(rb"[a-f]", lambda digit: b"[%b%b]" % (digit[0], digit[0].upper()), digits)


def _hex(number: int, width: int = 1) -> bytes:
    """A number in hexadecimal digits of either case."""
    return _cased(b"%0*x" % (width, number))


def _literal(text: bytes) -> bytes:
    return b"".join(b"\\x%02x" % byte for byte in text)


def _one_of(signs: Iterable[int], more: bytes = b"") -> bytes:
    every = {*signs, *more}
    if every & {0x0A, 0x20}:
        every |= set(b"\r\n\t +")
    firsts = (byte for byte in sorted(every) if byte - 1 not in every)
    lasts = (byte for byte in sorted(every) if byte + 1 not in every)
    ranges = zip(firsts, lasts, strict=True)
    return b"[" + b"".join(b"\\x%02x-\\x%02x" % span for span in ranges) + b"]"


def _either(parts: Iterable[bytes]) -> bytes:
    return b"|".join(dict.fromkeys(parts))
