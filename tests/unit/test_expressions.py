"""No expression of ours leans on what Python's first releases of 3.11 do wrongly."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.expressions import faults

ROOT = Path(__file__).parents[2]


def test_no_expression_overruns_on_an_early_interpreter() -> None:
    done = subprocess.run(
        (sys.executable, "-m", "support.expressions"),
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'tests'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    assert told["found"] == {}
    assert told["modules"] > 1000  # all of the product was looked at


@pytest.mark.parametrize(
    "source",
    [
        rb"(?:[^*]++|\*(?!/))*+",  # stays behind the asterisk that the look ahead refused
        rb"(?:[^*]++|(?!\*/)\*)*+",
        rb"(?:ab?c)++",
        rb"(?:[ ]*(?:#[^\n]*)?\r?\n)*+",
        r"(?:[ \t]++|--[^\n]*+\n)*+",
        rb"(?:=(\w+))?+",
    ],
)
def test_what_early_interpreters_get_wrong_is_seen(source: str | bytes) -> None:
    assert faults(source)


@pytest.mark.parametrize(
    ("source", "text", "end"),
    [
        (rb"(?>(?:[^*]++|\*(?!/))*)", b"a*b*/", 3),
        (rb"(?:[^\"\\\n]++|\\.)*+", b"ab\\\n", 2),
        (rb"(?>(?:[ ]*(?:#[^\n]*)?\r?\n)*)", b"# x\n   a", 4),
        (rb"(?>(?:ab?c)+)", b"aca", 2),
        (rb"[^\n]*+", b"ab\n", 2),
    ],
)
def test_what_they_get_right_is_let_pass(source: bytes, text: bytes, end: int) -> None:
    found = re.match(source, text)
    assert found
    assert (faults(source), found.end()) == ([], end)
