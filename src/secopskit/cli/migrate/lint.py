"""`secops migrate lint`: look for statements that will hurt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from secopskit.cli.extras import missing_extra
from secopskit.cli.migrate.carry_out import refuse_blocked
from secopskit.cli.migrate.options import directory_option, shadow_options, target_options
from secopskit.cli.migrate.output import voice_of, warn
from secopskit.cli.migrate.place import Place
from secopskit.cli.migrate.rehearsed import show_hazards
from secopskit.cli.voice import Voice
from secopskit.errors import ExitCode, SecopsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secopskit.migrate.model import Applied, Hazard, Migration


@click.command()
@click.option("--since", metavar="VERSION", help="Only files newer than this version.")
@click.option("--pending", is_flag=True, help="Only files that the database does not have yet.")
@click.option("--exclude", multiple=True, metavar="RULE", help="A rule to leave out.")
@click.option("--no-shadow", is_flag=True, help="Do not try the files; squawk's word only.")
@shadow_options
@directory_option
@target_options
@click.pass_context
def lint(context: click.Context, /, **options: Any) -> ExitCode:
    """Look for statements that will hurt: by trying them on a shadow database, and with squawk.

    No database is needed, but for --pending. Exit code 1 means that something was found. squawk is
    an optional part: `pip install 'secopskit[lint]'`.
    """
    from secopskit.migrate.tell.render import VERSION, files
    from secopskit.migrate.tell.render_dryrun import hazard_data, hazards_markdown

    place = Place(options)
    voice = voice_of(context, place)
    before, chosen = _choose(place, voice)
    hazards = [
        hazard for hazard in _find(place, voice, before, chosen) if hazard.rule not in options["exclude"]
    ]

    def text() -> None:
        show_hazards(hazards, voice)
        voice.say(f"{files(len(chosen))}: {len(hazards) or 'nothing'} found")

    voice.result(
        lambda: {"version": VERSION, "files": len(chosen), "hazards": [hazard_data(h) for h in hazards]}, text
    )
    voice.summarise("### Lint\n\n" + (hazards_markdown(hazards) or f"{len(chosen)} files: nothing found.\n"))
    return ExitCode.FINDINGS if hazards else ExitCode.OK


def _choose(place: Place, voice: Voice) -> tuple[Sequence[Migration], Sequence[Migration]]:
    """The files that count as known, and those to look at."""
    from secopskit.migrate.read.files import version_key

    loaded = place.load(whole=True)
    warn(voice, [problem for problem in loaded.problems if not problem.blocking])
    known: set[tuple[int, ...]] = set()
    if place.options["pending"]:
        with place.opened() as database:
            known = {version_key(row.version) for row in database.applied}
    if since := place.options["since"]:
        bound = version_key(since)
        if bound not in {version_key(m.version) for m in loaded.migrations}:
            raise UsageError(f"there is no version {since[:60]!r}", advice="Name a version among the files.")
        known |= {version_key(m.version) for m in loaded.migrations if version_key(m.version) <= bound}
    before = [m for m in loaded.migrations if version_key(m.version) in known]
    chosen = [m for m in loaded.migrations if version_key(m.version) not in known]
    if broken := next((m for m in chosen if m.up.fault), None):
        fault = next((p for p in loaded.problems if p.version == broken.version), None)
        raise UsageError(
            fault.message if fault else broken.up.fault, advice=fault.advice if fault else "Correct the file."
        )
    return before, chosen


def _find(
    place: Place, voice: Voice, before: Sequence[Migration], chosen: Sequence[Migration]
) -> list[Hazard]:
    from secopskit.migrate.look import lint as squawk

    found: list[Hazard] = []
    seen: dict[str, Any] = {}
    if not place.options["no_shadow"] and chosen:
        found, seen = _try(place, voice, before, chosen)
    if squawk.squawk() is None:
        if place.options["no_shadow"]:  # nobody at all would look
            raise missing_extra("lint", "squawk")
        voice.tell(
            "note: squawk is not installed (pip install 'secopskit[lint]'): its rules are left out",
            fg="yellow",
        )
        return found
    more = [
        hazard
        for hazard in (squawk.lint(chosen) if chosen else ())
        if not squawk.known_better(hazard, seen.get(hazard.version, ()), found)
    ]
    order = {migration.version: number for number, migration in enumerate(chosen)}
    return sorted(
        [*found, *more], key=lambda hazard: (order.get(hazard.version, -1), hazard.line, hazard.rule)
    )


def _try(
    place: Place, voice: Voice, before: Sequence[Migration], chosen: Sequence[Migration]
) -> tuple[list[Hazard], dict[str, Any]]:
    """What trying the files brings to light; nothing but a note where there is no PostgreSQL to try on."""
    from secopskit.migrate.apply.progress import MigrationFailedError
    from secopskit.migrate.look.dryrun import DryRunOptions, on_shadow
    from secopskit.migrate.plan import make_plan

    known = [_as_applied(migration) for migration in before]
    plan = make_plan([*before, *chosen], known, None, allow_out_of_order=True)
    refuse_blocked(plan, voice)
    try:
        result = on_shadow(plan, before=before, options=DryRunOptions(shadow=place.shadow))
    except SecopsError as error:
        voice.tell(f"note: the files were not tried: {error}. {error.advice}", fg="yellow")
        return [], {}
    if result.failure:
        raise MigrationFailedError(result.failure)
    return list(result.hazards), {step.step.migration.version: step.statements for step in result.steps}


def _as_applied(migration: Migration) -> Applied:
    from secopskit.migrate.model import Applied, VersionState

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
