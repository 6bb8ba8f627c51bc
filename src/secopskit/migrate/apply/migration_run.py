"""A run at work: its connection, and how it reports, waits and gives up."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import psycopg
from psycopg.pq import TransactionStatus

from secopskit.errors import SecopsError
from secopskit.migrate.apply.failure import message_of
from secopskit.migrate.apply.ledger_watch import LedgerWatch
from secopskit.migrate.apply.notices import ServerNotices
from secopskit.migrate.apply.progress import (
    Failure,
    MigrationFailedError,
    Noted,
    StepDone,
    StepStarted,
    TellEvent,
    Waiting,
)
from secopskit.migrate.apply.retry import Patience
from secopskit.migrate.apply.telemetry import Trace
from secopskit.migrate.ledger import history
from secopskit.migrate.ledger.lock import Lock
from secopskit.migrate.model import Direction, MigrationStep
from secopskit.postgres.connect import Command, Link


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyOptions:
    """How to apply. Time-outs in milliseconds, 0 for none; a file's header overrides them.

    `wait_s`: how long to wait for another run that holds the lock. `keep_notices`: whether what the server
    says becomes part of the history.
    """

    lock_timeout_ms: int = 2000
    statement_timeout_ms: int = 0
    single_transaction: bool = False
    patience: Patience = field(default_factory=Patience)
    wait_s: float = 600
    keep_notices: bool = False


@dataclass(slots=True, kw_only=True)
class MigrationRun:
    """The state of a run. `link` is replaced when the connection is lost and made anew.

    `admit` raises RefusedError for a link to any other database than that of the run, or to an Odoo.
    """

    link: Link
    lock: Lock
    watch: LedgerWatch
    notices: ServerNotices
    connect: Callable[[], Link]
    admit: Callable[[Link], object]
    record: history.RunRecord
    plan_hash: str
    options: ApplyOptions
    tell: TellEvent
    trace: Trace
    total: int
    done: list[StepDone] = field(default_factory=list)
    started: int = 0

    def start(self, step: MigrationStep) -> None:
        """Say that `step` is next. Raises DatabaseError if another run may be at work by now."""
        self.lock.check()
        self.started += 1
        self.trace.start(step)
        self.notices.start(step)
        self.tell(StepStarted(step=step, number=self.started, total=self.total))

    def confirm(self, step: MigrationStep, *, duration_ms: int, attempts: int) -> None:
        """The server has committed `step`."""
        done = StepDone(step=step, duration_ms=duration_ms, attempts=attempts)
        self.done.append(done)
        self.trace.done(step)
        self.tell(done)

    def pause(self, step: MigrationStep, error: psycopg.Error, seconds: float) -> None:
        """Wait before the next try, holding nothing but the run's own lock."""
        state = error.sqlstate or ""
        self.trace.retry(step, state)
        self.tell(Waiting(step=step, reason=f"{message_of(error, step)} [{state}]", seconds=seconds))
        time.sleep(seconds)
        self.lock.check()

    def note(self, message: str) -> None:
        """Tell the user something that does not stop the run."""
        self.tell(Noted(message=message))

    def entry(
        self, step: MigrationStep, *, failure: Failure | None = None, duration_ms: int | None = None
    ) -> history.HistoryEntry:
        """The row of the history about `step`: done, unless there is a `failure`."""
        up = step.direction is Direction.UP
        done = f"checksum {step.script.checksum}" if up else ""
        return history.HistoryEntry(
            action=history.Action.UP if up else history.Action.DOWN,
            ok=failure is None,
            version=step.migration.version,
            duration_ms=duration_ms,
            sqlstate=failure.sqlstate or None if failure else None,
            message=str(failure) if failure else done,
            plan_hash=self.plan_hash,
        )

    def kept_notices(self, step: MigrationStep) -> list[Command]:
        """The row of the history with what the server said, if it is to be kept and it said anything."""
        said = self.notices.taken() if self.options.keep_notices else ()
        if not said:
            return []
        entry = history.HistoryEntry(
            action=history.Action.NOTICE,
            version=step.migration.version,
            duration_ms=0,
            message="\n".join(said),
            plan_hash=self.plan_hash,
        )
        return [history.append(self.record, entry)]

    def roll_back(self) -> None:
        """End the transaction that failed, if there is still a connection to do it on."""
        if self.link.closed or self.link.info.transaction_status is TransactionStatus.IDLE:
            return
        try:
            self.link.execute(b"ROLLBACK")
        except psycopg.Error:
            self.link.close()

    def reconnect(self) -> None:
        """A new connection in place of the one that was lost. Raises SecopsError if there is none."""
        self.link.close()
        self.link = self.connect()
        self.notices.listen(self.link)

    def fail(self, step: MigrationStep, failure: Failure, *also: Command) -> MigrationFailedError:
        """Undo what is open, record the failure (after `also`), and make the error to raise."""
        self.roll_back()
        try:
            if self.link.closed:
                self.reconnect()
            self.admit(self.link)  # what made it fail may be that it is an Odoo by now
            with self.link.transaction():
                failed = history.append(self.record, self.entry(step, failure=failure))
                for command in (*also, failed, *self.kept_notices(step)):
                    command.on(self.link)
        except (psycopg.Error, SecopsError):
            failure = replace(failure, advice=f"{failure.advice} This failure could not be recorded.")
        return MigrationFailedError(failure)
