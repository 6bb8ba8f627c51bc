"""The joins within a value that stands in pieces: line continuations, texts side by side or added up.

Nothing in a join is a part of the value. Base64 may be cut by line ends at any place besides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

MOST: Final = 3
"""The most joins in a row."""
_QUOTE: Final = rb"\\{0,3}[\"'`]"
_COMMENT: Final = rb"(?:#|//|--)[^\r\n]{0,160}\r?\n"
_BLANKS: Final = rb"(?:[ \t]|\\?\r?\n|%b){0,120}" % _COMMENT
_OPERATOR: Final = rb"(?:\+\+?|\.\.?|&|\|\||<>|~)(?:[ \t]*_)?"
_PREFIX: Final = rb"[rRbBuUfFlL@$]{0,2}"
_PIECES: Final = rb"%b%b(?:%b%b)?%b%b" % (_QUOTE, _BLANKS, _OPERATOR, _BLANKS, _PREFIX, _QUOTE)
_CONTINUED: Final = rb"[\\`^]\r?\n[ \t]{0,120}|=\r?\n"
# A quotation mark alone parts texts of a shell: `abc"def"`.
TEXT_JOIN: Final = re.compile(rb"%b|%b|%b" % (_CONTINUED, _PIECES, _QUOTE))
_ESCAPED_END: Final = rb"(?:\\{1,4}r)?\\{1,4}n|(?:%0[dD])?%0[aA]|(?:&#(?:13|x[dD]);)?&#(?:10|x[aA]);"
BASE64_JOIN: Final = re.compile(
    rb"(?:[ \t]{0,40}(?:\\?\r?\n|%b)[ \t>#*]{0,120}(?:(?://|--|;|%%)[ \t]+)?|%b)" % (_ESCAPED_END, _PIECES)
)
JOINERS: Final = frozenset(b"\\`^=\"' \t\r\n%&")
"""The bytes with which a join can begin."""


def joins_from(data: bytes, at: int, join: re.Pattern[bytes]) -> Iterator[tuple[int, int]]:
    """Where a text may go on that is interrupted at `at`, nearest first, and behind how many joins."""
    for number in range(1, MOST + 1):
        if at >= len(data) or data[at] not in JOINERS:
            return
        found = join.match(data, at)
        if not found:
            return
        bare = at + len(found[0].rstrip(b" \t"))
        at = found.end()
        if bare < at:  # the blanks may be the text's own
            yield bare, number
        yield at, number
