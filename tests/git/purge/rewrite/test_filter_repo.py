"""The script that runs git-filter-repo, as a process: the commits that it is told come out as they were."""

from __future__ import annotations

import sys
from pathlib import Path

from secopskit.purge.rewrite.replay import _SCRIPT, command
from support.cli import run
from support.repos import Repo


def raw(repo: Repo, oid: str) -> bytes:
    return repo.git("cat-file", "commit", oid).encode()


def test_the_commits_come_out_as_they_went_in(tmp_path: Path) -> None:
    """Root, child, side branch and merge: with the same texts and trees, the ids are the same."""
    repo = Repo.create(tmp_path / "repo")
    root = repo.commit({"a.txt": "a\n"}, "first\n\nwith a body")
    child = repo.commit({"b.txt": "b\n"}, "second")
    repo.git("checkout", "-q", "-b", "side", root)
    side = repo.commit({"c.txt": "c\n"}, "beside")
    repo.git("merge", "-q", "--no-edit", child)
    merge = repo.head
    marks, batch = dict[bytes, int](), b""
    for mark, oid in enumerate((root, child, side, merge), 1):
        told = command(raw(repo, oid), mark, marks)
        assert told
        batch += told
        marks[oid.encode()] = mark
    stage = tmp_path / "stage.git"
    run("git", "clone", "-q", "--bare", str(repo.path), str(stage), cwd=tmp_path)
    done = run(sys.executable, "-P", _SCRIPT, cwd=stage, stdin=batch)
    assert done.code == 0, done.text
    written = run("git", "rev-parse", "refs/secops/rewritten", cwd=stage)
    assert written.out.strip() == merge


def test_what_it_cannot_read_ends_it_with_a_complaint(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"a.txt": "a\n"})
    done = run(sys.executable, "-P", _SCRIPT, cwd=repo.path, stdin=b"nonsense\n")
    assert done.code != 0
    assert done.err
