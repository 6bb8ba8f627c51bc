"""The timeline: when each secret entered the history, and how long it stood there, a row a secret.

A row is a link with the place in words and a picture that takes the width that is left: its coordinates
are percentages, so it is as good on a telephone. The right edge is when the scan ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from secopskit.findings import Finding
from secopskit.report.facts.exposure import Exposure, exposure, moment
from secopskit.report.facts.presence import main_place
from secopskit.report.html.parts import safe
from secopskit.report.text import count, place

_ROWS_MOST: Final = 40
# A commit may claim any date; one far off would squeeze all others into a dot.
_PLAUSIBLE: Final = range(1990, 2100)
_TICKS_MOST: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bar:
    finding: Finding
    known: Exposure
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    """The time from the left edge to the right one."""

    first: datetime
    last: datetime

    def at(self, when: datetime) -> float:
        """The per cent of the width at which a moment stands."""
        return (when - self.first) / (self.last - self.first) * 100


def timeline(findings: Sequence[Finding], ended: datetime | None) -> str:
    """The figure, or nothing where no finding has usable dates in history.

    `ended` is when the scan ended; None: the youngest date known is the right edge.
    """
    bars = [bar for finding in findings if (bar := _bar(finding)) is not None]
    if not bars:
        return ""
    drawn = sorted(bars, key=lambda bar: not bar.known.present)[:_ROWS_MOST]
    first, youngest = min(bar.start for bar in drawn), max(bar.end for bar in drawn)
    scale = _Scale(first=first, last=max(youngest, first + timedelta(days=1), ended or youngest))
    ticks = [(scale.at(when), label) for when, label in _ticks(scale.first, scale.last)]
    lines = "".join(f'<line x1="{x:.1f}%" x2="{x:.1f}%" y2="100%"/>' for x, _ in ticks)
    return "\n".join(
        [
            '<div class="chart" role="group" aria-label="When each secret entered the history">',
            f'<div class="axis" aria-hidden="true"><svg>{"".join(_labels(ticks))}</svg></div>',
            *(_row(bar, scale, lines) for bar in drawn),
            "</div>",
            f'<p class="caption">{_caption(len(drawn), len(bars), scale.last, today=ended is not None)}</p>',
        ]
    )


def _bar(finding: Finding) -> _Bar | None:
    known = exposure(finding)
    if known is None or known.first is None or known.last is None:
        return None
    start, end = moment(known.first.date), moment(known.last.last_date)
    if start is None or end is None or start.year not in _PLAUSIBLE or end.year not in _PLAUSIBLE:
        return None
    return _Bar(finding=finding, known=known, start=start, end=max(start, end))


def _labels(ticks: Sequence[tuple[float, str]]) -> Iterator[str]:
    """The dates above. Every other one is left out where there is no width for it."""
    for number, (x, label) in enumerate(ticks):
        anchor = "start" if x < 4 else "end" if x > 96 else "middle"
        odd = ' class="odd"' if number % 2 else ""
        yield f'<text{odd} x="{x:.1f}%" y="12" text-anchor="{anchor}">{label}</text>'


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


def _row(bar: _Bar, scale: _Scale, lines: str) -> str:
    finding, present = bar.finding, bar.known.present
    left = scale.at(bar.start)
    right = 100.0 if present else scale.at(bar.end)
    words = f"since {bar.start:%Y-%m-%d}" if present else _gone(bar.known)
    hint = f"from {bar.start:%Y-%m-%d}, {'still there' if present else f'to {bar.end:%Y-%m-%d}'}"
    where = main_place(finding)
    look = "bar" if present else "bar gone"
    x, width = min(left, 99.4), max(right - left, 0.6)
    return (
        f'<a href="#f-{safe(finding.id)}" class="{finding.severity.label}" title="{hint}">'
        f'<span class="where"><bdi>{safe(place(where)) if where else ""}</bdi></span>'
        f'<span class="what">{safe(finding.title)} {safe(finding.preview)}</span>'
        f'<svg aria-hidden="true">{lines}'
        f'<rect class="{look}" x="{x:.1f}%" y="3" width="{width:.1f}%" height="12" rx="3"/></svg>'
        f'<span class="end">{words}</span></a>'
    )


def _gone(known: Exposure) -> str:
    return _lasted(known.days) if known.refs else "in no branch"


def _lasted(days: int | None) -> str:
    if not days:
        return "" if days is None else "less than a day"
    return count(days, "day") if days < 730 else f"{days / 365.25:.1f} years"


def _caption(drawn: int, known: int, last: datetime, *, today: bool) -> str:
    edge = "the end of this scan" if today else "the youngest date known"
    text = (
        "Full colour: still at the tip of a ref. Faded: gone from every tip, not from the history. "
        f"The right edge is {edge}, {last:%Y-%m-%d}."
    )
    return text if drawn == known else f"{text} {drawn} of {known:,} are drawn: what is still there first."
