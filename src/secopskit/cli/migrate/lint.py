"""`secops migrate lint`: look for statements that will hurt."""

from __future__ import annotations

from typing import Any

import click

from secopskit.cli.extras import missing_extra
from secopskit.cli.migrate.inputs import CommandInputs
from secopskit.cli.migrate.options import directory_option, shadow_options, target_options
from secopskit.cli.migrate.output import problems_shown, voice_of, warn
from secopskit.cli.migrate.show_dry_run import show_hazards
from secopskit.errors import ExitCode
from secopskit.migrate.model import count_files


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
    from secopskit.migrate import lint as linting
    from secopskit.migrate.look.squawk import find_program
    from secopskit.migrate.tell.render import VERSION
    from secopskit.migrate.tell.render_dryrun import hazard_data, hazards_markdown

    inputs = CommandInputs(options)
    voice = voice_of(context, inputs)
    loaded = inputs.load()
    warn(voice, [problem for problem in loaded.problems if not problem.blocking])
    before, chosen = linting.choose_files(loaded, _applied(inputs), since=options["since"])
    if options["no_shadow"] and find_program() is None:  # nobody at all would look
        raise missing_extra("lint", "squawk")
    with problems_shown(voice):
        found = linting.lint(before, chosen, None if options["no_shadow"] else inputs.shadow)
    warn(voice, found.problems)
    for note in found.notes:
        voice.tell(f"note: {note}", fg="yellow")
    hazards = [hazard for hazard in found.hazards if hazard.rule not in options["exclude"]]

    def text() -> None:
        show_hazards(hazards, voice)
        voice.say(f"{count_files(len(chosen))}: {len(hazards) or 'nothing'} found")

    voice.result(
        lambda: {"version": VERSION, "files": len(chosen), "hazards": [hazard_data(h) for h in hazards]}, text
    )
    voice.summarise("### Lint\n\n" + (hazards_markdown(hazards) or f"{len(chosen)} files: nothing found.\n"))
    return ExitCode.FINDINGS if hazards else ExitCode.OK


def _applied(inputs: CommandInputs) -> list[str]:
    """The versions that the database has, where only what it has not is asked for."""
    if not inputs.options["pending"]:
        return []
    with inputs.context.opened() as database:
        return [row.version for row in database.applied]
