"""Names that are looked up and are not there, for the job that looks."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.audits import audited, told


def steps(*texts: str) -> str:
    return "steps: [" + ", ".join(f'{{run: "${{{{ {text} }}}}"}}' for text in texts) + "]"


def one(*texts: str, job: str = "") -> dict[str, str]:
    """A workflow of one job, whose look-ups stand on line 4, or after the lines of `job`."""
    head = "".join(f"    {line}\n" for line in job.split("\n")) if job else ""
    return {"a.yml": f"on: push\njobs:\n  one:\n{head}    {steps(*texts)}\n"}


def test_what_is_there_is_no_finding(tmp_path: Path) -> None:
    report = audited(
        tmp_path,
        one(
            "secrets.A",
            "secrets.b",
            "vars.C",
            "secrets.GITHUB_TOKEN",
            "secrets['D']",
            job="environment: Prod",
        ),
        "repository: A",
        "organisation: B",
        "repository vars: C",
        "prod: D",
    )
    assert told(report) == []
    assert (report.workflows, report.references, report.names) == (1, 5, 5)


@pytest.mark.parametrize("name", ["secrets.A", "vars.A", "secrets['a']", "toJSON(secrets.A)"])
def test_what_is_nowhere(tmp_path: Path, name: str) -> None:
    subject = "vars.A" if name.startswith("vars") else "secrets.A"
    report = audited(tmp_path, one(name))
    assert told(report) == [f"error missing {subject} a.yml:4"]


def test_places_of_one_name_stand_together(tmp_path: Path) -> None:
    files = one("secrets.A") | {"b.yml": one("secrets.A", "secrets.A")["a.yml"]}
    assert told(audited(tmp_path, files)) == ["error missing secrets.A a.yml:4 b.yml:4"]


def test_an_environment_of_the_job_is_looked_at(tmp_path: Path) -> None:
    report = audited(tmp_path, one("secrets.A", job="environment: staging"), "production: A", "staging:")
    assert told(report) == [
        "error missing secrets.A a.yml:5",
        "warning unused secrets.A a.yml:5",
    ]
    assert "environment production" in report.findings[0].advice


def test_each_environment_of_a_matrix_is_looked_at(tmp_path: Path) -> None:
    job = "strategy: {matrix: {env: [staging, production]}}\nenvironment: '${{ matrix.env }}'"
    report = audited(tmp_path, one("secrets.A", job=job), "production: A", "staging:")
    (finding,) = report.findings
    assert finding.kind.value == "missing"
    assert "environment staging" in finding.message
    assert "environment production" not in finding.message
    assert told(audited(tmp_path, one("secrets.A", job=job), "production: A", "staging: A")) == []


def test_a_choice_of_environments(tmp_path: Path) -> None:
    job = "environment: ${{ github.ref == 'refs/heads/main' && 'production' || 'staging' }}"
    assert told(audited(tmp_path, one("secrets.A", job=job), "production: A", "staging: A")) == []
    assert told(audited(tmp_path, one("secrets.A", job=job), "production: A", "staging:")) == [
        "error missing secrets.A a.yml:5"
    ]


def test_an_input_chooses_the_environment(tmp_path: Path) -> None:
    files = {
        "a.yml": """
        on:
          workflow_dispatch:
            inputs: {env: {type: choice, options: [staging, production]}}
        jobs:
          one:
            environment: ${{ github.event.inputs.env }}
            steps: [{run: "${{ secrets.A }}"}]
        """
    }
    assert told(audited(tmp_path, files, "production: A", "staging: A")) == []
    assert told(audited(tmp_path, files, "production: A", "staging:")) == ["error missing secrets.A a.yml:7"]


@pytest.mark.parametrize(
    ("shelves", "expected"),
    [
        (("production: A", "staging: A"), []),
        (("repository: A", "staging:"), []),
        (("production: A", "staging:"), ["warning unknown secrets.A a.yml:5"]),
        (("production:", "staging:"), ["error missing secrets.A a.yml:5"]),
    ],
)
def test_an_environment_that_only_the_run_knows(
    tmp_path: Path, shelves: tuple[str, ...], expected: list[str]
) -> None:
    files = one("secrets.A", job="environment: ${{ needs.a.outputs.env }}")
    assert told(audited(tmp_path, files, *shelves)) == expected


def test_a_job_without_the_environment_that_has_it(tmp_path: Path) -> None:
    report = audited(tmp_path, one("secrets.A"), "production: A")
    assert told(report) == ["error misplaced secrets.A a.yml:4", "warning unused secrets.A a.yml:4"]
    assert "environment production only" in report.findings[0].message


def test_an_environment_comes_too_late_for_a_condition(tmp_path: Path) -> None:
    files = one("vars.A", job="environment: production\nif: vars.A")
    report = audited(tmp_path, files, "production vars: A")
    assert told(report) == ["error misplaced vars.A a.yml:5"]
    assert "before the job has its environment" in report.findings[0].message


@pytest.mark.parametrize("text", ["vars.A || 'x'", "vars.A == 'x'", "!vars.A"])
def test_absence_that_is_reckoned_with(tmp_path: Path, text: str) -> None:
    assert told(audited(tmp_path, one(text, "vars.A"))) == ["notice missing vars.A a.yml:4"]


def test_what_cannot_be_listed_is_not_missing(tmp_path: Path) -> None:
    report = audited(tmp_path, one("secrets.A", "secrets.B"), "repository: B", "organisation: ?")
    assert told(report) == [
        "warning unknown secrets of organisation",
        "warning unknown secrets.A a.yml:4",
    ]
    report = audited(tmp_path, one("secrets.A", job="environment: prod"), environments="HTTP 403")
    assert told(report) == ["warning unknown environments", "warning unknown secrets.A a.yml:5"]


def test_what_stands_above_all_jobs_need_be_there_for_one(tmp_path: Path) -> None:
    files = {
        "a.yml": """
        on: push
        env: {A: "${{ secrets.A }}"}
        jobs:
          one: {environment: production}
          two: {}
        """
    }
    assert told(audited(tmp_path, files, "production: A")) == []
    assert told(audited(tmp_path, files, "production:")) == ["error missing secrets.A a.yml:2"]


@pytest.mark.parametrize(
    ("name", "shelf", "advice"),
    [
        ("secrets.A_NAME", "repository vars: A_NAME", "write `vars.A_NAME`"),
        ("vars.A_NAME", "repository: A_NAME", "write `secrets.A_NAME`"),
        ("secrets.DATABSE_URL", "repository: DATABASE_URL", "Is DATABASE_URL meant?"),
        ("secrets.A_NAME", "production: A_NAME", "add it where this job reads it"),
        ("secrets.A_NAME", "repository:", "secops sync-secrets"),
    ],
)
def test_advice(tmp_path: Path, name: str, shelf: str, advice: str) -> None:
    files = one(name, job="environment: staging")
    findings = audited(tmp_path, files, shelf, "staging:").findings
    assert advice in next(each.advice for each in findings if each.kind.value == "missing")


def test_names_that_are_computed_from_what_is_written(tmp_path: Path) -> None:
    job = "strategy: {matrix: {env: [staging, prod]}}"
    files = one("secrets[format('{0}_KEY', matrix.env)]", job=job)
    assert told(audited(tmp_path, files, "repository: STAGING_KEY PROD_KEY")) == []
    assert told(audited(tmp_path, files, "repository: STAGING_KEY")) == [
        "error missing secrets.PROD_KEY a.yml:5"
    ]


def test_an_environment_that_does_not_exist(tmp_path: Path) -> None:
    report = audited(
        tmp_path, one("vars.A", job="environment: prodution"), "production:", "repository vars: A"
    )
    assert told(report) == ["warning missing environment prodution a.yml:4"]
