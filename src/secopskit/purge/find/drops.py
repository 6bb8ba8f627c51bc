"""Whole files to be removed: their names checked, what stood there, and whose large files they were.

Names are as git has them, from the top of the repository, with `/` between their parts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from typing import Final

from secopskit.errors import UsageError
from secopskit.git.repository import Repository
from secopskit.purge.find.committed import committed_files
from secopskit.purge.find.content.large_files import pointers
from secopskit.purge.model import Drop, Leftover, PlaceKind

_BATCH: Final = 200
_NULL: Final = "0"
_STORED: Final = re.compile(r"[0-9a-f]{64}")


def make_drops(repository: Repository, paths: Iterable[str], *, keep_head: bool) -> tuple[Drop, ...]:
    """What is to be removed at `paths`; with `keep_head`, all but what stands there in HEAD.

    Raises UsageError for a name that cannot be one or that no commit has.
    """
    drops = drops_of(repository, paths, keep_head=keep_head)
    for drop in drops:
        if not blobs_at(repository, (drop.path,)):
            raise UsageError(
                f"{drop.path}: no commit has such a file or directory",
                advice="Name it as git does, from the top of the repository; see "
                "`git log --all --name-only --format=`.",
            )
    return drops


def drops_of(repository: Repository, paths: Iterable[str], *, keep_head: bool) -> tuple[Drop, ...]:
    """As `make_drops`, whether or not a commit has such files. Raises UsageError for what is no name."""
    names = tuple(dict.fromkeys(_name(path) for path in paths))
    return tuple(
        Drop(path=name, keep=head_blobs(repository, name) if keep_head else frozenset()) for name in names
    )


def _name(path: str) -> str:
    parts = [part for part in path.replace(os.sep, "/").split("/") if part not in ("", ".")]
    if not parts or ".." in parts or path.startswith("/") or parts[0] == ".git":
        raise UsageError(
            f"{path or '(empty)'}: not the name of a file in the repository",
            advice="Name it from the top of the repository, as in --path config/.env.production.",
        )
    return "/".join(parts)


def blobs_at(repository: Repository, paths: Sequence[str]) -> frozenset[str]:
    """The ids of all blobs that ever stood at `paths`, or below them, in any commit. Raises GitError."""
    found: set[str] = set()
    for start in range(0, len(paths), _BATCH):
        literal = [f":(top,literal){path}" for path in paths[start : start + _BATCH]]
        # Full history: else git leaves out a branch whose version a merge did not take.
        words = ("--full-history", "--format=", "--raw", "--no-abbrev", "--no-renames", "-m", "-z")
        for field in repository.run("log", "--all", "--reflog", *words, "--", *literal).split(b"\0"):
            # :<mode> <mode> <old id> <new id> <status>; what stands between are names
            parts = field.lstrip(b"\n").split(b" ")
            if len(parts) == 5 and parts[0].startswith(b":") and len(parts[2]) == len(parts[3]):
                found.update(part.decode() for part in parts[2:4])
    return frozenset(oid for oid in found if oid.strip(_NULL))


def head_blobs(repository: Repository, path: str) -> frozenset[str]:
    """The ids of the blobs that HEAD has at `path`, or below it. Raises GitError."""
    return frozenset(file.oid for file in committed_files(repository, path=path))


def removed_blobs(repository: Repository, drops: Iterable[Drop]) -> frozenset[str]:
    """The blobs that the drops take from the places where they stood. Raises GitError."""
    return frozenset(
        oid for drop in drops for oid in blobs_at(repository, (drop.path,)) if oid not in drop.keep
    )


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
