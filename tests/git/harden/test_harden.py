"""A repository hardened for real: once is enough, all of it comes back, and no value goes anywhere."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from secopskit.errors import RefusedError, SecopsError, UsageError
from secopskit.findings import Location, Severity
from secopskit.harden import recovery, run
from secopskit.harden.files import TreeFiles
from secopskit.harden.journal import HardenJournal, notebook_of
from secopskit.harden.project import HardenHost
from secopskit.state.notebook import Notebook
from support.hardening import harden, project_at, snapshot
from support.report_samples import finding
from support.repos import Repo
from support.values import alnum

PASSWORD = alnum(18)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A shop whose secrets are tracked, with files of the team's own."""
    made = Repo.create(tmp_path / "shop")
    made.commit(
        {
            ".env": f"POSTGRES_PASSWORD={PASSWORD}\nLOG_LEVEL=info\n",
            ".env.example": "POSTGRES_USER=\n",
            ".gitignore": b"# ours\r\nnode_modules/\r\nbuild",
            ".pre-commit-config.yaml": "repos:\n  - repo: meta\n    hooks: [{id: identity}]\n",
            "config/odoo.conf": f"[options]\nadmin_passwd = {PASSWORD}\ndb_host = db\n",
            "config/nginx.conf": "server { listen 80; }\n",
            "certs/ca.pem": "-----BEGIN CERTIFICATE-----\n",
            "compose.yaml": "services:\n  web:\n    image: x\n    environment:\n      A: ${REDIS_PASSWORD}\n",
            "pull_request_template.md": "## What",
        }
    )
    (made.path / "compose.yaml").chmod(0o640)
    return made


def test_once_is_enough_and_undo_restores_every_byte(repo: Repo) -> None:
    before, index = snapshot(repo.path), repo.git("ls-files", "-s")
    changed = harden(repo.path)
    assert {".gitignore", ".env.example", ".secops.yaml", "SECURITY.md"} <= set(changed)
    assert set(repo.git("diff", "--cached", "--name-only").split()) == {".env", "config/odoo.conf"}
    after = snapshot(repo.path)
    assert run.plan(project_at(repo.path)).empty
    assert harden(repo.path) == ()
    assert snapshot(repo.path) == after
    recovery.undo(project_at(repo.path))
    assert snapshot(repo.path) == before
    assert repo.git("ls-files", "-s") == index
    assert recovery.plan_undo(project_at(repo.path)).empty


def test_what_is_written_holds_no_value(repo: Repo) -> None:
    harden(repo.path)
    written = {name for name, (data, _) in snapshot(repo.path).items() if PASSWORD.encode() in data}
    assert written == {".env", "config/odoo.conf"}
    journal = Path(notebook_of(project_at(repo.path).repository).file("last.json")).read_text()
    assert "REDIS_PASSWORD" in journal or "secops init" in journal
    assert PASSWORD not in journal


def test_git_ignores_secrets_and_nothing_that_is_committed_on_purpose(repo: Repo) -> None:
    harden(repo.path, "ignore", "untrack")
    for secret in ("a/.env.production", ".env", "config/odoo.conf"):
        assert repo.try_git("check-ignore", "-q", secret).code == 0, secret
    for kept in (".env.example", "sub/.env.sample", "config/nginx.conf", "certs/new.pem"):
        assert repo.try_git("check-ignore", "-q", "--no-index", kept).code == 1, kept
    lines = (repo.path / ".gitignore").read_bytes()
    assert lines.startswith(b"# ours\r\nnode_modules/\r\nbuild\r\n")
    assert b"\n" not in lines.replace(b"\r\n", b"")


def test_a_template_is_not_hidden_by_what_is_ignored_already(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "shop")
    code = "import os\nDATABASE = os.environ['DATABASE_URL']\n"
    repo.commit({".gitignore": ".env*\n*.pem\n", "app.py": code, "pyproject.toml": "[project]\nname = 'a'\n"})
    assert ".env.sample" in harden(repo.path, "ignore", "sample")
    assert repo.try_git("check-ignore", "-q", ".env.sample").code == 1
    assert "Required. Used in app.py." in (repo.path / ".env.sample").read_text()
    assert run.plan(project_at(repo.path, only=["ignore", "sample"])).empty


def test_an_environment_read_by_its_name_gets_a_template_beside_it(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "shop")
    compose = "services:\n  db:\n    image: postgres\n    env_file: [env/db.env]\n"
    repo.commit({"compose.yaml": compose, "env/db.env": f"POSTGRES_PASSWORD={PASSWORD}\n"})
    harden(repo.path, "ignore", "untrack", "sample")
    assert (repo.path / "env/db.env.sample").read_text().splitlines()[-2:] == [
        "# --- db ---",
        "POSTGRES_PASSWORD=",
    ]
    assert repo.try_git("check-ignore", "-q", "env/db.env").code == 0
    assert repo.git("ls-files").split() == ["compose.yaml"]


@pytest.mark.parametrize(
    ("hook", "there"),
    [
        ("id: identity  # TODO: maybe secops-scan, which runs secopskit", False),
        ("{id: secops-rules-check, entry: secopskit rules check}", False),
        ("{id: ours, entry: python3 -m secopskit hook run --push}", False),
        ("id: secops-scan", True),
        ("{id: ours, entry: python3 -m secopskit hook run --}", True),
    ],
)
def test_a_hook_is_there_if_it_runs_and_not_if_it_is_mentioned(repo: Repo, hook: str, there: bool) -> None:
    repo.write(".pre-commit-config.yaml", f"repos:\n  - repo: local\n    hooks:\n      - {hook}\n")
    assert run.plan(project_at(repo.path, only=["hook"])).empty == there


@pytest.mark.parametrize("text", ["repos: []\n", "repos:\n", "{repos: [{repo: meta}]}\n", "repos: [\n", ""])
def test_that_no_hook_can_be_added_is_a_problem(repo: Repo, text: str) -> None:
    repo.write(".pre-commit-config.yaml", text)
    (step,) = run.plan(project_at(repo.path, only=["hook"])).steps
    assert step.missing
    assert "cannot be added to safely" in step.problem


def test_a_plain_hook_is_written_and_taken_away(repo: Repo) -> None:
    (repo.path / ".pre-commit-config.yaml").unlink()
    harden(repo.path, "hook")
    hook = repo.path / ".git/hooks/pre-commit"
    assert os.access(hook, os.X_OK)
    assert run.plan(project_at(repo.path, only=["hook"])).empty
    recovery.undo(project_at(repo.path, only=["hook"]))
    assert not hook.exists()


def test_undo_refuses_where_a_person_has_changed_our_lines(repo: Repo) -> None:
    harden(repo.path)
    file = repo.path / "SECURITY.md"
    file.write_text(file.read_text().replace("Rotate it", "Do rotate it"))
    before = snapshot(repo.path)
    with pytest.raises(RefusedError, match=r"SECURITY\.md"):
        recovery.undo(project_at(repo.path))
    assert snapshot(repo.path) == before
    recovery.undo(project_at(repo.path, skip=["hook", "security"]))
    assert not (repo.path / ".secops.yaml").exists()
    assert file.exists()
    assert {each.path for each in notebook_changes(repo)} == {"SECURITY.md"}


def test_what_was_added_around_ours_stays_when_it_is_taken_back(repo: Repo) -> None:
    harden(repo.path, "ignore")
    file = repo.path / ".gitignore"
    file.write_bytes(b"first\r\n" + file.read_bytes() + b"last\r\n")
    recovery.undo(project_at(repo.path))
    assert file.read_bytes() == b"first\r\n# ours\r\nnode_modules/\r\nbuild\r\nlast\r\n"


def test_what_a_checkout_took_away_needs_no_undo(repo: Repo) -> None:
    before = snapshot(repo.path)
    harden(repo.path)
    repo.git("update-index", "-q", "--refresh")  # else git may write anew what only has another mode
    repo.git("checkout", "-q", "HEAD", "--", ".")
    recovery.undo(project_at(repo.path))
    assert snapshot(repo.path) == before


def test_what_is_on_another_branch_is_taken_back_there(repo: Repo) -> None:
    before = snapshot(repo.path)
    repo.git("branch", "side")
    harden(repo.path, "security")
    repo.commit({"SECURITY.md": (repo.path / "SECURITY.md").read_text()})
    repo.git("checkout", "-q", "side")
    assert recovery.undo(project_at(repo.path)).absent == ("SECURITY.md",)
    assert recovery.plan_undo(project_at(repo.path)).empty
    repo.git("checkout", "-q", "main")
    recovery.undo(project_at(repo.path))
    assert snapshot(repo.path) == before


def test_a_full_disk_leaves_what_is_whole_and_is_gone_on_from(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshot(repo.path)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("secopskit.harden.files.replace_whole", full)
        with pytest.raises(SecopsError, match="No space left") as told:
            harden(repo.path, "security")
    assert "Make room" in told.value.advice
    assert snapshot(repo.path) == before
    assert harden(repo.path, "security") == ("SECURITY.md",)
    recovery.undo(project_at(repo.path))
    assert snapshot(repo.path) == before


class CutOffError(BaseException):
    """As a kill: nobody catches it, and nothing after it runs."""


def _cutting(monkeypatch: pytest.MonkeyPatch, at: int) -> Iterator[int]:
    """Fail at the `at`-th time that anything is written: before it is, or right after."""
    reached = 0

    def cut(owner: type, name: str) -> None:
        real = getattr(owner, name)

        def writes(*arguments: object) -> object:
            nonlocal reached
            reached += 1
            if reached == at:
                raise CutOffError
            result = real(*arguments)
            reached += 1
            if reached == at:
                raise CutOffError
            return result

        monkeypatch.setattr(owner, name, writes)

    from secopskit.git.facts import RepositoryFacts

    for owner, name in (
        (TreeFiles, "put"),
        (TreeFiles, "remove"),
        (RepositoryFacts, "untrack"),
        (RepositoryFacts, "retrack"),
        (Notebook, "keep"),
    ):
        cut(owner, name)
    yield reached


STEPS = ("ignore", "untrack", "config")


@pytest.mark.parametrize("at", range(1, 26, 3))
def test_cut_off_anywhere_it_is_finished_or_taken_back(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    before, index = snapshot(repo.path), repo.git("ls-files", "-s")
    with monkeypatch.context() as patch:
        next(_cutting(patch, at))
        try:
            harden(repo.path, *STEPS)
            recovery.undo(project_at(repo.path, only=STEPS))
        except CutOffError:
            pass
    if at % 2:
        harden(repo.path, *STEPS)
        assert run.plan(project_at(repo.path, only=STEPS)).empty
    recovery.undo(project_at(repo.path, only=STEPS))
    assert snapshot(repo.path) == before
    assert repo.git("ls-files", "-s") == index


def notebook_changes(repo: Repo) -> tuple:  # type: ignore[type-arg]  # rows of the journal
    journal = notebook_of(project_at(repo.path).repository).read("last.json")
    assert isinstance(journal, HardenJournal)
    return journal.changes


# --- hostile -----------------------------------------------------------------------------------


def test_what_is_no_plain_file_is_refused_and_keeps_no_other_step_from_its_work(
    repo: Repo, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine\n")
    (repo.path / ".gitignore").unlink()
    (repo.path / ".gitignore").symlink_to(outside)
    (repo.path / "SECURITY.md").mkdir()
    (repo.path / ".github").symlink_to(tmp_path)
    (repo.path / ".pre-commit-config.yaml").chmod(0o444)
    plan = run.plan(project_at(repo.path, skip=()))
    problems = {step.name for step in plan.steps if step.problem}
    assert problems == {"ignore", "security", "workflows", "hook"}
    run.apply(project_at(repo.path), plan)
    assert outside.read_text() == "mine\n"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["outside", "shop"]
    assert (repo.path / ".secops.yaml").exists()


def test_a_link_to_an_environment_is_no_environment(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text(f"API_TOKEN={PASSWORD}\n")
    (repo.path / ".env.local").symlink_to(tmp_path / "elsewhere")
    repo.git("add", "-f", ".env.local")
    assert ".env.local" not in harden(repo.path, "ignore", "untrack", "sample")
    assert "API_TOKEN" not in (repo.path / ".env.example").read_text()


def test_a_file_that_changes_meanwhile_is_not_written(repo: Repo) -> None:
    project = project_at(repo.path, only=["ignore"])
    plan = run.plan(project)
    (repo.path / ".gitignore").write_text("changed\n")
    with pytest.raises(SecopsError, match="has changed meanwhile"):
        run.apply(project, plan)
    assert (repo.path / ".gitignore").read_text() == "changed\n"


def test_without_files_or_without_git_there_is_nothing_to_harden(repo: Repo, tmp_path: Path) -> None:
    bare = Repo.create(tmp_path / "bare.git", "--bare")
    with pytest.raises(UsageError, match="no work tree"):
        project_at(bare.path)
    (tmp_path / "plain").mkdir()
    with pytest.raises(UsageError, match="not a git repository"):
        project_at(tmp_path / "plain")


def test_a_submodule_and_a_subdirectory_are_hardened_as_what_they_are(repo: Repo, tmp_path: Path) -> None:
    outer = Repo.create(tmp_path / "outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(repo.path), "shop")
    outer.commit({"a/b/README.md": "x"})
    harden(outer.path / "a" / "b", "ignore")
    assert (outer.path / ".gitignore").exists()
    harden(outer.path / "shop", "security")
    assert (outer.path / "shop" / "SECURITY.md").exists()
    assert "outer/.git/modules" in str(project_at(outer.path / "shop").repository.git_dir)


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("git@github.com:acme/shop.git", (HardenHost.GITHUB,)),
        ("https://gitlab.example.org/acme/shop.git", (HardenHost.GITLAB,)),
        ("/srv/shop.git", ()),
    ],
)
def test_the_remote_tells_the_host(repo: Repo, url: str, hosts: tuple[HardenHost, ...]) -> None:
    repo.git("remote", "add", "origin", url)
    assert project_at(repo.path, hosts=()).hosts == hosts


def test_a_finding_of_a_file_that_gets_ignored_keeps_no_pipeline_waiting(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "shop")
    repo.commit({"a.py": "x\n"})
    repo.write(".env", f"API_TOKEN={PASSWORD}\n")
    known = finding("token", Severity.HIGH, Location(".env", 1, 11, 1, 29))

    def notes(*only: str) -> tuple[str, ...]:
        plan = run.plan(project_at(repo.path, only=only, findings=[known]))
        return next(step.notes for step in plan.steps if step.name == "baseline")

    assert notes("ignore", "baseline") == ()
    assert notes("baseline") == ("1 finding in the files. CI fails until each is gone, or accepted.",)
