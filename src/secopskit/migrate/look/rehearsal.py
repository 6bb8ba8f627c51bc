"""Runs the files of a plan as if in earnest, under observation: what a dry run is made of."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final, LiteralString

import psycopg
from psycopg.pq import TransactionStatus

from secopskit.migrate.apply.failure import NOT_IN_A_TRANSACTION, failure_of, own_words
from secopskit.migrate.apply.ledger_watch import MAKES_ODOO, ODOO_ADVICE
from secopskit.migrate.apply.notices import ServerNotices
from secopskit.migrate.apply.progress import Failure, silent
from secopskit.migrate.look.trace import Tracer, gist
from secopskit.migrate.look.trace_alone import run_alone
from secopskit.migrate.model import MigrationStep, Statement, StatementReport
from secopskit.migrate.shadow.extensions import Extensions
from secopskit.postgres.connect import OpenSession
from secopskit.postgres.identity import ODOO_NAMES, odoo_among

_RESETS: Final[tuple[LiteralString, ...]] = ("RESET ALL", "RESET SESSION AUTHORIZATION", "RESET ROLE")
_ENDED: Final = "Take COMMIT and ROLLBACK out of what the file calls, or give it `-- secops: no-transaction`."
_DENIED: Final = (
    "On the shadow a file runs without the rights of a superuser. Where the target's role has them and you "
    "trust the files as you would trust a program, use --shadow-superuser."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReport:
    """How a file fared. `statements` are those that ran; the one that `failure` names did not."""

    step: MigrationStep
    statements: tuple[StatementReport, ...]
    duration_ms: int
    failure: Failure | None = None
    notices: tuple[str, ...] = ()


class _StoppedError(Exception):
    """A statement failed."""

    def __init__(self, failure: Failure) -> None:
        super().__init__()
        self.failure = failure


@dataclass(slots=True, kw_only=True)
class Rehearsal:
    """Runs steps in `session`. Time-outs in milliseconds, 0 for none; a file's header overrides them.

    With `commits`, each step is kept, and `connect` (sessions beside it) lets files without a
    transaction be traced. Without, everything happens in the transaction that the caller holds open.
    """

    session: psycopg.Connection[Any]
    tracer: Tracer
    extensions: Extensions | None = None
    connect: OpenSession | None = None
    commits: bool = True
    lock_timeout_ms: int = 2000
    statement_timeout_ms: int = 300_000
    _reports: list[StatementReport] = field(default_factory=list)

    def run(self, step: MigrationStep) -> StepReport:
        """Run one file. A failure is part of the report."""
        self._reports = []
        started = time.perf_counter()
        failure = None
        notices = ServerNotices(silent)
        notices.start(step)
        try:
            with notices.listening(self.session):
                if step.script.directives.transaction:
                    self._together(step)
                else:
                    self._one_by_one(step)
                self._reset()
        except _StoppedError as stopped:
            failure = self._explained(stopped.failure)
        return StepReport(
            step=step,
            statements=tuple(self._reports),
            duration_ms=round((time.perf_counter() - started) * 1000),
            failure=failure,
            notices=notices.taken(),
        )

    def _together(self, step: MigrationStep) -> None:
        """In one transaction; in ours if there is one."""
        if self.commits:
            self.session.execute("BEGIN")
        try:
            self._limit(step, local=True)
            self.tracer.begin()
            for statement in step.script.statements:
                self._reports.append(self._traced(step, statement))
                self._insist_on_transaction(step)
            self._refuse_odoo(step, None)
            if self.commits:
                self._commit(step, None)
        except _StoppedError:
            if self.commits:
                self.session.execute("ROLLBACK")
            raise

    def _one_by_one(self, step: MigrationStep) -> None:
        self._limit(step, local=False)
        for statement in step.script.statements[step.resume_at :]:
            self._reports.append(self._single(step, statement))

    def _single(self, step: MigrationStep, statement: Statement) -> StatementReport:
        """In a transaction, where all can be seen; outside of one, where PostgreSQL insists on it."""
        self.session.execute("BEGIN")
        try:
            self.tracer.begin()
            report = self._traced(step, statement)
            self._refuse_odoo(step, statement)
            self._commit(step, statement)
        except _StoppedError as stopped:
            self.session.execute("ROLLBACK")
            if stopped.failure.sqlstate not in NOT_IN_A_TRANSACTION or self.connect is None:
                raise
        else:
            return report
        with _blaming(step, statement):
            return run_alone(self.tracer, statement, self._execute, self.connect)

    def _traced(self, step: MigrationStep, statement: Statement) -> StatementReport:
        with _blaming(step, statement):
            if self.extensions and self.extensions.intercept(statement):
                self.tracer.skip()
                return StatementReport(line=statement.line, text=gist(statement.text), duration_ms=0)
            return self.tracer.run(statement, self._execute)

    def _execute(self, statement: Statement) -> int | None:
        """Run a statement; the number of rows, where the server gives one."""
        if statement.copy_data is None:
            text = self.extensions.adapted(statement.text) if self.extensions else statement.text
            rows = self.session.execute(text.encode()).rowcount
        else:
            cursor = self.session.cursor()
            with cursor.copy(statement.text.encode()) as copy:
                copy.write(statement.copy_data.encode())
            rows = cursor.rowcount
        return rows if rows >= 0 else None

    def _insist_on_transaction(self, step: MigrationStep) -> None:
        if self.session.info.transaction_status is not TransactionStatus.INTRANS:
            raise _StoppedError(own_words(step, "the file ended the transaction it runs in", _ENDED))

    def _refuse_odoo(self, step: MigrationStep, statement: Statement | None) -> None:
        """Stop where `up` would: a database that holds an Odoo's tables is never touched."""
        with _blaming(step, statement):
            row = self.session.execute(f"SELECT {ODOO_NAMES}".encode()).fetchone()
        if names := odoo_among(row[0] if row else None):
            message, line = MAKES_ODOO.format(", ".join(names)), statement.line if statement else None
            raise _StoppedError(own_words(step, message, ODOO_ADVICE, line=line))

    def _commit(self, step: MigrationStep, statement: Statement | None) -> None:
        with _blaming(step, statement):
            self.session.execute("COMMIT")

    def _limit(self, step: MigrationStep, *, local: bool) -> None:
        """Set the time-outs. On a shadow nobody holds a lock but us, and that we do to look at others."""
        directives = step.script.directives
        asked = directives.statement_timeout_ms, 0 if self.commits else directives.lock_timeout_ms
        defaults = self.statement_timeout_ms, self.lock_timeout_ms
        for name, value, default in zip(("statement_timeout", "lock_timeout"), asked, defaults, strict=True):
            text = str(default if value is None else value)
            self.session.execute("SELECT pg_catalog.set_config(%s, %s, %s)", (name, text, local))

    def _reset(self) -> None:
        """What a file set does not reach the next one."""
        for text in _RESETS:
            self.session.execute(text)

    def _explained(self, failure: Failure) -> Failure:
        """What only a dry run can add to a failure."""
        if self.extensions is None:
            return failure
        denied = _DENIED if failure.sqlstate == "42501" else ""
        more = self.extensions.advice(failure.sqlstate)
        return replace(failure, advice=" ".join(filter(None, [more, failure.advice, denied])))


@contextmanager
def _blaming(step: MigrationStep, statement: Statement | None) -> Iterator[None]:
    """Turn an error of PostgreSQL into the failure of `statement`."""
    try:
        yield
    except psycopg.Error as error:
        raise _StoppedError(failure_of(error, step, statement)) from None
