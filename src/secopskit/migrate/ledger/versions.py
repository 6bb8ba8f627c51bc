"""The ledger: which versions a database has. All SQL about `secops.schema_migrations` is here.

A version is claimed by inserting its row before its first statement: the primary key is the fence
that keeps two runners from applying it both. What takes part in applying is given as commands, for
the caller to send in its own transaction, together with the file's statements.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from secopskit.migrate.model import Applied, Migration, VersionState
from secopskit.postgres.connect import Command, Link
from secopskit.postgres.errors import DatabaseError, database_errors

if TYPE_CHECKING:
    import psycopg

    from secopskit.migrate.ledger import history

# With every name in full below, as it is sent in the company of files, whose search_path is their own.
_FENCE: Final = "schema_migrations_pkey"
_CLAIM: Final = b"""
    INSERT INTO secops.schema_migrations (version, name, checksum, kind, state, stmts_total, run_id, xid)
    VALUES (%s, %s, %s, %s, 'running', %s, %s,
            pg_catalog.pg_current_xact_id()::pg_catalog.text) RETURNING xid
"""
_FINISH: Final = b"""
    UPDATE secops.schema_migrations
       SET state = 'applied', stmts_done = stmts_total, applied_at = pg_catalog.clock_timestamp(),
           duration_ms = coalesce(%s::bigint, 1000 OPERATOR(pg_catalog.*) extract(epoch FROM
               pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) pg_catalog.transaction_timestamp()))
     WHERE version OPERATOR(pg_catalog.=) %s
"""
_RESUME: Final = b"""
    UPDATE secops.schema_migrations SET state = 'running', run_id = %s
     WHERE version OPERATOR(pg_catalog.=) %s AND state OPERATOR(pg_catalog.=) ANY ('{running,failed}')
       AND stmts_done OPERATOR(pg_catalog.=) %s AND applied_at IS NULL
 RETURNING xid
"""
# What has been applied and is running or failed is half undone; its counts are those of the way back. Of
# the row that is set, the expressions see the old values.
_UNDO: Final = b"""
    UPDATE secops.schema_migrations
       SET state = 'running', stmts_done = %s, stmts_total = %s, run_id = %s,
           applied_at = coalesce(applied_at, pg_catalog.clock_timestamp()),
           xid = CASE WHEN state OPERATOR(pg_catalog.=) ANY ('{running,failed}') THEN xid
                      ELSE pg_catalog.pg_current_xact_id()::pg_catalog.text END
     WHERE version OPERATOR(pg_catalog.=) %s
       AND CASE WHEN state OPERATOR(pg_catalog.=) ANY ('{running,failed}')
                THEN applied_at IS NOT NULL AND stmts_done OPERATOR(pg_catalog.=) %s
                ELSE %s OPERATOR(pg_catalog.=) 0 END
 RETURNING xid
"""
_PROGRESS: Final = b"""
    UPDATE secops.schema_migrations SET stmts_done = %s WHERE version OPERATOR(pg_catalog.=) %s
"""
_FAIL: Final = b"""
    UPDATE secops.schema_migrations SET state = 'failed'
     WHERE version OPERATOR(pg_catalog.=) %s AND state OPERATOR(pg_catalog.=) 'running'
"""
_ADOPT: Final = b"""
    INSERT INTO secops.schema_migrations (version, name, checksum, kind, state, stmts_done, stmts_total,
                                          run_id, applied_at)
    VALUES (%s, %s, %s, 'adopted', 'baseline', %s, %s, %s, %s)
"""
_ACCEPT: Final = b"""
    UPDATE secops.schema_migrations SET name = %s, checksum = %s, stmts_done = %s, stmts_total = %s
     WHERE version OPERATOR(pg_catalog.=) %s
"""
_MOVE: Final = b"""
    UPDATE secops.schema_migrations SET version = %s, name = %s WHERE version OPERATOR(pg_catalog.=) %s
"""
_MARK: Final = b"""
    INSERT INTO secops.schema_migrations (version, name, checksum, kind, state, stmts_done, stmts_total,
                                          run_id, applied_at)
    VALUES (%s, %s, %s, 'repaired', 'applied', %s, %s, %s, pg_catalog.clock_timestamp())
    ON CONFLICT (version) DO UPDATE
       SET (name, checksum, kind, state, stmts_done, stmts_total, run_id, applied_at) =
           (excluded.name, excluded.checksum, excluded.kind, excluded.state, excluded.stmts_done,
            excluded.stmts_total, excluded.run_id, excluded.applied_at)
"""
_RELEASE: Final = b"""
    DELETE FROM secops.schema_migrations WHERE version OPERATOR(pg_catalog.=) %s
 RETURNING pg_catalog.pg_current_xact_id()::pg_catalog.text
"""
_READ: Final = """
    SELECT version, name, checksum, state, stmts_done, stmts_total, applied_at, duration_ms, run_id
      FROM secops.schema_migrations
"""


def read(link: Link) -> tuple[Applied, ...]:
    """All rows, in no order that matters. Raises DatabaseError."""
    with database_errors("reading the applied versions"):
        rows = link.execute(_READ, binary=True).fetchall()  # dates as text depend on DateStyle
    return tuple(
        Applied(
            version=version,
            name=name,
            checksum=checksum,
            state=VersionState(state),
            statements_done=done,
            statements_total=total,
            applied_at=at,
            duration_ms=took,
            run_id=run,
        )
        for version, name, checksum, state, done, total, at, took, run in rows
    )


def claim(migration: Migration, run: history.RunRecord) -> Command:
    """Insert the row of `migration`, as running. Answers with one row: the transaction's id, as text."""
    script = migration.up
    kind = "transaction" if script.directives.transaction else "steps"
    return Command(
        _CLAIM, (migration.version, migration.name, script.checksum, kind, len(script.statements), run.id)
    )


def lost_the_race(error: psycopg.Error) -> bool:
    """Whether `error` says that somebody else has claimed the version."""
    return error.sqlstate == "23505" and error.diag.constraint_name == _FENCE


def resume(version: str, done: int, run: history.RunRecord) -> Command:
    """Take over a version that stopped after `done` statements; no row is changed if it has moved on.

    Answers with one row: the id (text) of the transaction that claimed the version.
    """
    return Command(_RESUME, (run.id, version, done))


def undo(migration: Migration, done: int, run: history.RunRecord) -> Command:
    """Begin to undo a version by a non-transactional file, or go on after `done` statements of it.

    Answers with one row: the id (text) of the transaction that began it; with none if the row has moved on.
    """
    total = len(migration.down.statements) if migration.down else 0
    return Command(_UNDO, (done, total, run.id, migration.version, done, done))


def progress(version: str, done: int) -> Command:
    """Note that `done` statements of a non-transactional file are through."""
    return Command(_PROGRESS, (done, version))


def finish(version: str, *, duration_ms: int | None = None) -> Command:
    """Mark the version as applied; without `duration_ms`, it took since the transaction began."""
    return Command(_FINISH, (duration_ms, version))


def fail(version: str) -> Command:
    """Mark a non-transactional file that was begun as stopped at a statement."""
    return Command(_FAIL, (version,))


def release(version: str) -> Command:
    """Delete the row of a version that is undone or forgotten.

    Answers with the transaction's id (text), or with no row if the version was not there.
    """
    return Command(_RELEASE, (version,))


def adopt(
    version: str,
    name: str,
    *,
    checksum: str | None,
    statements: int,
    applied_at: datetime | None,
    run: history.RunRecord,
) -> Command:
    """Insert a version that was applied before secops came; the checksum is None if its file is gone."""
    return Command(_ADOPT, (version, name, checksum, statements, statements, run.id, applied_at))


def accept(version: str, name: str, checksum: str, *, done: int, total: int) -> Command:
    """Replace what a version's file is known by."""
    return Command(_ACCEPT, (name, checksum, done, total, version))


def move(version: str, new: str, name: str) -> Command:
    """Give a row another version and name."""
    return Command(_MOVE, (new, name, version))


def mark(version: str, migration: Migration, run: history.RunRecord) -> Command:
    """Insert or overwrite the row of a version that somebody finished by hand."""
    script, total = migration.up, len(migration.up.statements)
    return Command(_MARK, (version, migration.name, script.checksum, total, total, run.id))


def committed(link: Link, xid: str) -> bool | None:
    """Whether the transaction `xid` (from `claim`) committed; None while it is still under way.

    For when the connection was lost at COMMIT. Raises DatabaseError, also where the server has
    forgotten so old a transaction.
    """
    with database_errors("asking what became of a transaction"):
        row = link.execute("SELECT pg_catalog.pg_xact_status(%s::pg_catalog.xid8)", (xid,)).fetchone()
    match row:
        case ("committed",):
            return True
        case ("aborted",):
            return False
        case ("in progress",):
            return None
    raise DatabaseError("the server no longer knows the transaction", advice="Run `secops migrate status`.")
