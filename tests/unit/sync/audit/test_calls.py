"""Workflows that call workflows, and what cannot be seen from here."""

from __future__ import annotations

from pathlib import Path

from support.audits import audited, told

CALLED = """
on:
  workflow_call:
    secrets:
      TOKEN: {required: true}
      EXTRA: {}
    inputs: {env: {default: staging}}
jobs:
  deploy:
    environment: ${{ inputs.env }}
    steps:
      - run: ${{ secrets.TOKEN }} ${{ secrets.EXTRA }}
"""
ENVIRONMENTS = ("staging:", "production:")


def call(rest: str) -> str:
    return f"on: push\njobs:\n  one:\n    uses: ./.github/workflows/called.yml\n{rest}"


def test_names_are_those_of_the_called_one(tmp_path: Path) -> None:
    files = {
        "called.yml": CALLED,
        "a.yml": call("    secrets: {token: '${{ secrets.MINE }}', EXTRA: '${{ secrets.MINE }}'}\n"),
    }
    assert told(audited(tmp_path, files, "repository: MINE", *ENVIRONMENTS)) == []
    assert told(audited(tmp_path, files, "repository:", *ENVIRONMENTS)) == [
        "error missing secrets.MINE a.yml:5"
    ]


def test_an_optional_one_may_be_left_out_and_a_required_one_not(tmp_path: Path) -> None:
    files = {"called.yml": CALLED, "a.yml": call("    secrets: {TOKEN: '${{ secrets.MINE }}'}\n")}
    report = audited(tmp_path, files, "repository: MINE", *ENVIRONMENTS)
    assert told(report) == ["notice missing secrets.EXTRA called.yml:11"], "not there, and need not be"
    files["a.yml"] = call("    secrets: {EXTRA: '${{ secrets.MINE }}'}\n")
    report = audited(tmp_path, files, "repository: MINE", *ENVIRONMENTS)
    assert told(report) == ["error missing secrets.TOKEN a.yml:4"]
    assert "requires it (line 4)" in report.findings[0].message


def test_an_optional_one_that_is_not_there_is_a_notice(tmp_path: Path) -> None:
    """Whoever calls passes all on, and the called workflow does without it."""
    files = {"called.yml": CALLED, "a.yml": call("    secrets: inherit\n")}
    report = audited(tmp_path, files, "repository: TOKEN", *ENVIRONMENTS)
    assert told(report) == ["notice missing secrets.EXTRA called.yml:11"]
    files["called.yml"] = CALLED.replace("EXTRA: {}", "EXTRA: {required: true}")
    assert told(audited(tmp_path, files, "repository: TOKEN", *ENVIRONMENTS)) == [
        "error missing secrets.EXTRA called.yml:11"
    ]
    files = {"called.yml": CALLED.replace("on:\n", "on:\n  push:\n")}
    report = audited(tmp_path / "alone", files, "repository: TOKEN", *ENVIRONMENTS)
    assert told(report) == ["error missing secrets.EXTRA called.yml:12"], "started by itself it reads it"


def test_the_environment_of_the_called_job_comes_first(tmp_path: Path) -> None:
    files = {"called.yml": CALLED, "a.yml": call("    with: {env: production}\n    secrets: inherit\n")}
    assert told(audited(tmp_path, files, "production: TOKEN EXTRA", "staging:")) == []
    assert told(audited(tmp_path, files, "repository: TOKEN", "production: EXTRA", "staging:")) == []
    assert told(audited(tmp_path, files, "staging: TOKEN EXTRA", "production:")) == [
        "error missing secrets.TOKEN called.yml:11",
        "warning unused secrets.EXTRA called.yml:11",
        "warning unused secrets.TOKEN called.yml:11",
        "notice missing secrets.EXTRA called.yml:11",
    ]


def test_a_secret_that_the_called_one_does_not_declare(tmp_path: Path) -> None:
    called = "on: {workflow_call: {}}\njobs:\n  a:\n    steps: [{run: '${{ secrets.B }}'}]\n"
    files = {"called.yml": called, "a.yml": call("    secrets: {A: '${{ secrets.A }}'}\n")}
    report = audited(tmp_path, files, "repository: A B")
    assert told(report) == [
        "error missing secrets.A a.yml:5",
        "error missing secrets.B called.yml:4",
    ]
    assert "on.workflow_call.secrets" in report.findings[1].advice


def test_calls_of_calls(tmp_path: Path) -> None:
    middle = "on: workflow_call\njobs:\n  a: {uses: ./.github/workflows/last.yml, secrets: inherit}\n"
    last = "on: workflow_call\njobs:\n  a:\n    steps: [{run: '${{ secrets.A }} ${{ vars.B }}'}]\n"
    files = {"called.yml": middle, "last.yml": last, "a.yml": call("    secrets: inherit\n")}
    assert told(audited(tmp_path, files, "repository: A", "repository vars: B")) == []
    assert told(audited(tmp_path, files)) == [
        "error missing secrets.A last.yml:4",
        "error missing vars.B last.yml:4",
    ]


def test_workflows_that_call_each_other_end(tmp_path: Path) -> None:
    body = "on: [push, workflow_call]\njobs:\n"
    for number in range(4):
        body += f"  j{number}: {{uses: ./.github/workflows/called.yml, secrets: inherit}}\n"
    body += "  last: {steps: [{run: '${{ secrets.A }}'}]}\n"
    assert told(audited(tmp_path, {"called.yml": body}, "repository: A")) == []


def test_a_workflow_that_only_others_call(tmp_path: Path) -> None:
    report = audited(tmp_path, {"called.yml": CALLED}, "repository: OTHER", "staging: TOKEN", "production:")
    assert told(report) == [
        "warning unused secrets.OTHER",
        "notice unknown .github/workflows/called.yml called.yml:1",
    ]


def test_workflows_elsewhere(tmp_path: Path) -> None:
    text = "on: push\njobs:\n  one:\n    uses: acme/ci/.github/workflows/x.yml@v1\n"
    named = text + "    secrets: {T: '${{ secrets.A }}'}\n"
    assert told(audited(tmp_path, {"a.yml": named}, "repository: A B")) == ["warning unused secrets.B"]
    inherits = text + "    secrets: inherit\n"
    report = audited(tmp_path, {"a.yml": inherits}, "repository: B", "repository vars: C")
    assert told(report) == [
        "warning unknown acme/ci/.github/workflows/x.yml@v1 a.yml:4",
        "notice unused secrets.B",
        "notice unused vars.C",
    ]
    assert "a.yml:4 may look up any name" in report.findings[1].advice


def test_a_workflow_that_is_not_there(tmp_path: Path) -> None:
    assert told(audited(tmp_path, {"a.yml": call("")})) == [
        "error missing ./.github/workflows/called.yml a.yml:4"
    ]


def test_all_secrets_at_once_and_names_that_only_the_run_knows(tmp_path: Path) -> None:
    steps = "    steps:\n    - run: ${{ toJSON(secrets) }}\n    - run: ${{ vars[github.ref] }}\n"
    text = f"on: push\njobs:\n  one:\n{steps}"
    assert told(audited(tmp_path, {"a.yml": text}, "repository: A")) == [
        "warning unknown secrets a.yml:5",
        "warning unknown vars[…] a.yml:6",
        "notice unused secrets.A",
    ]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    report = audited(tmp_path, {"a.yml": "{", "b.yaml": "a: b", "c.txt": "{"}, "repository: A")
    assert told(report) == [
        "warning unused secrets.A",
        "warning unknown .github/workflows/a.yml a.yml:1",
        "warning unknown .github/workflows/b.yaml b.yaml:1",
    ]
    assert report.workflows == 0


def test_a_link_out_of_the_tree_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yml"
    outside.write_text("on: push\njobs: {a: {steps: [{run: '${{ secrets.A }}'}]}}\n", encoding="utf-8")
    root = tmp_path / "tree"
    (root / ".github" / "workflows").mkdir(parents=True)
    (root / ".github" / "workflows" / "a.yml").symlink_to(outside)
    (root / ".github" / "actions").symlink_to(tmp_path)
    report = audited(root, {})
    assert told(report) == ["warning unknown .github/workflows/a.yml a.yml:1"]
    assert "leads out of" in report.findings[0].message
