"""`secops status`: how far each exposed secret has come, and what comes next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from secopskit.cli.help import Example, HelpCommand, options_of
from secopskit.cli.options import global_options, settings_of
from secopskit.errors import ExitCode, SecopsError, UsageError

if TYPE_CHECKING:
    from secopskit.cli.options import Settings
    from secopskit.cli.terminal.voice import Voice
    from secopskit.incident.gather import Incident
    from secopskit.scan.session import ScanSession

_FORMS = ("text", "json", "md", "html")


_ci_option = options_of("CI")
_report_option = options_of("Report")
_place_option = options_of("Settings")


@click.command(
    cls=HelpCommand,
    examples=(
        Example("secops status", "Where the incident stands, and the next command."),
        Example("secops status -f md -o incident.md", "The report for those who were not there."),
        Example("secops status --check", "In CI: 1 while a secret is exposed and alive."),
    ),
)
@click.argument("path", default=".", metavar="[PATH]", type=click.Path(exists=True, file_okay=False))
@_ci_option(
    "--check", is_flag=True, help="Exit with 1 while an exposed secret is neither rotated nor accepted."
)
@_ci_option(
    "--write-record",
    is_flag=True,
    help="Write which secrets are dead into a file to be committed, so that CI knows.",
)
@_ci_option(
    "--record",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="That file [default: .secops.incident.json].",
)
@_report_option(
    "-f",
    "--format",
    "form",
    type=click.Choice(_FORMS),
    default="text",
    help="Form; md and html are the incident report [default: text].",
)
@_report_option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write it to a file, 0600."
)
@_place_option("--config", type=click.Path(dir_okay=False, path_type=Path), help="The configuration.")
@_place_option(
    "-j", "--jobs", type=click.IntRange(0, 512), metavar="N", help="Processes [default: one a core]."
)
@global_options
@click.pass_context
def status(context: click.Context, /, **options: Any) -> ExitCode:
    """Show each exposed secret of the repository at PATH: its state, and the command that comes next.

    Looks at the whole history and at what the other commands have put down. With --check, exit code 1
    stops a merge. See docs/INCIDENT.md.
    """
    from secopskit.cli.terminal.progress import tell
    from secopskit.cli.terminal.voice import Voice
    from secopskit.scan.session import Overrides, ScanSession
    from secopskit.settings.shown import Shown

    settings = settings_of(context)
    overrides = Overrides(config=options["config"], jobs=options["jobs"], show=Shown.ALL)
    session = ScanSession(options["path"], overrides, notice=tell)
    voice = Voice.of(settings, session.environment)
    if session.repository is None:
        return _no_repository(session, voice, options)
    return _status(session, voice, options, settings)


def _no_repository(session: ScanSession, voice: Voice, options: dict[str, Any]) -> ExitCode:
    """Say that there is nothing to be exposed by. A gate that has looked at nothing must not open."""
    from secopskit.git.discovery import require_none

    require_none(session.root, "Until then nobody knows what its history exposes.")
    if options["check"]:
        raise UsageError(
            f"{session.root}: not a git repository: there is nothing to check",
            advice="Run it in a clone with its whole history (fetch-depth: 0).",
        )
    from secopskit.incident.tell.facts import IncidentFacts

    facts = IncidentFacts(
        repository=session.root,
        looked_at="no history: this is not a git repository",
        complete=False,
        limits=("Files that are not committed are the matter of `secops scan`.",),
        counts={},
        gating=0,
        secrets=(),
    )
    _deliver(facts, voice, options, everything=False)
    return ExitCode.OK


def _status(session: ScanSession, voice: Voice, options: dict[str, Any], settings: Settings) -> ExitCode:
    from secopskit.cli.incident.surroundings import incident_context
    from secopskit.incident.gather import gather, write_shared
    from secopskit.incident.tell.gather_facts import incident_facts

    context = incident_context(session, voice, options)
    incident = gather(context)
    facts = incident_facts(incident, context.repository.root)
    _deliver(facts, voice, options, everything=settings.verbosity > 0)
    if options["write_record"]:
        changed = write_shared(context, incident)
        nothing = "No dead secret to put on record, or none that is new."
        voice.tell(f"wrote {context.shared}: commit it" if changed else nothing)
    return _checked(incident) if options["check"] else ExitCode.OK


def _checked(incident: Incident) -> ExitCode:
    """The verdict of the gate. Raises SecopsError where it could not see enough to open."""
    if incident.open:
        return ExitCode.FINDINGS
    if not incident.look.complete:
        raise SecopsError(
            "this clone does not have the whole history: what stands in the rest of it was not seen",
            advice=f"{incident.look.cure}. In CI: `fetch-depth: 0` (GitLab: `GIT_DEPTH: 0`), no filter.",
        )
    return ExitCode.OK


def _deliver(facts: Any, voice: Voice, options: dict[str, Any], *, everything: bool) -> None:
    from secopskit.cli.incident.show import rendered, show
    from secopskit.state.named_file import write_private

    if options["output"] is None:
        show(facts, options["form"], voice, everything=everything)
        return
    write_private(options["output"], rendered(facts, options["form"], painted=False, everything=True))
    voice.tell(f"The report is in {options['output']}.")
