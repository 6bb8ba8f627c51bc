"""What one sees of a run: a line for each repository that ends, and on a terminal how far it is."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

from secopskit.fleet.run import Progress, Watcher
from secopskit.fleet.store.runs import UnitState
from secopskit.report.text import visible

if TYPE_CHECKING:
    from secopskit.cli.voice import Voice
    from secopskit.fleet.model import Outcome

_CLEAR: Final = "\r\x1b[2K"
_INTERVAL: Final = 0.1
_BAD: Final = (UnitState.FAILED, UnitState.SET_ASIDE)


@contextmanager
def watching(voice: Voice) -> Iterator[Watcher]:
    """Who is told of a run while it lasts."""
    alive = sys.stderr.isatty() and not (
        voice.quiet or voice.environment.ci or voice.environment.dumb_terminal
    )
    line = _Line(alive=alive)

    def ended(name: str, state: UnitState, outcome: Outcome) -> None:
        line.clear()
        if state in _BAD:
            voice.insist(f"{name}: {state.value}: {outcome.reason}", fg="red")
        elif state is UnitState.SCANNED:
            voice.tell(f"{name}: scanned in {outcome.seconds:.1f} s", dim=True)

    try:
        yield Watcher(ended, line.draw)
    finally:
        line.clear()


class _Line:
    """The last line of a terminal."""

    def __init__(self, *, alive: bool) -> None:
        self._alive = alive
        self._drawn = 0.0

    def draw(self, progress: Progress) -> None:
        """Show how far it is, now and then."""
        now = time.monotonic()
        if self._alive and now - self._drawn > _INTERVAL:
            self._drawn = now
            more = "" if progress.complete else " so far, listing"
            text = f"{progress.done:,} of {progress.known:,} repositories{more}"
            click.echo(f"{_CLEAR}{visible(text)}", err=True, nl=False)

    def clear(self) -> None:
        """Take it away."""
        if self._alive and self._drawn:
            click.echo(_CLEAR, err=True, nl=False)
            self._drawn = 0.0
