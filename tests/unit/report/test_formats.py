"""What holds for every format: no value, no steering of terminals, lazy modules."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import pytest

import secopskit
from secopskit.findings import ScanResult
from secopskit.report import FORMATS, load
from secopskit.report.interface import RenderOptions
from support.report_samples import CANARY, clean_result, rich_result, work_tree_result

LOUD = RenderOptions(color=True, verbosity=2, show_suppressed=True)


@pytest.fixture(params=sorted(FORMATS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_each_format_answers_to_its_name(name: str) -> None:
    assert load(name).name == name


@pytest.mark.parametrize("asked", [False, True])
def test_no_value_in_any_form(name: str, asked: bool) -> None:
    # Only the console format heeds the wish; see the tests of the terminal.
    heeded = asked and name != "console"
    options = RenderOptions(show_secrets=heeded, verbosity=2, show_suppressed=True)
    text = load(name).render(rich_result(), options)
    for form in (
        CANARY.decode(),
        base64.b64encode(CANARY).decode().rstrip("="),
        CANARY.hex(),
        CANARY[8:].decode(),
    ):
        assert form not in text


def test_the_preview_is_there(name: str) -> None:
    preview = rich_result().findings[0].preview
    machine = name in {"json", "sarif", "gitlab"}
    shown = preview.encode("ascii", "backslashreplace").decode() if machine else preview
    assert shown in load(name).render(rich_result(), RenderOptions())


@pytest.mark.parametrize("result", [rich_result(), clean_result(), work_tree_result(), ScanResult(target="")])
def test_utf8_without_control_characters(name: str, result: ScanResult) -> None:
    options = RenderOptions(verbosity=2, show_suppressed=True)
    text = load(name).render(result, options)
    text.encode("utf-8")
    allowed = "\r\n" if name == "csv" else "\n"
    assert [c for c in text if not c.isprintable() and c not in allowed] == []
    assert text.endswith("\n") or (not text and name == "oneline")


def test_colour_adds_nothing_but_colour(name: str) -> None:
    text = load(name).render(rich_result(), LOUD)
    assert "\x1b[2J" not in text
    assert "\x1b]" not in text
    assert "\u202e" not in text


def test_the_same_result_gives_the_same_text(name: str) -> None:
    assert load(name).render(rich_result(), LOUD) == load(name).render(rich_result(), LOUD)


def test_a_result_without_anything(name: str) -> None:
    load(name).render(ScanResult(target=""), LOUD)


def test_unknown_format() -> None:
    with pytest.raises(KeyError):
        load("pdf")


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import secopskit.report", {"rich", "json", "csv", "html", "xml", "importlib.resources"}),
        (
            "from secopskit.report import load; load('plain')",
            {"rich", "json", "csv", "html", "xml", "importlib.resources", "logging", "urllib"},
        ),
    ],
)
def test_modules_are_loaded_when_needed(statement: str, absent: set[str]) -> None:
    assert (modules_after(statement) - modules_after("pass")) & absent == set()


def modules_after(statement: str) -> set[str]:
    path = str(Path(secopskit.__file__).parents[1])
    script = f"import sys; sys.path.insert(0, {path!r}); {statement}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(run.stdout.split())
