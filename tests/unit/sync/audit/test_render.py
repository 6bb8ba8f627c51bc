"""An audit in words: what was looked at is always told, and nothing of the repository is printed raw."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from secopskit.report.page import as_markdown, as_text
from secopskit.sync.audit.model import AuditReport
from secopskit.sync.audit.render import audit_annotations, audit_blocks, audit_facts
from support.audits import audited, inventory

WORKFLOW = "on: push\njobs:\n  one:\n    steps: [{{run: '{}'}}]\n"


def text_of(report: AuditReport) -> str:
    return as_text(audit_blocks(report), width=1000)


def test_what_is_in_order(tmp_path: Path) -> None:
    report = audited(tmp_path, {"a.yml": WORKFLOW.format("${{ secrets.A }}")}, "repository: A", "live vars:")
    text = text_of(report)
    assert "github.com/acme/shop" in text
    assert "1 workflow of the work tree: 1 reference to 1 name" in text
    assert "1 secret of repository" in text
    assert "0 variables of environment live" in text
    assert "Not known" not in text
    assert "1 name looked up: each exists where the jobs see it." in text


def test_what_is_not(tmp_path: Path) -> None:
    files = {"a.yml": WORKFLOW.format("${{ secrets.A }}"), "b.yml": WORKFLOW.format("${{ vars.B }}")}
    report = audited(tmp_path, files, "organisation vars: ?")
    text = text_of(report)
    assert "missing: secrets.A (.github/workflows/a.yml:4): nothing of that name exists" in text
    assert "Not known     variables of organisation" in text
    assert "1 error, 2 warnings." in text
    assert "each exists" not in text
    assert "# Workflows against secrets and variables" in as_markdown(audit_blocks(report))


def test_no_good_word_without_a_look(tmp_path: Path) -> None:
    text = text_of(audited(tmp_path, {}))
    assert "nothing was held against anything" in text
    assert "0 workflows" in text
    assert "each" not in text


def test_facts_are_json(tmp_path: Path) -> None:
    report = audited(tmp_path, {"a.yml": WORKFLOW.format("${{ secrets.A }}")}, "organisation: ?", "live:")
    facts = json.loads(json.dumps(asdict(audit_facts(report))))
    assert (facts["workflows"], facts["references"], facts["names"]) == (1, 1, 1)
    assert (facts["errors"], facts["warnings"], facts["notices"]) == (0, 2, 0)
    finding = facts["findings"][1]
    assert finding["subject"] == "secrets.A"
    assert finding["places"] == [{"path": ".github/workflows/a.yml", "line": 4}]
    shelves = {(one["level"], one["kind"]): one for one in facts["shelves"]}
    assert shelves["organisation", "secrets"]["reason"] == "HTTP 403"
    assert not shelves["organisation", "secrets"]["listed"]
    assert shelves["environment live", "secrets"]["listed"]


def test_annotations(tmp_path: Path) -> None:
    report = audited(
        tmp_path, {"a.yml": WORKFLOW.format("${{ secrets.A }} ${{ vars.B || 1 }}")}, "repository: C"
    )
    error, warning, notice, last = audit_annotations(report).splitlines()
    assert error.startswith("::error title=missing%3A secrets.A,file=.github/workflows/a.yml,line=4::nothing")
    assert warning.startswith("::warning title=unused%3A secrets.C::")
    assert notice.startswith("::notice title=missing%3A vars.B,file=")
    assert last.startswith("secops: 1 error, 1 warning, 1 notice.")
    assert "1 workflow of the work tree" in last


def test_a_hostile_name_stays_in_its_line(tmp_path: Path) -> None:
    name = "x,line=1::a%0A\n::error::b\x1b[31m.yml"
    files = {f".github/workflows/{name}": WORKFLOW.format("${{ secrets.A }}")}
    report = audited(tmp_path, files, "repository: \u202eX")
    annotations = audit_annotations(report)
    assert len(annotations.splitlines()) == len(report.findings) + 1
    assert all(
        line.startswith(("::error title=", "::warning title=", "secops: "))
        for line in annotations.splitlines()
    )
    for text in (annotations, text_of(report), json.dumps(asdict(audit_facts(report)))):
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert "file=.github/workflows/x%2Cline=1%3A%3Aa%250A" in annotations


def test_a_declaration_is_called_one() -> None:
    report = AuditReport(
        inventory=inventory("repository: A", live=False),
        workflows=1,
        actions=0,
        references=1,
        names=1,
        findings=(),
    )
    text = text_of(report)
    assert "(the declaration alone)" in text
    assert "each is declared where the jobs see it" in text
