"""Pieces of Markdown from hostile texts: code spans, table cells, plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Final

from secopskit.report.page import escaped_markdown
from secopskit.report.text import visible

_SIGNS: Final = re.compile(r"(@|(?<!&)#)")  # not that of an entity
_TICKS: Final = re.compile(r"`+")


def prose(text: str) -> str:
    """A text that stands for itself: no mark, no entity, no mention (`@team`, `#123`) in it means anything.

    Hosts look for mentions in the text that a reader sees, where an escape or an entity is no more:
    an empty comment parts the sign from the name.
    """
    return _parted(escaped_markdown(visible(text)).replace("&", "&amp;"))


def element_text(text: str) -> str:
    """A text inside of an HTML element, where Markdown means nothing; else as `prose`."""
    return _parted(escape(visible(text)))


def _parted(text: str) -> str:
    return _SIGNS.sub(r"\1<!-- -->", text)


def sentence(text: str) -> str:
    """A sentence of a rule: what stands between two backticks is code, all else stands for itself."""
    return "".join(
        (code(piece) if between else prose(piece)) if piece else "" for piece, between in pieces(text)
    )


def pieces(text: str) -> list[tuple[str, bool]]:
    """The text cut at its backticks, each piece with whether it stands between two of them."""
    cut = visible(text).split("`")
    if len(cut) % 2 == 0:  # one that has no other stands for itself
        cut[-2:] = [f"{cut[-2]}`{cut[-1]}"]
    return [(piece, number % 2 == 1) for number, piece in enumerate(cut)]


def code(text: str) -> str:
    """A text as code, in a fence that is longer than any in it."""
    shown = visible(text) or " "
    fence = "`" * (max((len(run) for run in _TICKS.findall(shown)), default=0) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of cells that are Markdown already. A bar in code would end the cell."""
    names = list(head)
    lines = [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]
    lines += [f"| {' | '.join(map(_cell, row))} |" for row in rows]
    return "\n".join(lines)


def _cell(text: str) -> str:
    """A bar that is escaped already, in plain text, stays as it is."""
    return re.sub(r"(?<!\\)\|", r"\\|", text) or " "
