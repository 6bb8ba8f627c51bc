"""`secops fleet report`: each secret once, with every place in every repository."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from secopskit.cli.fleet.place import fleet_option, reader
from secopskit.cli.help import Example, HelpCommand, options_of
from secopskit.cli.options import global_options, settings_of
from secopskit.errors import ExitCode, UsageError
from secopskit.fleet.tell import FORMS, renderer

if TYPE_CHECKING:
    from secopskit.cli.terminal.voice import Voice
    from secopskit.fleet.store.reading import StoreReader
    from secopskit.fleet.tell.facts import FleetFacts
    from secopskit.fleet.tell.gather import SecretFilter

_FORMS: Final = (*FORMS, "json", "sarif")
_SEVERITIES: Final = ("info", "low", "medium", "high", "critical")
_LIMIT: Final = 50
_NOTE: Final = ".secops-fleet"
_LARGEST_NOTE: Final = 64 * 1024 * 1024
_form = options_of("Report")
_which = options_of("Which secrets")
_run = options_of("Which run")


@click.command(
    cls=HelpCommand,
    examples=(
        Example("secops fleet report", "The last run."),
        Example("secops fleet report --new -f csv -o new.csv", "What no earlier run has seen."),
        Example("secops fleet report --owner '@acme/payments' --in-head", "What a team can still see."),
        Example("secops fleet report -f sarif -o sarif/", "A file for each repository, for code scanning."),
    ),
)
@_form(
    "-f",
    "--format",
    "form",
    type=click.Choice(_FORMS),
    default="text",
    help="Form of the report; sarif: a file for each repository [default: text].",
)
@_form(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write it to a file, 0600; sarif: into a directory.",
)
@_form(
    "--limit",
    type=click.IntRange(0),
    metavar="N",
    help=f"Show at most N secrets on a terminal; 0: all [default: {_LIMIT}].",
)
@_which("--new", is_flag=True, help="Those that no earlier run has seen.")
@_which("--in-head", is_flag=True, help="Those that a default branch still has, or may have.")
@_which("--min-severity", type=click.Choice(_SEVERITIES), help="Those of this severity on.")
@_which("--owner", metavar="GLOB", help="Those of an owner, as CODEOWNERS has it.")
@_which("--repository", metavar="GLOB", help="Those in repositories of such a name.")
@_run("--run", "number", type=click.IntRange(1), metavar="N", help="That run [default: the last].")
@fleet_option
@global_options
@click.pass_context
def report(context: click.Context, /, **options: Any) -> ExitCode:
    """Tell what a run has found: one secret in thirty repositories is told once, with every place.

    What was not looked into, not read or held back is told beside it. Exit code 0, whatever it tells.
    """
    from secopskit.cli.terminal.voice import Voice
    from secopskit.settings.environment import read_environment

    _check(options)
    voice = Voice.of(settings_of(context), read_environment())
    with reader(options["directory"]) as store:
        if options["form"] == "sarif":
            _write_sarif(store, options, voice)
        else:
            _deliver(store, options, voice)
    return ExitCode.OK


def _check(options: dict[str, Any]) -> None:
    for name in ("owner", "repository"):
        if options[name] == "":
            raise UsageError(f"--{name} names nothing", advice="Is a variable of the command line empty?")
    if options["form"] == "sarif":
        if options["output"] is None:
            raise UsageError("sarif makes many files", advice="Name a directory for them: --output DIR.")
        if _filter(options).words:
            raise UsageError("sarif tells everything", advice="Leave out what chooses secrets.")
    if options["limit"] is not None and (options["form"] != "text" or options["output"] is not None):
        raise UsageError("this form tells everything", advice="Leave out --limit.")


def _filter(options: dict[str, Any]) -> SecretFilter:
    from secopskit.fleet.tell.gather import SecretFilter

    return SecretFilter(
        severity=options["min_severity"] or "",
        new=options["new"],
        in_head=options["in_head"],
        owner=options["owner"] or "",
        repository=options["repository"] or "",
    )


def _deliver(store: StoreReader, options: dict[str, Any], voice: Voice) -> None:
    from secopskit.cli.fleet.show import show_text
    from secopskit.fleet.tell.gather import fleet_facts

    to_people = options["form"] == "text" and options["output"] is None
    most = _LIMIT if options["limit"] is None else options["limit"]
    facts = fleet_facts(store, options["number"], _filter(options), most=most if to_people else 0)
    if to_people:
        show_text(facts, voice, secrets=True)
    else:
        _write(facts, options, voice)


def _write(facts: FleetFacts, options: dict[str, Any], voice: Voice) -> None:
    from secopskit.cli.terminal.voice import document
    from secopskit.fleet.tell.words import headline
    from secopskit.report.annotation import without_commands
    from secopskit.state.named_file import write_private

    form: str = options["form"]
    text = without_commands(document("fleet", facts) if form == "json" else renderer(form)(facts))
    if options["output"] is None:
        click.echo(text, nl=False)
    else:
        write_private(options["output"], text)
        voice.tell(f"{headline(facts)}; the report is in {options['output']}")
    if options["form"] == "csv":
        _tell_beside(facts, voice)


def _tell_beside(facts: FleetFacts, voice: Voice) -> None:
    """What the form has no place for."""
    for note in facts.notes:
        voice.insist(note)
    for one in facts.repositories:
        if not one.seen:
            voice.insist(f"not looked into: {one.name} ({one.state}): {one.reason}")
    unread = sum(sum(one.skipped_for.values()) for one in facts.repositories)
    held = sum(sum(one.suppressed.values()) for one in facts.repositories)
    limits = sum(len(one.limits) for one in facts.repositories)
    voice.insist(f"not read: {unread:,}; held back: {held:,}; limits: {limits:,}; the json form has them all")


def _write_sarif(store: StoreReader, options: dict[str, Any], voice: Voice) -> None:
    from secopskit.fleet.tell.sarif import logs
    from secopskit.report.text import count
    from secopskit.state.named_file import write_private

    run = store.run(options["number"])
    directory: Path = options["output"]
    try:
        os.makedirs(directory, mode=0o700, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{directory}: cannot be a directory: {error.strerror}", advice="Name another one."
        ) from None
    earlier, written = _noted(directory), list[str]()
    for name, text in logs(store, run):
        write_private(directory / name, text)
        written.append(name)
        earlier.discard(name)
    for name in earlier:  # of repositories that have no result any more
        (directory / name).unlink(missing_ok=True)
    write_private(directory / _NOTE, "".join(f"{name}\n" for name in written))
    unseen = [one for one in store.units(run) if not one.scan]
    voice.tell(f"{count(len(written), 'file')} in {directory}")
    for one in unseen:
        voice.insist(f"without a file, not looked into: {one.name} ({one.state.value}): {one.reason}")


def _noted(directory: Path) -> set[str]:
    """The files that an earlier report has written into a directory, as its note says."""
    from secopskit.fleet.tell.sarif import is_file_name
    from secopskit.state.smallfiles import read_small

    if not (directory / _NOTE).is_file():
        return set()
    lines = read_small(directory / _NOTE, limit=_LARGEST_NOTE, within=directory).decode("ascii", "replace")
    return set(filter(is_file_name, lines.splitlines()))
