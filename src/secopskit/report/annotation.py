"""Workflow commands, by which a step of GitHub Actions shows a message beside a line of a file.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Mapping

from secopskit.report.text import visible


def workflow_command(command: str, properties: Mapping[str, str], message: str) -> str:
    """The line `::command key=value,…::message`, whatever the texts hold."""
    pairs = ",".join(f"{key}={_property(visible(value))}" for key, value in properties.items())
    return f"::{command} {pairs}::{_data(visible(message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
