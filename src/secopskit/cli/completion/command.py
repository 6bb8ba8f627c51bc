"""`secops completion`: the script that makes a shell complete commands, options and what they take."""

from __future__ import annotations

from typing import Final

import click
from click.shell_completion import (
    CompletionItem,
    ShellComplete,
    add_completion_class,
    get_completion_class,
    shell_complete,
    split_arg_string,
)

from secopskit.cli.group import COMPLETE_VARIABLE, secops
from secopskit.cli.help import Example, HelpCommand
from secopskit.cli.options import global_options
from secopskit.settings.environment import variable

_SHELLS: Final = ("bash", "zsh", "fish", "powershell")


class PowerShellComplete(ShellComplete):
    """Completion in PowerShell, by `Register-ArgumentCompleter -Native`.

    The script hands over the words before the one that is typed, and that one, in two variables; the
    answer is a line each: kind, value and explanation between tab stops.
    """

    name = "powershell"
    source_template = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($word, $ast, $cursor)
    $line = $ast.ToString()
    $end = [Math]::Min($line.Length, $cursor - $ast.Extent.StartOffset) - $word.Length
    $env:%(complete_var)s = 'powershell_complete'
    $env:COMP_WORDS = $line.Substring(0, [Math]::Max(0, $end))
    $env:COMP_WORD = $word
    try {
        %(prog_name)s | ForEach-Object {
            $kind, $value, $text = $_ -split "`t", 3
            if ($kind -eq 'plain') {
                if (-not $text) { $text = $value }
                [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $text)
            }
        }
    } finally {
        Remove-Item Env:%(complete_var)s, Env:COMP_WORDS, Env:COMP_WORD -ErrorAction SilentlyContinue
    }
}
"""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one that is typed, and that one."""
        return split_arg_string(variable("COMP_WORDS"))[1:], variable("COMP_WORD")

    def format_completion(self, item: CompletionItem) -> str:
        """One line of the answer."""
        return f"{item.type}\t{item.value}\t{item.help or ''}"


add_completion_class(PowerShellComplete)


def complete(instruction: str) -> int:
    """Answer a shell that asks as `instruction` says, which its script writes; the exit code."""
    return shell_complete(secops, {}, "secops", COMPLETE_VARIABLE, instruction)


@click.command(
    cls=HelpCommand,
    examples=(
        Example('eval "$(secops completion bash)"', "In ~/.bashrc; for zsh in ~/.zshrc, with `zsh`."),
        Example("secops completion fish | source", "In ~/.config/fish/config.fish."),
        Example(
            "secops completion powershell | Out-String | Invoke-Expression",
            "In the file that $PROFILE names.",
        ),
    ),
)
@click.argument("shell", type=click.Choice(_SHELLS))
@global_options
def completion(shell: str) -> None:
    """Print the completion script of SHELL: commands, options, and values such as rules and revisions."""
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - three are click's, the fourth stands above
    click.echo(kind(secops, {}, "secops", COMPLETE_VARIABLE).source())
