"""`secops help` and `secops version`: what people type before they know the options."""

from __future__ import annotations

import platform
import sys
from typing import TYPE_CHECKING

import click

from secopskit import __version__
from secopskit.cli.help import Example, HelpCommand
from secopskit.cli.options import global_options, settings_of

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def _names(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The commands that may follow those that are typed."""
    typed: tuple[str, ...] = context.params.get(parameter.name or "") or ()
    command, inner = _command(context.find_root(), typed)
    return command.shell_complete(inner, incomplete) if isinstance(command, click.Group) else []


@click.command(
    "help",
    cls=HelpCommand,
    examples=(
        Example("secops help", "The overview of all commands."),
        Example("secops help rotate apply", "The same as `secops rotate apply --help`."),
    ),
)
@click.argument("names", nargs=-1, metavar="[COMMAND]...", shell_complete=_names)
@global_options
@click.pass_context
def show_help(context: click.Context, names: tuple[str, ...]) -> None:
    """Show the help of a COMMAND, or the overview."""
    command, inner = _command(context.find_root(), names)
    click.echo(command.get_help(inner), color=context.color)


@click.command(
    cls=HelpCommand,
    examples=(Example("secops version -v", "With the versions that a report of a fault should name."),),
)
@global_options
@click.pass_context
def version(context: click.Context) -> None:
    """Show the version; with -v, also of what it runs on."""
    click.echo(f"secops {__version__}")
    if settings_of(context).verbosity:
        for name, text in _surroundings():
            click.echo(f"{name:12} {text}")


def _surroundings() -> list[tuple[str, str]]:
    from secopskit.detect.engine import choose
    from secopskit.git.packs.available import reader_words

    return [
        ("python", f"{platform.python_version()} ({sys.executable})"),
        ("system", f"{platform.system()} {platform.release()} {platform.machine()}"),
        ("git", _git_version()),
        ("engine", choose("auto")),
        ("reader", reader_words()),
    ]


def _git_version() -> str:
    from secopskit.errors import GitError
    from secopskit.git.process import run
    from secopskit.git.surroundings import environment
    from secopskit.settings.environment import inherited

    try:
        done = run(".", environment(inherited(), hook=False), ("version",))
    except GitError as error:
        return str(error)
    return done.stdout.decode("utf-8", "replace").strip().removeprefix("git version ")


def _command(root: click.Context, names: tuple[str, ...]) -> tuple[click.Command, click.Context]:
    """The command that `names` lead to, and its context. Raises UsageError for a name that there is not."""
    command, context = root.command, root
    for name in names:
        if not isinstance(command, click.Group):
            raise click.UsageError(f"{context.command_path!r} has no commands: {name!r} is not one", context)
        _, child, _ = command.resolve_command(context, [name])
        if child is None:
            raise click.UsageError(f"no such command {name!r}", context)
        command = child
        context = click.Context(child, parent=context, info_name=name, **child.context_settings)
    return command, context
