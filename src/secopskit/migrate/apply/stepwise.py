"""Files that cannot run in a transaction: statement by statement, going on where they stopped.

A statement that can shares a transaction with the ledger's count of them, so that both happen or
neither. One that must stand alone is counted after it: if we die in between, it runs again, and
an index build is recognised by what it left (see `concurrently`). One that may have committed a part of
its work by itself is never tried again without being asked for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Final

import psycopg

from secopskit.migrate.apply.concurrently import Build, IndexState, build_of, drop, find_index
from secopskit.migrate.apply.exchange import Query, exchange, query_of
from secopskit.migrate.apply.failure import HALF_DONE_ADVICE, NOT_IN_A_TRANSACTION, failure_of, own_words
from secopskit.migrate.apply.ledger_watch import REACHED_IN, Objection, took_away
from secopskit.migrate.apply.migration_run import MigrationRun
from secopskit.migrate.apply.progress import Failure, MigrationFailedError, StatementDone, Waiting
from secopskit.migrate.apply.retry import is_transient
from secopskit.migrate.apply.session import BEGIN, lasting, own_role
from secopskit.migrate.apply.transaction import limits, resets, settings
from secopskit.migrate.ledger import history, versions
from secopskit.migrate.ledger.half_done import may_commit
from secopskit.migrate.model import Direction, MigrationStep, Statement

_BUILDING_PAUSE_S: Final = 1.0
_STALE: Final = "Run `secops migrate status`, then plan again."
_TAKE_OUT: Final = (
    "Take that out of the file: what is to be corrected there, `secops migrate repair` corrects. "
    f"{HALF_DONE_ADVICE}"
)


def apply_in_pieces(run: MigrationRun, step: MigrationStep) -> None:
    """Run a non-transactional file from `step.resume_at` on. Raises MigrationFailedError."""
    run.start(step)
    started = time.monotonic()
    pieces = _Pieces(run, step)
    try:
        pieces.carefully(pieces.claim)
        pieces.carefully(pieces.set_up)
        for index in range(step.resume_at, len(step.script.statements)):
            pieces.carefully(partial(pieces.do, index), step.script.statements[index])
        duration_ms = round((time.monotonic() - started) * 1000)
        pieces.carefully(partial(pieces.finish, duration_ms))
    finally:
        pieces.tidy_up()
    run.confirm(step, duration_ms=duration_ms, attempts=1)


class _Pieces:
    """A file at work."""

    def __init__(self, run: MigrationRun, step: MigrationStep) -> None:
        self._run, self._step = run, step
        self._version = step.migration.version
        self._up = step.direction is Direction.UP
        self._own_role = own_role(step.script)
        self._mark = "0"  # a transaction of ours that is older than anything the file did

    def carefully(
        self, action: Callable[[], None], statement: Statement | None = None, *, in_part: bool = False
    ) -> None:
        """Do it, again if need be; else record where the file stopped, and raise MigrationFailedError.

        `in_part`: the statement has run, and may have committed, before this.
        """
        run = self._run
        waits = run.options.patience.waits()
        for attempt in count(1):
            try:
                action()
            except psycopg.Error as error:
                if run.link.lost_prepared(error):
                    run.roll_back()
                    continue
                if took_away(error):
                    raise self._reached_in(statement) from None
                wait = next(waits, None) if is_transient(error.sqlstate) else None
                if wait is None:
                    failed = partial(failure_of, attempts=attempt, half_done=True, in_part=in_part)
                    raise self._stopped(failed(error, self._step, statement)) from None
                run.roll_back()
                run.pause(self._step, error, wait)
            else:
                return

    def claim(self) -> None:
        """Enter the version into the ledger, or take it over from the run that stopped half-way."""
        if not self._up:
            self._mark = self._begun_back()
            return
        taken_over = query_of(versions.resume(self._version, self._step.resume_at, self._run.record))
        exchange(self._run.link, [taken_over])
        self._mark = taken_over.value if taken_over.rows == 1 else self._entered()

    def _begun_back(self) -> str:
        """Note that it is no more what was applied, in the history as well: the id of the transaction."""
        run, step = self._run, self._step
        begun = query_of(versions.undo(step.migration, step.resume_at, run.record))
        entry = replace(run.entry(step, duration_ms=0), message="begun, statement by statement")
        told = [] if step.resume_at else [query_of(history.append(run.record, entry))]
        exchange(run.link, [Query(text=BEGIN), begun, *told])
        if begun.rows != 1:
            run.roll_back()
            raise MigrationFailedError(own_words(step, "its row in the ledger has changed", _STALE))
        run.link.execute(b"COMMIT")
        return begun.value

    def _entered(self) -> str:
        """Enter the version into the ledger: the id of the transaction that did."""
        claim = query_of(versions.claim(self._step.migration, self._run.record))
        try:
            exchange(self._run.link, [claim])
        except psycopg.Error as error:
            if not versions.lost_the_race(error):
                raise
            message = "another run has applied this version in the meantime"
            raise MigrationFailedError(own_words(self._step, message, _STALE)) from None
        self._run.watch.committed(1)
        return claim.value

    def set_up(self) -> None:
        """Time-outs for the session, where it is ours alone; and what the file has set so far."""
        run, directives = self._run, self._step.script.directives
        if run.link.pooled:
            run.note("A pooler stands between: SET has no effect beyond its statement. Connect directly.")
            return
        lock = directives.lock_timeout_ms or 0  # CONCURRENTLY has to outwait all older snapshots
        statement = directives.statement_timeout_ms or run.options.statement_timeout_ms
        before = lasting(self._step.script.statements[: self._step.resume_at])
        exchange(run.link, [settings(run, lock, statement, local=False), *map(query_of, before)])

    def do(self, index: int) -> None:
        """Run one statement, and count it."""
        statement = self._step.script.statements[index]
        self._run.lock.check()
        build = build_of(statement)
        if build is None:
            self._together(statement, index)
        else:
            if not self._is_built(build, statement):
                self._run.link.execute(statement.text.encode())
            self._count(index)
        total = len(self._step.script.statements)
        self._run.tell(StatementDone(step=self._step, done=index + 1, total=total))

    def finish(self, duration_ms: int) -> None:
        """Tell the ledger and the history that it is done."""
        entry = self._run.entry(self._step, duration_ms=duration_ms)
        done = (
            versions.finish(self._version, duration_ms=duration_ms)
            if self._up
            else versions.release(self._version)
        )
        ours, look = query_of(done), self._run.watch.query()
        kept = map(query_of, self._run.kept_notices(self._step))
        rows = (ours, query_of(history.append(self._run.record, entry)), *kept, look)
        exchange(self._run.link, [Query(text=BEGIN), *resets(), *rows])
        change, written = (0, 1) if self._up else (-1, 0)
        objection = self._run.watch.objection(look, change=change, written=written)
        if ours.rows != 1 or objection:
            raise self._reached_in(objection=objection)
        self._run.link.execute(b"COMMIT")
        self._run.watch.committed(change)

    def tidy_up(self) -> None:
        """Take back what was set for the session."""
        link = self._run.link
        if not link.pooled and not link.closed:
            try:
                exchange(link, resets())
            except psycopg.Error:
                link.close()

    def _together(self, statement: Statement, index: int) -> None:
        """The statement and its count in one transaction; or one by one, if the server wants it alone."""
        link = self._run.link
        look = self._run.watch.query()
        try:
            whole = [*self._limits(), query_of(statement), *self._counting(index), look]
            exchange(link, [Query(text=BEGIN), *whole])
        except psycopg.Error as error:
            if error.sqlstate not in NOT_IN_A_TRANSACTION or statement.copy_data is not None:
                raise
            self._run.roll_back()
            self._alone(statement, index)
        else:
            if objection := self._run.watch.objection(look, written=1):
                raise self._reached_in(statement, objection)
            link.execute(b"COMMIT")

    def _alone(self, statement: Statement, index: int) -> None:
        """The statement outside of any transaction; only once, if it may commit a part and then fail."""
        in_part = may_commit(statement)
        try:
            self._run.link.execute(statement.text.encode())
        except psycopg.Error as error:
            if not in_part:
                raise
            raise self._stopped(
                failure_of(error, self._step, statement, half_done=True, in_part=True)
            ) from None
        self.carefully(partial(self._count, index), statement, in_part=in_part)

    def _limits(self) -> list[Query]:
        """Limits on waiting, unless the header or the file itself chose others."""
        run = self._run
        if run.link.pooled:
            return limits(run, self._step)
        if self._step.script.directives.lock_timeout_ms is not None:
            return []
        wanted = run.options.lock_timeout_ms
        text = (
            f"SELECT pg_catalog.set_config('lock_timeout', '{wanted}', true)"
            " WHERE pg_catalog.current_setting('lock_timeout') OPERATOR(pg_catalog.=) '0'"
        )
        return [Query(text=text.encode())]

    def _counting(self, index: int) -> list[Query]:
        """Note, as who we are, that a statement is through."""
        progress = versions.progress(self._version, index + 1)
        return [*(Query(text=text) for text in self._own_role), query_of(progress)]

    def _count(self, index: int) -> None:
        """Note that a statement is through which had to stand alone."""
        counting, look = self._counting(index), self._run.watch.query()
        exchange(self._run.link, [Query(text=BEGIN), *counting, look])
        objection = self._run.watch.objection(look, written=1)
        if counting[-1].rows != 1 or objection:
            raise self._reached_in(self._step.script.statements[index], objection)
        self._run.link.execute(b"COMMIT")

    def _is_built(self, build: Build, statement: Statement) -> bool:
        """Whether an earlier try has built the index; what it left unfinished is dropped."""
        run = self._run
        while True:
            found, name = find_index(run.link, build, self._mark)
            match found:
                case IndexState.BUILDING:
                    reason = f"index {name} is still being built by a run that was cut off"
                    run.tell(Waiting(step=self._step, reason=reason, seconds=_BUILDING_PAUSE_S))
                    time.sleep(_BUILDING_PAUSE_S)
                case IndexState.INVALID:
                    run.note(f"Dropping index {name}, which an interrupted run left invalid.")
                    drop(run.link, name)
                case IndexState.FOREIGN_INVALID:
                    message = f"index {name} is invalid, and was not built by this file"
                    advice = f"Look at it; then DROP INDEX CONCURRENTLY {name}, and run again."
                    failure = own_words(self._step, message, advice, line=statement.line, half_done=True)
                    raise self._stopped(failure)
                case IndexState.DONE | IndexState.NOTHING | IndexState.FOREIGN:
                    return found is IndexState.DONE

    def _reached_in(
        self, statement: Statement | None = None, objection: Objection | None = None
    ) -> MigrationFailedError:
        line = statement.line if statement else None
        message, advice = REACHED_IN, _TAKE_OUT
        if objection and objection.message != REACHED_IN:
            message, advice = objection.message, f"{objection.advice} {HALF_DONE_ADVICE}"
        return self._stopped(own_words(self._step, message, advice, line=line, half_done=True))

    def _stopped(self, failure: Failure) -> MigrationFailedError:
        """Record where the file stopped, with nothing left of what it has set for the session."""
        self._run.roll_back()
        self.tidy_up()
        return self._run.fail(self._step, failure, versions.fail(self._version))
