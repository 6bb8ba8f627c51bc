"""Use case of linting: files tried on a shadow, and read by squawk. No database is needed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from secopskit.errors import SecopsError, UsageError
from secopskit.migrate.apply.progress import MigrationFailedError
from secopskit.migrate.guards import refuse_blocked
from secopskit.migrate.look import squawk
from secopskit.migrate.look.dryrun import DryRunOptions, on_shadow
from secopskit.migrate.model import (
    Applied,
    Hazard,
    Migration,
    PlanProblem,
    StatementReport,
    VersionState,
)
from secopskit.migrate.plan import make_plan
from secopskit.migrate.read.files import Loaded, version_key
from secopskit.migrate.shadow.database import ShadowOptions

_Reports: TypeAlias = dict[str, Sequence[StatementReport]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LintOutcome:
    """What linting found. `problems` are the plan's that was tried, `notes` say what was left out."""

    hazards: tuple[Hazard, ...]
    problems: tuple[PlanProblem, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Trial:
    """What trying the files brought to light; `reports` are by version."""

    hazards: Sequence[Hazard] = ()
    reports: _Reports = field(default_factory=dict)
    problems: Sequence[PlanProblem] = ()
    notes: Sequence[str] = ()


def choose_files(
    loaded: Loaded, known: Collection[str] = (), *, since: str | None = None
) -> tuple[Sequence[Migration], Sequence[Migration]]:
    """The files that count as known (`known` versions, and all up to `since`), and those to lint.

    Raises UsageError for an unknown version, and for a file to lint that cannot be taken apart.
    """
    keys = {version_key(version) for version in known}
    if since:
        bound = version_key(since)
        if bound not in {version_key(m.version) for m in loaded.migrations}:
            raise UsageError(f"there is no version {since[:60]!r}", advice="Name a version among the files.")
        keys |= {version_key(m.version) for m in loaded.migrations if version_key(m.version) <= bound}
    before = [m for m in loaded.migrations if version_key(m.version) in keys]
    chosen = [m for m in loaded.migrations if version_key(m.version) not in keys]
    if broken := next((m for m in chosen if m.up.fault), None):
        fault = next((p for p in loaded.problems if p.version == broken.version), None)
        raise UsageError(
            fault.message if fault else broken.up.fault, advice=fault.advice if fault else "Correct the file."
        )
    return before, chosen


def lint(
    before: Sequence[Migration], chosen: Sequence[Migration], shadow: ShadowOptions | None
) -> LintOutcome:
    """What will hurt in the `chosen` files, once those `before` them ran; untried without a `shadow`.

    Raises MigrationFailedError for a file that does not run, BlockedPlanError where they do not fit.
    """
    trial = _try(before, chosen, shadow) if shadow is not None and chosen else _Trial()
    if squawk.find_program() is None:
        missing = "squawk is not installed (pip install 'secopskit[lint]'): its rules are left out"
        return LintOutcome(
            hazards=tuple(trial.hazards), problems=tuple(trial.problems), notes=(*trial.notes, missing)
        )
    more = [
        hazard
        for hazard in (squawk.lint(chosen) if chosen else ())
        if not squawk.known_better(hazard, trial.reports.get(hazard.version, ()), trial.hazards)
    ]
    order = {migration.version: number for number, migration in enumerate(chosen)}
    hazards = sorted(
        [*trial.hazards, *more], key=lambda hazard: (order.get(hazard.version, -1), hazard.line, hazard.rule)
    )
    return LintOutcome(hazards=tuple(hazards), problems=tuple(trial.problems), notes=tuple(trial.notes))


def _try(before: Sequence[Migration], chosen: Sequence[Migration], shadow: ShadowOptions) -> _Trial:
    """Run the files; nothing but a note comes of it where there is no PostgreSQL to run them on."""
    plan = make_plan([*before, *chosen], [_as_applied(m) for m in before], None, allow_out_of_order=True)
    refuse_blocked(plan)
    try:
        result = on_shadow(plan, before=before, options=DryRunOptions(shadow=shadow))
    except SecopsError as error:
        return _Trial(problems=plan.problems, notes=(f"the files were not tried: {error}. {error.advice}",))
    if result.failure:
        raise MigrationFailedError(result.failure)
    reports: _Reports = {step.step.migration.version: step.statements for step in result.steps}
    return _Trial(result.hazards, reports, plan.problems)


def _as_applied(migration: Migration) -> Applied:
    return Applied(
        version=migration.version,
        name=migration.name,
        checksum=migration.up.checksum,
        state=VersionState.BASELINE,
        statements_done=0,
        statements_total=0,
        applied_at=None,
        duration_ms=None,
    )
