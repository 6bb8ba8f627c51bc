"""Use cases that change the ledger alone: init, baseline, import of another tool's state, repair.

None of them runs a file. Each asks for a plain yes, and a guarded database must have been named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, assert_never

from secopskit.conduct.consent import YesNo, obtain
from secopskit.errors import UsageError
from secopskit.migrate.context import MigrationContext, OpenDatabase
from secopskit.migrate.guards import MigrationConsent, require_named
from secopskit.migrate.ledger import adopt
from secopskit.migrate.ledger import repair as repairs
from secopskit.migrate.ledger.foreign import ForeignLedger, foreign_ledgers
from secopskit.migrate.ledger.initialise import initialise
from secopskit.migrate.ledger.lock import hold
from secopskit.migrate.ledger.pin import SurveyedDatabase, check_pin, survey_writable
from secopskit.migrate.ledger.renames import find_renames
from secopskit.migrate.ledger.repair import LedgerMove
from secopskit.migrate.model import Identity, Migration
from secopskit.migrate.read.names import version_key

if TYPE_CHECKING:
    from secopskit.migrate.ledger.adopt import Adopted, Adoption
    from secopskit.migrate.ledger.history import RunRecord

_FIRST_ENVIRONMENT = "development"
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class InitOutcome:
    """The outcome of `init`. `changed` says whether anything was new, `foreign` who was there before."""

    identity: Identity
    changed: bool
    foreign: tuple[ForeignLedger, ...]


class RepairKind(Enum):
    """The ways to correct what the ledger says of a version."""

    ACCEPT = "accept"
    FORGET = "forget"
    MARK_APPLIED = "mark-applied"


def init(
    context: MigrationContext, consent: MigrationConsent, record: RunRecord, *, copy: bool = False
) -> InitOutcome:
    """Make the state tables and pin the database; again, if it is a `copy` of another one.

    Raises RefusedError for an Odoo database, for one that is pinned as something else, and for a no.
    """
    with context.connected() as link:
        found = survey_writable(link)
        environment = context.environment or (found.pin.environment if found.pin else _FIRST_ENVIRONMENT)
        _consent_to_init(context, consent, found, environment, copy=copy)
        identity, changed = initialise(link, environment, record, copy=copy)
        return InitOutcome(
            identity=identity, changed=changed, foreign=foreign_ledgers(link) if changed else ()
        )


def _consent_to_init(
    context: MigrationContext,
    consent: MigrationConsent,
    found: SurveyedDatabase,
    environment: str,
    *,
    copy: bool,
) -> None:
    if found.pin is not None and not copy:  # nothing will be written
        check_pin(found, environment=context.environment, expected_id=context.settings.identity)
        return
    database = found.facts.database
    _obtain(f"Make the schema secops in database {database}, and pin it as {environment}?", consent)


def baseline(
    database: OpenDatabase, version: str, consent: MigrationConsent, record: RunRecord
) -> Sequence[Adopted]:
    """Count all files up to `version` as applied; returns those that did not before."""
    require_named(database)
    identity = database.identity
    _obtain(
        f"Count all files up to {version} as applied on {identity.environment} ({identity.database})?",
        consent,
    )
    with _held(database):
        return adopt.baseline(database.link, database.load(whole=True).migrations, version, record)


def find_adoption(database: OpenDatabase, tool: str) -> Adoption:
    """What the state of another tool means for the files. Raises UsageError if it has none, or several.

    As it is looked for in order to be taken over, a guarded database must have been named.
    """
    require_named(database)
    found = [ledger for ledger in foreign_ledgers(database.link) if ledger.tool.value == tool]
    if len(found) != 1:
        raise UsageError(
            f"there is no state of {tool} in database {database.identity.database}"
            if not found
            else f"{tool} has state in several tables: {', '.join(ledger.table for ledger in found)}",
            advice="Name the newest version that is applied instead: secops migrate baseline VERSION.",
        )
    return adopt.compare(found[0], database.load(whole=True).migrations)


def import_state(
    database: OpenDatabase,
    adoption: Adoption,
    consent: MigrationConsent,
    record: RunRecord,
    *,
    without_files: bool = False,
) -> Sequence[Adopted]:
    """Take over what `find_adoption` found; returns what the ledger did not have before."""
    require_named(database)
    identity = database.identity
    _obtain(f"Take this over on {identity.environment} (database {identity.database})?", consent)
    with _held(database):
        return adopt.adopt(database.link, adoption, record, without_files=without_files)


def repair(
    database: OpenDatabase, kind: RepairKind, version: str, consent: MigrationConsent, record: RunRecord
) -> None:
    """Correct what the ledger says of `version`, with a row in the history that says how."""
    require_named(database)
    identity = database.identity
    where = f"{identity.environment} (database {identity.database})"
    _obtain(f"Change the ledger of {where}: {kind.value} {version}?", consent)
    with _held(database):
        match kind:
            case RepairKind.ACCEPT:
                repairs.accept(database.link, _migration(database, version), record)
            case RepairKind.MARK_APPLIED:
                repairs.mark_applied(database.link, _migration(database, version), record)
            case RepairKind.FORGET:
                repairs.forget(database.link, version, record)
            case _:
                assert_never(kind)


def find_moves(database: OpenDatabase, version: str = "", new: str = "") -> tuple[LedgerMove, ...]:
    """The rows of the ledger that are to follow a renamed file: all that are known by their content.

    With `version`, that row alone; with `new` as well, to the file of that version, whatever it holds.
    Raises UsageError where there is no such row or file, or several files could be meant.
    """
    files = {version_key(one.version): one for one in database.load(whole=True).migrations}
    rows = {version_key(row.version): row for row in database.applied}
    renames, key = find_renames(files, rows), version_key(version)
    if not version:
        if not renames.by_row:
            raise UsageError(
                "no applied file has another version by now", advice="`secops migrate status` lists all."
            )
        return tuple(LedgerMove(row=rows[key], migration=file) for key, file in renames.by_row.items())
    if key not in rows:
        raise UsageError(
            f"version {version[:60]!r} is not in the ledger", advice="`secops migrate status` lists what is."
        )
    if new:
        return (LedgerMove(row=rows[key], migration=_migration(database, new)),)
    if key not in renames.by_row:
        some = ", ".join(file.version for file in renames.unclear.get(key, ()))
        raise UsageError(
            f"which file version {rows[key].version} is about now cannot be told",
            advice=f"Name it with --as VERSION{f' (one of {some})' if some else ''}.",
        )
    return (LedgerMove(row=rows[key], migration=renames.by_row[key]),)


def rename(
    database: OpenDatabase, moves: Sequence[LedgerMove], consent: MigrationConsent, record: RunRecord
) -> None:
    """Have the ledger follow what `find_moves` found. Nothing is run."""
    require_named(database)
    identity = database.identity
    what = ", ".join(f"{move.row.version} to {move.migration.version}" for move in moves[:_SHOWN])
    more = f" and {len(moves) - _SHOWN} more" if len(moves) > _SHOWN else ""
    _obtain(
        f"Change the ledger of {identity.environment} (database {identity.database}): rename {what}{more}?",
        consent,
    )
    with _held(database):
        repairs.rename(database.link, moves, record)


def _obtain(question: str, consent: MigrationConsent) -> None:
    obtain(YesNo(question=question), consent.respondent, yes=consent.yes)


@contextmanager
def _held(database: OpenDatabase) -> Iterator[None]:
    """Hold the lock, and look at the database once more: a question takes its time."""
    context = database.context
    with hold(context.connection, beside=database.link, wait_s=context.settings.lock_wait / 1000):
        context.admit(database.link)
        yield


def _migration(database: OpenDatabase, version: str) -> Migration:
    """The file of `version`, fit to be run. Raises UsageError."""
    for migration in database.load(whole=True).migrations:
        if version_key(migration.version) == version_key(version):
            if migration.up.fault:
                raise UsageError(
                    f"{migration.up.path}: {migration.up.fault}", advice="Correct the file first."
                )
            return migration
    raise UsageError(
        f"there is no file of version {version[:60]!r}",
        advice=f"Looked in {database.context.directory}; is --dir right?",
    )
