"""The book of a rotation under way: its journal, written step by step while one process holds the lock."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from secopskit.errors import SecopsError
from secopskit.rotate.keep.journal import RotationJournal, RotationNotebook, RotationRecord, RotationStage
from secopskit.rotate.keep.values import RotationValues
from secopskit.rotate.model import RotationStep
from secopskit.rotate.request import RotationRequest
from secopskit.state.private import sweep_scratch


class RotationBook:
    """The journal of the rotation under way, kept on the disk step by step. One process holds the lock."""

    def __init__(self, notebook: RotationNotebook, journal: RotationJournal) -> None:
        self.notebook = notebook
        self.journal = journal

    def values(self, credential_id: str) -> RotationValues:
        """The values of a credential under way."""
        return RotationValues(self.notebook, credential_id)

    def record(self, credential_id: str) -> RotationRecord:
        """How far that credential has come."""
        return next(one for one in self.journal.records if one.id == credential_id)

    def advance(self, credential_id: str, step: RotationStep, **changes: Any) -> RotationRecord:
        """Write down that a step is reached, and what has become known by then. Raises SecopsError.

        Of a credential that has ended, the values are gone afterwards.
        """
        before = self.record(credential_id)
        times = before.times if step is before.step else {**before.times, step.value: _now()}
        after = replace(before, step=step, times=times, **changes)
        records = tuple(after if one.id == credential_id else one for one in self.journal.records)
        self.journal = self.notebook.write(replace(self.journal, records=records))
        if step.ended:
            self.values(credential_id).forget()
        return after

    def leave(self, credential_id: str, error: SecopsError) -> RotationRecord:
        """Write down that nothing was done for that credential, and why. Raises SecopsError."""
        return self.advance(
            credential_id,
            RotationStep.LEFT,
            problem=str(error),
            advice=error.advice,
            code=int(error.exit_code),
        )

    def begin(self) -> None:
        """Write down that it has begun; values that a crash left of what had ended are removed.

        So is what a writer that was killed has left: whoever holds the lock is the only one here.
        """
        sweep_scratch(self.notebook.path)
        self.journal = self.notebook.write(replace(self.journal, step=RotationStage.RUNNING))
        for record in self.journal.records:
            if record.step.ended:
                self.values(record.id).forget()

    def end(self) -> bool:
        """Close the notebook if all has ended; whether it was closed."""
        if any(not record.step.ended for record in self.journal.records):
            return False
        self.notebook.close(self.journal)
        return True


def new_journal(request: RotationRequest, records: tuple[RotationRecord, ...]) -> RotationJournal:
    """A journal in which nothing has happened yet."""
    return RotationJournal(
        id=os.urandom(6).hex(),
        step=RotationStage.PLANNED,
        started=_now(),
        request=request,
        records=records,
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
