"""What one sees of a run: a line for each repository that ends, and on a terminal how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from secopskit.fleet.run import RunProgress, Watcher
from secopskit.fleet.store.runs import Run, UnitState
from secopskit.progress import Progress, ProgressStage

if TYPE_CHECKING:
    from secopskit.cli.terminal.voice import Voice
    from secopskit.fleet.model import Outcome

_BAD: Final = (UnitState.FAILED, UnitState.SET_ASIDE)


@contextmanager
def watching(voice: Voice) -> Iterator[Watcher]:
    """Who is told of a run while it lasts."""

    def begun(run: Run) -> None:
        if run.resumed:
            voice.tell(f"run {run.number} had been broken off, and goes on; --fresh begins anew")

    def ended(name: str, state: UnitState, outcome: Outcome) -> None:
        if state in _BAD:
            voice.insist(f"{name}: {state.value}: {outcome.reason}", fg="red")
        elif state is UnitState.SCANNED:
            voice.tell(f"{name}: scanned in {outcome.seconds:.1f} s", dim=True)

    with voice.progress() as progress:
        yield Watcher(begun, ended, _Counted(progress).take)


class _Counted:
    """Repositories that have ended, told as progress. The total is none while they are being listed."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._done = 0
        progress.stage(ProgressStage.SCANNING_REPOSITORIES)

    def take(self, run: RunProgress) -> None:
        """Show how far the run is."""
        self._progress.expect(run.known if run.complete else None)
        self._progress.advance(run.done - self._done)
        self._done = run.done
