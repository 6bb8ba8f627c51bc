"""The one who is asked on the terminal: the person in front of it, on standard error."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Final

import click

from secopskit.errors import UsageError
from secopskit.redaction import SEEN
from secopskit.report.page import wrapped
from secopskit.report.text import visible

# What is kept of a line, its end left off: 4096 bytes with it on Linux, 1024 on macOS (MAX_CANON).
_LONGEST_LINE: Final = 1023 if sys.platform == "darwin" else 4095

_AFTER: Final = len(" [y/N]: ")
_NARROWEST: Final = 32


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
        """A value typed or pasted without being shown; empty for an empty line.

        Raises UsageError for one as long as a terminal's line can be: the rest of it is lost.
        """
        value: str = click.prompt(_lines(prompt), default="", show_default=False, hide_input=True, err=True)
        if len(os.fsencode(value)) >= _LONGEST_LINE:
            raise UsageError(
                f"a terminal's line has no more than {_LONGEST_LINE} bytes: what was pasted may be cut off",
                advice="Give it in a file, or pipe it in.",
            )
        return value


def _lines(text: str) -> str:
    """The text fit to be shown, wrapped at words as pages are, with room for what stands after a question."""
    width = shutil.get_terminal_size().columns - _AFTER
    lines = list[str]()
    for line in map(visible, SEEN.hidden(text).split("\n")):
        indent = line[: len(line) - len(line.lstrip())]
        lines += wrapped(line.lstrip(), max(width, _NARROWEST), indent, indent)
    return "\n".join(lines)
