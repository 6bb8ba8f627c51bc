"""What a person is told to do with tracked files: of all of them."""

from __future__ import annotations

import shlex

from secopskit.git.tracked import how_to_untrack


def test_the_command_names_every_file() -> None:
    files = [f"deploy/{number} of many.env" for number in range(25)]
    command = how_to_untrack(files).partition("git rm --cached ")[2]
    assert shlex.split(command) == files
