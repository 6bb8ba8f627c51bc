"""The `run:` steps of the workflows, carried out as GitHub would, against a real PostgreSQL."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from secopskit.migrate.workflows.plan import WorkflowChoices, plan_workflows, write
from support.cli import COMMAND, Outcome, run, secops
from support.postgres import Database, missing
from support.repos import Repo
from support.runner import migrate

FILES = {
    "migrations/001_users.sql": "CREATE TABLE users (id bigint PRIMARY KEY, email text);\n",
    "migrations/002_email.sql": "-- secops: no-transaction\n"
    "CREATE INDEX CONCURRENTLY users_email ON users (email);\n",
    # What the workflow calls DATABASE_URL has another name on the developers' machines.
    ".secops.yaml": "migrate: {environments: {staging: {database_url_env: STAGING_URL}}}\n",
}
EXPRESSION = re.compile(r"\$\{\{ (\S+) \}\}")


class Runner:
    """Runs the jobs of a workflow in a checkout, each step in a shell of its own."""

    def __init__(self, root: Path, checkout: Path, known: Mapping[str, str]) -> None:
        self.root, self.checkout, self.known = root, checkout, dict(known)
        self.summary = root / "summary.md"
        self.bash = shutil.which("bash") or missing("bash")
        self.shim = root / "bin"
        self.shim.mkdir()
        # The step that installs secops puts this checkout in its place.
        (self.shim / "secops").write_text(f'#!/bin/sh\nexec {shlex.join(COMMAND)} "$@"\n')
        (self.shim / "secops").chmod(0o755)

    def job(self, workflow: str, name: str) -> list[tuple[str, Outcome]]:
        """The steps that ran, up to the first that failed; outputs are `known` to later jobs."""
        document = yaml.safe_load((self.checkout / ".github/workflows" / workflow).read_text())
        job = document["jobs"][name]
        done: list[tuple[str, Outcome]] = []
        for step in job["steps"]:
            if "run" not in step or step["name"] == "Install secops":
                continue
            outcome = self._step(step, job.get("env", {}))
            done.append((step["name"], outcome))
            if outcome.code:
                break
        for output, value in job.get("outputs", {}).items():
            self.known[f"needs.{name}.outputs.{output}"] = self._value(value)
        return done

    def _step(self, step: Mapping[str, Any], shared: Mapping[str, str]) -> Outcome:
        output = self.root / "output"
        output.write_text("")
        env = {key: self._value(value) for key, value in {**shared, **step.get("env", {})}.items()}
        env |= {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(self.summary), "CI": "true"}
        env |= {"GITHUB_ACTIONS": "true", "GITHUB_ACTOR": "ada", "PATH": f"{self.shim}:{os.environ['PATH']}"}
        script = self.root / "step.sh"
        script.write_text(step["run"])
        outcome = run(self.bash, "--noprofile", "--norc", "-e", script, cwd=self.checkout, env=env)
        for line in output.read_text().splitlines():
            key, _, value = line.partition("=")
            self.known[f"steps.{step['id']}.outputs.{key}"] = value
        return outcome

    def _value(self, text: str) -> str:
        return EXPRESSION.sub(lambda found: self.known.get(found[1], ""), str(text))


@pytest.fixture
def runner(any_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """A checkout as actions/checkout makes it of the tag v1.0.0."""
    for name in [name for name in os.environ if name.startswith(("PG", "GITHUB_", "DATABASE_", "SHADOW_"))]:
        monkeypatch.delenv(name)
    origin = Repo.create(tmp_path / "origin")
    write(plan_workflows(str(origin.path), WorkflowChoices(countdown=1)))
    workflows = {
        f".github/workflows/{path.name}": path.read_text()
        for path in (origin.path / ".github/workflows").iterdir()
    }
    origin.commit({**FILES, **workflows})
    origin.git("tag", "-a", "v1.0.0", "-m", "v1.0.0")
    checkout = Repo.create(tmp_path / "checkout")
    head = origin.head
    checkout.git(
        "fetch", "-q", "--no-tags", "--depth=1", f"file://{origin.path}", f"+{head}:refs/tags/v1.0.0"
    )
    checkout.git("checkout", "-q", "--force", "refs/tags/v1.0.0")
    return Runner(tmp_path, checkout.path, {"secrets.DATABASE_URL": any_database.dsn})


def prepare(database: Database, runner: Runner, environment: str) -> None:
    done = secops(
        *("migrate", "init", "--yes", "--env", environment, "--database-url-env", "DATABASE_URL"),
        cwd=runner.checkout,
        env={"DATABASE_URL": database.dsn},
    )
    assert done.code == 0, done.err


def succeeded(steps: list[tuple[str, Outcome]]) -> list[str]:
    """The names of the steps, all of which went well."""
    assert [(name, step.text) for name, step in steps if step.code] == []
    return [name for name, _ in steps]


def test_staging(any_database: Database, runner: Runner) -> None:
    prepare(any_database, runner, "staging")
    assert succeeded(runner.job("db-staging.yml", "migrate")) == ["Lint", "Dry run", "Apply"]
    assert any_database.query("SELECT to_regclass('users_email')::text") == [("users_email",)]
    by = any_database.query("SELECT DISTINCT actor FROM secops.migration_history WHERE action = 'up'")
    assert by == [("ada",)]
    summary = runner.summary.read_text()
    assert "### Lint" in summary
    assert "001" in summary
    # Nothing new: nothing to do, nothing wrong.
    assert succeeded(runner.job("db-staging.yml", "migrate")) == ["Lint", "Dry run", "Apply"]
    password = any_database.server.password.reveal().decode()
    assert password not in summary


def test_staging_stops_at_what_hurts(any_database: Database, runner: Runner) -> None:
    prepare(any_database, runner, "staging")
    migrate(any_database.dsn, runner.checkout / "migrations")
    bad = runner.checkout / "migrations/003_numeric.sql"
    bad.write_text("ALTER TABLE users ALTER COLUMN id TYPE numeric;\n")
    ((name, lint),) = runner.job("db-staging.yml", "migrate")
    assert (name, lint.code) == ("Lint", 1)
    assert "003, line 1" in lint.out
    assert any_database.query("SELECT count(*) FROM secops.schema_migrations") == [(2,)]


def test_production(any_database: Database, runner: Runner) -> None:
    prepare(any_database, runner, "production")
    assert succeeded(runner.job("db-prod.yml", "plan")) == ["Dry run", "Name the plan"]
    assert re.fullmatch(r"[0-9a-f]{64}", runner.known["needs.plan.outputs.hash"])
    assert any_database.query("SELECT to_regclass('users')::text") == [(None,)]
    applied = runner.job("db-prod.yml", "apply")
    assert succeeded(applied) == ["Wait, then apply"]
    assert "Going on with production in 1 s" in applied[0][1].err
    assert any_database.query("SELECT to_regclass('users_email')::text") == [("users_email",)]
    # A tag without migrations goes through as well.
    succeeded(runner.job("db-prod.yml", "plan"))
    succeeded(runner.job("db-prod.yml", "apply"))


def test_production_applies_only_what_was_tried(any_database: Database, runner: Runner) -> None:
    prepare(any_database, runner, "production")
    ((_, alone),) = runner.job("db-prod.yml", "apply")  # without the job before it
    assert alone.code == 5
    succeeded(runner.job("db-prod.yml", "plan"))
    (runner.checkout / "migrations/003_more.sql").write_text("SELECT 1;\n")
    ((_, changed),) = runner.job("db-prod.yml", "apply")
    assert changed.code == 5
    assert "is not the one that was confirmed" in changed.err
    (runner.checkout / "migrations/003_more.sql").unlink()
    Repo(runner.checkout).git("tag", "-d", "v1.0.0")
    ((_, untagged),) = runner.job("db-prod.yml", "apply")
    assert untagged.code == 5
    assert "has no tag" in untagged.err
    assert any_database.query("SELECT to_regclass('users')::text") == [(None,)]


def test_a_workflow_for_the_wrong_database(any_database: Database, runner: Runner) -> None:
    prepare(any_database, runner, "staging")
    ((name, tried),) = runner.job("db-prod.yml", "plan")
    assert (name, tried.code) == ("Dry run", 5)
    assert "is pinned as staging, not as production" in tried.err
