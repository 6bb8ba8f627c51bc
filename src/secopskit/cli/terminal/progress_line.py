"""The line of progress itself, drawn by rich: loaded once there is something to be drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, SpinnerColumn, Task, TaskID, TextColumn
from rich.progress import Progress as RichProgress
from rich.table import Column
from rich.text import Text

from secopskit.progress import BYTES, ProgressStage

_BAR: Final = 16
_MEGABYTE: Final = 1e6
_SETTLED: Final = 1.0  # seconds; an estimate of a rest that is made earlier is none


class RichLine:
    """One line on standard error: a stage, how much of it is done, how fast, for how long, and the rest.

    Drawn when `show` is called, and by nobody else. `clock` tells seconds.
    """

    def __init__(self, clock: Callable[[], float], *, painted: bool) -> None:
        console = _VisibleCursor(
            stderr=True,
            force_terminal=True,
            force_interactive=True,
            highlight=False,
            no_color=None if painted else True,
        )
        self._progress = RichProgress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True)),
            BarColumn(bar_width=_BAR),
            _NumbersColumn(table_column=Column(no_wrap=True)),
            console=console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            get_time=clock,
        )
        self._stage: ProgressStage | None = None
        self._total: int | None = None
        self._task = TaskID(0)

    def show(self, stage: ProgressStage, done: int, total: int | None, seconds: float) -> None:
        """Draw the line: `done` of `total` in the unit of `stage`, which has lasted so many `seconds`."""
        known = total if total is not None and done <= total else None  # there is more than was thought
        text = numbers(stage.unit, done, known, seconds)
        if stage is self._stage and known == self._total:
            self._progress.update(self._task, completed=done, numbers=text)
        else:  # rich has no way to forget a total
            for task in self._progress.task_ids:
                self._progress.remove_task(task)
            self._task = self._progress.add_task(stage.words, total=known, completed=done, numbers=text)
            self._stage, self._total = stage, known
        self._progress.start()
        self._progress.refresh()

    def hide(self) -> None:
        """Clear the line. It comes back when it is shown again."""
        if self._progress.live.is_started:
            self._progress.stop()


class _NumbersColumn(ProgressColumn):
    def render(self, task: Task) -> Text:
        """See `ProgressColumn.render`."""
        return Text(str(task.fields["numbers"]))


class _VisibleCursor(Console):
    """A console that hides no cursor: who is killed could not bring it back."""

    def show_cursor(self, show: bool = True) -> bool:
        """See `Console.show_cursor`."""
        return False


def numbers(unit: str, done: int, total: int | None, seconds: float) -> str:
    """How much is done, of how much if that is known, how fast, for how long; and an estimate of the rest.

    Nothing is said of what is not known: a count of which nothing is done yet, and a rest without a total.
    """
    rate = done / seconds if seconds > 0 else 0.0
    words = [_amount(unit, done, total)] if done or total else []
    if done and seconds >= _SETTLED:
        words.append(_rate(unit, rate))
    words.append(_clock_time(seconds))
    if done and total and seconds >= _SETTLED:
        words.append(f"rest {_clock_time((total - done) / rate)}")
    return ", ".join(words)


def _amount(unit: str, done: int, total: int | None) -> str:
    if unit == BYTES:
        of = f" of {total / _MEGABYTE:,.0f}" if total else ""
        return f"{done / _MEGABYTE:,.0f}{of} MB"
    of = f" of {total:,}" if total else ""
    return f"{done:,}{of} {unit}"


def _rate(unit: str, rate: float) -> str:
    return f"{rate / _MEGABYTE:,.0f} MB/s" if unit == BYTES else f"{rate:,.0f}/s"


def _clock_time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
