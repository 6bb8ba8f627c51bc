"""The same for a statement that PostgreSQL runs outside of transactions only.

`CREATE INDEX CONCURRENTLY` and its like commit as they go, so afterwards no lock is left to look
at. But they wait for sessions that use the table: another session of ours makes them wait, and
while they do their locks can be read. For a database of our own only; others would wait as well.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, LiteralString

from secopskit.migrate.look.snapshot import LockSnapshot, take_snapshot
from secopskit.migrate.look.trace import Execute, Tracer
from secopskit.migrate.model import Statement, StatementReport
from secopskit.migrate.read.lexis import leading_words
from secopskit.postgres.connect import OpenSession

if TYPE_CHECKING:
    import psycopg

_CATALOGS: Final = re.compile(
    r"\s*(?:reindex\s*(?:\([^)]*\)\s*)?(?:database|system)|vacuum\s*(?:\([^)]*\)|full|freeze|verbose|analyze|\s)*;?\s*$)",
    re.IGNORECASE,
)

_POLL_SECONDS: Final = 0.002
# A table that the statement holds fast itself is left alone.
_HOLD: Final[LiteralString] = """
DO $$
DECLARE name pg_catalog.text;
BEGIN
    PERFORM pg_catalog.set_config('lock_timeout', '20ms', true);
    FOR name IN
        SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
          FROM pg_catalog.pg_class c
          JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
         WHERE c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p}')
           AND n.nspname OPERATOR(pg_catalog.<>) ALL ('{pg_catalog,information_schema}')
    LOOP
        BEGIN
            EXECUTE pg_catalog.format('LOCK TABLE ONLY %s IN {} MODE NOWAIT', name);
        EXCEPTION WHEN lock_not_available OR undefined_table OR insufficient_privilege THEN NULL;
        END;
    END LOOP;
END $$"""
_WAITS: Final[LiteralString] = (
    "SELECT EXISTS (SELECT FROM pg_catalog.pg_locks WHERE pid OPERATOR(pg_catalog.=) %s AND NOT granted)"
)


def run_alone(
    tracer: Tracer, statement: Statement, execute: Execute, connect: OpenSession
) -> StatementReport:
    """Run a statement outside of a transaction and report on it; `connect` gives further sessions."""
    if _CATALOGS.match(statement.text):  # would hold up our own sessions, and we it
        tracer.begin()
        return tracer.run(statement, execute)
    pid = tracer.connection.info.backend_pid
    with _held(connect) as holders, connect() as watcher:
        before = take_snapshot(watcher, pid)
        holders.take("SHARE UPDATE EXCLUSIVE")  # even VACUUM waits for this one
        worker = _StatementThread(execute, statement)
        locks = before.locks | _watch(worker, watcher, holders, pid)
        worker.join()
        if worker.error:
            raise worker.error
        after = LockSnapshot(relations=take_snapshot(watcher, pid).relations, locks=locks)
    # What was subtracted was measured from outside, and may be a little too much.
    return tracer.report(statement, before, after, duration_ms=max(worker.duration_ms, 0), rows=worker.rows)


class _StatementThread(threading.Thread):
    """Runs the statement, so that we can look on. `duration_ms` leaves out what we made it wait."""

    def __init__(self, execute: Execute, statement: Statement) -> None:
        super().__init__(daemon=True)
        self.execute, self.statement = execute, statement
        self.rows: int | None = None
        self.error: BaseException | None = None
        self.duration_ms = 0.0
        self.start()

    def run(self) -> None:
        started = time.perf_counter()
        try:
            self.rows = self.execute(self.statement)
        except BaseException as error:  # noqa: BLE001 - raised again by who started the thread
            self.error = error
        self.duration_ms += (time.perf_counter() - started) * 1000


class _Holders:
    """Sessions that use every table, in an open transaction each."""

    def __init__(self, connect: OpenSession) -> None:
        self.connect = connect
        self.open: list[psycopg.Connection[Any]] = []

    def take(self, mode: str) -> None:
        """Open one more."""
        connection = self.connect()
        self.open.append(connection)
        connection.execute("BEGIN")
        connection.execute(_HOLD.replace("{}", mode).encode())

    def release_oldest(self) -> None:
        """Let the statement go on, to the next session that it waits for."""
        if self.open:
            self.open.pop(0).close()


@contextmanager
def _held(connect: OpenSession) -> Iterator[_Holders]:
    holders = _Holders(connect)
    try:
        yield holders
    finally:
        while holders.open:
            holders.release_oldest()


def _watch(
    worker: _StatementThread, watcher: psycopg.Connection[Any], holders: _Holders, pid: int
) -> frozenset[tuple[int, str]]:
    """Every lock that was seen until the statement was done."""
    # VACUUM asks for all it needs at once; later it would wait for us for seconds, to truncate a table.
    once = leading_words(worker.statement.text, 0, 1) == ("vacuum",)
    seen: frozenset[tuple[int, str]] = frozenset()
    while worker.is_alive():
        waits = watcher.execute(_WAITS, (pid,)).fetchone() == (True,)
        seen |= take_snapshot(watcher, pid).locks
        if waits:
            # The next one holds on before this one lets go: no wait of the statement is missed. What
            # the next one could not get, the statement has asked for, which the second look tells.
            started = time.perf_counter()
            if not once:
                holders.take("ROW EXCLUSIVE")
            seen |= take_snapshot(watcher, pid).locks
            holders.release_oldest()
            worker.duration_ms -= (time.perf_counter() - started) * 1000
        else:
            time.sleep(_POLL_SECONDS)
    return seen
