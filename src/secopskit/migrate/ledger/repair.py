"""Sets the ledger right, each time with a row in the history that says what it was before.

Nothing here touches the user's tables. The caller holds the migration lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from secopskit.errors import UsageError
from secopskit.migrate.ledger import account, history, versions
from secopskit.migrate.ledger.half_done import (
    half_undone,
    is_half_applied,
    is_half_undone,
    problem_of_resuming,
)
from secopskit.migrate.ledger.history import Action, HistoryEntry
from secopskit.migrate.model import Applied, Migration, VersionState
from secopskit.migrate.read.names import version_key
from secopskit.postgres.connect import Command, Link
from secopskit.postgres.errors import database_errors

_SHORT = 12
_ASIDE = "~"  # no version begins with it


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerMove:
    """A row of the ledger, and the file that it is about, which has another version by now."""

    row: Applied
    migration: Migration


def accept(link: Link, migration: Migration, run: history.RunRecord) -> None:
    """Take the file of an applied version as it is now for what was applied.

    Of a half-done one, the number of statements is taken over too; those that are done stay done.
    Raises UsageError if the version is not in the ledger or half undone, or its file cannot go on where it
    stopped.
    """
    row, total = _row(link, migration.version), len(migration.up.statements)
    if is_half_undone(row):
        message, advice = half_undone(row)
        raise UsageError(message, advice=advice)
    half_done = is_half_applied(row)
    if half_done and (problem := problem_of_resuming(row, migration.up)).blocking:
        raise UsageError(problem.message, advice=problem.advice)
    done = row.statements_done if half_done else total
    message = f"checksum {_short(row.checksum)} -> {migration.up.checksum}"
    change = versions.accept(row.version, migration.name, migration.up.checksum, done=done, total=total)
    _write(
        link,
        run,
        change,
        HistoryEntry(action=Action.REPAIR, version=row.version, duration_ms=0, message=message),
    )


def forget(link: Link, version: str, run: history.RunRecord) -> None:
    """Delete a version from the ledger: it counts as pending from now on. Raises UsageError.

    Where the history alone has it, the history will know.
    """
    row, change = _find(link, version), None
    if row is not None:
        version, change = row.version, versions.release(row.version)
        message = f"{history.FORGOTTEN}; was {row.state.value}, checksum {_short(row.checksum)}"
    elif told := next((each for each in account.missing(link) if _same(each, version)), None):
        version, message = told, f"{history.FORGOTTEN}; the ledger had no row of it"
    else:
        raise _not_there(version)
    entry = HistoryEntry(action=Action.REPAIR, version=version, duration_ms=0, message=message)
    _write(link, run, change, entry)


def mark_applied(link: Link, migration: Migration, run: history.RunRecord) -> None:
    """Write a version down as applied that was finished by hand. Raises UsageError if it is applied."""
    key = version_key(migration.version)
    row = next((row for row in versions.read(link) if version_key(row.version) == key), None)
    if row and row.state in {VersionState.APPLIED, VersionState.BASELINE}:
        raise UsageError(f"version {row.version} is applied already", advice="There is nothing to repair.")
    back = " of its way back" if row and is_half_undone(row) else ""
    before = f"was {row.state.value} after {row.statements_done} statements{back}" if row else "was pending"
    version = row.version if row else migration.version
    message = f"{history.MARKED}; {before}; checksum {migration.up.checksum}"
    entry = HistoryEntry(action=Action.REPAIR, version=version, duration_ms=0, message=message)
    _write(link, run, versions.mark(version, migration, run), entry)


def rename(link: Link, moves: Sequence[LedgerMove], run: history.RunRecord) -> None:
    """Have rows of the ledger follow their files to other versions: all of them, or none.

    Nothing but version and name changes; what was applied stays applied. Raises UsageError if a row is
    gone, or another one has the new version and keeps it.
    """
    present = {version_key(row.version): row for row in versions.read(link)}
    leaving = {version_key(move.row.version) for move in moves}
    for move in moves:
        key = version_key(move.migration.version)
        if present.get(version_key(move.row.version)) != move.row or (key in present and key not in leaving):
            raise UsageError(
                f"version {move.row.version} cannot become {move.migration.version}: the ledger has changed",
                advice="Look at `secops migrate status`, and run it again.",
            )
    with database_errors("repairing the ledger"), link.transaction():
        for move in moves:  # out of the way first: one may take the version that another one leaves
            versions.move(move.row.version, _ASIDE + move.row.version, move.row.name).on(link)
        for move in moves:
            old, new = move.row.version, move.migration
            versions.move(_ASIDE + old, new.version, new.name).on(link)
            entry = HistoryEntry(
                action=Action.REPAIR,
                version=new.version,
                duration_ms=0,
                message=f"{history.RENAMED_FROM}{old}; checksum {_short(move.row.checksum)}",
            )
            history.append(run, entry).on(link)


def _find(link: Link, version: str) -> Applied | None:
    return next((row for row in versions.read(link) if _same(row.version, version)), None)


def _row(link: Link, version: str) -> Applied:
    row = _find(link, version)
    if row is None:
        raise _not_there(version)
    return row


def _same(one: str, other: str) -> bool:
    return one == other or (bool(version_key(other)) and version_key(one) == version_key(other))


def _not_there(version: str) -> UsageError:
    return UsageError(
        f"version {version[:60]!r} is not in the ledger", advice="`secops migrate status` lists what is."
    )


def _write(link: Link, run: history.RunRecord, change: Command | None, entry: HistoryEntry) -> None:
    with database_errors("repairing the ledger"), link.transaction():
        if change is not None:
            change.on(link)
        history.append(run, entry).on(link)


def _short(checksum: str | None) -> str:
    return checksum[:_SHORT] if checksum else "none"
