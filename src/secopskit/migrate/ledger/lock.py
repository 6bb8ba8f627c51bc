"""One run at a time: an advisory lock that dies with its holder and never stands in the way.

A second connection holds a transaction open that has nothing but the lock. It works through a
transaction pooler (the transaction pins its server connection), ends with the process, and holds no
snapshot, so that CREATE INDEX CONCURRENTLY in another session does not wait for it. For that, it
must be READ COMMITTED and its statements sent without parameters: a portal would keep a snapshot.
PostgreSQL keeps advisory locks apart by database; the key needs to name only what is locked.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import psycopg
from psycopg import pq

from secopskit.errors import RefusedError
from secopskit.postgres.connect import ConnectionSettings, Link, connect
from secopskit.postgres.errors import DatabaseError, database_errors

NAMESPACE: Final = 1936024431  # 'seco'; schema.sql knows it too
_RUN: Final = 1
_FIRST_PAUSE_S: Final = 0.02
_LONGEST_PAUSE_S: Final = 1.0
# Whoever waits holds no transaction meanwhile, and so none of a pooler's server connections.
_BEGIN: Final = b"""
    BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY;
    SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL search_path = pg_catalog, pg_temp;
"""
_NO_LIMIT: Final = b"SET LOCAL transaction_timeout = 0;"  # there from PostgreSQL 17 on
_TRY: Final = b"SELECT pg_try_advisory_xact_lock(%d, %d), pg_backend_pid()" % (NAMESPACE, _RUN)
# With every name in full: it is asked under whatever search_path the session has.
_HOLDER: Final = """
    SELECT a.pid, a.usename, a.application_name, pg_catalog.host(a.client_addr), a.xact_start, a.state,
           extract(epoch FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) a.xact_start)
           ::double precision
      FROM pg_catalog.pg_locks l
      LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid OPERATOR(pg_catalog.=) l.pid
     WHERE l.locktype OPERATOR(pg_catalog.=) 'advisory' AND l.granted
       AND l.classid OPERATOR(pg_catalog.=) %s AND l.objid OPERATOR(pg_catalog.=) %s
       AND l.objsubid OPERATOR(pg_catalog.=) 2
       AND l.database OPERATOR(pg_catalog.=) (
           SELECT oid FROM pg_catalog.pg_database
            WHERE datname OPERATOR(pg_catalog.=) pg_catalog.current_database())
"""
_HARMLESS: Final = """
    SELECT backend_xmin IS NULL, backend_xid IS NULL FROM pg_catalog.pg_stat_activity
     WHERE pid OPERATOR(pg_catalog.=) %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds the lock. What PostgreSQL hides from this role is empty."""

    pid: int
    user: str
    application: str
    address: str
    since: datetime | None
    state: str
    seconds: float

    def __str__(self) -> str:
        who = " ".join(filter(None, (self.application, f"by {self.user}" if self.user else "")))
        return f"{who or 'somebody'} (backend {self.pid}), for {self.seconds:.0f} s"


Waiting = Callable[[Holder | None, float], None]
"""Told while waiting, about once a second: who holds the lock, and for how many seconds we wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """The lock, held. `pid` is the server process that holds it."""

    link: Link
    pid: int

    def check(self) -> None:
        """Raise DatabaseError if the lock is lost. Costs no round trip: a dead connection is noticed here."""
        try:
            self.link.pgconn.consume_input()  # the server's last words
            self.link.pgconn.consume_input()  # the end of the stream
            held = self.link.info.transaction_status is pq.TransactionStatus.INTRANS
        except psycopg.Error:
            held = False
        if not held:
            raise DatabaseError(
                "the connection that holds the migration lock was cut off",
                advice="Nothing more is applied. Look why the server or a pooler ends idle transactions, "
                "then run again.",
            )


@contextmanager
def hold(
    settings: ConnectionSettings, *, beside: Link, wait_s: float = 600, waiting: Waiting | None = None
) -> Iterator[Lock]:
    """Hold the lock of the database that `beside` is connected to, over a connection of its own.

    Raises RefusedError if it is not to be had within `wait_s` seconds, DatabaseError for the rest.
    """
    link = connect(settings, beside=beside)
    try:
        lock = _acquire(link, beside, wait_s, waiting)
        _check_harmless(lock, beside)
        yield lock
    finally:
        # However we end, the lock ends with its transaction, and that with the connection.
        with suppress(psycopg.Error), link:
            link.execute("ROLLBACK")


def who_holds(link: Link) -> Holder | None:
    """Who holds the lock at the moment, if anybody. Raises DatabaseError."""
    with database_errors("asking who holds the migration lock"):
        row = link.execute(_HOLDER, (NAMESPACE, _RUN), binary=True).fetchone()
    if row is None:
        return None
    pid, user, application, address, since, state, seconds = row
    return Holder(
        pid=pid or 0,
        user=user or "",
        application=application or "",
        address=address or "",
        since=since,
        state=state or "",
        seconds=seconds or 0.0,
    )


def _acquire(link: Link, beside: Link, wait_s: float, waiting: Waiting | None) -> Lock:
    started = time.monotonic()
    pause, next_word = _FIRST_PAUSE_S, started + 0.5
    while True:
        if (pid := _try(link)) is not None:
            return Lock(link=link, pid=pid)
        now = time.monotonic()
        if now - started >= wait_s:
            raise RefusedError(
                f"another run holds the migration lock: {who_holds(beside) or 'it has just ended'}",
                advice="Wait for it, or look at it with `secops migrate shell-lock`. It frees the lock "
                "whichever way it ends.",
            )
        if waiting and now >= next_word:
            waiting(who_holds(beside), now - started)
            next_word = now + 1.0
        time.sleep(min(pause * random.uniform(0.5, 1.0), max(0.0, wait_s - (now - started))))  # noqa: S311 - jitter
        pause = min(pause * 1.5, _LONGEST_PAUSE_S)


def _try(link: Link) -> int | None:
    """The server process that now holds the lock for us, in an open transaction; None: somebody else does."""
    with database_errors("taking the migration lock"):
        unlimited = _NO_LIMIT if link.info.server_version >= 170000 else b""
        cursor = link.execute(_BEGIN + unlimited + _TRY)
        while cursor.nextset():
            pass
        row = cursor.fetchone()
        if row and row[0]:
            return int(row[1])
        link.execute("ROLLBACK")
    return None


def _check_harmless(lock: Lock, beside: Link) -> None:
    """Make sure that the lock's transaction holds back neither vacuum nor CREATE INDEX CONCURRENTLY."""
    with database_errors("looking at the migration lock"):
        row = beside.execute(_HARMLESS, (lock.pid,)).fetchone()
    if row is None or not all(row):
        raise DatabaseError(
            "the migration lock's own transaction would be in the way",
            advice="This should not happen: please report it, with the pooler in use.",
        )
