"""`secops completion`: the script that makes a shell complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from secopskit.cli.group import COMPLETE_VARIABLE
from secopskit.cli.options import global_options


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@global_options
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    r"""Print the completion script of SHELL.

    \b
    bash:  eval "$(secops completion bash)"      in ~/.bashrc
    zsh:   eval "$(secops completion zsh)"       in ~/.zshrc
    fish:  secops completion fish | source       in ~/.config/fish/config.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - click knows the three shells above
    click.echo(kind(context.find_root().command, {}, "secops", COMPLETE_VARIABLE).source())
