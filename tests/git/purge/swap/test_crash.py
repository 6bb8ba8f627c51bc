"""kill -9, a full disk, a dead machine: the refs are all old or all new, and a second run finishes."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from secopskit.errors import IncompleteError, RefusedError, UsageError
from secopskit.git import uninterrupted
from secopskit.git.worktrees import work_trees
from secopskit.purge.journal import PurgeNotebook, PurgeStep
from secopskit.purge.swap import recover
from secopskit.purge.swap.rollback import rollback
from secopskit.state.lock import held
from support.archives import zipped
from support.cli import SOURCE, UNMEASURED, environment, home
from support.history import opened
from support.purges import (
    assert_whole,
    everything,
    files_with,
    purge,
    refs,
    stored_large_file,
    target,
)
from support.repos import Repo
from support.values import alnum

DRIVER = SOURCE.parent / "tests/support/purge_driver.py"
AFTER = ("clean-up", "proof")


def _phases(*quick: str) -> list[ParameterSet]:
    """All phases of a purge; those that are not `quick` are left to the slow tests."""
    names = ("backup", "rewrite", "check", "pack", "swap", *AFTER)
    return [pytest.param(name, marks=() if name in quick else pytest.mark.slow) for name in names]


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home()))


@pytest.fixture(scope="module")
def value() -> str:
    return alnum(32)


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory, value: str) -> Repo:
    """What every test starts from a copy of."""
    repo = everything(tmp_path_factory.mktemp("origin") / "repo", value)
    repo.git("gc", "-q")
    pointer = stored_large_file(repo, f"KEY={value}\n".encode())
    archive = zipped({".env": f"KEY={value}\n".encode()})
    repo.commit({"d": "d\n", "dist/all.zip": archive, "dist/big": pointer}, f"after {repo.head}")
    return repo


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory, origin: Repo, value: str) -> dict[str, str]:
    """The refs after an undisturbed purge: the same history is always rewritten in the same way."""
    repo = _copy(origin, tmp_path_factory.mktemp("expected") / "repo")
    assert purge(repo, value).proof.holds
    return refs(repo)


@pytest.fixture
def repo(tmp_path: Path, origin: Repo) -> Repo:
    return _copy(origin, tmp_path / "repo")


def _copy(origin: Repo, path: Path) -> Repo:
    shutil.copytree(origin.path, path, symlinks=True)
    repo = Repo(path)
    repo.git("update-index", "-q", "--refresh")
    return repo


def _start(repo: Repo, value: str, phase: str = "-", action: str = "kill") -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, str(DRIVER), str(repo.path), phase, action],
        env=environment(**UNMEASURED),  # who is killed says nothing of it, and a disk may be full
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdin
    process.stdin.write(value.encode())
    process.stdin.close()
    process.stdin = None  # so that communicate() does not look for it
    return process


def _settled(repo: Repo) -> None:
    """Wait for a child that still swaps: it holds the lock."""
    notebook = PurgeNotebook.of(opened(repo))
    if Path(notebook.path).is_dir():
        with notebook.held(wait=20):
            pass


def _second_run(repo: Repo, value: str) -> None:
    """What a user does: resume, and start anew where nothing had been changed."""
    outcome = recover.resume(opened(repo), (target(value),))
    if outcome is None:
        # It may also have been killed when all was done.
        outcome = purge(repo, value)
    assert outcome.proof.holds, outcome.proof.leftovers


def _is_clean(repo: Repo, value: str) -> None:
    assert_whole(repo)
    assert repo.git("status", "--porcelain") == ""
    assert (repo.path / ".env").read_text() == "KEY=***REMOVED***\n"
    assert not (repo.path / "dist").exists()
    assert len(repo.git("stash", "list").splitlines()) == 3
    assert files_with(repo.path, value) == []
    assert os.listdir(repo.path / ".git/secops/purge") in (["lock", "last.json"], ["last.json", "lock"])
    assert not [one for one in (repo.path / ".git").rglob("*.lock") if one.parent.name != "secops"]


@pytest.mark.parametrize("phase", _phases("pack", "swap", "clean-up"))
def test_killed_in_a_phase(repo: Repo, value: str, phase: str, expected: dict[str, str]) -> None:
    before = refs(repo)
    process = _start(repo, value, phase)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    _settled(repo)
    assert refs(repo) == (expected if phase in AFTER else before)
    assert_whole(repo)
    assert files_with(repo.path / ".git/secops", value) == []
    _second_run(repo, value)
    assert refs(repo) == expected
    _is_clean(repo, value)


def test_given_up_twice_if_it_is_killed_meanwhile(
    repo: Repo, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The backup goes before the journal that names it, and last of it what tells that it is ours."""
    _start(repo, value, "swap").communicate()
    backup = Path(f"{repo.path}-backup")

    def die(path: str, **_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", die)
        with pytest.raises(KeyboardInterrupt):
            recover.abort(opened(repo))
    assert sorted(os.listdir(backup)) == ["README", "repository.git"]
    assert recover.abort(opened(repo))
    assert not backup.exists()
    assert not recover.abort(opened(repo))


@pytest.mark.parametrize("phase", _phases("swap")[:-2])
def test_given_up(repo: Repo, value: str, phase: str) -> None:
    before = refs(repo)
    log = repo.git("reflog")
    _start(repo, value, phase).communicate()
    assert recover.abort(opened(repo))
    assert refs(repo) == before
    assert repo.git("reflog") == log
    assert repo.git("status", "--porcelain") == ""
    assert os.listdir(repo.path / ".git/secops/purge") == ["lock"]
    assert not Path(f"{repo.path}-backup").exists()
    assert_whole(repo)


def test_after_the_swap_there_is_no_giving_up(repo: Repo, value: str) -> None:
    _start(repo, value, "clean-up").communicate()
    with pytest.raises(RefusedError, match="swapped"):
        recover.abort(opened(repo))
    with pytest.raises(UsageError, match="not the values"):
        recover.resume(opened(repo), (target(alnum(20)),))
    with pytest.raises(RefusedError, match="half-way"):
        purge(repo, value)


def test_resumed_without_the_values(repo: Repo, value: str, expected: dict[str, str]) -> None:
    """What a scan had found cannot be named again: all that needs no values is done."""
    _start(repo, value, "clean-up").communicate()
    outcome = recover.resume(opened(repo), ())
    assert outcome is not None
    assert refs(repo) == expected
    assert repo.git("reflog") == ""
    assert_whole(repo)
    assert files_with(repo.path, value) == [".git/config"]


@pytest.mark.parametrize("phase", [*_phases("clean-up")[-3:], "-"])
def test_rolled_back(repo: Repo, value: str, phase: str) -> None:
    before, stash, log = refs(repo), repo.git("stash", "list"), repo.git("reflog")
    url = repo.git("remote", "get-url", "origin")
    repo.stage({"b": "staged\n"})
    repo.write("kept/x", "not staged\n")
    _start(repo, value, phase).communicate()
    rollback(opened(repo))
    assert refs(repo) == before
    assert repo.git("stash", "list") == stash
    assert repo.git("reflog") == log
    assert repo.git("remote", "get-url", "origin") == url
    assert repo.git("status", "--porcelain") == "M  b\n M kept/x\n"
    assert (repo.path / ".env").read_text() == f"KEY={value}\n"
    assert [name for name in files_with(repo.path, value) if "lfs" in name]
    assert_whole(repo)
    assert os.listdir(repo.path / ".git/secops/purge") == ["lock"]


def test_rolled_back_from_another_branch(repo: Repo, value: str) -> None:
    before = refs(repo)
    _start(repo, value).communicate()
    repo.git("checkout", "-q", "old")
    rollback(opened(repo))
    assert refs(repo) == before | {"HEAD": before["refs/heads/old"]}
    assert repo.git("status", "--porcelain") == ""
    assert_whole(repo)


def _symbolic(repo: Repo) -> str:
    return repo.git("for-each-ref", "--format=%(refname) %(objectname) %(symref)") + repo.git(
        "symbolic-ref", "HEAD"
    )


def _with_symbolic_refs(repo: Repo, value: str) -> None:
    """HEAD and another ref lead to a branch over one with the value in its name; so a remote's HEAD."""
    repo.git("symbolic-ref", f"refs/heads/sym-{value}", "refs/heads/main")
    repo.git("symbolic-ref", "refs/heads/over", f"refs/heads/sym-{value}")
    repo.git("symbolic-ref", "HEAD", f"refs/heads/sym-{value}")
    repo.git("remote", "add", value, "https://example.org/y")
    repo.git("update-ref", f"refs/remotes/{value}/main", "HEAD")
    repo.git("symbolic-ref", f"refs/remotes/{value}/HEAD", f"refs/remotes/{value}/main")


def test_symbolic_refs_with_a_value_in_their_own_names(repo: Repo, value: str, tmp_path: Path) -> None:
    _with_symbolic_refs(repo, value)
    before = _symbolic(repo)
    outcome = purge(repo, value, backup_dir=tmp_path / "backup")
    assert outcome.proof.holds, outcome.proof.leftovers
    _is_clean(repo, value)
    leads = dict(line.split(" ")[::2] for line in _symbolic(repo).splitlines() if line.count(" ") == 2)
    assert {name: end for name, end in leads.items() if end} == {
        "refs/heads/sym-REMOVED": "refs/heads/main",
        "refs/heads/over": "refs/heads/main",
        "refs/remotes/REMOVED/HEAD": "refs/remotes/REMOVED/main",
    }
    assert repo.git("config", "remote.REMOVED.fetch") == "+refs/heads/*:refs/remotes/REMOVED/*\n"
    rollback(opened(repo))
    assert _symbolic(repo) == before
    assert_whole(repo)


def test_symbolic_refs_are_resumed(repo: Repo, value: str) -> None:
    _with_symbolic_refs(repo, value)
    _start(repo, value, "clean-up").communicate()
    repo.git("symbolic-ref", "--delete", "refs/heads/sym-REMOVED")  # as if it had died before that one
    journal = repo.path / ".git/secops/purge/journal.json"
    journal.write_text(journal.read_text().replace('"step": "workspace"', '"step": "ready"'))
    _second_run(repo, value)
    _is_clean(repo, value)
    assert repo.git("symbolic-ref", "refs/heads/sym-REMOVED") == "refs/heads/main\n"


def test_work_since_the_purge_is_not_rolled_back(repo: Repo, value: str) -> None:
    _start(repo, value).communicate()
    repo.commit({"later": "work\n"})
    now = refs(repo)
    with pytest.raises(RefusedError, match="moved since"):
        rollback(opened(repo))
    assert refs(repo) == now


def test_a_machine_that_died_in_the_middle_of_the_swap(
    repo: Repo, value: str, expected: dict[str, str]
) -> None:
    """Some refs are new, some files of the work tree too, and the index is old."""
    _start(repo, value, "swap").communicate()
    journal = PurgeNotebook.of(opened(repo)).read()
    assert journal is not None
    assert journal.step is PurgeStep.READY
    packed = repo.path / ".git/secops/purge/packed"
    for path in sorted(packed.iterdir(), key=lambda path: path.suffix == ".idx"):
        path.rename(repo.path / ".git/objects/pack" / path.name)
    main = next(change for change in journal.refs if change.ref == "refs/heads/main")
    repo.git("update-ref", main.ref, main.new, main.old)
    repo.write(".env", "KEY=***REMOVED***\n")
    (repo.path / ".git/index.lock").write_bytes(b"secops purge-history holds this lock\n")
    outcome = recover.resume(opened(repo), (target(value),))
    assert outcome is not None
    assert outcome.proof.holds
    assert refs(repo) == expected
    _is_clean(repo, value)


def test_a_file_that_somebody_has_changed_meanwhile(repo: Repo, value: str) -> None:
    _start(repo, value, "swap").communicate()
    repo.write(".env", "KEY=mine\n")
    with pytest.raises(IncompleteError, match="could not be brought along"):
        recover.resume(opened(repo), (target(value),))
    assert (repo.path / ".env").read_text() == "KEY=mine\n"
    repo.git("checkout-index", "-f", ".env")
    assert recover.resume(opened(repo), (target(value),)) is not None
    _is_clean(repo, value)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of processes are POSIX")
@pytest.mark.parametrize("phase", _phases("check")[:-3])
def test_a_full_disk(repo: Repo, value: str, phase: str) -> None:
    before = refs(repo)
    process = _start(repo, value, phase, "full")
    _, err = process.communicate()
    assert process.returncode == 3, err
    assert b"Traceback" not in err
    assert refs(repo) == before
    assert_whole(repo)
    assert set(os.listdir(repo.path / ".git/secops/purge")) <= {"lock", "journal.json.tmp"}
    _second_run(repo, value)
    _is_clean(repo, value)


def _read_only(path: Path) -> Path:
    """A directory in which nothing can be removed, unless whoever runs this may write anywhere."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o555)
    if os.access(path, os.W_OK):
        pytest.skip("whoever runs this may write anywhere")
    return path


def _stopped(repo: Repo, value: str, place: Path) -> None:
    """A purge that stops in its clean-up, and says where and how to go on."""
    before = refs(repo)
    with pytest.raises(IncompleteError, match=re.escape(str(place))) as caught:
        purge(repo, value)
    assert "--resume" in caught.value.advice
    assert refs(repo) != before
    with pytest.raises(IncompleteError, match=re.escape(str(place))):
        recover.resume(opened(repo), (target(value),))


def test_an_object_that_cannot_be_removed(repo: Repo, value: str) -> None:
    place = repo.path / ".git/objects/00/tmp_obj_x"
    place.mkdir(parents=True)  # no file, so it cannot be unlinked
    _stopped(repo, value, place)
    place.rmdir()
    _second_run(repo, value)
    _is_clean(repo, value)


def test_a_reflog_that_is_locked(repo: Repo, value: str) -> None:
    lock = repo.write(".git/logs/refs/heads/main.lock", "")
    _stopped(repo, value, lock)
    lock.unlink()
    _second_run(repo, value)
    _is_clean(repo, value)


def test_a_recorded_conflict_that_cannot_be_removed(repo: Repo, value: str) -> None:
    conflict = repo.write(".git/rr-cache/ab/preimage", value)
    _read_only(conflict.parent)
    _stopped(repo, value, conflict)
    conflict.parent.chmod(0o755)
    _second_run(repo, value)
    _is_clean(repo, value)


def test_a_rollback_that_stops_says_how_to_go_on(repo: Repo, value: str, tmp_path: Path) -> None:
    before = refs(repo)
    purge(repo, value, backup_dir=tmp_path / "backup")
    log = repo.path / ".git/logs/refs/heads/main"
    log.unlink()
    log.mkdir()
    with pytest.raises(IncompleteError, match="main") as caught:
        rollback(opened(repo))
    assert "--rollback" in caught.value.advice
    log.rmdir()
    rollback(opened(repo))
    assert refs(repo) == before


def _rounds() -> int:
    return int(os.environ.get("SECOPS_TEST_KILLS", "4"))


@pytest.mark.slow
def test_killed_at_any_time(tmp_path: Path, origin: Repo, value: str, expected: dict[str, str]) -> None:
    """At random points, alone or with all processes of its group. SECOPS_TEST_KILLS=100 for more."""
    whole = _copy(origin, tmp_path / "whole")
    began = time.monotonic()
    _start(whole, value).communicate()
    span = time.monotonic() - began
    rng = random.SystemRandom()
    for number in range(_rounds()):
        repo = _copy(origin, tmp_path / f"repo{number}")
        before = refs(repo)
        process = _start(repo, value)
        time.sleep(rng.uniform(0.15, 1.05) * span)
        (os.killpg if number % 2 else os.kill)(process.pid, signal.SIGKILL)
        process.communicate()
        _settled(repo)
        assert refs(repo) in (before, expected)
        assert_whole(repo)
        assert files_with(repo.path / ".git/secops", value) == []
        _second_run(repo, value)
        assert refs(repo) == expected
        _is_clean(repo, value)
        shutil.rmtree(repo.path)


@pytest.mark.skipif(sys.platform == "win32", reason="the witness is a shell script")
def test_nobody_is_told_the_value(repo: Repo, value: str, tmp_path: Path) -> None:
    """Neither in the words nor in the environment of any git that is started."""
    real, witness, trace = shutil.which("git"), tmp_path / "bin", tmp_path / "trace"
    witness.mkdir()
    (witness / "git").write_text(
        f'#!/bin/sh\n{{ printf "%s\\n" "$@"; env; }} >> "{trace}"\nexec "{real}" "$@"\n'
    )
    (witness / "git").chmod(0o755)
    process = subprocess.run(
        [sys.executable, str(DRIVER), str(repo.path), "-", "-"],
        env=environment(PATH=f"{witness}{os.pathsep}{os.environ['PATH']}", **UNMEASURED),
        input=value.encode(),
        check=False,
    )
    assert process.returncode == 0
    told = trace.read_text(errors="replace")
    assert "update-ref" in told
    # What the test itself asks of git to make the plan's repository is not in this process.
    assert value not in told


def test_an_unbroken_group_stops_at_its_first_failure(tmp_path: Path) -> None:
    here = str(tmp_path)
    file = tmp_path / "file"
    with held(here, running="a test") as hold:
        told = uninterrupted.run_to_end(
            [
                [uninterrupted.command(["true"], {}, cwd=here)],
                [uninterrupted.command(["false"], {}, cwd=here), uninterrupted.move(here, "never")],
                [
                    uninterrupted.command(
                        ["tee", str(file)], {"PATH": os.environ["PATH"]}, cwd=here, stdin="x"
                    )
                ],
            ],
            hold=hold,
        )
        assert told == ["", "failed", ""]
        assert file.read_text() == "x"
        assert (
            uninterrupted.run_to_end([[uninterrupted.move("/nowhere", here)], []], hold=hold)[1]
            == "not reached"
        )


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_ctrl_c_waits_for_the_end(tmp_path: Path) -> None:
    done = tmp_path / "done"
    slow = uninterrupted.command(["sleep", "0.4"], {"PATH": os.environ["PATH"]}, cwd=str(tmp_path))
    (tmp_path / "made").touch()
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with held(str(tmp_path), running="a test") as hold, pytest.raises(KeyboardInterrupt):
            uninterrupted.run_to_end(
                [[slow, uninterrupted.move(str(tmp_path / "made"), str(done))]], hold=hold
            )
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    assert done.exists()


def test_a_damaged_journal(repo: Repo) -> None:
    notebook = PurgeNotebook.of(opened(repo))
    notebook.open()
    for text in (b"", b"[]", b"{}", b'{"version": 2}', b"\xff", b'{"version": 1, "step": "none"}'):
        Path(notebook.file("journal.json")).write_bytes(text)
        with pytest.raises(IncompleteError, match="not a journal"):
            recover.resume(opened(repo), ())


def test_work_trees_are_found(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    names = [(tree.name, tree.path, tree.missing) for tree in work_trees(opened(repo))]
    assert names == [("", str(repo.path), False), ("linked", str(tmp_path / "linked"), False)]
    seen = [tree.path for tree in work_trees(opened(Repo(tmp_path / "linked")))]
    assert seen == [str(repo.path), str(tmp_path / "linked")]
