"""A listener of progress that keeps what it is told."""

from __future__ import annotations

from dataclasses import dataclass, field

from secopskit.progress import ProgressStage


@dataclass
class ToldProgress:
    """The stages in order with their totals, and what each has come to."""

    stages: list[ProgressStage] = field(default_factory=list)
    totals: list[int | None] = field(default_factory=list)
    told: list[list[int]] = field(default_factory=list)

    def stage(self, stage: ProgressStage, total: int | None = None) -> None:
        """See `Progress.stage`."""
        self.stages.append(stage)
        self.totals.append(total)
        self.told.append([])

    def expect(self, total: int | None) -> None:
        """See `Progress.expect`."""
        self.totals[-1] = total

    def advance(self, count: int) -> None:
        """See `Progress.advance`."""
        self.told[-1].append(count)

    def total_of(self, stage: ProgressStage) -> int | None:
        """The total of a stage: of its last time."""
        return dict(zip(self.stages, self.totals, strict=True))[stage]

    def done(self, stage: ProgressStage) -> int:
        """What was told of a stage, all its times together."""
        return sum(sum(told) for one, told in zip(self.stages, self.told, strict=True) if one is stage)
