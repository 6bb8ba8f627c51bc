"""Freeze windows: times in which a database is left alone. Pure: the clock is the caller's.

A window is `Fri 16:00 - Mon 08:00` (every week), `22:00 - 06:00` (every day), `2026-12-20 -
2027-01-04` (both days included) or `2026-12-20 18:00 - 2027-01-04 08:00`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EDGE: Final = re.compile(
    r"(?:(?P<day>[a-z]{3})[a-z]{0,6}|(?P<date>\d{4}-\d{2}-\d{2}))?\s*(?P<time>\d{1,2}:\d{2})?", re.ASCII
)
_WEEK: Final = 7 * 24 * 60
_DAY: Final = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A time without migrations: from `start` up to, but not with, `end`.

    Dates are naive local times; for a window that comes again, both are minutes of `period`.
    """

    text: str
    start: datetime | int
    end: datetime | int
    period: int = 0

    def holds(self, now: datetime) -> bool:
        """Whether the window is open at `now`, a local time with or without its zone."""
        local = now.replace(tzinfo=None)
        if isinstance(self.start, datetime) and isinstance(self.end, datetime):
            return self.start <= local < self.end
        assert isinstance(self.start, int)  # noqa: S101 - `parse_window` makes both edges of one kind
        assert isinstance(self.end, int)  # noqa: S101 - as above
        minute = (local.weekday() * _DAY + local.hour * 60 + local.minute) % self.period
        return (minute - self.start) % self.period < (self.end - self.start) % self.period


def parse_window(text: str) -> Window:
    """The window that `text` spells. Raises ValueError."""
    first, separator, last = (part.strip() for part in text.strip().lower().partition(" - "))
    start, end = _EDGE.fullmatch(first), _EDGE.fullmatch(last)
    if not separator or not start or not end:
        raise ValueError
    if start["date"] and end["date"]:
        window = Window(text=text.strip(), start=_moment(start, last=False), end=_moment(end, last=True))
        if window.start >= window.end:  # type: ignore[operator]  # both are dates
            raise ValueError
        return window
    if start["date"] or end["date"] or bool(start["day"]) != bool(end["day"]):
        raise ValueError
    period = _WEEK if start["day"] else _DAY
    edges = _minute(start, last=False), _minute(end, last=True)
    if (edges[0] - edges[1]) % period == 0:
        raise ValueError
    return Window(text=text.strip(), start=edges[0], end=edges[1], period=period)


def _moment(edge: re.Match[str], *, last: bool) -> datetime:
    day = datetime.fromisoformat(edge["date"])
    if not edge["time"]:
        return day + timedelta(days=1) if last else day
    return day + timedelta(minutes=_clock(edge["time"]))


def _minute(edge: re.Match[str], *, last: bool) -> int:
    """Minutes since the week (or the day) began."""
    if not edge["day"] and not edge["time"]:
        raise ValueError
    minutes = _clock(edge["time"]) if edge["time"] else _DAY * last
    return minutes + (_DAYS.index(edge["day"]) * _DAY if edge["day"] else 0)


def _clock(text: str) -> int:
    hours, minutes = map(int, text.split(":"))
    if hours > 24 or minutes > 59 or (hours == 24 and minutes):
        raise ValueError
    return hours * 60 + minutes
