"""Secrets planted in a copy of a history, one in each kind of place that a history has.

They show whether a program that is fast has also looked: each value stands in one place only.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.fixtures import token
from benchmarks.repositories import git

PLANTED: Final = "seed-removed.cfg"  # the file of `plant_one`, unless that is given a name


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """A planted secret. A report that holds any of `traces` has found it."""

    place: str
    traces: tuple[str, ...]

    def found_in(self, report: str) -> bool:
        """Whether the report names it: by its value, its path or its object."""
        return any(trace in report for trace in self.traces)


def plant(repository: Path) -> list[Seed]:
    """Plant the secrets in a bare copy."""
    head = git(repository, "rev-parse", "HEAD")
    tree = git(repository, "rev-parse", "HEAD^{tree}")
    return [
        _removed_file(repository, head, tree),
        _merge(repository, head, tree),
        _stash(repository, head, tree),
        _commit_message(repository, head, tree),
        _tag_message(repository, head),
        _note(repository, head),
        _unreachable(repository),
    ]


def plant_one(repository: Path, name: str = "removed", after: str | None = "HEAD", date: str = "") -> Seed:
    """Plant one secret, in a file that the next commit removes, in a branch of its own.

    The branch begins `after` a commit, with None where no history is; `date` is that of its commits.
    """
    head = git(repository, "rev-parse", after) if after else ""
    tree = git(repository, "rev-parse", f"{after}^{{tree}}") if after else git(repository, "mktree")
    return _removed_file(repository, head, tree, name=name, date=date)


def table(seeds: Iterable[Seed], reports: dict[str, str]) -> list[str]:
    """A line for each place: which programs found what was planted there."""
    lines = []
    for seed in seeds:
        found = [name for name, report in reports.items() if seed.found_in(report)]
        lines.append(f"planted in {seed.place}: found by {', '.join(found) or 'none'}")
    return lines


def _removed_file(repository: Path, head: str, tree: str, *, name: str = "removed", date: str = "") -> Seed:
    place = "a file that the next commit removes"
    seed, with_file = _file(repository, tree, place, f"seed-{name}.cfg")
    added = _commit(repository, with_file, *([head] if head else []), message="add", date=date)
    _branch(repository, f"seed-{name}", _commit(repository, tree, added, message="remove", date=date))
    return seed


def _merge(repository: Path, head: str, tree: str) -> Seed:
    seed, with_file = _file(repository, tree, "a merge commit alone", "seed-merge.cfg")
    sides = [_commit(repository, tree, head, message=f"side {side}") for side in ("a", "b")]
    _branch(repository, "seed-merge", _commit(repository, with_file, *sides, message="merge"))
    return seed


def _stash(repository: Path, head: str, tree: str) -> Seed:
    seed, with_file = _file(repository, tree, "the stash", "seed-stash.cfg")
    index = _commit(repository, tree, head, message="index")
    git(repository, "update-ref", "refs/stash", _commit(repository, with_file, head, index, message="stash"))
    return seed


def _commit_message(repository: Path, head: str, tree: str) -> Seed:
    value = token()
    commit = _commit(repository, tree, head, message=f"use token {value}")
    _branch(repository, "seed-message", commit)
    return Seed(place="a commit message", traces=(value, commit))


def _tag_message(repository: Path, head: str) -> Seed:
    value = token()
    git(repository, "tag", "-a", "-F", "-", "seed-tag", head, given=f"release with {value}\n")
    return Seed(place="a tag message", traces=(value, git(repository, "rev-parse", "seed-tag")))


def _note(repository: Path, head: str) -> Seed:
    value = token()
    git(repository, "notes", "add", "-f", "-F", "-", head, given=f"deployed with {value}\n")
    return Seed(place="a note", traces=(value, git(repository, "notes", "list", head)))


def _unreachable(repository: Path) -> Seed:
    value = token()
    blob = git(repository, "hash-object", "-w", "--stdin", given=f'token = "{value}"\n')
    return Seed(place="an object that nothing reaches", traces=(value, blob))


def _file(repository: Path, tree: str, place: str, name: str) -> tuple[Seed, str]:
    """A secret in a file of its own, and `tree` with that file."""
    value = token()
    blob = git(repository, "hash-object", "-w", "--stdin", given=f'token = "{value}"\n')
    index = repository / "seed-index"
    place_for_index = {"GIT_INDEX_FILE": os.fspath(index)}
    git(repository, "read-tree", tree, extra=place_for_index)
    git(repository, "update-index", "--add", "--cacheinfo", f"100644,{blob},{name}", extra=place_for_index)
    with_file = git(repository, "write-tree", extra=place_for_index)
    index.unlink()
    return Seed(place=place, traces=(value, name, blob)), with_file


def _commit(repository: Path, tree: str, *parents: str, message: str, date: str = "") -> str:
    words = [word for parent in parents for word in ("-p", parent)]
    dates = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date} if date else {}
    return git(repository, "commit-tree", tree, *words, given=message + "\n", extra=dates)


def _branch(repository: Path, name: str, commit: str) -> None:
    git(repository, "update-ref", f"refs/heads/{name}", commit)
