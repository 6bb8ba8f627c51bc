"""Whether a database is what its files make: they run again, on a shadow, and both are compared.

The target is only read. What differs was changed past the files, or by a file that made something
else than it says (`IF NOT EXISTS`, above all).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from secopskit.errors import RefusedError, SecopsError
from secopskit.migrate.ledger import versions
from secopskit.migrate.ledger.compare import HALF_DONE
from secopskit.migrate.ledger.foreign import MigrationTool, foreign_ledgers
from secopskit.migrate.look.catalog import Description, SchemaObject, Scope, describe
from secopskit.migrate.look.rehearsal import Rehearsal
from secopskit.migrate.look.trace import Tracer
from secopskit.migrate.model import Applied, Migration, MigrationStep, Statement, VersionState
from secopskit.migrate.read.names import version_key
from secopskit.migrate.shadow.copy import copy_schema
from secopskit.migrate.shadow.database import Shadow, ShadowOptions, refuse_same_server, shadow_for
from secopskit.migrate.shadow.extensions import Extensions
from secopskit.migrate.shadow.facts import TargetFacts, read_facts
from secopskit.postgres.errors import database_errors
from secopskit.postgres.identity import read_only

if TYPE_CHECKING:
    import psycopg

    from secopskit.postgres.connect import Link

# What Supabase keeps for itself.
_PLATFORM: Final = (
    *("auth", "storage", "realtime", "_realtime", "extensions", "graphql", "graphql_public", "vault"),
    *("pgsodium", "pgsodium_masks", "pgbouncer", "net", "cron", "supabase_functions", "supabase_migrations"),
    *("_analytics", "_supavisor", "pgtle", "pgmq"),
)
_WHOLES: Final = ("table", "view", "sequence", "function")
_MUST_RUN: Final = "The schema can be compared once all applied files run on an empty database, in order."
_EXTENSIONS: Final = """
    SELECT pg_catalog.quote_ident(e.extname), pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_extension e
      JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE n.nspname = ANY (%s) ORDER BY 1
"""


class DriftKind(Enum):
    """How an object can differ."""

    MISSING = "only in the files"
    EXTRA = "only in the database"
    CHANGED = "different"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One object that is not as the files make it: `expected` by them, `found` in the database.

    Both are shortened and hold no literal, and are empty where there is nothing to show.
    """

    kind: DriftKind
    thing: SchemaObject
    expected: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What a comparison brought up. `objects` of the database were compared; `version` is the shadow's."""

    differences: tuple[Difference, ...]
    objects: int
    version: int
    notes: tuple[str, ...]


def compare(expected: Description, found: Description) -> tuple[Difference, ...]:
    """How what was `found` differs from what the files make. Pure.

    A table that is on one side only stands for all that is part of it, and a schema likewise.
    """
    ignored = expected.left_out | found.left_out
    differences = []
    for thing in sorted(expected.things.keys() | found.things.keys()):
        ours, theirs = expected.things.get(thing), found.things.get(thing)
        if ours == theirs or thing in ignored or _within(thing, ignored):
            continue
        if ours and theirs:
            kind = DriftKind.CHANGED
        elif ours:
            kind = DriftKind.MISSING
        else:
            kind = DriftKind.EXTRA
        here, there = (expected, found) if ours else (found, expected)
        if kind is DriftKind.CHANGED or not _within(thing, here.things.keys() - there.things.keys()):
            differences.append(
                Difference(
                    kind=kind,
                    thing=thing,
                    expected=ours.shown if ours else "",
                    found=theirs.shown if theirs else "",
                )
            )
    return tuple(differences)


def find_drift(
    target: Link,
    migrations: Sequence[Migration],
    applied: Sequence[Applied],
    *,
    options: ShadowOptions,
    without: Collection[str] = (),
) -> Drift:
    """Compare the database behind `target` with what its `applied` files make on a shadow.

    `without` are kinds of objects to leave out. Reads the target, and writes nothing to it. Raises
    RefusedError where the files cannot tell what should be there, SecopsError where they do not run.
    """
    files, notes = _files(migrations, applied)
    with read_only(target, "looking at the database"):
        facts = read_facts(target)
    if options.url is not None:
        refuse_same_server(target, options.url)
    scope = _scope(target, facts)
    with shadow_for(facts, options) as shadow:
        scope = replace(scope, roles=(facts.role, shadow.role))
        expected, more = _replayed(shadow, target, facts, files, scope)
    found = describe(target, scope)
    if set(versions.read(target)) != set(applied):
        raise RefusedError(
            "the database was migrated while it was looked at", advice="Run it again when that is over."
        )
    differences = compare(expected, found)
    return Drift(
        differences=tuple(item for item in differences if item.thing.kind not in without),
        objects=sum(thing.kind not in without for thing in found.things),
        version=shadow.version,
        notes=(*notes, *_versions(shadow, facts), *more),
    )


def drift_data(drift: Drift) -> dict[str, Any]:
    """A comparison as data for JSON."""
    return {
        "server_version": drift.version,
        "objects": drift.objects,
        "differences": [
            {
                "difference": item.kind.name.lower(),
                "kind": item.thing.kind,
                "name": item.thing.name,
                "of": item.thing.of or None,
                "schema": item.thing.schema or None,
                "expected": item.expected or None,
                "found": item.found or None,
            }
            for item in drift.differences
        ],
        "notes": list(drift.notes),
    }


def _within(thing: SchemaObject, others: Collection[SchemaObject]) -> bool:
    """Whether one of `others` is what `thing` is part of."""
    if thing.of and any(SchemaObject(kind, thing.of, "", thing.schema) in others for kind in _WHOLES):
        return True
    return SchemaObject("schema", thing.schema) in others


def _files(
    migrations: Sequence[Migration], applied: Sequence[Applied]
) -> tuple[list[Migration], tuple[str, ...]]:
    """The files that made the database, in order; and what is to be said about them.

    An adopted version without a file may be told by that of a later adopted one.
    """
    known = {version_key(migration.version): migration for migration in migrations}
    rows = {version_key(row.version): row for row in applied}
    adopted = [key for key, row in sorted(rows.items()) if row.state is VersionState.BASELINE]
    told_up_to = max((key for key in adopted if key in known), default=())
    for key in sorted(rows, reverse=True):
        if key not in known and (key not in adopted or key > told_up_to):
            raise _untold(rows[key])
    if half := [row.version for row in applied if row.state in HALF_DONE]:
        raise RefusedError(f"{half[0]} stopped half-way", advice="Finish it first: `secops migrate up`.")
    files = [known[key] for key in sorted(rows) if key in known]
    for migration in files:
        if migration.up.fault:
            raise RefusedError(
                f"{migration.up.path}: is applied, and cannot be run: {migration.up.fault}", advice=_MUST_RUN
            )
    if not adopted:
        return files, ()
    last = rows[adopted[-1]].version
    return files, (f"adopted up to {last}: what differs may be older than the files",)


def _untold(row: Applied) -> RefusedError:
    if row.state is VersionState.BASELINE:
        advice = (
            "The database was adopted without its past. Write that down: put the schema that it had "
            f"(pg_dump --schema-only --exclude-schema=secops) into a file of version {row.version}. Here it "
            "is never applied: the ledger has that version."
        )
    else:
        advice = "Restore it from git (is this the right branch and --dir?)."
    return RefusedError(f"no file says what {row.version} made, which is applied", advice=advice)


def _scope(target: Link, facts: TargetFacts) -> Scope:
    """All but our own state, that of other tools, and what belongs to the platform."""
    others = foreign_ledgers(target)
    schemas = [
        m.table.partition(".")[0] for m in others if m.tool in (MigrationTool.SQITCH, MigrationTool.SUPABASE)
    ]
    return Scope(
        schemas=("secops", *schemas, *(_PLATFORM if facts.supabase else ())),
        tables=tuple(ledger.table for ledger in others),
    )


def _replayed(
    shadow: Shadow, target: Link, facts: TargetFacts, files: Sequence[Migration], scope: Scope
) -> tuple[Description, tuple[str, ...]]:
    """What the files make on the shadow, and what there is to be said about it."""
    with database_errors("looking at the database"):
        present = target.execute(_EXTENSIONS, (list(_PLATFORM),)).fetchall() if facts.supabase else []
    with database_errors("on the shadow"):
        shadow.look_in(facts.search_path)
        with shadow.connect() as session:
            extensions = Extensions(session=session, elevation=shadow.elevation, version=shadow.version)
            ground = copy_schema(session, extensions, dump=None, facts=facts, before=(), pending=())
            _prepare(session, extensions, present)
            rehearsal = Rehearsal(
                session=session,
                tracer=Tracer(connection=session, known={}),
                extensions=extensions,
                connect=shadow.connect_admin,
            )
            for migration in files:
                if failure := rehearsal.run(MigrationStep(migration=migration)).failure:
                    raise SecopsError(
                        f"on an empty database, {failure}", advice=f"{_MUST_RUN} {failure.advice}"
                    )
            made = describe(session, scope)
    missing = {SchemaObject("extension", name) for name in extensions.missing}
    missing |= {thing for thing, text in made.things.items() if extensions.blurs(thing.kind, text.shown)}
    description = replace(made, left_out=made.left_out | missing)
    return description, (*ground.notes, *dict.fromkeys(extensions.notes))


def _prepare(
    session: psycopg.Connection[Any], extensions: Extensions, present: Sequence[tuple[str, ...]]
) -> None:
    """Create the extensions that the platform has put into schemas of its own."""
    for name, schema in present:
        text = f"CREATE EXTENSION IF NOT EXISTS {name} SCHEMA {schema}"
        session.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}".encode())
        if not extensions.intercept(Statement(text=text, line=1, start=0, end=len(text))):
            session.execute(text.encode())


def _versions(shadow: Shadow, facts: TargetFacts) -> Iterator[str]:
    if facts.version != shadow.version:
        yield (
            f"compared with PostgreSQL {shadow.version}, while the database is PostgreSQL {facts.version}: "
            "definitions may read differently. Install that version here to be sure"
        )
