"""Files that differ from the index, told without comparing what is in them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from secopskit.git.unlike_index import LISTING, unlike_index
from support.history import opened
from support.repos import Repo

NAMES = ("a.txt", "dir/b.txt", "dir/with blank and\ttab.txt", "é\nç.txt", "z")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo.create(tmp_path / "repo")
    repo.commit({name: f"text of {name}\n" for name in NAMES})
    return repo


def listing(repo: Repo) -> bytes:
    return opened(repo).run(*LISTING)


def unlike(repo: Repo) -> set[str] | None:
    return unlike_index(listing(repo), str(repo.path))


def of_same_size(file: Path) -> None:
    before = file.stat()
    file.write_bytes(file.read_bytes()[::-1])
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 1_000_000_000))


def at_the_same_time(file: Path) -> None:
    before = file.stat()
    file.write_text("longer than it was before\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def linked(file: Path) -> None:
    file.unlink()
    file.symlink_to("elsewhere")


def test_nothing_differs_after_a_commit(repo: Repo) -> None:
    assert unlike(repo) == set()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "change",
    [
        lambda file: file.write_text("longer than it was before\n"),
        of_same_size,
        at_the_same_time,
        Path.unlink,
        linked,
        lambda file: (file.unlink(), file.mkdir()),
    ],
    ids=["changed", "of the same size", "at the same time", "deleted", "a link", "a directory"],
)
def test_a_file_that_is_another(repo: Repo, name: str, change: Callable[[Path], object]) -> None:
    change(repo.path / name)
    assert unlike(repo) == {name}


def test_what_is_not_to_be_in_the_work_tree_differs(repo: Repo) -> None:
    repo.git("update-index", "--skip-worktree", "z")
    assert unlike(repo) == {"z"}


def test_what_git_takes_as_unchanged_does_not(repo: Repo) -> None:
    repo.git("update-index", "--assume-unchanged", "z")
    (repo.path / "z").unlink()
    assert unlike(repo) == set()


def test_what_is_not_merged_differs(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "other")
    repo.commit({"z": "theirs\n"})
    repo.git("checkout", "-q", "-")
    repo.commit({"z": "ours\n"})
    repo.try_git("merge", "other")
    assert unlike(repo) == {"z"}


def test_a_listing_of_another_form_tells_nothing(repo: Repo) -> None:
    told = listing(repo)
    assert unlike_index(told[:-3], str(repo.path)) is None
    assert unlike_index(told.replace(b"  mtime:", b"  modified:", 1), str(repo.path)) is None
    assert unlike_index(b"more\n" + told, str(repo.path)) is not None  # part of a name
    assert unlike_index(b"", str(repo.path)) == set()


def test_without_parts_of_seconds_these_are_not_held_against_it(repo: Repo) -> None:

    told = re.sub(rb"mtime: (\d+):\d+", rb"mtime: \1:0", listing(repo))
    assert unlike_index(told, str(repo.path)) == set()
