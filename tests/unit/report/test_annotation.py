"""Commands of CI runners in what we print: only our own."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.findings import ScanResult, Severity
from secopskit.report import FORMATS, load
from secopskit.report.annotation import without_commands, workflow_command
from secopskit.report.interface import RenderOptions
from support.report_samples import finding, place
from support.runner_commands import obeyed

HOSTILE = (
    "::error::owned",
    "  ::set-env name=PATH::owned",
    "\t\u00a0\u2003\x0b\x85::Warning file=x::owned",
    "\u3000::error::owned",
    "a ##[error]owned",
    "##[set-output name=x]owned",
    "x\r::error::owned",
    "x\n \n::error::owned\n##[group]",
    ":::error::owned\n::error::",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_line_is_obeyed(text: str) -> None:
    assert text == HOSTILE[-1] or obeyed(text)
    safe = without_commands(text)
    assert obeyed(safe) == []
    assert "owned" not in text or "owned" in safe


PIECES = st.sampled_from([*":#[] \t\n\rxe\u00a0\u2028\xad", "::error::", "##[error]", "##vso["])


@given(st.lists(PIECES).map("".join))
def test_no_text_at_all_is_obeyed(text: str) -> None:
    safe = without_commands(text)
    assert obeyed(safe) == []
    assert "##[" not in safe
    assert "##vso[" not in safe
    assert without_commands(safe) == safe


@pytest.mark.parametrize("text", ["std::vector<int>\n", "a::error::b", "# [x]\n## [y]\n", "a: b\n:\n", ""])
def test_what_is_no_command_stays(text: str) -> None:
    assert without_commands(text) == text


def test_a_document_of_json_stays_the_same() -> None:
    document = {"::error::": "::x ##[error] ##vso[task]", "lines": ["::error::", "\\##[error]"]}
    for indent in (None, 2):
        text = json.dumps(document, indent=indent)
        assert json.loads(without_commands(text)) == document


def test_it_is_linear() -> None:
    for text in ("\n" * 100_000, "a::" * 50_000, "::\n" * 50_000, ("x\n" * 10 + " ::") * 10_000):
        without_commands(text)  # quadratic, each of them would take minutes


def test_our_own_command_is_one_whatever_it_tells() -> None:
    line = workflow_command(
        "error", {"title": "a::b\n::c", "file": "##[group]x"}, "x ##[add-mask]y\n::error::z"
    )
    assert obeyed(line) == [line]
    assert "##[" not in line


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_no_format_lets_names_be_commands(form: str) -> None:
    """In as narrow a terminal as there is, so that names begin lines."""
    names = [*HOSTILE, *(f"{'word ' * n}{text}" for n, text in enumerate(HOSTILE))]
    found = tuple(
        finding(f"rule {name}", Severity.HIGH, place(name), title=name, note=name, remediation=name)
        for name in names
    )
    result = ScanResult(target=HOSTILE[0], findings=found, limits=HOSTILE)
    text = load(form).render(result, RenderOptions(width=40, verbosity=2, show_suppressed=True))
    if form == "github":
        ours = ("::error title=", "::warning title=", "::notice title=")
        assert all(line.startswith(ours) for line in obeyed(text))
        assert "##[" not in text
    else:
        assert obeyed(without_commands(text)) == []
