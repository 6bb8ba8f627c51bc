"""No push brings back what was purged: the record, and the hooks that heed it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from secopskit.errors import ConfigError
from secopskit.purge.push import guard
from support.cli import Outcome
from support.forked import secops
from support.history import opened
from support.repos import Repo


class Purged:
    """A repository whose history was rewritten, its remote, and a clone that still has the old one."""

    def __init__(self, place: Path) -> None:
        self.server = Repo.create(place / "server.git", "--bare")
        self.repo = Repo.create(place / "repo")
        self.repo.git("remote", "add", "origin", str(self.server.path))
        self.base = self.repo.commit({"a": "clean\n"})
        self.old = self.repo.commit({"a": "leak\n"})
        self.old_tip = self.repo.commit({"b": "more\n"})
        self.leak = self.repo.git("rev-parse", f"{self.old}:a").strip()
        self.repo.git("push", "-q", "origin", "main")
        self.clone = Repo(place / "clone")
        self.repo.git("clone", "-q", str(self.server.path), str(self.clone.path))
        self._rewrite()

    def _rewrite(self) -> None:
        self.repo.git("reset", "-q", "--hard", self.base)
        self.repo.commit({"a": "redacted\n"})
        self.repo.commit({"b": "more\n"})
        self.repo.git("push", "-q", "--force", "origin", "main")
        self.repo.git("reflog", "expire", "--expire=now", "--all")
        self.repo.git("gc", "-q", "--prune=now")
        guard.record(opened(self.repo), "one", [self.old, self.old_tip, self.leak, self.base])
        self.list = guard.export(opened(self.repo))

    def install(self, repo: Repo, *options: str) -> Outcome:
        return secops(
            "hook", "install", "--reject-purged", "--purged-list", self.list, *options, cwd=repo.path
        )


@pytest.fixture
def purged(tmp_path: Path) -> Purged:
    return Purged(tmp_path)


def rejected(outcome: Outcome, oid: str) -> bool:
    return outcome.code == 1 and "purged from the history" in outcome.err and oid in outcome.err


def test_only_what_is_gone_is_recorded_and_nobody_else_may_read_it(purged: Purged) -> None:
    repository = opened(purged.repo)
    known = {oid.decode() for oid in guard.purged(repository)}
    assert known == {purged.old, purged.old_tip, purged.leak}
    assert stat.S_IMODE(os.stat(purged.list).st_mode) == 0o600
    assert guard.returned(repository) == frozenset()
    purged.repo.git("hash-object", "-w", "--stdin", stdin=b"leak\n")
    assert guard.returned(repository) == {purged.leak}
    guard.refresh(repository)
    assert purged.leak.encode() not in guard.purged(repository)


def test_an_old_clone_cannot_push_by_force_or_by_merge(purged: Purged) -> None:
    clone = purged.clone
    assert purged.install(clone).code == 0
    clone.commit({"c": "mine\n"})
    assert rejected(clone.try_git("push", "--force", "origin", "main"), purged.old_tip)
    clone.git("fetch", "-q")
    clone.git("merge", "-q", "-X", "ours", "--allow-unrelated-histories", "origin/main")
    assert rejected(clone.try_git("push", "origin", "main"), purged.old)
    assert purged.old in clone.git("rev-list", "HEAD")


def test_work_that_was_taken_along_goes_through(purged: Purged) -> None:
    clone = purged.clone
    assert purged.install(clone).code == 0
    clone.commit({"c": "mine\n"})
    clone.git("fetch", "-q")
    clone.git("rebase", "-q", "--onto", "origin/main", purged.old_tip, "main")
    assert clone.try_git("push", "origin", "main").code == 0


def test_a_purged_blob_in_a_new_commit_is_rejected(purged: Purged) -> None:
    assert purged.install(purged.repo).code == 0
    purged.repo.commit({"elsewhere/copy": "leak\n"})
    assert rejected(purged.repo.try_git("push", "origin", "main"), purged.leak)


def test_the_server_rejects_it_before_any_ref_moves(purged: Purged) -> None:
    outcome = purged.install(purged.server)
    assert outcome.code == 0
    assert {path.name for path in (purged.server.path / "hooks").iterdir() if not path.suffix} == {
        "pre-receive"
    }
    before = purged.server.git("for-each-ref")
    outcome = purged.clone.try_git("push", "--force", "origin", "main:other")
    assert outcome.code == 1
    assert "purged from the history" in outcome.err
    assert purged.server.git("for-each-ref") == before
    purged.repo.commit({"c": "clean\n"})
    assert purged.repo.try_git("push", "origin", "main").code == 0


def test_the_guard_alone_does_not_scan_and_a_scanning_hook_stays_one(purged: Purged) -> None:
    hook = purged.repo.path / ".git/hooks/pre-push"
    purged.install(purged.repo)
    assert b"--purged-only" in hook.read_bytes()
    assert not (hook.parent / "pre-commit").exists()
    secops("hook", "install", "--push", cwd=purged.repo.path)
    full = hook.read_bytes()
    assert b"--purged-only" not in full
    assert "in place" in purged.install(purged.repo).out
    assert hook.read_bytes() == full
    purged.repo.commit({"elsewhere/copy": "leak\n"})
    assert rejected(purged.repo.try_git("push", "origin", "main"), purged.leak)


@pytest.mark.parametrize(
    "content", [b"", b"deadbeef\n", guard.HEADER + b"xyz\n", guard.HEADER + b"0" * 39 + b"\n"]
)
def test_a_list_that_is_none_is_refused(purged: Purged, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "list"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match="not a list"):
        guard.bring(opened(purged.repo), str(file))


def test_a_damaged_record_stops_the_push(purged: Purged) -> None:
    purged.install(purged.repo)
    (Path(guard.directory(opened(purged.repo))) / "one.ids").write_text("damaged")
    purged.repo.commit({"c": "x\n"})
    outcome = purged.repo.try_git("push", "origin", "main")
    assert outcome.code == 1
    assert "not a list" in outcome.err


def test_options_of_the_guard_need_each_other(purged: Purged) -> None:
    assert secops("hook", "install", "--purged-list", purged.list, cwd=purged.repo.path).code == 2
    assert secops("hook", "run", "--purged-only", cwd=purged.repo.path).code == 2
