"""What the runner of GitHub Actions obeys in the log of a step.

Its rule, as `ActionCommand.cs` of https://github.com/actions/runner has it: a line that begins with `::`
behind any white space, names a known command up to a blank and has a second `::`; else the first `##[` of
the line, with a known command up to a blank and a `]` behind it. Names are compared without their case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_KNOWN = frozenset(
    {
        "add-mask",
        "add-matcher",
        "add-path",
        "debug",
        "echo",
        "endgroup",
        "error",
        "group",
        "internal-set-repo-path",
        "notice",
        "remove-matcher",
        "save-state",
        "set-env",
        "set-output",
        "stop-commands",
        "warning",
    }
)


def obeyed(log: str) -> list[str]:
    """The lines of `log` that the runner would obey. It reads lines as .NET does."""
    return [line for line in re.split(r"\r\n|\r|\n", log) if any(map(_known, _named(line)))]


def _named(line: str) -> Iterator[str]:
    start = line.lstrip()
    if start.startswith("::") and (end := start.find("::", 2)) >= 0:
        yield start[2:end].partition(" ")[0]
    if (at := line.find("##[")) >= 0 and (end := line.find("]", at)) >= 0:
        yield line[at + 3 : end].partition(" ")[0]


def _known(name: str) -> bool:
    return name.lower() in _KNOWN
