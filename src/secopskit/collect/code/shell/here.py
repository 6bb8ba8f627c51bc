"""Here-documents of a script: the command that each is given to, and where its text stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from secopskit.lazy_regex import LazyRegex
from secopskit.named_tuple import NamedTuple

_MOST: Final = 200
_HEAD: Final = LazyRegex(
    rb"(?m)^(?![ \t]{0,40}\#)([^\n]{0,300}?)(?<!<)<<-?[ \t]{0,4}[\"'\\]?([A-Za-z_]\w{0,40})[\"']?"
    rb"([^\n]{0,300})$"
)


class HereDocument(NamedTuple):
    """A here-document: `command` is the line that it is given to, without the word that ends it."""

    command: bytes
    start: int
    end: int


def here_documents(data: bytes) -> Iterator[HereDocument]:
    """The here-documents in the order of the file."""
    at = 0
    for _ in range(_MOST):
        head = _HEAD.search(data, at)
        if head is None:
            return
        at = head.end()
        if last := _last_line(data, at, head[2]):
            yield HereDocument(head[1] + b" " + head[3], at, last.start())
            at = last.end()


def here_end(data: bytes, start: int, word: bytes) -> int:
    """The end of the line that ends the document which begins at `start`; -1 where none does."""
    found = _last_line(data, start, word)
    return found.end() if found else -1


def _last_line(data: bytes, start: int, word: bytes) -> re.Match[bytes] | None:
    return re.compile(rb"(?m)^[ \t]{0,40}" + re.escape(word) + rb"[ \t]{0,8}\r?$").search(data, start)
