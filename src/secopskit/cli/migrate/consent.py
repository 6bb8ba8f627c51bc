"""Consent to a plan: a yes, or, for a guarded database, what `guard_production` asks for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from secopskit.cli.ask import Terminal
from secopskit.cli.migrate.output import agree
from secopskit.cli.voice import Voice
from secopskit.conduct.consent import TypedName, obtain
from secopskit.conduct.countdown import count_down
from secopskit.conduct.freeze import require_thaw
from secopskit.errors import UsageError
from secopskit.migrate import guard_production
from secopskit.migrate.model import Direction
from secopskit.migrate.read import provenance
from secopskit.migrate.tell.render import files

if TYPE_CHECKING:
    from secopskit.cli.migrate.place import Open
    from secopskit.migrate.model import MigrationPlan


def consent(database: Open, plan: MigrationPlan, voice: Voice) -> None:
    """Obtain the consent to `plan`. Raises RefusedError where it may not be carried out, or is declined."""
    place, identity = database.place, database.identity
    guarded, given = place.guarded(identity), place.options["confirm_production"]
    database.require_named()
    if given:
        guard_production.require_hash(plan, given)
    _check_git(database, plan)
    if not place.options["during_freeze"]:
        require_thaw(place.settings.freeze, datetime.now(UTC), place.settings.freeze_timezone)
    if not guarded:
        verb = "Undo" if plan.steps[0].direction is Direction.DOWN else "Apply"
        question = (
            f"{verb} {files(len(plan.steps))} on {identity.environment} (database {identity.database})?"
        )
        agree(question, yes=place.options["yes"] or bool(given))
        return
    _check_rehearsal(database, plan)
    if given:
        _count_down(database, voice)
        return
    obtain(
        TypedName(
            name=identity.database,
            prompt=f"Type the name of the database ({identity.database}) to go on",
            warning="This is a guarded database.",
            unattended=f"Look at the plan, then run again with --confirm-production {plan.hash}",
        ),
        Terminal(),
    )


def _check_git(database: Open, plan: MigrationPlan) -> None:
    place = database.place
    clean = place.options["require_clean_git"] or place.settings.require_clean_git
    tag = place.options["require_tag"] or place.settings.require_tag
    if not clean and not tag:
        return
    if place.repository is None:
        raise UsageError("there is no git repository here", advice="Run this in the repository of the files.")
    if clean:
        provenance.require_clean(place.repository)
    if tag:
        provenance.require_tag(place.repository, [step.script for step in plan.steps])


def _check_rehearsal(database: Open, plan: MigrationPlan) -> None:
    from secopskit.migrate.ledger.history import rehearsed_at

    age = timedelta(milliseconds=database.place.settings.dry_run_max_age)
    guard_production.require_rehearsal(plan, rehearsed_at(database.link, plan.hash, age), age)


def _count_down(database: Open, voice: Voice) -> None:
    option = database.place.options["countdown"]
    seconds = database.place.settings.countdown // 1000 if option is None else option
    name = database.identity.environment
    count_down(seconds, lambda left: voice.countdown(name, left, seconds))
