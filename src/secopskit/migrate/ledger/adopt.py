"""Takes over a database that has a past: as it stands (`baseline`), or with another tool's state.

What is adopted is written down as `baseline`: nothing is run. The caller holds the migration lock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from secopskit.errors import UsageError
from secopskit.migrate.ledger import history, versions
from secopskit.migrate.ledger.foreign import ForeignEntry, ForeignLedger, MigrationTool
from secopskit.migrate.ledger.history import Action
from secopskit.migrate.model import Migration
from secopskit.migrate.read.names import version_key
from secopskit.postgres.connect import Link
from secopskit.postgres.errors import database_errors

_SHOWN = 5
Find: TypeAlias = Callable[[ForeignEntry], Migration | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """A version to be written down as applied; `migration` is None where its file is gone."""

    version: str
    name: str
    migration: Migration | None
    applied_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """What another tool's state means for our files.

    `unknown` are remembered migrations without a file; `edited` are the versions whose file
    is not what was run (where the tool kept that); `pending` the files that it does not know.
    """

    ledger: ForeignLedger
    adopted: tuple[Adopted, ...]
    unknown: tuple[ForeignEntry, ...]
    edited: tuple[str, ...]
    pending: tuple[Migration, ...]


def baseline(
    link: Link, migrations: Sequence[Migration], version: str, run: history.RunRecord
) -> tuple[Adopted, ...]:
    """Write down all of `migrations` up to `version` as applied, without running them.

    Returns those that were not in the ledger before. Raises UsageError for an unknown version.
    """
    bound = version_key(version)
    if bound not in {version_key(migration.version) for migration in migrations}:
        raise UsageError(
            f"there is no version {version[:60]!r} among the files",
            advice="Name the newest version that the database has already.",
        )
    covered = [_of(migration) for migration in migrations if version_key(migration.version) <= bound]
    return _write(link, covered, run, Action.BASELINE, f"baseline {version}")


def compare(ledger: ForeignLedger, migrations: Sequence[Migration]) -> Adoption:
    """Hold what another tool remembers against the files. Pure."""
    find = _by_name(migrations) if ledger.tool is MigrationTool.SQITCH else _by_version(migrations)
    adopted: dict[str, Adopted] = {}
    unknown, edited = [], []
    for row in ledger.rows:
        if (migration := find(row)) is None:
            unknown.append(row)
            continue
        adopted[migration.version] = _of(migration, row.applied_at)
        if row.text is not None and _bare(row.text) != _bare(migration.up.text):
            edited.append(migration.version)
    if ledger.floor:
        below = (m for m in migrations if version_key(m.version) <= version_key(ledger.floor))
        adopted = {m.version: _of(m) for m in below} | adopted
    return Adoption(
        ledger=ledger,
        adopted=tuple(adopted[m.version] for m in migrations if m.version in adopted),
        unknown=tuple(unknown),
        edited=tuple(edited),
        pending=tuple(m for m in migrations if m.version not in adopted),
    )


def _by_version(migrations: Sequence[Migration]) -> Find:
    files = {version_key(migration.version): migration for migration in migrations}
    return lambda row: files.get(version_key(row.version))


def _by_name(migrations: Sequence[Migration]) -> Find:
    files: dict[str, Migration | None] = {}
    for migration in migrations:
        name = _plain(migration.name)
        files[name] = None if name in files else migration  # one of two: who could tell which?
    return lambda row: files.get(_plain(row.name))


def adopt(
    link: Link, adoption: Adoption, run: history.RunRecord, *, without_files: bool = False
) -> tuple[Adopted, ...]:
    """Write down what the other tool has applied; returns what was not in the ledger before.

    With `without_files`, versions whose file is gone are taken over too. Otherwise they raise
    UsageError, as does a name that no file has: there is no version to write down.
    """
    unknown = adoption.unknown
    if unknown and (not without_files or any(not row.version for row in unknown)):
        names = ", ".join(" ".join(filter(None, (row.version, row.name))) for row in unknown[:_SHOWN])
        raise UsageError(
            f"{adoption.ledger.table} has {len(unknown)} migrations without a file of that "
            f"{'version' if unknown[0].version else 'name'}: {names}{', …' if len(unknown) > _SHOWN else ''}",
            advice="Bring their files here first (is --dir right?)."
            + (" Or adopt them without: --without-files." if all(row.version for row in unknown) else ""),
        )
    gone = [
        Adopted(version=row.version, name=row.name, migration=None, applied_at=row.applied_at)
        for row in unknown
    ]
    origin = f"from {adoption.ledger.tool.value} ({adoption.ledger.table})"
    return _write(link, [*gone, *adoption.adopted], run, Action.IMPORT, origin)


def _write(
    link: Link, wanted: Sequence[Adopted], run: history.RunRecord, action: Action, message: str
) -> tuple[Adopted, ...]:
    """One transaction: all of it or nothing."""
    present = {version_key(row.version) or row.version for row in versions.read(link)}
    new = tuple(item for item in wanted if (version_key(item.version) or item.version) not in present)
    with database_errors("writing down what is applied"), link.transaction(), link.pipeline():
        for item in new:
            script = item.migration.up if item.migration else None
            versions.adopt(
                item.version,
                item.name,
                checksum=script.checksum if script else None,
                statements=len(script.statements) if script else 0,
                applied_at=item.applied_at,
                run=run,
            ).on(link)
            content = f"; checksum {script.checksum}" if script else ""
            entry = history.HistoryEntry(
                action=action, version=item.version, duration_ms=0, message=message + content
            )
            history.append(run, entry).on(link)
    return new


def _of(migration: Migration, applied_at: datetime | None = None) -> Adopted:
    return Adopted(version=migration.version, name=migration.name, migration=migration, applied_at=applied_at)


def _plain(name: str) -> str:
    """A name without what differs between tools."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _bare(text: str) -> str:
    """SQL without what a tool may have trimmed between statements."""
    return re.sub(r"[\s;]+", "", text)
