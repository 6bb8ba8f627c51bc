"""The timeline picture: when each secret entered the history, and how long it stood there.

Inline SVG, styled by the page. The right edge is the youngest date known, not today: a
report has no clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Final

from secopskit.findings import Finding
from secopskit.report.exposure import Exposure, exposure, moment
from secopskit.report.text import count, visible

_WIDTH: Final = 1000
_LEFT: Final = 300  # labels stand left of this, bars right of it
_RIGHT: Final = 900  # the words at the end of a bar stand right of this at the latest
_ROW: Final = 26
_TOP: Final = 28
_ROWS_MOST: Final = 40
_LABEL_MOST: Final = 40
# A commit may claim any date; one far off would squeeze all others into a dot.
_PLAUSIBLE: Final = range(1990, 2100)
_TICKS_MOST: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bar:
    finding: Finding
    known: Exposure
    start: datetime
    end: datetime


def timeline(findings: Sequence[Finding]) -> str:
    """The figure, or nothing where no finding has usable dates in history."""
    bars = [bar for finding in findings if (bar := _bar(finding)) is not None]
    if not bars:
        return ""
    drawn = bars[:_ROWS_MOST]
    first = min(bar.start for bar in drawn)
    last = max(*(bar.end for bar in drawn), first + timedelta(days=1))
    height = _TOP + len(drawn) * _ROW + 6
    lines = [
        f'<div class="chart"><svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="chart-title">',
        '<title id="chart-title">When each secret entered the history and how long it stood there</title>',
        *_axis(first, last, height),
        *(_row(bar, number, first, last) for number, bar in enumerate(drawn)),
        "</svg></div>",
        f'<p class="caption">{_caption(len(drawn), len(bars), last)}</p>',
    ]
    return "\n".join(lines)


def _bar(finding: Finding) -> _Bar | None:
    known = exposure(finding)
    if known is None or known.first is None or known.last is None:
        return None
    start, end = moment(known.first.date), moment(known.last.last_date)
    if start is None or end is None or start.year not in _PLAUSIBLE or end.year not in _PLAUSIBLE:
        return None
    return _Bar(finding=finding, known=known, start=start, end=max(start, end))


def _x(when: datetime, first: datetime, last: datetime) -> float:
    return _LEFT + (when - first) / (last - first) * (_RIGHT - _LEFT)


def _axis(first: datetime, last: datetime, height: int) -> Iterator[str]:
    for when, label in _ticks(first, last):
        x = _x(when, first, last)
        yield f'<line class="grid" x1="{x:.1f}" y1="{_TOP - 8}" x2="{x:.1f}" y2="{height - 6}"/>'
        yield f'<text class="axis" x="{x:.1f}" y="{_TOP - 14}" text-anchor="middle">{label}</text>'


def _ticks(first: datetime, last: datetime) -> list[tuple[datetime, str]]:
    """At most about ten dates between the two, at years, months or days."""
    days = (last - first).days
    if days > 3 * 365:
        step = -(-(last.year - first.year) // _TICKS_MOST)
        years = range(first.year + 1, last.year + 1, step)
        return [(datetime(year, 1, 1, tzinfo=UTC), str(year)) for year in years]
    if days > 90:
        months = range(first.year * 12 + first.month, last.year * 12 + last.month)
        step = -(-len(months) // _TICKS_MOST)
        firsts = [datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC) for month in months[::step]]
        return [(when, when.strftime("%Y-%m")) for when in firsts]
    step = max(-(-days // _TICKS_MOST), 1)
    dates = [first + timedelta(days=day) for day in range(0, days + 1, step)]
    return [(when, when.strftime("%m-%d")) for when in dates]


def _row(bar: _Bar, number: int, first: datetime, last: datetime) -> str:
    y = _TOP + number * _ROW
    x = _x(bar.start, first, last)
    end = _RIGHT if bar.known.present else _x(bar.end, first, last)
    width = max(end - x, 4)
    tone = bar.finding.severity.label
    words, look = ("still there", "bar") if bar.known.present else (_lasted(bar.known.days), "bar gone")
    label = _short(f"{visible(bar.finding.title)}  {visible(bar.finding.preview)}")
    until = "still there" if bar.known.present else f"to {bar.end:%Y-%m-%d}"
    hint = f"{visible(bar.finding.title)}: from {bar.start:%Y-%m-%d}, {until}"
    return (
        f'<a href="#f-{escape(bar.finding.id)}" class="{tone}"><title>{escape(hint)}</title>'
        f'<text x="{_LEFT - 12}" y="{y + 16}" text-anchor="end">{escape(label)}</text>'
        f'<rect class="{look}" x="{x:.1f}" y="{y + 5}" width="{width:.1f}" height="14" rx="3"/>'
        f'<text class="end" x="{x + width + 7:.1f}" y="{y + 16}">{words}</text></a>'
    )


def _lasted(days: int | None) -> str:
    if days is None:
        return ""
    return count(days, "day") if days < 730 else f"{days / 365.25:.1f} years"


def _short(text: str) -> str:
    return text if len(text) <= _LABEL_MOST else text[: _LABEL_MOST - 1] + "…"


def _caption(drawn: int, known: int, last: datetime) -> str:
    text = (
        "Full colour: still at the tip of a ref. Faded: gone from every tip, not from the history. "
        f"The right edge is the youngest date known, {last:%Y-%m-%d}."
    )
    return text if drawn == known else f"{text} The first {drawn} of {known:,} are drawn."
