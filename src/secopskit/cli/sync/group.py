"""`secops sync-secrets` itself: its options, and the table of its commands."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from secopskit.cli.completion.values import environments
from secopskit.cli.help import Example, options_of
from secopskit.cli.lazy import LazyCommand, LazyGroup
from secopskit.cli.options import global_options, settings_of
from secopskit.errors import UsageError

_Command = TypeVar("_Command", bound=Callable[..., Any])
FORMS: Final = ("text", "json", "markdown", "md", "github")
COMMANDS: Final[dict[str, LazyCommand]] = {
    "audit": LazyCommand(
        "secopskit.cli.sync.audit:audit", "Hold the secrets that workflows use against those that exist."
    ),
}
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,99}/[A-Za-z0-9._-]{1,100}", re.ASCII)
_MODES: Final = ("check", "resume", "abort")


_what_option = options_of("What goes where")
_place_option = options_of("Settings")
_report_option = options_of("Report")
_how_option = options_of("What is done")


def _repositories(
    _context: click.Context, _parameter: click.Parameter, names: tuple[str, ...]
) -> tuple[str, ...]:
    for name in names:
        if not _REPOSITORY.fullmatch(name) or name.endswith(("/.", "/..")):
            raise click.BadParameter("name repositories as owner/name")
    return names


def _what_options(command: _Command) -> _Command:
    """What says which values go where, instead of a declaration or on top of it."""
    for decorate in (
        _what_option("--org", metavar="NAME", help="The same as --to organization:NAME."),
        _what_option(
            "--to",
            "sinks",
            multiple=True,
            metavar="SINK",
            help="Where values go: repository, environment:NAME, organization:NAME, dependabot, "
            "codespaces, dotenv:PATH, …; repeatable.",
        ),
        _what_option(
            "--var",
            "--variable",
            "variables",
            multiple=True,
            metavar="NAME",
            help="This name is a variable, no secret; repeatable. Without a declaration only.",
        ),
        _what_option("--only", "names", multiple=True, metavar="NAME", help="Only this name; repeatable."),
        _what_option(
            "--repo",
            "repositories",
            multiple=True,
            metavar="OWNER/NAME",
            callback=_repositories,
            help="The repository [default: as declared, else that of the remote]; repeatable.",
        ),
        _what_option(
            "--env",
            "environments",
            multiple=True,
            metavar="NAME",
            shell_complete=environments,
            help="The declared environment [default: all]; without a declaration, the one at GitHub.",
        ),
        _what_option(
            "--from",
            "file",
            metavar="FILE",
            help="Take the values from a dotenv file, - for standard input; instead of the declared sources.",
        ),
        _place_option(
            "--allow-source",
            "allowed",
            multiple=True,
            metavar="DIGEST",
            help="Trust a declared source that runs a program, or reads outside of the work tree.",
        ),
    ):
        command = decorate(command)
    return command


def _how_options(command: _Command) -> _Command:
    """What says what is done. Without any of them the plan is shown, and then the question."""
    for decorate in (
        _report_option(
            "--report",
            "report_file",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Write the report to a file as well, as its end says: .txt, .md or .json.",
        ),
        _report_option(
            "-f",
            "--format",
            "form",
            type=click.Choice(FORMS),
            help="Form of what is printed; github: annotations and a summary [default: text].",
        ),
        _place_option("--config", type=click.Path(dir_okay=False, path_type=Path), help="The configuration."),
        _how_option("-y", "--yes", is_flag=True, help="Do not ask for a confirmation."),
        _how_option("--abort", is_flag=True, help="Forget a run that stopped half-way."),
        _how_option("--resume", is_flag=True, help="Finish a run that stopped half-way."),
        _how_option(
            "--prune", is_flag=True, help="Remove what this clone wrote and nobody declares any more."
        ),
        _how_option(
            "--strict", is_flag=True, help="With --check: fail for what is unknown or unmanaged, too."
        ),
        _how_option(
            "--check", is_flag=True, help="Change nothing; exit with 1 if anything is not as declared."
        ),
    ):
        command = decorate(command)
    return command


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    invoke_without_command=True,
    examples=(
        Example("secops sync-secrets", "What .secops.yaml declares: the plan, then the question."),
        Example(
            "secops sync-secrets --from .env.production --env production --repo acme/shop",
            "Without a declaration: a dotenv file to an environment at GitHub.",
        ),
        Example("secops sync-secrets --check", "In CI: 1 for what is missing, stale or not declared."),
    ),
)
@_what_options
@_how_options
@global_options
@click.pass_context
def sync_secrets(context: click.Context, /, **options: Any) -> int | None:
    """Bring secrets and variables to where they are read: GitHub, dotenv files.

    What goes where is declared in .secops.yaml, or said by --from and --env. Shows a plan, then asks. Exit
    code 1 means that something is not as declared. See docs/GITHUB_SECRETS_SETUP.md.
    """
    if context.invoked_subcommand is not None:
        _refuse_options(context, options)
        return None
    _check(options)
    from secopskit.cli.sync.run import sync

    return sync(settings_of(context), options)


def _refuse_options(context: click.Context, options: dict[str, Any]) -> None:
    """Raise UsageError for options that stand before the name of a command, where they would say nothing."""
    given = [name for name, value in options.items() if value not in (None, False, ())]
    if given:
        raise UsageError(
            f"options stand after the name: secops sync-secrets {context.invoked_subcommand} …",
            advice=f"See secops sync-secrets {context.invoked_subcommand} --help.",
        )


def _check(options: dict[str, Any]) -> None:
    """Raise UsageError where the command line contradicts itself."""
    modes = [f"--{mode}" for mode in _MODES if options[mode]]
    if len(modes) > 1:
        raise UsageError(f"{modes[0]} and {modes[1]} exclude each other", advice="Choose one of them.")
    if options["strict"] and not options["check"]:
        raise UsageError("--strict says nothing without --check", advice="Leave it out, or say both.")
    if options["form"] == "github" and not options["check"]:
        raise UsageError("annotations are made of a plan: --format github needs --check", advice="Say both.")
    if options["form"] == "github" and options["report_file"]:
        raise UsageError(
            "--report does not go with --format github", advice="Run it twice; a check changes nothing."
        )
