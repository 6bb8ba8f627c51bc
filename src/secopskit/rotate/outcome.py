"""The outcome of a rotation."""

from __future__ import annotations

from dataclasses import dataclass

from secopskit.errors import ExitCode
from secopskit.rotate.keep.journal import RotationRecord
from secopskit.rotate.model import PlannedRotation, RotationStep


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationOutcome:
    """What became of a rotation: a record a credential, and those that were blocked."""

    records: tuple[RotationRecord, ...]
    blocked: tuple[PlannedRotation, ...] = ()
    lost: int = 0

    @property
    def untouched(self) -> bool:
        """Whether nothing at all was done."""
        return all(record.step is RotationStep.LEFT for record in self.records)

    @property
    def code(self) -> ExitCode:
        """See `conduct.outcome.ChangeOutcome`: the gravest of what happened."""
        if any(not record.step.ended for record in self.records):
            return ExitCode.INCOMPLETE
        codes = {ExitCode(record.code) for record in self.records}
        for code in (ExitCode.OPERATION, ExitCode.REFUSED, ExitCode.USAGE):
            if code in codes:
                return code
        if any(one.misdeclared for one in self.blocked):
            return ExitCode.USAGE
        undone = any(record.step is RotationStep.ROLLED_BACK for record in self.records)
        return ExitCode.FINDINGS if self.blocked or self.lost or undone else ExitCode.OK
