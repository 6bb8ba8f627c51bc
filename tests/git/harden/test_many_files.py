"""Many files with secrets, and such as cannot be read: all of them count, or it is said that they do not."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from secopskit.harden import run
from secopskit.harden.model import StepPlan
from secopskit.harden.steps.untrack import purge_commands
from support.hardening import harden, project_at
from support.repos import Repo
from support.values import alnum

PASSWORD = alnum(18)
ENV = f"DB_PASSWORD={PASSWORD}\n"
PUBLIC, PRIVATE = "-----BEGIN CERTIFICATE-----\n", f"-----BEGIN {'EC'} PRIVATE KEY-----\n"
LARGE = f"LOG_LEVEL=info\n{'#' * 1024 * 1024}\n{ENV}"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo.create(tmp_path / "shop")
    made.commit({"README.md": "x\n"})
    return made


def step(repo: Repo, name: str) -> StepPlan:
    return run.plan(project_at(repo.path, only=[name])).steps[0]


def ignored(repo: Repo) -> list[str]:
    """The lines of `.gitignore`."""
    return (repo.path / ".gitignore").read_text().splitlines()


def test_an_environment_file_behind_many_public_certificates_leaves_git(repo: Repo) -> None:
    repo.commit({**{f"ca/{number:03}.pem": PUBLIC for number in range(510)}, "web/.env": ENV})
    assert harden(repo.path, "ignore", "untrack") == (".gitignore", "web/.env")
    assert "!/web/.env" not in ignored(repo)
    assert repo.try_git("check-ignore", "-q", "web/.env").code == 0
    assert len(repo.git("ls-files", "ca").split()) == 510


def test_every_private_key_gets_a_line_of_its_own_where_public_ones_stay(repo: Repo) -> None:
    keys = {f"keys/{number:03}.pem": PRIVATE for number in range(210)}
    repo.commit({**keys, "ca.pem": PUBLIC})
    harden(repo.path, "ignore", "untrack")
    assert {f"/{path}" for path in keys} <= set(ignored(repo))
    assert repo.git("ls-files").split() == ["README.md", "ca.pem"]
    assert step(repo, "ignore").changes == ()


def left_out_by_a_sparse_checkout(repo: Repo) -> None:
    repo.commit({".env": ENV})
    repo.git("sparse-checkout", "set", "--no-cone", "/README.md")


def too_large(repo: Repo) -> None:
    repo.commit({".env": LARGE})


@pytest.mark.parametrize("make", [left_out_by_a_sparse_checkout, too_large])
def test_an_environment_file_that_cannot_be_read_gets_no_exception_and_is_told(
    repo: Repo, make: Callable[[Repo], None]
) -> None:
    make(repo)
    assert harden(repo.path, "ignore", "untrack") == (".gitignore",)
    assert not [line for line in ignored(repo) if line.startswith("!/")]
    assert ".env" in ignored(repo)
    told = step(repo, "untrack")
    assert (told.changes, told.problem) == ((), "")
    assert told.notes == ("1 tracked file could not be read, and may hold secrets: .env.",)


def test_what_cannot_be_read_is_told_beside_what_leaves_git(repo: Repo) -> None:
    repo.commit({".env": LARGE, "web/.env": ENV})
    planned = step(repo, "untrack")
    assert "1 tracked file could not be read, and may hold secrets: .env." in planned.notes
    assert harden(repo.path, "untrack") == ("web/.env",)


def test_the_commands_name_every_file(repo: Repo) -> None:
    paths = [f"app {number:02}/.env" for number in range(45)]
    repo.commit(dict.fromkeys([*paths, "a\nb/.env"], ENV))
    planned = step(repo, "untrack")
    words = [shlex.split(line) for line in planned.commands if "purge-history" in line]
    named = [word for line in words for word in line[2:] if word != "--path"]
    assert named == paths
    assert all(len(line) < 2500 for line in planned.commands)
    assert "1 name cannot be written in a command below: purge such by hand." in planned.notes
    assert not [line for line in purge_commands(["a\nb/.env"]) if "purge-history" in line]


def test_templates_that_are_too_many_for_one_run_are_told_and_made_by_the_next(repo: Repo) -> None:
    repo.commit(
        {f"app{number:02}/package.json": '{"name": "x"}' for number in range(35)}
        | {f"app{number:02}/index.js": f"use(process.env.NAME_{number});\n" for number in range(35)}
    )
    assert "5 directories more were not looked at in this run." in step(repo, "sample").notes
    first, second = (harden(repo.path, "sample") for _ in range(2))
    assert [*first, *second] == [f"app{number:02}/.env.sample" for number in range(35)]
    last = step(repo, "sample")
    assert (last.changes, [note for note in last.notes if "next run" in note]) == ((), [])


def test_every_secret_of_a_workflow_is_in_the_configuration(repo: Repo) -> None:
    names = [f"SHOP_SECRET_{number:02}" for number in range(35)]
    env = "".join(f"      {name}: ${{{{ secrets.{name} }}}}\n" for name in names)
    job = f"on: push\njobs:\n  deploy:\n    environment: production\n    env:\n{env}    steps: [{{run: x}}]\n"
    repo.commit({".github/workflows/deploy.yml": job})
    harden(repo.path, "config")
    (line,) = [one for one in (repo.path / ".secops.yaml").read_text().splitlines() if " secrets: [" in one]
    assert line == f"#      secrets: [{', '.join(names)}]"


def test_a_dump_that_is_not_on_the_disk_is_told(repo: Repo) -> None:
    repo.commit({"prod.dump": "x", "store.p12": "x"})
    repo.git("sparse-checkout", "set", "--no-cone", "/README.md")
    step = run.plan(project_at(repo.path, only=["untrack"])).steps[0]
    assert step.notes or step.problem


def test_what_could_not_be_read_is_told_beside_what_is_half_staged(repo: Repo) -> None:
    repo.commit({".env": LARGE, "b.env": ENV})
    repo.stage({"b.env": f"{ENV}A=1\n"})
    repo.write("b.env", f"{ENV}B=1\n")
    step = run.plan(project_at(repo.path, only=["untrack"])).steps[0]
    assert "could not be read" in " ".join((*step.notes, step.problem))


def test_a_file_that_cannot_be_read_serves_as_no_template(repo: Repo) -> None:
    repo.commit({".env": LARGE, "package.json": "{}", "a.js": "use(process.env.DB_PASSWORD)\n"})
    step = run.plan(project_at(repo.path, only=["sample"])).steps[0]
    assert not [note for note in step.notes if "It lacks" in note]


def test_very_many_private_files_are_planned(repo: Repo) -> None:
    deep = f"{'d' * 120}/{'e' * 120}"
    for number in range(9000):
        repo.write(f"{deep}/{number}.dump", "")
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "x")
    assert len(run.plan(project_at(repo.path, only=["untrack"])).steps[0].changes) == 1
