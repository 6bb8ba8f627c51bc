"""Consent to a plan: a yes, or, for a guarded database, what `guard_production` asks for."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from secopskit.cli.boundary import printable
from secopskit.cli.migrate.output import Voice, agree, interactive
from secopskit.errors import RefusedError, UsageError
from secopskit.migrate import guard_production
from secopskit.migrate.model import Direction
from secopskit.migrate.read import provenance
from secopskit.migrate.tell.render import files

if TYPE_CHECKING:
    from secopskit.cli.migrate.place import Open
    from secopskit.migrate.model import MigrationPlan


def consent(database: Open, plan: MigrationPlan, voice: Voice) -> bool:
    """Whether `plan` may be carried out. Raises RefusedError where it may not, whatever anybody says."""
    place, identity = database.place, database.identity
    guarded, given = place.guarded(identity), place.options["confirm_production"]
    database.require_named()
    if given:
        guard_production.require_hash(plan, given)
    _check_git(database, plan)
    if not place.options["during_freeze"]:
        guard_production.require_thaw(
            place.settings.freeze, datetime.now(UTC), place.settings.freeze_timezone
        )
    if not guarded:
        verb = "Undo" if plan.steps[0].direction is Direction.DOWN else "Apply"
        question = (
            f"{verb} {files(len(plan.steps))} on {identity.environment} (database {identity.database})?"
        )
        return agree(question, yes=place.options["yes"] or bool(given))
    _check_rehearsal(database, plan)
    if given:
        _count_down(database, voice)
        return True
    if not interactive():
        raise RefusedError(
            f"{identity.environment} needs a consent that names the plan; --yes is not enough",
            advice=f"Look at the plan, then run again with --confirm-production {plan.hash}",
        )
    return _typed(identity.database, voice)


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


def _typed(name: str, voice: Voice) -> bool:
    voice.tell("This is a guarded database.", fg="red", bold=True)
    answer: str = click.prompt(
        printable(f"Type the name of the database ({name}) to go on"),
        default="",
        show_default=False,
        err=True,
    )
    if answer != name:
        voice.tell("That is not its name: nothing was done.")
    return answer == name


def _count_down(database: Open, voice: Voice) -> None:
    """A last moment to stop it. Its end is visible in a log, too: one line every ten seconds."""
    option = database.place.options["countdown"]
    seconds = database.place.settings.countdown // 1000 if option is None else option
    live = sys.stderr.isatty() and not voice.quiet
    for left in range(seconds, 0, -1):
        if live:
            click.echo(f"\r\x1b[2KGoing on in {left} s. Ctrl-C stops it.", err=True, nl=False)
        elif left == seconds or left % 10 == 0:
            voice.tell(f"Going on with {database.identity.environment} in {left} s; cancel to stop it.")
        time.sleep(1)
    if live:
        click.echo("\r\x1b[2K", err=True, nl=False)
