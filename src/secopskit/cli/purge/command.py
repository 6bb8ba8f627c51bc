"""`secops purge-history`: take leaked values out of the whole history, and prove that they are gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from secopskit.cli.completion.values import rule_ids
from secopskit.cli.help import Example, HelpCommand, options_of
from secopskit.cli.options import Settings, global_options, settings_of
from secopskit.cli.terminal.progress import tell
from secopskit.cli.terminal.voice import FORMS, Voice
from secopskit.errors import ExitCode, UsageError
from secopskit.purge.model import DEFAULT_REPLACEMENT, ArchiveFate, Style
from secopskit.purge.values.rotation import ALL
from secopskit.scan.session import Overrides, ScanSession

_Command = TypeVar("_Command", bound=Callable[..., Any])
_MODES: Final = ("apply", "verify", "resume", "abort", "rollback")


_how_option = options_of("What takes its place")
_path_option = options_of("Files that go")
_mode_option = options_of("What is done")
_what_option = options_of("What goes")
_backup_option = options_of("Backup and rotation")
_report_option = options_of("Report and settings")


def _what_options(command: _Command) -> _Command:
    """What says what is to go."""
    for decorate in (
        _how_option(
            "--archives",
            type=click.Choice([fate.value for fate in ArchiveFate]),
            help="Archives that hold a value: drop the files from every commit, replace them by a note, or "
            "keep them and the values [default: ask].",
        ),
        _path_option(
            "--follow",
            is_flag=True,
            help="With --path: remove the same content under other names and where it was copied, too.",
        ),
        _path_option("--keep-head", is_flag=True, help="With --path: keep what HEAD has there."),
        _path_option(
            "--path-only", is_flag=True, help="With --path: purge nothing else; what a scan finds remains."
        ),
        _path_option(
            "--path",
            "paths",
            multiple=True,
            metavar="NAME",
            help="Remove a file or directory from every commit, too; as git names it. Repeatable.",
        ),
        _mode_option(
            "--unstage",
            is_flag=True,
            help="Take values that are staged, not committed, out of the index; the files stay.",
        ),
        _what_option(
            "--places-only",
            is_flag=True,
            help="Replace values too short or too common in the files where a scan found them.",
        ),
        _what_option(
            "--prompt", is_flag=True, help="Ask for the values; what is typed or pasted is not shown."
        ),
        _what_option(
            "--secret-file",
            "secret_files",
            multiple=True,
            metavar="FILE",
            help="Take the values from a file, one a line, as they are or as base64:…; - for standard input.",
        ),
        _what_option(
            "--findings",
            "report",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Purge what a JSON report of `secops scan` lists.",
        ),
        _what_option(
            "--no-baseline", is_flag=True, help="Purge what baselines and ignore files accept, too."
        ),
        _what_option("--finding", "ids", multiple=True, metavar="ID", help="Purge this finding; repeatable."),
        _what_option(
            "--rule",
            "rules",
            multiple=True,
            metavar="ID",
            shell_complete=rule_ids,
            help="Purge findings of a rule; repeatable.",
        ),
    ):
        command = decorate(command)
    return command


def _how_options(command: _Command) -> _Command:
    """What says what takes its place, and who may be told."""
    for decorate in (
        _backup_option(
            "--rotated",
            multiple=True,
            is_flag=False,
            flag_value=ALL,
            metavar="[ID]",
            help="State that the values are rotated: all, or this one (a number or finding of the plan).",
        ),
        _how_option(
            "--keep-ids",
            is_flag=True,
            help='Leave the old ids of commits in messages ("This reverts commit ...").',
        ),
        _how_option(
            "--replacement-for",
            "own",
            nargs=2,
            multiple=True,
            metavar="ID TEXT",
            help="The text for one value of the plan; repeatable.",
        ),
        _how_option(
            "--style",
            type=click.Choice([style.value for style in Style]),
            default=Style.TEXT.value,
            help="Write the same text for all, name the rule, or keep the length [default: text].",
        ),
        _how_option(
            "--replacement",
            default=DEFAULT_REPLACEMENT.decode(),
            metavar="TEXT",
            help=f"What takes the values' place [default: {DEFAULT_REPLACEMENT.decode()}].",
        ),
    ):
        command = decorate(command)
    return command


def _mode_options(command: _Command) -> _Command:
    """What is to be done. Without any of them, the plan is shown."""
    for decorate in (
        _mode_option("--wait", is_flag=True, help="Wait for another purge of the repository to end."),
        _backup_option(
            "--backup-dir", metavar="DIR", help="Where the backup goes, or lies [default: beside it]."
        ),
        _backup_option("--no-backup", is_flag=True, help="Make no backup: then there is no --rollback."),
        _mode_option("-y", "--yes", is_flag=True, help="Do not ask for a confirmation."),
        _mode_option("--push", is_flag=True, help="Replace the refs of the remotes, each under a lease."),
        _mode_option("--rollback", is_flag=True, help="Undo the last purge, from its backup."),
        _mode_option(
            "--abort", is_flag=True, help="Give up a purge that stopped before it changed anything."
        ),
        _mode_option("--resume", is_flag=True, help="Finish a purge that stopped half-way."),
        _mode_option(
            "--verify", is_flag=True, help="Only prove that the values are gone, or name what is left."
        ),
        _mode_option("--apply", is_flag=True, help="Rewrite the history as the plan says."),
    ):
        command = decorate(command)
    return command


@click.command(
    cls=HelpCommand,
    examples=(
        Example("secops purge-history", "The plan: what would change, and what would stay."),
        Example("secops purge-history --apply", "Do it: backup, rewrite, clean up, prove; asks."),
        Example("secops purge-history --path dump.sql --apply", "Take a file out of every commit, too."),
        Example(
            "secops purge-history --verify --secret-file values.txt", "The proof alone, as in a fresh clone."
        ),
    ),
)
@click.argument("path", default=".", metavar="[PATH]", type=click.Path(exists=True, file_okay=False))
@_mode_options
@_what_options
@_how_options
@_report_option(
    "-f", "--format", "form", type=click.Choice(FORMS), help="Form of what is printed [default: text]."
)
@_report_option(
    "--report",
    "report_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the report to a file as well, as its end says: .txt, .md or .json.",
)
@_report_option("--config", type=click.Path(dir_okay=False, path_type=Path), help="The configuration.")
@_report_option(
    "-j", "--jobs", type=click.IntRange(0, 512), metavar="N", help="Processes [default: one a core]."
)
@global_options
@click.pass_context
def purge_history(context: click.Context, /, **options: Any) -> int:
    """Take leaked values out of every commit of the repository at PATH, and prove that they are gone.

    Shows a plan; --apply carries it out. The values are the findings of a history scan, unless options
    name others. Exit code 1 means that there is work to do, or that something is left. See
    docs/PURGE_HISTORY.md.
    """
    settings = settings_of(context)
    _check(options)
    overrides = Overrides(
        config=options["config"], jobs=options["jobs"], use_baseline=not options["no_baseline"]
    )
    session = ScanSession(options["path"], overrides, notice=tell)
    session.require_repository("purging its history")
    voice = Voice.of(settings, session.environment, form=options["form"], report=options["report_file"])
    return _dispatch(session, voice, options, settings)


def _check(options: dict[str, Any]) -> None:
    """Raise UsageError where the command line contradicts itself."""
    modes = [f"--{mode}" for mode in _MODES if options[mode]]
    if len(modes) > 1:
        raise UsageError(f"{modes[0]} and {modes[1]} exclude each other", advice="Choose one of them.")
    if options["push"] and modes not in ([], ["--apply"], ["--resume"]):
        raise UsageError(f"--push does not go with {modes[0]}", advice="Leave one of them out.")
    if options["keep_head"] and not options["paths"]:
        raise UsageError("--keep-head says nothing without --path", advice="Name the file with --path.")
    if options["follow"] and not options["paths"]:
        raise UsageError("--follow says nothing without --path", advice="Name the file with --path.")
    if options["path_only"]:
        _check_path_only(options)
    if options["no_backup"] and options["backup_dir"]:
        raise UsageError("--no-backup and --backup-dir exclude each other", advice="Choose one of them.")


def _check_path_only(options: dict[str, Any]) -> None:
    """Raise UsageError where something else than paths is named, or no path."""
    if not options["paths"]:
        raise UsageError("--path-only says nothing without --path", advice="Name the file with --path.")
    others = (
        ("--secret-file", "secret_files"),
        ("--prompt", "prompt"),
        ("--findings", "report"),
        ("--finding", "ids"),
        ("--rule", "rules"),
    )
    if named := [option for option, key in others if options[key]]:
        raise UsageError(f"--path-only and {named[0]} exclude each other", advice="Leave one of them out.")


def _dispatch(session: ScanSession, voice: Voice, options: dict[str, Any], settings: Settings) -> ExitCode:
    """Each way to run the command loads what it needs, and no more."""
    if options["verify"]:
        from secopskit.cli.purge.verify import verify

        return verify(session, voice, options)
    if options["abort"] or options["rollback"]:
        from secopskit.cli.purge.recover import abort, rollback

        return (abort if options["abort"] else rollback)(session, voice, options)
    if options["resume"]:
        from secopskit.cli.purge.recover import resume

        return resume(session, voice, options)
    if options["push"] and not options["apply"]:
        from secopskit.cli.purge.push import push

        return push(session, voice, options)
    from secopskit.cli.purge.run import run

    return run(session, voice, options, everything=settings.verbosity > 0)
