"""What is kept and not read, kept twice, kept as the wrong kind; and look-ups where there is nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.audits import audited, told

WORKFLOW = "on: push\njobs:\n  one:\n    steps: [{{run: '{}'}}]\n    environment: {}\n"


def one(text: str, environment: str = "''") -> dict[str, str]:
    return {"a.yml": WORKFLOW.format(text, environment)}


def test_what_nobody_looks_up(tmp_path: Path) -> None:
    report = audited(
        tmp_path,
        one("${{ secrets.A }}"),
        "repository: A B ACTIONS_STEP_DEBUG",
        "repository vars: C",
        "organisation: D",
        "production: E",
    )
    assert told(report) == [
        "warning unused secrets.B",
        "warning unused secrets.E",
        "warning unused vars.C",
    ]


def test_what_is_looked_up_in_another_environment(tmp_path: Path) -> None:
    report = audited(tmp_path, one("${{ secrets.A }}", "staging"), "staging: A", "production: A")
    assert told(report) == ["warning unused secrets.A a.yml:4"]
    assert "environment production, which no job names" in report.findings[0].message


def test_a_comment_is_no_use(tmp_path: Path) -> None:
    files = {"a.yml": "on: push\njobs:\n  one: {}\n# ${{ secrets.A }}\n"}
    assert told(audited(tmp_path, files, "repository: A")) == ["warning unused secrets.A"]


def test_secrets_of_dependabot(tmp_path: Path) -> None:
    files = {
        ".github/dependabot.yml": "version: 2\nregistries:\n  a: {token: '${{ secrets.NPM }}'}\n",
        "a.yml": "on: push\njobs: {a: {}}\n",
    }
    assert told(audited(tmp_path, files, "dependabot: NPM OTHER")) == ["warning unused secrets.OTHER"]
    report = audited(tmp_path, files, "repository: NPM")
    assert told(report) == ["error missing secrets.NPM dependabot.yml:3", "warning unused secrets.NPM"]
    assert "it is in repository" in report.findings[0].message


@pytest.mark.parametrize(
    ("events", "condition", "expected"),
    [
        ("pull_request", "", ["notice missing .github/workflows/a.yml a.yml:5"]),
        ("pull_request", "if: github.actor != 'dependabot[bot]'", []),
        ("pull_request_target", "", []),
        ("push", "", []),
    ],
)
def test_runs_of_dependabot(tmp_path: Path, events: str, condition: str, expected: list[str]) -> None:
    steps = "    steps: [{run: '${{ secrets.A }}'}]\n"
    workflow = f"on: {events}\njobs:\n  one:\n    {condition or 'name: a'}\n{steps}"
    files = {".github/dependabot.yml": "version: 2\n", "a.yml": workflow}
    report = audited(tmp_path, files, "repository: A")
    assert told(report) == expected
    assert any("forks" in remark for remark in report.remarks) == (events == "pull_request")
    assert told(audited(tmp_path, files, "repository: A", "dependabot: A")) == []


@pytest.mark.parametrize(
    ("shelves", "environment", "severity", "words"),
    [
        (("repository: A", "organisation: A"), "''", "notice", "the repository's hides the organisation's"),
        (("production: A", "repository: A"), "production", "warning", "no job reads that of the repository"),
        (
            ("production: A", "organisation: A"),
            "production",
            "warning",
            "no job reads that of the organisation",
        ),
        (
            ("staging: A", "repository: A"),
            "${{ github.ref }}",
            "notice",
            "all other jobs read that of the repository",
        ),
    ],
)
def test_several_levels(
    tmp_path: Path, shelves: tuple[str, ...], environment: str, severity: str, words: str
) -> None:
    report = audited(tmp_path, one("${{ secrets.A }}", environment), *shelves)
    assert told(report) == [f"{severity} shadowed secrets.A a.yml:4"]
    assert words in report.findings[0].message


@pytest.mark.parametrize(
    "name", ["NEXT_PUBLIC_SUPABASE_URL", "VITE_API", "REACT_APP_X", "PUBLIC_X", "EXPO_PUBLIC_X", "GATSBY_X"]
)
def test_public_names_among_secrets(tmp_path: Path, name: str) -> None:
    report = audited(tmp_path, one(f"${{{{ secrets.{name} }}}}"), f"repository: {name}")
    assert told(report) == [f"warning misplaced secrets.{name} a.yml:4"]
    assert f"`vars.{name}`" in report.findings[0].advice
    assert told(audited(tmp_path, one(f"${{{{ vars.{name} }}}}"), f"repository vars: {name}")) == []


def test_a_public_name_of_a_secret_thing(tmp_path: Path) -> None:
    report = audited(tmp_path, one("${{ secrets.VITE_API_TOKEN }}"), "repository: VITE_API_TOKEN")
    assert told(report) == ["warning misplaced secrets.VITE_API_TOKEN a.yml:4"]
    assert "If it is secret: give it another name." in report.findings[0].advice


@pytest.mark.parametrize(
    ("name", "severity"),
    [
        ("DB_PASSWORD", "error"),
        ("API_TOKEN", "error"),
        ("CLIENT_SECRET", "error"),
        ("STRIPE_API_KEY", "error"),
        ("ACME_KEY", "notice"),
        ("DATABASE_URL", "warning"),
        ("NEXT_PUBLIC_SUPABASE_ANON_KEY", ""),
        ("SSH_PUBLIC_KEY", ""),
        ("CACHE_KEY", ""),
        ("TOKEN_URL", ""),
        ("SECRET_NAME", ""),
        ("REGION", ""),
    ],
)
def test_secret_names_among_variables(tmp_path: Path, name: str, severity: str) -> None:
    expected = [f"{severity} misplaced vars.{name} a.yml:4"] if severity else []
    assert told(audited(tmp_path, one(f"${{{{ vars.{name} }}}}"), f"repository vars: {name}")) == expected


def test_look_ups_where_github_offers_nothing(tmp_path: Path) -> None:
    composite = "runs:\n  using: composite\n  steps: ["
    files = {
        "a.yml": """
        on: push
        jobs:
          one:
            if: secrets.A != ''
            steps:
              - uses: ./.github/actions/build
              - uses: ./tools/act
        """,
        ".github/actions/build/action.yml": composite + "{run: '${{ secrets.A }}'}]\n",
        "tools/act/action.yaml": composite + "{run: '${{ vars.B }}'}]\n",
    }
    report = audited(tmp_path, files, "repository: A")
    assert told(report) == [
        "error misplaced secrets.A action.yml:3",
        "error misplaced secrets.A a.yml:4",
        "error misplaced vars.B action.yaml:3",
    ]
    assert report.actions == 2
    assert "with:" in report.findings[0].advice


def test_no_workflow_at_all(tmp_path: Path) -> None:
    report = audited(tmp_path, {}, "repository: A")
    assert (report.workflows, told(report)) == (0, ["warning unused secrets.A"])
