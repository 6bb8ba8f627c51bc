"""Workflow commands, by which a step of GitHub Actions shows a message beside a line of a file.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from secopskit.report.text import visible

_COMMAND: Final = re.compile(r"^(?P<blank>[ \t]{0,1000})::", re.MULTILINE)


def workflow_command(command: str, properties: Mapping[str, str], message: str) -> str:
    """The line `::command key=value,…::message`, whatever the texts hold."""
    pairs = ",".join(f"{key}={_property(visible(value))}" for key, value in properties.items())
    return f"::{command} {pairs}::{_data(visible(message))}"


def without_commands(text: str) -> str:
    r"""`text` for the log of a step, with no line that the runner would obey: `\x3a:error` for `::error`.

    The runner takes a line that begins with two colons, behind blanks too, and `##[command]` anywhere.
    """
    return _COMMAND.sub(lambda found: f"{found['blank']}\\x3a:", text).replace("##[", "#\\x23[")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
