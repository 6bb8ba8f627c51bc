"""Texts as they are put into a file of somebody's: with its line ends, in a marked block at its end.

A block begins with `# >>> secops init: NAME` and ends with `# <<< secops init: NAME`. What is between
the two lines is ours; in Markdown the marks are HTML comments.
"""

from __future__ import annotations

import re
from typing import Final

from secopskit.harden.model import Addition
from secopskit.named_tuple import NamedTuple

_CRLF: Final = re.compile(rb"\r\n")


class BlockMarks(NamedTuple):
    """The first and the last line of a block of ours."""

    begin: str
    end: str


def hash_marks(name: str) -> BlockMarks:
    """Marks where `#` begins a comment."""
    return BlockMarks(f"# >>> secops init: {name}", f"# <<< secops init: {name}")


def markdown_marks(name: str) -> BlockMarks:
    """Marks that a reader of the rendered page does not see."""
    return BlockMarks(f"<!-- >>> secops init: {name} -->", f"<!-- <<< secops init: {name} -->")


def line_end(data: bytes) -> bytes:
    """The line end that most lines of a file have."""
    crlf = len(_CRLF.findall(data))
    return b"\r\n" if crlf * 2 > data.count(b"\n") else b"\n"


def encoded(lines: list[str], data: bytes) -> bytes:
    """Lines as the file `data` would have them."""
    end = line_end(data)
    return b"".join(line.encode("utf-8", "surrogateescape") + end for line in lines)


def at_end(data: bytes, lines: list[str], *, apart: bool = True) -> Addition:
    """Lines put after the last one; `apart`: after an empty line, if there is anything before."""
    end = line_end(data)
    glue = end if data and not data.endswith(b"\n") else b""
    whole = data + glue
    gap = end if apart and whole and not whole.endswith((b"\n\n", b"\r\n\r\n")) else b""
    return Addition(at=len(data), new=gap + encoded(lines, data), glue=glue)


def into_block(data: bytes, marks: BlockMarks, lines: list[str]) -> Addition:
    """Lines put at the end of our block, or in a new one where there is none."""
    if (end := find_line(data, marks.end)) is not None and find_line(data, marks.begin) is not None:
        return Addition(at=end, new=encoded(lines, data))
    return at_end(data, [marks.begin, *lines, marks.end])


def find_line(data: bytes, line: str) -> int | None:
    """Where the line stands, None where it does not."""
    found = re.search(rb"(?m)^" + re.escape(line.encode()) + rb"\r?$", data)
    return found.start() if found else None


def block_of(data: bytes, marks: BlockMarks) -> tuple[int, bytes] | None:
    """Our block, its marks included: where it begins, and its bytes."""
    begin, end = find_line(data, marks.begin), find_line(data, marks.end)
    if begin is None or end is None or end < begin:
        return None
    stop = data.find(b"\n", end) + 1 or len(data)
    return begin, data[begin:stop]
