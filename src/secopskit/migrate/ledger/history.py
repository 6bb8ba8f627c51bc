"""What was done to a database and what was tried: append-only rows, each sealed with the one before.

The server numbers, dates and hashes a row as it is inserted (`schema.sql`); here the chain is
computed anew, so that a row that was changed, removed or slipped in shows. What cannot show is the
removal of the newest rows, unless a `head` was kept elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final

from secopskit import __version__
from secopskit.migrate.model import LockTaken
from secopskit.postgres.connect import Command, Link
from secopskit.postgres.errors import database_errors

_MESSAGE_LIMIT: Final = 4000
# How the messages of repairs begin: `account` goes by them, so they stay as they are.
FORGOTTEN: Final = "forgotten"
MARKED: Final = "marked as applied"
RENAMED_FROM: Final = "renamed from "
_GENESIS: Final = "0" * 64
# With every name in full, as it is sent in the company of files, whose search_path is their own.
_APPEND: Final = b"""
    INSERT INTO secops.migration_history (run_id, version, action, ok, duration_ms, sqlstate, message,
                                          plan_hash, actor, git_sha, tool_version, locks)
    VALUES (%s, %s, %s, %s,
            coalesce(%s::bigint, 1000 OPERATOR(pg_catalog.*) extract(epoch FROM
                pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) pg_catalog.transaction_timestamp())),
            %s, %s, %s, %s, %s, %s, %s::pg_catalog.jsonb)
"""
# Read in binary form: as text, a date depends on the DateStyle that a role or database may set.
_READ: Final = """
    SELECT id, run_id, version, action, ok, at, duration_ms, sqlstate, message, plan_hash, actor, git_sha,
           tool_version, locks, hash
      FROM secops.migration_history
     WHERE %(version)s::pg_catalog.text IS NULL OR version OPERATOR(pg_catalog.=) %(version)s
     ORDER BY id DESC LIMIT %(limit)s
"""
_RAW: Final = """
    SELECT hash, prev_hash, id::text, run_id, version, action, ok::text,
           pg_catalog.to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), duration_ms::text,
           sqlstate, message, plan_hash, actor, git_sha, tool_version, locks::text
      FROM secops.migration_history AS h ORDER BY h.id
"""
_REHEARSED: Final = """
    SELECT pg_catalog.max(at) FROM secops.migration_history
     WHERE action OPERATOR(pg_catalog.=) 'dry-run' AND ok AND plan_hash OPERATOR(pg_catalog.=) %s
       AND at OPERATOR(pg_catalog.>) (
           pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) pg_catalog.make_interval(secs => %s))
"""


class Action(Enum):
    """What a row is about."""

    INIT = "init"
    UP = "up"
    DOWN = "down"
    DRY_RUN = "dry-run"
    BASELINE = "baseline"
    IMPORT = "import"
    REPAIR = "repair"
    REFUSED = "refused"
    API = "api"
    NOTICE = "notice"  # what the server said meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run of secops: who does it, from which commit. `id` joins its rows."""

    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    actor: str = ""
    git_sha: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """A row to append. Without `duration_ms`, it is the time since the transaction began.

    `message` must hold no values of rows. `plan_hash` ties a dry run to what it tried.
    """

    action: Action
    ok: bool = True
    version: str | None = None
    duration_ms: int | None = None
    sqlstate: str | None = None
    message: str = ""
    plan_hash: str | None = None
    locks: Sequence[LockTaken] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A row as it stands. `action` is text: a newer secops may know more of them."""

    id: int
    run_id: str
    version: str | None
    action: str
    ok: bool
    at: datetime
    duration_ms: int | None
    sqlstate: str | None
    message: str
    plan_hash: str | None
    actor: str
    git_sha: str
    tool_version: str
    locks: tuple[LockTaken, ...]
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HashChain:
    """The result of `verify`: `broken` are sentences, one a fault; `head` is the newest row's hash."""

    rows: int
    head: str
    broken: tuple[str, ...]


def append(run: RunRecord, entry: HistoryEntry) -> Command:
    """Append a row."""
    locks = [{"relation": lock.relation, "mode": lock.mode, "existed": lock.existed} for lock in entry.locks]
    values = (
        *(run.id, entry.version, entry.action.value, entry.ok, entry.duration_ms, entry.sqlstate),
        *(_clean(entry.message), entry.plan_hash, run.actor or None, run.git_sha or None, __version__),
        json.dumps(locks) if locks else None,
    )
    return Command(_APPEND, values)


def read(link: Link, *, version: str | None = None, limit: int = 100) -> tuple[Recorded, ...]:
    """The newest `limit` rows (of one version), newest first. Raises DatabaseError."""
    with database_errors("reading the history"):
        rows = link.execute(_READ, {"version": version, "limit": limit}, binary=True).fetchall()
    return tuple(map(_recorded, rows))


def rehearsed_at(link: Link, plan_hash: str, within: timedelta) -> datetime | None:
    """When this very plan last passed a dry run, if it was `within` that time by the server's clock."""
    with database_errors("reading the history"):
        row = link.execute(_REHEARSED, (plan_hash, within.total_seconds()), binary=True).fetchone()
    return row[0] if row else None


def verify(link: Link, *, head: str = "") -> HashChain:
    """Compute the chain anew. A `head` noted earlier must still be in it. Raises DatabaseError."""
    broken: list[str] = []
    before, number, seen = _GENESIS, 0, not head
    with database_errors("reading the history"):
        rows = link.execute(_RAW).fetchall()
    for kept, *fields in rows:
        number += 1
        if fields[1] != str(number):
            broken.append(f"row {fields[1]} stands where row {number} should: rows are missing")
            number = int(fields[1])
        elif fields[0] != before:
            broken.append(f"row {number} does not follow the row before it")
        if _hash(fields) != kept:
            broken.append(f"row {number} was changed")
        before, seen = kept, seen or kept == head
    if not seen:
        broken.append("the head that was noted is not in the history: its newest rows were removed")
    return HashChain(rows=len(rows), head=before, broken=tuple(broken))


def _hash(fields: Sequence[str | None]) -> str:
    text = ";".join("-" if item is None else f"{len(item)}:{item}" for item in fields)
    return hashlib.sha256(text.encode()).hexdigest()


def _clean(message: str) -> str | None:
    return message.replace("\0", "")[:_MESSAGE_LIMIT] or None


def _recorded(row: tuple[Any, ...]) -> Recorded:
    number, run, version, action, ok, at, took, state, message, plan, actor, sha, tool, locks, digest = row
    return Recorded(
        id=number,
        run_id=run,
        version=version,
        action=action,
        ok=ok,
        at=at,
        duration_ms=took,
        sqlstate=state,
        message=message or "",
        plan_hash=plan,
        actor=actor or "",
        git_sha=sha or "",
        tool_version=tool or "",
        locks=tuple(LockTaken(**lock) for lock in locks or ()),
        hash=digest,
    )
