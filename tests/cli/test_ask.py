"""The person at the terminal: a value that is pasted is taken whole, or refused."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from support.cli import SOURCE
from support.terminal import on_terminal

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="terminals differ")

_ASKS = """
from secopskit.cli.terminal.ask import Terminal
from secopskit.errors import UsageError
try:
    value = Terminal().reads_secret("Value")
    print("taken", len(value), set(value) == {"x"})
except UsageError as error:
    print("refused:", error)
"""


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (0, "taken 0"),
        (1, "taken 1 True"),
        (4094, "taken 4094 True"),
        (4095, "refused"),
        (9000, "refused"),
    ],
)
def test_a_pasted_value_is_whole_or_refused(tmp_path: Path, length: int, said: str) -> None:
    outcome = on_terminal(
        [sys.executable, "-c", _ASKS],
        cwd=tmp_path,
        env={"PYTHONPATH": str(SOURCE)},
        answers={"Value": "x" * length},
        timeout=30,
    )
    assert outcome.code == 0, outcome.out
    assert said in outcome.out
    assert "xx" not in outcome.out


_WRAPS = """
from secopskit.cli.terminal.ask import Terminal
words = " ".join(["rotation"] * 30)
print(Terminal().agrees(words + "\\n  " + words + " end?"))
print(Terminal().types(words + " end"))
print(Terminal().reads_secret(words + " end"))
"""


def test_a_question_is_wrapped_at_words(tmp_path: Path) -> None:
    outcome = on_terminal(
        [sys.executable, "-c", _WRAPS],
        cwd=tmp_path,
        env={"PYTHONPATH": str(SOURCE), "COLUMNS": "80"},
        answers={"end? [y/N]": "y", "end: ": "an answer"},
        timeout=30,
    )
    assert outcome.code == 0, outcome.out
    lines = [line for line in outcome.out.split("\n") if "rotation" in line]
    assert max(map(len, lines)) <= 80
    assert sum(line.count("rotation") for line in lines) == 120
    assert len([line for line in lines if line.startswith("  rotation")]) > 1
