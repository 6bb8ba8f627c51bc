"""Whole files to be removed: their names checked, what stood there, and whose large files they were.

Names are as git has them, from the top of the repository, with `/` between their parts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Final

from secopskit.errors import UsageError
from secopskit.git.repository import Repository
from secopskit.purge.find.committed import committed_files
from secopskit.purge.find.content.large_files import pointers
from secopskit.purge.find.paths import changes_at, upwards
from secopskit.purge.model import Drop, Leftover, PlaceKind

_NULL: Final = "0"
_STORED: Final = re.compile(r"[0-9a-f]{64}")


def make_drops(repository: Repository, paths: Iterable[str], *, keep_head: bool) -> tuple[Drop, ...]:
    """What is to be removed at `paths`; with `keep_head`, all but what stands there in HEAD.

    Raises UsageError for a name that cannot be one or that no commit has.
    """
    drops = drops_of(repository, paths, keep_head=keep_head)
    for path, blobs in blobs_at_each(repository, (drop.path for drop in drops)).items():
        if not blobs:
            raise UsageError(
                f"{path}: no commit has such a file or directory",
                advice="Name it as git does, from the top of the repository; see "
                "`git log --all --name-only --format=`.",
            )
    return drops


def drops_of(repository: Repository, paths: Iterable[str], *, keep_head: bool) -> tuple[Drop, ...]:
    """As `make_drops`, whether or not a commit has such files. Raises UsageError for what is no name."""
    names = tuple(dict.fromkeys(_name(path) for path in paths))
    kept = head_blobs(repository, names) if keep_head else {}
    return tuple(Drop(path=name, keep=kept.get(name, frozenset())) for name in names)


def _name(path: str) -> str:
    parts = [part for part in path.replace(os.sep, "/").split("/") if part not in ("", ".")]
    if not parts or ".." in parts or path.startswith("/") or parts[0] == ".git":
        raise UsageError(
            f"{path or '(empty)'}: not the name of a file in the repository",
            advice="Name it from the top of the repository, as in --path config/.env.production.",
        )
    return "/".join(parts)


def blobs_at(repository: Repository, paths: Iterable[str]) -> frozenset[str]:
    """The ids of all blobs that ever stood at `paths`, or below them, in any commit. Raises GitError."""
    return frozenset[str]().union(*blobs_at_each(repository, paths).values())


def blobs_at_each(repository: Repository, paths: Iterable[str]) -> dict[str, frozenset[str]]:
    """The same for each of the paths, from one walk through the history. Raises GitError."""
    found: dict[str, set[str]] = {path: set() for path in paths}
    for change in changes_at(repository, found, "--all", "--reflog"):
        for place in upwards(change.path):
            if place in found:
                found[place].update((change.old, change.new))
    return {path: frozenset(oid for oid in oids if oid.strip(_NULL)) for path, oids in found.items()}


def head_blobs(repository: Repository, paths: Iterable[str]) -> dict[str, frozenset[str]]:
    """The ids of the blobs that HEAD has at each of these paths, or below it. Raises GitError."""
    found: dict[str, set[str]] = {path: set() for path in paths}
    for file in committed_files(repository) if found else ():
        for place in upwards(file.path):
            if place in found:
                found[place].add(file.oid)
    return {path: frozenset(oids) for path, oids in found.items()}


def removed_blobs(repository: Repository, drops: Iterable[Drop]) -> frozenset[str]:
    """The blobs that the drops take from the places where they stood. Raises GitError."""
    drops = tuple(drops)
    ever = blobs_at_each(repository, (drop.path for drop in drops))
    return frozenset(oid for drop in drops for oid in ever[drop.path] - drop.keep)


def large_files(
    repository: Repository, removed: Iterable[str], outside: Iterable[Leftover]
) -> tuple[str, ...]:
    """The Git LFS objects (SHA-256 ids) that a purge leaves behind on the host. Raises GitError.

    Those that `removed` blobs pointed to, and those in the local store that hold a value.
    """
    held = {
        name
        for leftover in outside
        if leftover.place is PlaceKind.LFS
        for name in _STORED.findall(leftover.name.rpartition("/")[2])
    }
    return tuple(sorted(held.union(pointers(repository, removed).values())))
