"""One pack of all that stays: from what is known to be reached, and from a walk for the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.errors import GitError
from secopskit.git.history.reach import ReachedObjects
from secopskit.purge.rewrite.repack import Packing, reached
from support.history import opened
from support.repos import Repo


@pytest.fixture(params=["sha1", "sha256"])
def repo(request: pytest.FixtureRequest, tmp_path: Path) -> Repo:
    made = Repo.create(tmp_path / "repo", f"--object-format={request.param}")
    for number in range(4):
        made.commit({"same": "same\n", "file": f"{number}\n"})
    return made


def objects(repo: Repo, commit: str) -> list[str]:
    return repo.git("rev-list", "--objects", "--no-object-names", commit).split()


def test_what_is_known_is_packed_together_with_the_rest(repo: Repo, tmp_path: Path) -> None:
    old = repo.git("rev-parse", "HEAD~2").strip()
    known = ReachedObjects(old, bytes.fromhex("".join(objects(repo, old))))
    packing = Packing(opened(repo), str(tmp_path / "packs"), [repo.head], known=known)
    (pack,) = packing.finish()
    packed = reached(str(tmp_path / "packs"), [pack], len(old) // 2)
    assert list(packed) == sorted(objects(repo, "HEAD"))


def test_what_is_not_known_any_more_is_an_error(repo: Repo, tmp_path: Path) -> None:
    old = repo.git("rev-parse", "HEAD~2").strip()
    gone = ReachedObjects(old, b"\1" * (len(old) // 2))
    with pytest.raises(GitError, match="packing the new history failed"):
        Packing(opened(repo), str(tmp_path / "packs"), [repo.head], known=gone).finish()


def test_a_git_that_ends_before_it_has_read_all_is_an_error(repo: Repo, tmp_path: Path) -> None:
    old = repo.git("rev-parse", "HEAD~2").strip()
    cut_off = ReachedObjects(old, b"\1" * (4_000_000 // len(old) * len(old) + 3))  # the first line is no id
    packing = Packing(opened(repo), str(tmp_path / "packs"), [repo.head], known=cut_off)
    with pytest.raises(GitError, match="packing the new history failed"):
        packing.finish()
    packing.stop()
