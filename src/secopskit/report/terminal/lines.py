"""The lines of a finding at a terminal: a place a line, in columns where the terminal has the width."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from rich.cells import cell_len

from secopskit.findings import Confidence, Finding, Location, Severity
from secopskit.named_tuple import NamedTuple
from secopskit.report.facts.exposure import place_in_time
from secopskit.report.facts.grouped import ShownFinding
from secopskit.report.facts.live import noted
from secopskit.report.page import wrapped
from secopskit.report.text import count, place, role_words, visible

# The named colours follow the terminal's own theme, light or dark.
SEVERITY_STYLE: Final = {
    Severity.CRITICAL: "1;31",
    Severity.HIGH: "31",
    Severity.MEDIUM: "33",
    Severity.LOW: "36",
    Severity.INFO: "34",
}
BOLD, DIM, GREEN, YELLOW, UNDERLINED = "1", "2", "1;32", "1;33", "4"
_INDENT: Final = " " * 4
_UNDER: Final = " " * 6
_GAP: Final = " " * 2
_WIDEST_PREVIEW: Final = 18

Paint = Callable[[str, str], str]


def painted(style: str, text: str) -> str:
    """The text in a style: parameters of the terminal's SGR sequence."""
    return f"\x1b[{style}m{text}\x1b[0m" if text else ""


def unpainted(_style: str, text: str) -> str:
    """The text alone."""
    return text


class _Columns(NamedTuple):
    """The widths of a group's columns, in cells, and of the terminal."""

    place: int
    preview: int
    when: int
    width: int


class _Row(NamedTuple):
    where: str
    preview: str
    when: str
    note: str


def group_lines(
    shown: Sequence[ShownFinding], width: int, paint: Paint
) -> Iterator[tuple[Finding, list[str]]]:
    """Each finding with its lines, the columns of all in line."""
    rows = [(one, _rows(one)) for one in shown]
    columns = _columns([row for _, some in rows for row in some], width)
    for one, some in rows:
        lines = [line for row in some for line in _line(row, columns, paint)]
        if more := len(one.finding.locations) - len(one.places):
            lines.append(paint(DIM, f"{_UNDER}and {count(more, 'more place')} of it"))
        yield one.finding, lines


def _columns(rows: Sequence[_Row], width: int) -> _Columns:
    """Columns wide enough for most; a place gives way to the notes, down to a third of the terminal."""
    where, preview, when, note = (max(map(cell_len, texts), default=0) for texts in zip(*rows, strict=True))
    preview = min(preview, _WIDEST_PREVIEW)
    room = width - len(_INDENT) - preview - when - note - 3 * len(_GAP)
    return _Columns(min(where, max(room, width // 3)), preview, when, width)


def _rows(shown: ShownFinding) -> list[_Row]:
    """The places; what is told of the finding stands at the first of them."""
    finding = shown.finding
    doubt = "low confidence" if finding.confidence is Confidence.LOW else ""
    preview, notes = visible(finding.preview), (visible(noted(finding)), doubt)
    return [
        _Row(
            place(where),
            "same" if number and preview else preview,
            _when(where),
            ", ".join(part for part in (*(() if number else notes), role_words(where)) if part),
        )
        for number, where in enumerate(shown.places)
    ]


def _when(where: Location) -> str:
    return place_in_time(where.provenance) if where.provenance else ""


def _line(row: _Row, columns: _Columns, paint: Paint) -> Iterator[str]:
    """One line; a second one for what the terminal has no width for. The place is never cut."""
    where, rest = paint(UNDERLINED, row.where), [part for part in row[1:] if part]
    aligned = [_padded(row.preview, columns.preview)] if columns.preview else []
    aligned += [_padded(row.when, columns.when)] if columns.when else []
    aligned.append(row.note)
    pad = max(columns.place - cell_len(row.where), 0)
    left = columns.width - len(_INDENT) - cell_len(row.where) - len(_GAP)
    for gap, texts in ((" " * pad, aligned), ("", rest)):
        text = _GAP.join(texts).rstrip()
        if cell_len(text) + len(gap) <= left:
            yield f"{_INDENT}{where}{gap}{_GAP}{text}"
            return
    yield f"{_INDENT}{where}"
    yield from wrapped(_GAP.join(rest), columns.width, _UNDER, _UNDER)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))
