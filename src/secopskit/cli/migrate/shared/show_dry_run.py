"""How a dry run is shown: each statement with its locks and rewrites, then what will hurt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secopskit.cli.terminal.table import print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secopskit.cli.terminal.voice import Voice
    from secopskit.migrate.apply.progress import RunEvent
    from secopskit.migrate.look.dryrun import DryRun
    from secopskit.migrate.model import Hazard, MigrationPlan, StatementReport

_TEXT = 60
# Up to so many statements of a file are shown one by one; of a longer one, those that somebody notices.
_ALL = 100


def show_step(event: RunEvent, voice: Voice) -> None:
    """A line for each file that was tried."""
    from secopskit.migrate.apply.progress import StepDone
    from secopskit.migrate.tell.render import duration

    if isinstance(event, StepDone):
        migration = event.step.migration
        voice.tell(f"tried {migration.version} {migration.name} ({duration(event.duration_ms)})", dim=True)


def show_dry_run(plan: MigrationPlan, result: DryRun, voice: Voice, *, whole: bool = False) -> None:
    """Print what a dry run found out; `whole`: each statement, however many there are."""
    from secopskit.migrate.tell.render import duration

    for step in result.steps:
        voice.say(f"{step.step.script.path}")
        shown = step.statements if whole else _telling(step.statements)
        print_table(
            voice,
            ("Line", "Statement", "Locks on what is in use", "Rewrites", "Time"),
            [
                (
                    report.line,
                    _short(report.text),
                    "\n".join(locks(report)),
                    "\n".join(report.rewrites),
                    duration(report.duration_ms),
                )
                for report in shown
            ],
        )
        if left_out := len(step.statements) - len(shown):
            voice.say(f"and {left_out} statements that lock nothing in use and rewrite nothing (-v: each)")
        for said in step.notices:
            voice.tell(f"  {step.step.migration.version}: {said}")
        voice.say()
    show_hazards(result.hazards, voice)
    for note in result.notes:
        voice.tell(f"note: {note}", fg="yellow")
    if result.ok:
        tried = f"tried on the {result.where}, PostgreSQL {result.version}, in {duration(result.duration_ms)}"
        voice.say(f"The plan passes: {tried}.")
        voice.say(f"plan {plan.hash}")


def _telling(reports: Sequence[StatementReport]) -> Sequence[StatementReport]:
    """Of many statements those that lock or rewrite something, and the last, where it may have stopped."""
    if len(reports) <= _ALL:
        return reports
    return [each for each in reports if each is reports[-1] or each.rewrites or locks(each)]


def show_hazards(hazards: Sequence[Hazard], voice: Voice) -> None:
    """Print what will hurt, with what to do instead."""
    for hazard in hazards:
        voice.say(f"! {hazard.version}, line {hazard.line}: {hazard.message}  [{hazard.rule}]")
        if hazard.advice:
            voice.say(f"  {hazard.advice}")
    if hazards:
        voice.say()


def locks(report: StatementReport) -> list[str]:
    """The locks of a statement on relations that others use, the telling ones only."""
    from secopskit.migrate.look.hazards import size_text

    return [
        f"{lock.mode} on {lock.relation}{size_text(lock.size)}"
        for lock in report.locks
        if lock.existed and lock.mode != "AccessShareLock"
    ]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _TEXT else line[: _TEXT - 1] + "…"
