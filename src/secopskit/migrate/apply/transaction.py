"""Files in transactions: one for each, or one for all.

A file's exchange ends before its COMMIT, which is sent only after every answer was seen: if this
process dies first, the server rolls back. The COMMIT then travels with the next file,

    file 1:             BEGIN, claim, statements, ledger, history
    file 2:   COMMIT,   BEGIN, claim, statements, ledger, history
    end:      COMMIT

which makes one round trip for a file. If a COMMIT fails, the server skips what was sent behind it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import count, zip_longest
from typing import Final

import psycopg
from psycopg.pq import TransactionStatus

from secopskit.migrate.apply.commit_outcome import OpenTransaction, settle
from secopskit.migrate.apply.exchange import Query, exchange, query_of
from secopskit.migrate.apply.failure import failure_of, own_words
from secopskit.migrate.apply.ledger_watch import ADVICE, REACHED_IN, took_away
from secopskit.migrate.apply.migration_run import MigrationRun
from secopskit.migrate.apply.progress import Failure
from secopskit.migrate.apply.retry import is_transient
from secopskit.migrate.ledger import history, versions
from secopskit.migrate.model import Direction, MigrationStep
from secopskit.postgres.connect import CHECK_CLIENT_MS

# A file may leave settings and roles behind (a dump clears search_path), and a pooler would hand
# them on to others. The role comes last: the one before it forgets a role that is the user's own.
_RESETS: Final = (b"RESET ALL", b"RESET SESSION AUTHORIZATION", b"RESET ROLE")
_STALE: Final = "Run `secops migrate status`, then plan again."
_NOT_KEPT: Final = "Nothing of this file was kept."
_ENDED: Final = "Take COMMIT and ROLLBACK out of what the file calls, or give it `-- secops: no-transaction`."


def apply_each(run: MigrationRun, steps: Sequence[MigrationStep]) -> None:
    """Each step in a transaction of its own. Raises MigrationFailedError at the first that fails."""
    ready: OpenTransaction | None = None
    batch: _Batch | None = None
    for step, following in zip_longest(steps, steps[1:]):
        run.start(step)
        prepared = _Prepared(run, following)  # while the server is busy with this one
        ready = _advance(run, ready, (step,), batch, prepared.make)
        batch = prepared.batch
    _finish(run, ready)


def apply_together(run: MigrationRun, steps: Sequence[MigrationStep]) -> None:
    """All steps in one transaction: all or nothing. Raises MigrationFailedError."""
    for step in steps:
        run.start(step)
    _finish(run, _advance(run, None, steps))


def limits(run: MigrationRun, step: MigrationStep) -> list[Query]:
    """What a transaction starts with: limits on waiting; through a pooler, the role's own search_path."""
    directives, options = step.script.directives, run.options
    lock, statement = directives.lock_timeout_ms, directives.statement_timeout_ms
    chosen = settings(
        run,
        options.lock_timeout_ms if lock is None else lock,
        options.statement_timeout_ms if statement is None else statement,
    )
    # A session of our own is as the last file found it; a pooler's may be as somebody else left it.
    return [chosen, Query(text=b"SET LOCAL search_path TO DEFAULT")] if run.link.pooled else [chosen]


def settings(run: MigrationRun, lock_ms: int, statement_ms: int, *, local: bool = True) -> Query:
    """Sets both time-outs, for the transaction or (not `local`) for the session.

    And again how soon the server notices our death, as `resets` has taken that back.
    """
    chosen = {"lock_timeout": lock_ms, "statement_timeout": statement_ms}
    if run.link.checks_client:
        chosen["client_connection_check_interval"] = CHECK_CLIENT_MS
    calls = (
        f"pg_catalog.set_config('{name}', '{value}', {str(local).lower()})" for name, value in chosen.items()
    )
    return Query(text=f"SELECT {', '.join(calls)}".encode(), repeated=True)


def resets() -> list[Query]:
    """Takes back what a file has set for the session."""
    return [Query(text=text) for text in _RESETS]


class _Batch:
    """What is sent at once of some steps: a transaction with all of them. It can be sent once."""

    def __init__(self, run: MigrationRun, steps: Sequence[MigrationStep]) -> None:
        self._run, self._steps = run, steps
        self._fences: list[Query] = []
        self._looks: list[Query] = []
        self.link = run.link
        self._parts = [(step, self._part(step)) for step in steps]
        self.queries = [Query(text=b"BEGIN"), *(query for _, part in self._parts for query in part)]

    def _part(self, step: MigrationStep) -> list[Query]:
        record, version = self._run.record, step.migration.version
        up = step.direction is Direction.UP
        claim = versions.claim(step.migration, record) if up else versions.release(version)
        fence = query_of(claim, repeated=up)
        self._fences.append(fence)
        self._looks.append(self._run.watch.query())
        return [
            *limits(self._run, step),
            fence,
            *map(query_of, step.script.statements),
            *resets(),
            *([query_of(versions.finish(version), repeated=True)] if up else []),
            query_of(history.append(record, self._run.entry(step)), repeated=True),
            self._looks[-1],
        ]

    def opened(self, *, seconds: float, attempts: int) -> OpenTransaction:
        """What now waits for COMMIT. Raises MigrationFailedError if it must not come to that."""
        run = self._run
        for step, fence in zip(self._steps, self._fences, strict=True):
            if fence.rows != 1:
                raise run.fail(step, own_words(step, "its version is not in the ledger any more", _STALE))
        if run.link.info.transaction_status is not TransactionStatus.INTRANS:
            step = self._steps[-1]
            raise run.fail(step, own_words(step, "the file ended the transaction it runs in", _ENDED))
        for number, (step, look) in enumerate(zip(self._steps, self._looks, strict=True), 1):
            if objection := run.watch.objection_to(self._steps[:number], look):
                raise run.fail(step, own_words(step, objection.message, f"{objection.advice} {_NOT_KEPT}"))
        try:
            for command in run.kept_notices(self._steps[-1]):
                command.on(run.link)
        except psycopg.Error as error:
            raise run.fail(self._steps[-1], failure_of(error, self._steps[-1], None)) from None
        run.watch.committed(sum(1 if step.direction is Direction.UP else -1 for step in self._steps))
        return OpenTransaction(
            run=run,
            steps=self._steps,
            xid=self._fences[0].value,
            duration_ms=round(seconds * 1000),
            attempts=attempts,
        )

    def failed(self, error: psycopg.Error, attempts: int) -> tuple[MigrationStep, Failure]:
        """The step that `error` stopped, and why."""
        for step, part in self._parts:
            culprit = next((query for query in part if not query.answered), None)
            if culprit in self._fences and versions.lost_the_race(error):
                return step, own_words(step, "another run has applied this version in the meantime", _STALE)
            if culprit is not None and culprit.statement is None and took_away(error):
                return step, own_words(step, REACHED_IN, f"{ADVICE} {_NOT_KEPT}")
            if culprit is not None:
                return step, failure_of(error, step, culprit.statement, attempts=attempts)
        return self._steps[-1], failure_of(error, self._steps[-1], None, attempts=attempts)


class _Prepared:
    """The batch of a step that comes next, once it is made."""

    def __init__(self, run: MigrationRun, step: MigrationStep | None) -> None:
        self._run, self._step = run, step
        self.batch: _Batch | None = None

    def make(self) -> None:
        """Make it, if there is such a step and it has not been made."""
        if self._step and not self.batch:
            self.batch = _Batch(self._run, (self._step,))


def _advance(
    run: MigrationRun,
    ready: OpenTransaction | None,
    steps: Sequence[MigrationStep],
    batch: _Batch | None = None,
    meanwhile: Callable[[], None] = lambda: None,
) -> OpenTransaction:
    """Commit what is ready, run `steps` in a new transaction, again if need be, and leave that open.

    `batch` is that of `steps`, if it is made already; `meanwhile` is called while the server works.
    """
    waits = run.options.patience.waits()
    for attempt in count(1):
        if attempt > 1 or batch is None or batch.link is not run.link:
            batch = _Batch(run, steps)
        commit = ready.commit() if ready else None
        started, error = time.monotonic(), None
        try:
            exchange(run.link, [commit, *batch.queries] if commit else batch.queries, meanwhile)
        except psycopg.Error as caught:
            error = caught
        if ready and commit:
            link = run.link
            settle(ready, commit, error)
            ready = None
            if run.link is not link:
                continue  # with a new connection; the old one was lost before these steps began
        if error is None:
            return batch.opened(seconds=time.monotonic() - started, attempts=attempt)
        if run.link.lost_prepared(error):
            run.roll_back()
            continue
        step, failure = batch.failed(error, attempt)
        wait = next(waits, None) if is_transient(error.sqlstate) else None
        if wait is None:
            raise run.fail(step, failure)
        run.roll_back()
        run.pause(step, error, wait)
    raise AssertionError("unreachable: there is no last attempt")


def _finish(run: MigrationRun, ready: OpenTransaction | None) -> None:
    """Commit what is left."""
    if ready is None:
        return
    error = None
    sent = ready.commit()
    try:
        run.lock.check()
        exchange(run.link, [sent])
    except psycopg.Error as caught:
        error = caught
    settle(ready, sent, error)
