"""Work trees that are not as one would expect: links, pipes, what is half staged, hidden or not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from secopskit.errors import RefusedError
from secopskit.harden import recovery, run
from secopskit.harden.model import HardenPlan, StepPlan
from secopskit.harden.text import hash_marks
from support.hardening import harden, project_at, snapshot
from support.repos import Repo
from support.values import alnum

PASSWORD = alnum(18)
ENV = f"DB_PASSWORD={PASSWORD}\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo.create(tmp_path / "shop")
    made.commit({".env": ENV, "README.md": "x\n"})
    return made


def plan(repo: Repo, *only: str) -> HardenPlan:
    return run.plan(project_at(repo.path, only=only))


def step(repo: Repo, name: str) -> StepPlan:
    return plan(repo, name).steps[0]


def test_what_is_taken_back_further_down_is_ignored_once(repo: Repo) -> None:
    conf = f"[options]\nadmin_passwd = {PASSWORD}\n"
    repo.commit({"a/.gitignore": "!.env\n!*.conf\n", "a/.env": ENV, "a/config/x.conf": conf})
    before = snapshot(repo.path)
    harden(repo.path, "ignore")
    harden(repo.path, "ignore")
    again = step(repo, "ignore")
    assert (again.changes, len(again.notes)) == ((), 1)
    assert "/a/.env" in again.notes[0]
    recovery.undo(project_at(repo.path))
    assert snapshot(repo.path) == before


def test_a_line_of_the_user_after_our_block_has_the_last_word(repo: Repo) -> None:
    harden(repo.path, "ignore")
    rules = repo.path / ".gitignore"
    rules.write_text(rules.read_text() + "!.env.staging\n!*.pem\n")
    assert step(repo, "ignore").changes == ()


def test_what_is_added_to_our_block_takes_its_exceptions_along(repo: Repo) -> None:
    marks = hash_marks("secrets")
    repo.write(".gitignore", f"{marks.begin}\n.env\n!.env*.sample\n{marks.end}\n")
    harden(repo.path, "ignore")
    assert repo.try_git("check-ignore", "-q", ".env.sample").code == 1
    assert repo.try_git("check-ignore", "-q", ".env.staging").code == 0
    assert step(repo, "ignore").changes == ()


def test_templates_stay_visible_behind_what_is_added(repo: Repo) -> None:
    repo.write(".gitignore", "!.env*.sample\n")
    harden(repo.path, "ignore")
    assert repo.try_git("check-ignore", "-q", ".env.sample").code == 1


def test_a_link_in_the_way_of_a_question_is_no_reason_to_add_more(repo: Repo, tmp_path: Path) -> None:
    (repo.path / "secops").symlink_to(tmp_path)
    harden(repo.path, "ignore")
    again = step(repo, "ignore")
    assert (again.changes, again.notes, again.problem) == ((), (), "")


def test_a_file_as_if_ignored_in_the_way_is_found_out_one_by_one(repo: Repo, tmp_path: Path) -> None:
    (repo.path / "secops").symlink_to(tmp_path)
    repo.write(".gitignore", "*.key\n")
    asked = ("secops/probe/.env", "server.key", "server.pem")
    assert project_at(repo.path).ignored(asked) == {"secops/probe/.env", "server.key"}


def test_nobody_waits_for_a_pipe(repo: Repo) -> None:
    os.mkfifo(repo.path / ".gitignore")
    with pytest.raises(RefusedError, match="pipe"):
        project_at(repo.path)


def test_a_text_that_is_not_utf_8_is_not_added_to(repo: Repo) -> None:
    repo.write(".gitignore", "build/\n".encode("utf-16"))
    repo.write("SECURITY.md", b"caf\xe9")  # in Latin-1 all is well
    steps = {each.name: each.problem for each in plan(repo, "ignore", "security").steps}
    assert "NUL" in steps["ignore"]
    assert not steps["security"]


def test_what_is_in_git_and_not_on_the_disk_is_not_written_anew(repo: Repo) -> None:
    repo.commit({"SECURITY.md": "mine\n", ".github/workflows/secops.yml": "mine\n", "prod.dump": "x"})
    repo.git("sparse-checkout", "set", "--no-cone", "/README.md", "/.env")
    problems = [each.name for each in plan(repo, "untrack", "workflows", "security").steps if each.problem]
    assert problems == ["workflows", "security"]
    assert harden(repo.path, "untrack") == (".env",)
    assert "prod.dump" in repo.git("ls-files")


def test_what_is_staged_and_nowhere_else_stays_staged(repo: Repo) -> None:
    repo.commit({"b.env": ENV, "c.env": ENV})
    repo.write("c.env", ENV + "ON_DISK=1\n")  # staged is what is committed: nothing gets lost
    repo.stage({".env": ENV + "STAGED=1\n"})
    repo.write(".env", ENV + "ON_DISK=1\n")
    staged = repo.git("ls-files", "-s", ".env")
    assert harden(repo.path, "untrack") == ("b.env", "c.env")
    assert repo.git("ls-files", "-s", ".env") == staged
    left = step(repo, "untrack")
    assert (left.missing, left.changes) == (True, ())
    assert "would be lost" in left.problem
    repo.write(".env", ENV + "STAGED=1\n")
    assert harden(repo.path, "untrack") == (".env",)


def test_a_file_that_git_was_told_to_leave_alone_is_so_again_after_undo(repo: Repo) -> None:
    repo.commit({"b.env": ENV})
    repo.git("update-index", "--skip-worktree", ".env")
    repo.git("update-index", "--assume-unchanged", "b.env")
    repo.write(".env", ENV * 2)
    repo.write("b.env", ENV * 2)
    before = repo.git("ls-files", "-v", "-s")
    harden(repo.path, "untrack")
    assert repo.git("ls-files").split() == ["README.md"]
    recovery.undo(project_at(repo.path))
    assert repo.git("ls-files", "-v", "-s") == before
    assert repo.git("diff", "--name-only") == ""


@pytest.mark.parametrize(
    ("files", "changed"),
    [
        (
            {"Security.md": "x\n", "Pull_Request_Template.MD": "x\n"},
            {"Security.md", "Pull_Request_Template.MD"},
        ),
        (
            {".github/security.md": "x\n", "docs/PULL_REQUEST_TEMPLATE.txt": "x\n"},
            {".github/security.md", "docs/PULL_REQUEST_TEMPLATE.txt"},
        ),
        ({"PULL_REQUEST_TEMPLATE/a.md": "x\n"}, {"SECURITY.md", ".github/pull_request_template.md"}),
    ],
)
def test_files_are_known_by_their_names_in_any_case(
    repo: Repo, files: dict[str, str], changed: set[str]
) -> None:
    repo.commit(files)
    planned = plan(repo, "security", "checklist")
    assert set(run.apply(project_at(repo.path), planned).changed) == changed
    several = any("PULL_REQUEST_TEMPLATE: link" in note for each in planned.steps for note in each.notes)
    assert several == ("PULL_REQUEST_TEMPLATE/a.md" in files)
