"""A report as a list of blocks, and the two ways to write it for people: plain text and Markdown.

All text in a block has gone through `shown`, or is ours.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, assert_never

_INDENT: Final = "  "
_LONGEST_LABEL: Final = 24
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]<>|#~])")


class TextStyle(Enum):
    """How a terminal may colour a text."""

    PLAIN = "plain"
    HEADING = "heading"
    GOOD = "good"
    BAD = "bad"
    CAUTION = "caution"
    QUIET = "quiet"
    COMMAND = "command"


Paint = Callable[[str, TextStyle], str]


@dataclass(frozen=True, slots=True)
class Title:
    """A heading."""

    text: str


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph."""

    text: str
    style: TextStyle = TextStyle.PLAIN


@dataclass(frozen=True, slots=True)
class Rows:
    """Labels and their texts. A row without text is left out."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list, numbered if its order matters."""

    items: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Commands:
    """Lines to be typed into a shell. They are never wrapped."""

    lines: tuple[str, ...]


Block = Title | Para | Rows | Items | Commands


def unpainted(text: str, _style: TextStyle) -> str:
    """The paint of a file."""
    return text


def as_text(
    blocks: Iterable[Block], *, width: int = 100, paint: Paint = unpainted, airy: bool = False
) -> str:
    """The blocks as text of at most `width` columns, as far as commands and names let it.

    There is an empty line before each title; with `airy`, before each block.
    """
    lines: list[str] = []
    for block in blocks:
        if lines and (airy or isinstance(block, Title)):
            lines.append("")
        lines += _text(block, max(width, 40), paint)
    return "\n".join(lines) + "\n"


def _text(block: Block, width: int, paint: Paint) -> list[str]:
    match block:
        case Title():
            return [paint(block.text, TextStyle.HEADING)]
        case Para():
            return [paint(line, block.style) for line in wrapped(block.text, width, _INDENT, _INDENT)]
        case Rows():
            return _text_rows(block, width, paint)
        case Items():
            marks = _marks(block)
            return [
                line
                for mark, item in zip(marks, block.items, strict=True)
                for line in wrapped(item, width, f"{_INDENT}{mark} ", _INDENT + " " * (len(mark) + 1))
            ]
        case Commands():
            return [_INDENT * 2 + paint(line, TextStyle.COMMAND) for line in block.lines]
        case _:
            assert_never(block)


def _text_rows(block: Rows, width: int, paint: Paint) -> list[str]:
    rows = [row for row in block.rows if row[1]]
    wide = min(max((len(label) for label, _ in rows), default=0), _LONGEST_LABEL)
    lines = []
    for label, text in rows:
        after = _INDENT + " " * (wide + 2)
        first, *rest = wrapped(text, width, after, after)
        padded = f"{label:<{wide}}"
        lines.append(_INDENT + paint(padded, TextStyle.QUIET) + "  " + first[len(after) :])
        lines += rest
    return lines


def wrapped(text: str, width: int, first: str, rest: str) -> list[str]:
    """The lines of a text. Never broken inside of a word: ids, paths and refs stay whole."""
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first.rstrip()]


def _marks(block: Items) -> Sequence[str]:
    return [f"{n}." for n in range(1, len(block.items) + 1)] if block.numbered else ["-"] * len(block.items)


def as_markdown(blocks: Iterable[Block]) -> str:
    """The blocks as Markdown; the first title is the document's."""
    parts, level = list[str](), "#"
    for block in blocks:
        parts.append(_markdown(block, level))
        if isinstance(block, Title):
            level = "##"
    return "\n\n".join(parts) + "\n"


def _markdown(block: Block, level: str) -> str:
    match block:
        case Title():
            return f"{level} {escaped_markdown(block.text)}"
        case Para():
            return escaped_markdown(block.text)
        case Rows():
            return "\n".join(
                f"- **{escaped_markdown(label)}**: {escaped_markdown(text)}"
                for label, text in block.rows
                if text
            )
        case Items():
            return "\n".join(
                f"{mark} {escaped_markdown(item)}"
                for mark, item in zip(_marks(block), block.items, strict=True)
            )
        case Commands():
            fence = "```" if not any("```" in line for line in block.lines) else "````````"
            return "\n".join([f"{fence}sh", *block.lines, fence])
        case _:
            assert_never(block)


def escaped_markdown(text: str) -> str:
    """`text` with a backslash before all that Markdown would read."""
    return _MARKDOWN.sub(r"\\\1", text)
