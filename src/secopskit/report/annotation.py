"""Workflow commands, by which a step of GitHub Actions shows a message beside a line of a file.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands

What obeys them reads every line that a step prints (`ActionCommand.cs` of https://github.com/actions/runner):
a line that begins with two colons, white space left out, and the older `##[command]` anywhere in a line.
Azure Pipelines obeys `##[` and `##vso[`, TeamCity `##teamcity[`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from secopskit.report.text import visible

_OLDER: Final = re.compile(r"(##(?:vso|teamcity)?)\[")
_LINE: Final = re.compile(r"[\r\n]")


def workflow_command(command: str, properties: Mapping[str, str], message: str) -> str:
    """The line `::command key=value,…::message`, whatever the texts hold."""
    pairs = ",".join(f"{key}={_property(visible(value))}" for key, value in properties.items())
    return f"::{command} {_older_escaped(pairs)}::{_older_escaped(_data(visible(message)))}"


def without_commands(text: str) -> str:
    r"""`text` for the log of a step, with no line that the runner would obey: `:\u003aerror` for `::error`.

    The escapes are those of JSON, so that a document of JSON stays the same document. What is no ASCII
    counts as white space here: which of it the runner passes over is its platform's affair.
    """
    return _older_escaped(_colons_escaped(text))


def _older_escaped(text: str) -> str:
    return _OLDER.sub(r"\1\\u005b", text) if "##" in text else text


def _colons_escaped(text: str) -> str:
    parts, done, begun = list[str](), 0, 0  # `begun`: where a line does, at or before `done`
    while (at := text.find("::", done)) >= 0:
        begun = max(text.rfind("\n", begun, at) + 1, text.rfind("\r", begun, at) + 1, begun)
        if all(character <= " " or character >= "\x7f" for character in text[begun:at]):
            parts.append(f"{text[done : at + 1]}\\u003a")
            done = at + 2
            continue
        # Colons further on in this line are no command.
        line = _LINE.search(text, at)
        begun = line.end() if line else len(text)
        parts.append(text[done:begun])
        done = begun
    return "".join((*parts, text[done:]))


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
