"""Formats for machines: GitHub annotations, JUnit, CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from xml.etree import ElementTree as ET

from secopskit.findings import Provenance, ScanResult, Severity
from secopskit.report import load
from secopskit.report.interface import RenderOptions
from support.report_samples import HOSTILE_PATHS, clean_result, finding, place, rich_result, work_tree_result


def render(name: str, result: ScanResult, *, show_suppressed: bool = False) -> str:
    return load(name).render(result, RenderOptions(show_suppressed=show_suppressed))


def test_github_has_one_command_a_place() -> None:
    lines = render("github", rich_result()).splitlines()
    commands = [line for line in lines if line.startswith("::")]
    assert all(re.match(r"::(error|warning|notice) [^:]*::", line) for line in commands)
    places = sum(len(one.locations) for one in rich_result().findings)
    assert (
        len(commands) == places + 3
    )  # and one each for the limit, for what was skipped, for what was suppressed
    assert len(lines) == len(commands) + 1


def test_github_severities() -> None:
    commands = [line.split()[0][2:] for line in render("github", work_tree_result()).splitlines()[:2]]
    assert commands == ["error", "warning"]


def test_github_escapes_properties_and_messages() -> None:
    hostile = finding("rule", Severity.HIGH, place("a,b:c%d\r\ne.py"), note="100%\n::error::owned")
    line = render("github", ScanResult(target="x", findings=(hostile,))).splitlines()[0]
    assert "file=a%2Cb%3Ac%25d\\r\\ne.py,line=12" in line
    assert "100%25\\n::error::owned" in line


def test_github_names_no_line_that_is_only_in_history() -> None:
    lines = render("github", rich_result()).splitlines()
    gone = next(line for line in lines if "deploy/.env" in line)
    assert "file=" not in gone
    assert "commit 1111111111" in gone
    assert "file=src/app/config.py" in lines[0]


def test_junit_parses_and_counts() -> None:
    root = ET.fromstring(render("junit", rich_result(), show_suppressed=True))
    suite = root.find("testsuite")
    assert suite is not None
    cases = suite.findall("testcase")
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("9", "7", "2")
    assert len(cases) == 9
    assert sum(case.find("failure") is not None for case in cases) == 7
    assert sum(case.find("skipped") is not None for case in cases) == 2
    assert len({case.get("name") for case in cases}) == 9
    text = cases[0].findtext("failure") or ""
    assert "deploy/.env:7:8" in text
    assert "Revoke it" in text


def test_junit_of_a_clean_scan_is_one_passed_case() -> None:
    root = ET.fromstring(render("junit", clean_result()))
    cases = root.findall("testsuite/testcase")
    assert root.get("tests") == "1"
    assert root.get("failures") == "0"
    assert [list(case) for case in cases] == [[]]


def test_junit_keeps_suppressed_out() -> None:
    assert ET.fromstring(render("junit", rich_result())).get("tests") == "7"


def rows(result: ScanResult) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(render("csv", result), newline="")))


def test_csv_has_one_row_a_place() -> None:
    table = rows(rich_result())
    assert len(table) == sum(len(one.locations) for one in rich_result().findings)
    assert (table[1]["path"], table[1]["line"], table[1]["present"]) == (
        "src/app/settings/production.py",
        "3",
        "no",
    )
    assert rows(clean_result()) == []


def test_csv_cells_are_no_formulas() -> None:
    values = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "plain"]
    base = rich_result().findings[0]
    table = rows(ScanResult(target="x", findings=tuple(base._replace(note=value) for value in values)))
    notes = {row["note"] for row in table}
    assert notes == {"'=1+1", "'+1", "'-1", "'@SUM(A1)", "\\t=1", "\\r=1", "plain"}
    every = [cell for row in rows(rich_result()) for cell in row.values()]
    assert not [cell for cell in every if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert any(cell == f"'{HOSTILE_PATHS[4]}" for cell in every)


def test_what_stands_in_a_name_has_no_file_to_be_shown_in() -> None:
    named = finding(
        "rule", Severity.HIGH, place("<branch name> refs/heads/[secret]"), place("<commit message>")
    )
    result = ScanResult(target="x", findings=(named,))
    for line, name in zip(
        render("github", result).splitlines(), ("<branch name>", "<commit message>"), strict=False
    ):
        assert "file=" not in line
        assert f"in {name}" in line
    assert not [case for case in ET.fromstring(render("junit", result)).iter("testcase") if case.get("file")]
    shown = json.loads(render("gitlab", result))["vulnerabilities"]
    assert all("file" not in one["location"] for one in shown)
    assert "in `<branch name> refs/heads/[secret]`" in shown[0]["description"]


def test_of_many_refs_a_place_names_a_few_and_their_number() -> None:
    refs = (*(f"refs/heads/{number}" for number in range(50)), "HEAD")
    known = Provenance(commit="1" * 40, refs=refs, present=True)
    result = ScanResult(target="x", findings=(finding("rule", Severity.HIGH, place("a.py", 1, known)),))

    (where,) = json.loads(render("json", result))["findings"][0]["locations"]
    (row,) = rows(result)

    assert (len(where["refs"]), where["refs"][0], where["refs_count"]) == (20, "HEAD", 51)
    assert (row["refs"].split(), row["refs_count"]) == (where["refs"], "51")
