"""`secops remediate`: walks an incident to its end, and asks before each step that changes something."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from secopskit.cli.help import Example, HelpCommand, options_of
from secopskit.cli.options import global_options, settings_of
from secopskit.cli.rotate.options import drain_option, place_options
from secopskit.errors import ExitCode

if TYPE_CHECKING:
    from secopskit.cli.options import Settings
    from secopskit.cli.terminal.voice import Voice
    from secopskit.incident.walk.request import WalkContext
    from secopskit.incident.walk.walk import WalkOutcome

_FORMS = ("text", "json", "md", "html")
_GO_ON = "Go on with `secops remediate`: it finds where it was."


_what_option = options_of("What is dealt with")
_consent_option = options_of("Consent")
_value_option = options_of("Where new values go")
_purge_option = options_of("The purge")
_report_option = options_of("Report")


@click.command(
    cls=HelpCommand,
    examples=(
        Example("secops remediate", "Walk the incident to its end; asks before each step."),
        Example("secops remediate --only 3f2a9c", "One finding alone."),
        Example("secops remediate --report incident.md", "With the report of what was done."),
    ),
)
@_what_option("--only", multiple=True, metavar="FINDING", help="Deal with this finding alone; repeatable.")
@_what_option(
    "--revoked",
    multiple=True,
    metavar="FINDING",
    help="State that this secret was revoked by hand where it was issued; repeatable.",
)
@_consent_option(
    "-y", "--yes", is_flag=True, help="Answer yes to all questions but those about outages and --push."
)
@_consent_option("--push", is_flag=True, help="With --yes: replace the history on the remotes, too.")
@_consent_option(
    "--accept-outage",
    "outages",
    multiple=True,
    metavar="NAME",
    help="Accept that readers of NAME (or all) fail until they have its new value; repeatable.",
)
@drain_option
@_value_option(
    "--edit",
    "edits",
    multiple=True,
    metavar="FILE",
    help="Replace the value in this dotenv file, too, though nobody declares it; repeatable.",
)
@_value_option(
    "--to-file", metavar="FILE", default="", help="Write new values to this dotenv file, 0600, as well."
)
@_purge_option(
    "--places-only",
    is_flag=True,
    help="Purge values too short or too common from the files where a scan found them.",
)
@_purge_option("--backup-dir", metavar="DIR", help="Where the purge's backup goes [default: beside it].")
@_purge_option("--no-backup", is_flag=True, help="Have the purge make no backup.")
@place_options
@_report_option(
    "-f",
    "--format",
    "form",
    type=click.Choice(_FORMS),
    default="text",
    help="Form of the end [default: text].",
)
@_report_option(
    "--report",
    "report_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the incident report to a file as well, as its end says: .md, .html, .json or .txt.",
)
@global_options
@click.pass_context
def remediate(context: click.Context, /, **options: Any) -> ExitCode:
    """Walk the incident to its end: rotate, sync, purge, push, verify, guard.

    Each step shows its plan, asks, acts, and looks. Stop it, or let it be killed, anywhere: run it again,
    and it finishes what was begun and goes on. Exit code 4 means that something has to be done first, and
    it is said what. See docs/INCIDENT.md.
    """
    from secopskit.cli.terminal.voice import Voice
    from secopskit.settings.environment import read_environment

    settings = settings_of(context)
    form = options["form"] if options["form"] == "text" else "json"  # one document: the end
    voice = Voice.of(settings, read_environment(), form=form)
    surroundings = _surroundings(voice, options)
    try:
        outcome = _walk(surroundings)
    except (KeyboardInterrupt, click.Abort):
        voice.note(f"Stopped. {_GO_ON}")
        raise
    return _shown(surroundings, outcome, voice, options, settings)


def _surroundings(voice: Voice, options: dict[str, Any]) -> WalkContext:
    from secopskit.cli.incident.surroundings import incident_context
    from secopskit.cli.rotate.options import consents_of, from_root
    from secopskit.cli.rotate.surroundings import context_of
    from secopskit.hooks.script import Interpreter
    from secopskit.incident.walk.request import RemediateRequest, WalkContext
    from secopskit.purge.request import PushAccess
    from secopskit.settings.environment import inherited

    rotation = context_of(voice, options)
    root = rotation.session.root
    request = RemediateRequest(
        consents=consents_of(options),
        only=options["only"],
        revoked=options["revoked"],
        edits=tuple(from_root(file, root) for file in options["edits"]),
        to_file=from_root(options["to_file"], root) if options["to_file"] else "",
        push=options["push"],
        places_only=options["places_only"],
        backup=not options["no_backup"],
        backup_dir=options["backup_dir"],
    )
    return WalkContext(
        incident=incident_context(rotation.session, voice, options, sync=rotation.sync),
        rotation=rotation,
        request=request,
        access=PushAccess(variables=inherited(), prompt=not options["yes"] and sys.stderr.isatty()),
        interpreter=Interpreter.of(sys.executable),
        tell=voice,
    )


def _walk(surroundings: WalkContext) -> WalkOutcome:
    from secopskit.errors import RefusedError
    from secopskit.incident.walk.walk import walk

    try:
        return walk(surroundings)
    except RefusedError as error:
        raise RefusedError(str(error), advice=f"{error.advice} {_GO_ON}".strip()) from None


def _shown(
    surroundings: WalkContext, outcome: WalkOutcome, voice: Voice, options: dict[str, Any], settings: Settings
) -> ExitCode:
    from secopskit.cli.incident.show import rendered, show
    from secopskit.incident.tell.gather_facts import incident_facts
    from secopskit.state.named_file import write_private

    facts = incident_facts(outcome.incident, surroundings.repository.root)
    if options["form"] == "text":
        click.echo()
    show(facts, options["form"], voice, everything=settings.verbosity > 0)
    if file := options["report_file"]:
        form = {".md": "md", ".html": "html", ".json": "json"}.get(file.suffix.lower(), "text")
        write_private(file, rendered(facts, form, painted=False, everything=True))
        voice.note(f"The report is in {file}.")
    for one in outcome.left:
        voice.insist(f"Left, {one.step}: {one.words}", fg="yellow")
        if one.advice:
            voice.insist(f"  {one.advice}")
    return outcome.code
