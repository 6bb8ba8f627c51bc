"""Whether a text was drawn by a machine or put together from words."""

from __future__ import annotations

import math
from collections import Counter
from typing import Final

from secopskit.lazy_regex import LazyRegex

_MOST: Final = 512  # characters of a value that are judged
_SEPARATORS: Final = frozenset(b"-_./:, +=")
_HEX: Final = LazyRegex(rb"(?:[0-9a-f]{16,512}|[0-9A-F]{16,512}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_ESCAPED: Final = LazyRegex(rb"\\u[0-9A-Fa-f]{4}")
_CONSONANTS: Final = LazyRegex(rb"(?i:[bcdfghjklmnpqrstvwxz]{6})")


def entropy(value: bytes) -> float:
    """Shannon entropy in bits per character."""
    size = len(value)
    return -sum(n / size * math.log2(n / size) for n in Counter(value).values()) if size else 0.0


def looks_random(value: bytes) -> bool:
    """Whether `value` is a token or a generated password rather than words.

    Random text changes between small letters, capitals, digits and signs all the time; words
    change at their beginnings only. Where there is one kind of letter, unspeakable clusters tell.
    """
    text = _ESCAPED.sub(b"a", value[:_MOST])  # an escaped letter is a letter
    if len(text) < 8 or entropy(text) < 2.5:
        return False
    if _HEX.fullmatch(text) and not text.isdigit() and not text.isalpha():
        return True
    share = _changes(text) / (len(text) - 1)
    if share >= (0.2 if len(text) >= 16 else 0.3):
        return True
    return len(text) >= 12 and bool(_CONSONANTS.search(text))


def _changes(text: bytes) -> int:
    """How often the kind of character changes, the capital that begins a word apart."""
    changes = 0
    kinds = "-" + "".join(map(_kind, text))
    for index in range(2, len(kinds)):
        before, after = kinds[index - 1], kinds[index]
        if before == after or "-" in (before, after):
            continue
        if (before, after) == ("A", "a") and kinds[index - 2] != "A":
            continue
        changes += 1
    return changes


def _kind(code: int) -> str:
    if code in _SEPARATORS:
        return "-"
    if 0x61 <= code <= 0x7A:
        return "a"
    if 0x41 <= code <= 0x5A:
        return "A"
    return "0" if 0x30 <= code <= 0x39 else "!"


def walks(text: bytes) -> tuple[int, int]:
    """The longest run such as `2345`, `bcde` or `7777`, and the length of all runs of four and more."""
    longest = total = step = 0
    run = 1
    for before, after in zip(text, text[1:] + b"\0", strict=True):
        move = 1 if (before, after) == (0x39, 0x30) else after - before
        if move in (0, 1) and (run == 1 or move == step):
            run, step = run + 1, move
            continue
        if run >= 4:
            longest, total = max(longest, run), total + run
        run = 1
    return longest, total


def counts_up(value: bytes) -> bool:
    """Whether letters and digits each count up, as in `a1b2c3d4e5f6` and `abcd1234efgh5678`."""
    text = value.lower()
    letters = bytes(code for code in text if 0x61 <= code <= 0x7A)
    digits = bytes(code for code in text if 0x30 <= code <= 0x39)
    return sum(walks(part)[1] for part in (letters, digits) if part) * 3 > len(value) * 2


_HOME_ROW: Final = frozenset(b"asdfghjkl")
_ON_IT, _OFF_IT, _HAMMERED = 13, -21, 75


def is_hammered(value: bytes) -> bool:
    """Whether the letters of `value` are those under the fingers at rest, as where anything at all was typed.

    Of drawn small letters one text in a thousand looks so. Hexadecimal digits have too few of the others.
    """
    text = value[:_MOST]
    letters = [code for code in text if 0x61 <= code <= 0x7A]
    if not text.islower() or max(letters) <= 0x66:
        return False
    return sum(_ON_IT if code in _HOME_ROW else _OFF_IT for code in letters) >= _HAMMERED
