"""A command group that knows its commands by name and loads one only when it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from secopskit.cli.help import HelpGroup
from secopskit.named_tuple import NamedTuple

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class LazyCommand(NamedTuple):
    """Where a command stands (`module:attribute`) and what the overview says about it.

    `extra` names the extra of the distribution without which it cannot run; its help needs none.
    """

    target: str
    help: str
    extra: str = ""


class LazyGroup(HelpGroup):
    """A group over a table of entries. Help and completion read the table only."""

    def __init__(self, *args: Any, table: Mapping[str, LazyCommand], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the table's order, which is the order of the overview."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of `cmd_name` and return its command."""
        entry = self.table.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.target.partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)  # noqa: S101 - the table is ours and a test loads all of it
        return _asking_first(command, entry.extra) if entry.extra else command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with our own advice for a name that is not in the table."""
        name = args[0]
        if name in self.table or name.startswith("-"):
            return super().resolve_command(ctx, args)
        from difflib import get_close_matches  # only for a typing error

        close = get_close_matches(name, self.table, n=1)
        raise click.UsageError(
            f"no such command {name!r}" + (f"; did you mean {close[0]!r}?" if close else ""), ctx
        )

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The overview, from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in self.table.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names from the table, then the group's own options."""
        from click.shell_completion import CompletionItem  # only while a shell completes

        names = [
            CompletionItem(name, help=entry.help)
            for name, entry in self.table.items()
            if name.startswith(incomplete)
        ]
        return names + click.Command.shell_complete(self, ctx, incomplete)


def _asking_first(command: click.Command, extra: str) -> click.Command:
    """`command`, which looks whether `extra` is installed before it does anything."""
    asking = copy(command)
    asking.callback = partial(_with_extra, extra, command.callback)
    return asking


def _with_extra(extra: str, callback: Callable[..., Any] | None, /, *args: Any, **kwargs: Any) -> Any:
    from secopskit.cli.extras import require_extra

    require_extra(extra)
    return callback(*args, **kwargs) if callback else None
