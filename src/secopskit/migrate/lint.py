"""Use case of linting: files read by rules of our own, tried on a shadow, and read by squawk.

No database is needed. What could not be looked at is part of the outcome: a lint that found nothing says
where it looked.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from secopskit.errors import RefusedError, SecopsError, UsageError
from secopskit.migrate.apply.progress import MigrationFailedError
from secopskit.migrate.guards import refuse_blocked
from secopskit.migrate.look import squawk
from secopskit.migrate.look.dryrun import DryRunOptions, on_shadow
from secopskit.migrate.look.trace import blocks
from secopskit.migrate.model import (
    Applied,
    Hazard,
    Migration,
    PlanProblem,
    StatementReport,
    VersionState,
)
from secopskit.migrate.pains.files import AllowedPain, find_pains
from secopskit.migrate.pains.rules import PAIN_RULES
from secopskit.migrate.plan import make_plan
from secopskit.migrate.read.files import Loaded
from secopskit.migrate.read.names import version_key
from secopskit.migrate.shadow.database import ShadowOptions

# What PostgreSQL itself refuses: a trial that passed has disproved it.
_SERVER_REFUSES: Final = "enum-value-used"
_INDEX_RULE: Final = "index-not-concurrent"
# What a trial calls by another name.
_TRIAL_SAYS: Final = {"drop-column": "drops-data", "not-null-scans": "scan-under-lock"}
_Reports: TypeAlias = dict[str, Sequence[StatementReport]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LintOutcome:
    """What linting found. `problems` are the plan's that was tried, `allowed` what comments let stand.

    `looked` and `missed` name, in words, what was looked at and what could not be, and why.
    """

    hazards: tuple[Hazard, ...]
    problems: tuple[PlanProblem, ...] = ()
    allowed: tuple[AllowedPain, ...] = ()
    looked: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()


@dataclass(slots=True)
class _Trial:
    """What trying the files brought to light; `reports` are by version."""

    hazards: Sequence[Hazard] = ()
    reports: _Reports = field(default_factory=dict)
    problems: Sequence[PlanProblem] = ()
    missed: str = ""


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
    before: Sequence[Migration],
    chosen: Sequence[Migration],
    shadow: ShadowOptions | None,
    *,
    lock_timeout_ms: int = 2000,
) -> LintOutcome:
    """What will hurt in the `chosen` files, once those `before` them ran; untried without a `shadow`.

    Raises MigrationFailedError for a file that does not run, BlockedPlanError where they do not fit, and
    RefusedError where they must not be tried.
    """
    full = [migration for migration in chosen if migration.up.statements]
    trial = _Trial(missed="what the files do on a database (--no-shadow)")
    if shadow is not None:
        trial = _try(before, full, shadow) if full else _Trial()
    pains = find_pains(before, chosen, lock_timeout_ms=lock_timeout_ms)
    ours = [hazard for hazard in pains.hazards if not _known_better(hazard, trial)]
    program = squawk.find_program()
    theirs = [
        hazard
        for hazard in (squawk.lint(full) if full and program else ())
        if not squawk.known_better(hazard, trial.reports.get(hazard.version, ()), trial.hazards)
        and not _said_already(hazard, [*pains.hazards, *(each.hazard for each in pains.allowed)], chosen)
    ]
    order = {migration.version: number for number, migration in enumerate(chosen)}
    hazards = sorted(
        [*trial.hazards, *ours, *theirs],
        key=lambda hazard: (order.get(hazard.version, -1), hazard.line, hazard.rule),
    )
    looked = [f"the text ({len(PAIN_RULES)} rules)"]
    looked += [] if trial.missed or not full else ["a trial on a shadow database"]
    looked += ["squawk"] if program else []
    missed = [trial.missed] if trial.missed else []
    missed += [] if program else ["what squawk's rules say (not installed: pip install 'secopskit[lint]')"]
    return LintOutcome(
        hazards=tuple(hazards),
        problems=tuple(trial.problems),
        allowed=pains.allowed,
        looked=tuple(looked),
        missed=tuple(missed),
    )


def _known_better(hazard: Hazard, trial: _Trial) -> bool:
    """Whether the trial has said the same with the facts, or has seen that it does not happen."""
    reports, rule = trial.reports.get(hazard.version, ()), PAIN_RULES[hazard.rule]
    if hazard.rule == _SERVER_REFUSES:
        return bool(reports)
    if (
        rule.traced
        and not _drops_index(hazard, reports)
        and squawk.known_better(replace(hazard, rule=f"squawk:{rule.squawk[0]}"), reports, trial.hazards)
    ):
        return True
    line = max((report.line for report in reports if report.line <= hazard.line), default=0)
    names = {hazard.rule, _TRIAL_SAYS.get(hazard.rule, hazard.rule)}
    return any(
        seen.rule in names and (seen.version, seen.line) == (hazard.version, line) for seen in trial.hazards
    )


def _drops_index(hazard: Hazard, reports: Sequence[StatementReport]) -> bool:
    """Whether the trial confirms it by a lock alone: DROP INDEX reads nothing, and has everybody wait."""
    report = next((report for report in reversed(reports) if report.line <= hazard.line), None)
    return (
        hazard.rule == _INDEX_RULE
        and report is not None
        and any(
            lock.existed and lock.kind == "index" and blocks(lock.mode, "AccessShareLock")
            for lock in report.locks
            if lock.relation not in report.rewrites
        )
    )


def _said_already(theirs: Hazard, ours: Sequence[Hazard], chosen: Sequence[Migration]) -> bool:
    """Whether a rule of ours speaks of the same statement for the same reason as one of squawk's."""
    starts = next(
        ([each.line for each in one.up.statements] for one in chosen if one.version == theirs.version), []
    )
    name = theirs.rule.removeprefix("squawk:")
    return any(
        hazard.version == theirs.version
        and name in PAIN_RULES[hazard.rule].squawk
        and bisect_right(starts, hazard.line) == bisect_right(starts, theirs.line)
        for hazard in ours
    )


def _try(before: Sequence[Migration], chosen: Sequence[Migration], shadow: ShadowOptions) -> _Trial:
    """Run the files; nothing but a note comes of it where there is no PostgreSQL to run them on."""
    plan = make_plan([*before, *chosen], [_as_applied(m) for m in before], None, allow_out_of_order=True)
    refuse_blocked(plan)
    try:
        result = on_shadow(plan, before=before, options=DryRunOptions(shadow=shadow))
    except RefusedError:
        raise
    except SecopsError as error:
        why = f"{error}. {error.advice}".strip()
        return _Trial(
            problems=plan.problems, missed=f"what the files do on a database: they were not tried ({why})"
        )
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
