"""A progress line for long work: on a terminal, after a moment, and never in CI."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from secopskit.settings.environment import Environment

_PATIENCE: Final = 0.7
_INTERVAL: Final = 0.1


@contextmanager
def progress(
    environment: Environment, *, quiet: bool, what: str = "", total: int = 0
) -> Iterator[Callable[[int], None]]:
    """Yields a function to be told of bytes read, or of `what`, of which there are `total`.

    Draws nothing for work that is over at once.
    """
    if quiet or environment.ci or environment.dumb_terminal or not sys.stderr.isatty():
        yield lambda _bytes: None
        return
    line = _Line(what, total)
    try:
        yield line.advance
    finally:
        line.clear()


def tell(notice: str) -> None:
    """Say on a terminal why nothing seems to happen."""
    if sys.stderr.isatty():
        sys.stderr.write(f"secops: {notice}\n")


def tell_readers_of_logs(notices: Iterable[str]) -> None:
    """Say where there is no terminal what `tell` has said on one, and what one has to know of a run."""
    if not sys.stderr.isatty():
        sys.stderr.writelines(f"secops: {notice}\n" for notice in notices)


class _Line:
    def __init__(self, what: str, total: int) -> None:
        self._what, self._total = what, total
        self._started = time.monotonic()
        self._drawn = 0.0
        self._done = 0

    def advance(self, count: int) -> None:
        self._done += count
        now = time.monotonic()
        if now - self._started > _PATIENCE and now - self._drawn > _INTERVAL:
            self._drawn = now
            sys.stderr.write(f"\r\x1b[2K{self._text(now - self._started)}")
            sys.stderr.flush()

    def _text(self, seconds: float) -> str:
        if self._what:
            return f"{self._done} of {self._total} {self._what}"
        size = self._done / 1e6
        return f"scanning: {size:,.0f} MB in {seconds:.0f} s ({size / seconds:,.0f} MB/s)"

    def clear(self) -> None:
        if self._drawn:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
