"""A line of progress for long work: on a terminal, after a moment, and never in CI."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from threading import RLock
from typing import TYPE_CHECKING, Final

from secopskit.progress import NO_PROGRESS, Progress, ProgressStage, heard_by
from secopskit.settings.environment import Environment

if TYPE_CHECKING:
    from secopskit.cli.terminal.progress_line import RichLine

_PATIENCE: Final = 0.7
_INTERVAL: Final = 0.1


@contextmanager
def progress(environment: Environment, *, quiet: bool, color: bool | None = None) -> Iterator[Progress]:
    """Yields a listener that draws what it is told, from a moment on: nothing for work that is over at once.

    The line is gone when the block is left, however that is. `color` is None where the surroundings decide.
    """
    if quiet or environment.ci or environment.dumb_terminal or not sys.stderr.isatty():
        yield NO_PROGRESS
        return
    drawn = DrawnProgress(painted=color is not False)
    _drawn.append(drawn)
    try:
        with heard_by(drawn.advance):
            yield drawn
    finally:
        _drawn.remove(drawn)
        drawn.hide()


def hide_progress() -> None:
    """Take the line away, before something else is written on the terminal; it comes back by itself."""
    for drawn in _drawn:
        drawn.hide()


def tell(notice: str) -> None:
    """Say on a terminal why nothing seems to happen."""
    if sys.stderr.isatty():
        hide_progress()
        sys.stderr.write(f"secops: {notice}\n")


def tell_readers_of_logs(notices: Iterable[str]) -> None:
    """Say where there is no terminal what `tell` has said on one, and what one has to know of a run."""
    if not sys.stderr.isatty():
        sys.stderr.writelines(f"secops: {notice}\n" for notice in notices)


class DrawnProgress:
    """A listener that draws one line on standard error, when it is told something, a few times a second.

    There is no thread that draws: the process is forked while this is at work. `clock` tells seconds;
    `painted` allows colours.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, painted: bool = True) -> None:
        self._clock = clock
        self._painted = painted
        self._begun = self._since = clock()
        self._looked = 0.0
        self._stage: ProgressStage | None = None
        self._total: int | None = None
        self._done = 0
        self._line: RichLine | None = None
        self._lock = RLock()

    def stage(self, stage: ProgressStage, total: int | None = None) -> None:
        """See `Progress.stage`."""
        with self._lock:
            self._stage, self._total, self._done = stage, total, 0
            self._since = self._clock()
            self._looked = 0.0
        self._tick()

    def expect(self, total: int | None) -> None:
        """See `Progress.expect`."""
        with self._lock:
            self._total = total

    def advance(self, count: int) -> None:
        """See `Progress.advance`."""
        with self._lock:
            self._done += count
        self._tick()

    def hide(self) -> None:
        """Take the line away until it is drawn again."""
        with self._lock:
            if self._line:
                with suppress(OSError):
                    self._line.hide()

    def _tick(self) -> None:
        now = self._clock()
        if now - self._begun > _PATIENCE and now - self._looked > _INTERVAL:
            with self._lock:
                self._looked = now
                with suppress(OSError):  # the terminal has gone; the work has not
                    self._draw(now)

    def _draw(self, now: float) -> None:
        if self._stage is None:
            return
        if self._line is None:
            from secopskit.cli.terminal.progress_line import (
                RichLine,  # rich takes a tenth of a second to import
            )

            self._line = RichLine(self._clock, painted=self._painted)
        self._line.show(self._stage, self._done, self._total, now - self._since)


_drawn: list[DrawnProgress] = []
