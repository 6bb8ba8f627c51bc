"""Every call, in the history of the database: who, what, with which result.

A call that starts something has its row before it starts. Reads that repeat within a minute (a
client that watches a job) are counted, and the count is in the next row of the kind; so are calls
without a valid token, which nobody may fill the history with.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from secopskit.errors import SecopsError
from secopskit.migrate.ledger import history
from secopskit.migrate.server.log import Log
from secopskit.migrate.server.settings import ServerSettings
from secopskit.postgres.connect import Link, connect
from secopskit.postgres.errors import DatabaseError, database_errors

_WINDOW_S: Final = 60.0
_MOST_REPEATS: Final = 1000
_MOST_WAITING: Final = 1000
_NOBODY: Final = "api without a valid token"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredCall:
    """A call that was answered. `what` is method and route, `who` a token's mark (empty: nobody's)."""

    id: str
    who: str
    client: str
    what: str
    status: int
    code: str = ""
    duration_ms: int = 0
    plan: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingRow:
    """A row of the history that is still to be written."""

    run: history.RunRecord
    entry: history.HistoryEntry
    at: datetime


@dataclass(slots=True)
class _Repeats:
    since: float
    more: int
    last: AnsweredCall


class Audit:
    """Decides in the event loop which calls have a row of their own, and writes rows from other threads."""

    def __init__(
        self, settings: ServerSettings, log: Log, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._context, self._commit = settings.context, settings.commit
        self._log = log
        self._clock = clock
        self._repeats: dict[tuple[object, ...], _Repeats] = {}
        self._lock = threading.Lock()
        self._waiting: deque[PendingRow] = deque()
        self._link: Link | None = None

    def note(self, seen: AnsweredCall) -> PendingRow | None:
        """The row that is due for a call, or None if it is only counted. Never blocks."""
        if seen.who and not seen.what.startswith(("GET ", "HEAD ")):
            return self._row(seen)
        kind = (seen.who, seen.client, seen.what, seen.status) if seen.who else ("",)
        known, now = self._repeats.get(kind), self._clock()
        if known is not None and now - known.since < _WINDOW_S:
            known.more += 1
            known.last = seen
            return None
        if known is None and len(self._repeats) >= _MOST_REPEATS:
            self._repeats.pop(next(iter(self._repeats)))
        self._repeats[kind] = _Repeats(now, 0, seen)
        return self._row(seen, more=known.more if known else 0)

    def rest(self) -> list[PendingRow]:
        """The rows for what was counted and not yet written."""
        rows = [self._row(kind.last, more=kind.more - 1) for kind in self._repeats.values() if kind.more]
        self._repeats.clear()
        return rows

    def write(self, row: PendingRow) -> None:
        """Write a row, or keep it for the next time."""
        try:
            self.record(row)
        except SecopsError as error:
            self._log(f"not recorded in the history yet: {row.entry.message} ({error})")
            with self._lock:
                if len(self._waiting) == _MOST_WAITING:
                    self._log(f"never recorded in the history: {self._waiting.popleft().entry.message}")
                self._waiting.append(replace(row, entry=_late(row)))

    def record(self, row: PendingRow) -> None:
        """Write a row now, after those that wait. Raises SecopsError."""
        with self._lock:
            try:
                link = self._connected()
                while self._waiting:
                    self._append(link, self._waiting[0])
                    self._waiting.popleft()
                self._append(link, row)
            except SecopsError:
                self._close()
                raise

    def row(self, run: history.RunRecord, message: str, *, ok: bool = True, plan: str = "") -> PendingRow:
        """A row about a job."""
        return _made(run, message, ok=ok, plan=plan, duration_ms=0)

    def close(self) -> None:
        """Write what is left, and end the connection."""
        for row in self.rest():
            self.write(row)
        with self._lock:
            for row in self._waiting:
                self._log(f"never recorded in the history: {row.entry.message}")
            self._close()

    def _row(self, seen: AnsweredCall, *, more: int = 0) -> PendingRow:
        actor = f"api token {seen.who}" if seen.who else _NOBODY
        run = history.RunRecord(id=seen.id, actor=actor, git_sha=self._commit)
        result = f"{seen.status} {seen.code}".strip()
        message = f"{seen.what} from {seen.client}: {result}"
        message += f" (and {more} like it before)" if more > 0 else ""
        return _made(run, message, ok=seen.status < 400, plan=seen.plan, duration_ms=seen.duration_ms)

    def _connected(self) -> Link:
        """A connection to the database, which is looked at before each write: it may have become an Odoo."""
        if self._link is not None and not self._link.closed:
            try:
                self._context.admit(self._link)
            except DatabaseError:
                if not self._link.closed:
                    raise
            else:
                return self._link
        self._link = connect(self._context.connection)
        self._context.admit(self._link)
        return self._link

    def _append(self, link: Link, row: PendingRow) -> None:
        try:
            with database_errors("recording the call in the history"):
                history.append(row.run, row.entry).on(link)
        except DatabaseError:
            if not link.closed:
                raise
            self._link = None  # it was cut off since the last call: once more, over a new one
            with database_errors("recording the call in the history"):
                history.append(row.run, row.entry).on(self._connected())

    def _close(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None


def _made(run: history.RunRecord, message: str, *, ok: bool, plan: str, duration_ms: int) -> PendingRow:
    entry = history.HistoryEntry(
        action=history.Action.API, ok=ok, message=message, plan_hash=plan or None, duration_ms=duration_ms
    )
    return PendingRow(run=run, entry=entry, at=datetime.now(UTC))


def _late(row: PendingRow) -> history.HistoryEntry:
    if row.entry.message.endswith("recorded late)"):
        return row.entry
    return replace(row.entry, message=f"{row.entry.message} (at {row.at:%Y-%m-%dT%H:%M:%SZ}, recorded late)")
