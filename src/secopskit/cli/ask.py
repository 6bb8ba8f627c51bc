"""The one who is asked on the terminal: the person in front of it, on standard error."""

from __future__ import annotations

import sys

import click

from secopskit.report.text import visible


class Terminal:
    """The respondent of `secopskit.conduct.consent` at a terminal."""

    @property
    def present(self) -> bool:
        """See `Respondent.present`: questions go to standard error, answers come from standard input."""
        return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()

    def agrees(self, question: str) -> bool:
        """See `Respondent.agrees`."""
        return click.confirm(_lines(question), default=False, err=True)

    def types(self, prompt: str) -> str:
        """See `Respondent.types`."""
        answer: str = click.prompt(_lines(prompt), default="", show_default=False, err=True)
        return answer

    def reads_secret(self, prompt: str) -> str:
        """A value typed or pasted without being shown; empty for an empty line."""
        value: str = click.prompt(prompt, default="", show_default=False, hide_input=True, err=True)
        return value


def _lines(text: str) -> str:
    return "\n".join(visible(line) for line in text.split("\n"))
