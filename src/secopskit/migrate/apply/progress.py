"""What an apply run tells while it works, and what it leaves: events, failures, the outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from secopskit.errors import ExitCode, SecopsError
from secopskit.migrate.model import MigrationStep


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted:
    """A file is being sent. `number` counts from 1 to `total`."""

    step: MigrationStep
    number: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementDone:
    """A statement of a non-transactional file is done and recorded; `done` of `total` are."""

    step: MigrationStep
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDone:
    """A file is applied (or undone) and the server has confirmed it. `attempts` is 1 without retries."""

    step: MigrationStep
    duration_ms: int
    attempts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Work is held up: `reason` says by what, `seconds` how long until the next try."""

    step: MigrationStep | None
    reason: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Something the user should know; it does not stop the run."""

    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSaid:
    """What the server said while a file ran: a NOTICE, WARNING or INFO, in one line, without values."""

    step: MigrationStep
    text: str


RunEvent = StepStarted | StatementDone | StepDone | Waiting | Noted | ServerSaid
TellEvent = Callable[[RunEvent], None]


def silent(event: RunEvent) -> None:
    """A `TellEvent` that tells nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a file was not applied. Holds no value of a row: neither DETAIL nor CONTEXT is kept.

    `line` is 1-based in `path`, None where no statement is to blame. `half_done`: statements of
    a non-transactional file before `line` are done and recorded, and a new run goes on there.
    """

    version: str
    path: str
    line: int | None
    sqlstate: str
    message: str
    advice: str
    attempts: int = 1
    half_done: bool = False

    def __str__(self) -> str:
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        state = f" [{self.sqlstate}]" if self.sqlstate else ""
        return f"{place}: {self.message}{state}"


class MigrationFailedError(SecopsError):
    """A file could not be applied. `failure` says where and why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure), advice=failure.advice)
        self.failure = failure
        if failure.half_done:
            self.exit_code = ExitCode.INCOMPLETE


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationOutcome:
    """What a run did. `skipped` are steps that another run had done by the time we held the lock."""

    run_id: str = ""
    done: tuple[StepDone, ...] = field(default=())
    skipped: tuple[MigrationStep, ...] = ()
    failure: Failure | None = None

    @property
    def code(self) -> ExitCode:
        """See `ChangeOutcome.code`."""
        return ExitCode.OK if self.failure is None else MigrationFailedError(self.failure).exit_code

    def raise_for_failure(self) -> None:
        """Raise MigrationFailedError if the run failed."""
        if self.failure is not None:
            raise MigrationFailedError(self.failure)
