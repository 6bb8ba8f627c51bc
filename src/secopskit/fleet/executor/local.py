"""Cells of this machine, each with a thread that waits for it."""

from __future__ import annotations

import queue
import threading

from secopskit.fleet.executor.cells import Cell
from secopskit.fleet.executor.interface import Deliver
from secopskit.fleet.model import Outcome, OutcomeKind, WorkUnit
from secopskit.fleet.worker.examine import Workplace


class LocalExecutor:
    """`workers` cells. See `secopskit.fleet.executor.interface.Executor`."""

    def __init__(self, workplace: Workplace, deliver: Deliver, *, workers: int) -> None:
        self._deliver = deliver
        self._units: queue.SimpleQueue[WorkUnit | None] = queue.SimpleQueue()
        self._cells = [Cell(workplace) for _ in range(workers)]
        self._closed = False
        self._threads = [
            threading.Thread(target=self._serve, args=(cell,), daemon=True) for cell in self._cells
        ]
        for thread in self._threads:
            thread.start()

    @property
    def slots(self) -> int:
        """See `Executor.slots`."""
        return len(self._cells)

    def submit(self, unit: WorkUnit) -> None:
        """See `Executor.submit`."""
        self._units.put(unit)

    def close(self) -> None:
        """See `Executor.close`."""
        self._closed = True
        for _ in self._threads:
            self._units.put(None)
        for cell in self._cells:
            cell.close()
        for thread in self._threads:
            thread.join()

    def _serve(self, cell: Cell) -> None:
        while (unit := self._units.get()) is not None and not self._closed:
            try:
                outcome = cell.do(unit)
            except Exception as error:  # noqa: BLE001 - a unit without an answer would be waited for for ever
                reason = f"its worker could not be started: {error}"
                outcome = Outcome(unit.number, OutcomeKind.KILLED, reason)
            self._deliver(outcome)
