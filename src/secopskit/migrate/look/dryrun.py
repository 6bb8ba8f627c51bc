"""A dry run that is real: the pending files run, under observation, where it does no harm.

On a shadow: a database of our own with the target's schema and no rows, where each file is kept.
On the target itself, when asked for: everything in one transaction that is rolled back; it takes
the real locks for as long as it runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, LiteralString

from secopskit.migrate.apply.failure import own_words
from secopskit.migrate.apply.progress import Failure, StepDone, StepStarted, TellEvent, silent
from secopskit.migrate.look.extension_hazards import extension_hazards
from secopskit.migrate.look.hazards import ExposedRelation, exposed, find_hazards
from secopskit.migrate.look.rehearsal import Rehearsal, StepReport
from secopskit.migrate.look.snapshot import Relations, take_snapshot
from secopskit.migrate.look.trace import Tracer
from secopskit.migrate.model import Hazard, Migration, MigrationPlan, MigrationStep, Script
from secopskit.migrate.shadow import platform
from secopskit.migrate.shadow.copy import copy_schema
from secopskit.migrate.shadow.database import Shadow, ShadowOptions, refuse_same_server, shadow_for
from secopskit.migrate.shadow.dump import dump_schema
from secopskit.migrate.shadow.extensions import Extensions
from secopskit.migrate.shadow.facts import TargetFacts, read_facts
from secopskit.postgres.errors import database_errors
from secopskit.postgres.identity import read_only
from secopskit.postgres.names import sql_name

if TYPE_CHECKING:
    import psycopg

# New tables of the schema that Supabase serves to the world, and views that look past row security.
_EXPOSED: Final[LiteralString] = """
    SELECT c.oid::bigint, n.nspname, c.relname, c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p}')
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
     WHERE n.nspname OPERATOR(pg_catalog.=) 'public'
       AND (c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p}') AND NOT c.relrowsecurity
            OR c.relkind OPERATOR(pg_catalog.=) 'v'
               AND NOT coalesce(c.reloptions::pg_catalog.text OPERATOR(pg_catalog.~*)
                                'security_invoker=(true|on|1|yes)', false))
     ORDER BY c.relname"""
_ONE_TRANSACTION: Final = "all files ran in one transaction: a lock is told of only in the first that took it"
_NOT_HERE: Final = "it runs outside of a transaction, which cannot be taken back"


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What a dry run found out. `copied`: how the shadow got its schema (pg_dump, replay, nothing).

    `version` is the major version of the server it ran on, `target_version` the target's.
    """

    where: str
    version: int
    target_version: int | None
    copied: str
    steps: tuple[StepReport, ...]
    hazards: tuple[Hazard, ...]
    notes: tuple[str, ...]
    duration_ms: int

    @property
    def failure(self) -> Failure | None:
        """Why it stopped, if it did not come to the end."""
        return next((step.failure for step in self.steps if step.failure), None)

    @property
    def ok(self) -> bool:
        """Whether every file of the plan ran."""
        return self.failure is None


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRunOptions:
    """Time-outs in milliseconds, 0 for none; a file's header overrides them. `shadow`: where to try."""

    lock_timeout_ms: int = 2000
    statement_timeout_ms: int = 300_000
    shadow: ShadowOptions = field(default_factory=ShadowOptions)


def on_shadow(
    plan: MigrationPlan,
    *,
    target: psycopg.Connection[Any] | None = None,
    before: Sequence[Migration] = (),
    options: DryRunOptions | None = None,
    tell: TellEvent = silent,
) -> DryRun:
    """Run the plan's files on a shadow. Reads the `target`, if there is one, and writes nothing to it.

    `before` are the files that the target has already, in order, for where its schema cannot be
    copied. A file that fails is part of the result; raises SecopsError where no dry run is possible.
    """
    options = options or DryRunOptions()
    started = time.perf_counter()
    facts = _facts(target) if target is not None else None
    pending = [step.script for step in plan.steps]
    wanted = facts.version if facts else platform.wanted_version(pending)
    if target is not None and options.shadow.url is not None:
        refuse_same_server(target, options.shadow.url)
    with (
        _dumping(target, facts) as dump,
        shadow_for(facts, options.shadow, prefer=wanted) as shadow,
        database_errors("on the shadow"),
        _session(shadow, facts, (*(migration.up for migration in before), *pending)) as session,
    ):
        extensions = Extensions(session=session, elevation=shadow.elevation, version=shadow.version)
        copied = copy_schema(session, extensions, dump=dump, facts=facts, before=before, pending=pending)
        known = take_snapshot(session).relations
        rehearsal = Rehearsal(
            session=session,
            tracer=Tracer(connection=session, known=known, sizes=facts.sizes if facts else {}),
            extensions=extensions,
            connect=shadow.connect_admin,
            lock_timeout_ms=options.lock_timeout_ms,
            statement_timeout_ms=options.statement_timeout_ms,
        )
        steps = _rehearse(rehearsal, plan.steps, tell)
        supabase = copied.supabase or bool(facts and facts.supabase)
        exposures = _exposures(session, known) if supabase else []
    return DryRun(
        where="shadow",
        version=shadow.version,
        target_version=facts.version if facts else None,
        copied=copied.how,
        steps=steps,
        hazards=(*_hazards(steps, exposures), *_extensions(facts, plan)),
        notes=(*_versions(shadow, wanted), *copied.notes, *dict.fromkeys(extensions.notes)),
        duration_ms=round((time.perf_counter() - started) * 1000),
    )


def on_target(
    plan: MigrationPlan,
    target: psycopg.Connection[Any],
    *,
    options: DryRunOptions | None = None,
    tell: TellEvent = silent,
) -> DryRun:
    """Run the plan's files on the target in one transaction, and roll it back.

    Stops before a file without a transaction. What PostgreSQL never takes back, such as the numbers
    that sequences gave, stays. `target` is in autocommit and of the caller's choosing: whoever calls
    has made sure that it is the right database, and holds the lock of the runs.
    """
    options = options or DryRunOptions()
    started = time.perf_counter()
    facts = _facts(target)
    with database_errors("on the target"):
        target.execute("BEGIN")
        try:
            known = take_snapshot(target).relations
            rehearsal = Rehearsal(
                session=target,
                tracer=Tracer(connection=target, known=known, sizes=facts.sizes),
                commits=False,
                lock_timeout_ms=options.lock_timeout_ms,
                statement_timeout_ms=options.statement_timeout_ms,
            )
            steps = _rehearse(rehearsal, plan.steps, tell)
            whole = all(step.failure is None for step in steps)
            exposures = _exposures(target, known) if facts.supabase and whole else []
        finally:
            if not target.closed:
                target.execute("ROLLBACK")
    return DryRun(
        where="target",
        version=facts.version,
        target_version=facts.version,
        copied="nothing",
        steps=steps,
        hazards=_hazards(steps, exposures),
        notes=(_ONE_TRANSACTION,) if len(steps) > 1 else (),
        duration_ms=round((time.perf_counter() - started) * 1000),
    )


def _facts(target: psycopg.Connection[Any]) -> TargetFacts:
    with read_only(target, "looking at the database"):
        return read_facts(target)


@contextmanager
def _dumping(
    target: psycopg.Connection[Any] | None, facts: TargetFacts | None
) -> Iterator[Callable[[], str] | None]:
    """Let pg_dump work while the shadow's server is made; yields how to get what it printed."""
    if target is None or facts is None:
        yield None
        return
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(dump_schema, target, facts).result


def _session(shadow: Shadow, facts: TargetFacts | None, scripts: Sequence[Script]) -> psycopg.Connection[Any]:
    """A session on the shadow, which looks names up where the target does."""
    if facts is not None:
        shadow.look_in(facts.search_path)
    elif platform.is_meant(None, scripts):
        shadow.look_in(platform.SEARCH_PATH)
    return shadow.connect()


def _rehearse(
    rehearsal: Rehearsal, steps: Sequence[MigrationStep], tell: TellEvent
) -> tuple[StepReport, ...]:
    """Run the steps up to the first that fails."""
    reports: list[StepReport] = []
    for number, step in enumerate(steps, 1):
        tell(StepStarted(step=step, number=number, total=len(steps)))
        if not rehearsal.commits and not step.script.directives.transaction:
            failure = own_words(step, _NOT_HERE, "Try it on a shadow, without --on-target.")
            reports.append(StepReport(step=step, statements=(), duration_ms=0, failure=failure))
            break
        report = rehearsal.run(step)
        reports.append(report)
        if report.failure:
            break
        tell(StepDone(step=step, duration_ms=report.duration_ms))
    return tuple(reports)


def _exposures(session: psycopg.Connection[Any], known: Relations) -> list[ExposedRelation]:
    """What this plan made that Supabase would show to anybody."""
    return [
        ExposedRelation(relation=sql_name(schema, name), kind="table" if table else "view")
        for oid, schema, name, table in session.execute(_EXPOSED).fetchall()
        if oid not in known
    ]


def _hazards(steps: Sequence[StepReport], exposures: Sequence[ExposedRelation]) -> tuple[Hazard, ...]:
    found: list[Hazard] = []
    for report in steps:
        transaction = report.step.script.directives.transaction
        found += find_hazards(report.step.migration.version, report.statements, transaction=transaction)
    files = [(report.step.migration.version, report.statements) for report in steps]
    return (*found, *(exposed(exposure, files) for exposure in exposures))


def _extensions(facts: TargetFacts | None, plan: MigrationPlan) -> Iterator[Hazard]:
    return extension_hazards(facts, plan.steps) if facts else iter(())


def _versions(shadow: Shadow, wanted: int | None) -> list[str]:
    if wanted in (None, shadow.version):
        return []
    tried = f"tried on PostgreSQL {shadow.version}, while the target is PostgreSQL {wanted}"
    return [f"{tried}: install that version here to be sure"]
