"""Parts that the pages of reports share: texts as HTML, and a choice that filters a table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Final

from secopskit.report.markup import pieces
from secopskit.report.text import visible

_LINK: Final = re.compile(r"https?://[^\s<>\"'()]{1,500}[^\s<>\"'().,;:]")


def safe(text: str) -> str:
    """A text as HTML: nothing in it means anything."""
    return escape(visible(text))


def rich(text: str) -> str:
    """A sentence as HTML: what stands between two backticks is code, web addresses are links."""
    return "".join(
        f"<code>{escape(piece)}</code>" if between else _linked(piece) for piece, between in pieces(text)
    )


def _linked(text: str) -> str:
    parts, end = [], 0
    for match in _LINK.finditer(text):
        address = escape(match.group())
        parts.append(escape(text[end : match.start()]))
        parts.append(f'<a href="{address}" rel="noreferrer noopener">{address}</a>')
        end = match.end()
    return "".join(parts) + escape(text[end:])


def choice(name: str, every: str, choices: Mapping[str, str], hint: str = "") -> str:
    """A list from which one value of the rows' `data-NAME` is chosen; nothing where there is no choice."""
    if len(choices) < 2:
        return ""
    options = "".join(
        f'<option value="{safe(value)}">{safe(text)}</option>'
        for value, text in sorted(choices.items(), key=lambda one: one[1])
    )
    return (
        f'<label class="hush" for="by-{name}">{hint or f"Show only one {name}"}</label>'
        f'<select id="by-{name}" data-filter="{name}"><option value="">{every}</option>{options}</select>'
    )
