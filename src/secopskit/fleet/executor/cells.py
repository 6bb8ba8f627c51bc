"""The other end of a cell: starts one, gives it units one at a time, starts another where it has died."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from typing import Final

from secopskit.errors import SecopsError
from secopskit.fleet.model import Outcome, OutcomeKind, WorkUnit, pack_unit, unpack_outcome
from secopskit.fleet.worker.cell import first_line
from secopskit.fleet.worker.examine import Workplace
from secopskit.git.child import Child
from secopskit.settings.environment import inherited

_WORDS: Final = ("-P", "-m", "secopskit.fleet.worker.cell")
_GRACE: Final = 60  # seconds beyond a unit's time, until we end a cell that has not ended it itself
_KILLED: Final = "the worker was killed, or crashed"


class Cell:
    """A cell of this machine. Not to be shared by threads, but for `close`."""

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace
        self._child: Child | None = None
        self._closed = False

    def do(self, unit: WorkUnit) -> Outcome:
        """The outcome of a unit; KILLED where the cell did not live to tell it."""
        child = self._child
        if child is None or child.poll() is not None:
            child = self._child = self._start()
        overdue = threading.Timer(unit.limits.seconds + _GRACE, child.end)
        overdue.daemon = True
        overdue.start()
        try:
            assert child.stdin is not None and child.stdout is not None  # noqa: S101, PT018 - pipes, below
            child.stdin.write((pack_unit(unit) + "\n").encode())
            child.stdin.flush()
            return unpack_outcome(child.stdout.readline())
        except (OSError, ValueError, TypeError):
            self._drop()
            return Outcome(unit.number, OutcomeKind.KILLED, _KILLED)
        finally:
            overdue.cancel()

    def close(self) -> None:
        """End the cell, whatever it is doing."""
        self._closed = True
        self._drop()

    def _start(self) -> Child:
        if self._closed:
            raise SecopsError("the work has been ended")
        child = Child(
            (sys.executable, *_WORDS),
            cwd=os.sep,
            env=inherited(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert child.stdin is not None  # noqa: S101 - a pipe, above
        with contextlib.suppress(OSError):  # whether it lives, the first unit shows
            child.stdin.write(first_line(self._workplace))
            child.stdin.flush()
        return child

    def _drop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end()
            for pipe in (child.stdin, child.stdout):
                with contextlib.suppress(OSError):
                    if pipe is not None:
                        pipe.close()
