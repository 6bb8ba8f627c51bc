"""Values that are staged and not committed: taken out of the index, and put back if a purge is undone.

The index gets what the commit has at the path, or nothing where it has none. The file itself is left alone,
and it holds what was staged: where it does not, the work would be lost, and the purge is refused.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby

from secopskit.errors import RefusedError
from secopskit.git.repository import Repository
from secopskit.git.worktrees import WorkTree, view, work_trees
from secopskit.purge.find.committed import committed_files
from secopskit.purge.model import StagedFile
from secopskit.purge.swap.workspace import unfiltered
from secopskit.purge.values.matcher import ValueMatcher

_REGULAR = ("100644", "100755")


def staged_values(repository: Repository, dirty: Collection[str]) -> tuple[StagedFile, ...]:
    """The files in the indexes whose content is among `dirty` blobs, and not what the commit has there."""
    return tuple(one for tree in work_trees(repository) for one in _staged(repository, tree, dirty))


def require_kept(repository: Repository, files: Iterable[StagedFile], matcher: ValueMatcher) -> None:
    """Raise RefusedError where something is staged that no file has, or a name holds a value."""
    trees = {tree.name: tree for tree in work_trees(repository)}
    for one in files:
        seen = unfiltered(view(repository, trees[one.worktree]))
        shown = matcher.redact_text(one.path)
        path = os.path.join(seen.root, one.path)
        kept = os.path.isfile(path) and not os.path.islink(path) and one.mode in _REGULAR
        if not kept or shown != one.path or _content(seen, one.path) != one.oid:
            raise RefusedError(
                f"{shown}: a value is staged that is not committed, and the file differs from it",
                advice=f"Keep what you need of it elsewhere, then: "
                f"git -C {shlex.quote(seen.root)} restore --staged -- {shlex.quote(shown)}",
            )


def unstage(repository: Repository, files: Sequence[StagedFile]) -> None:
    """Take them out of the index. Raises GitError."""
    for seen, some in _by_tree(repository, files):
        before = _entries(seen, some)
        _write(seen, ((*before.get(one.path, ("0", "0" * len(one.oid))), one.path) for one in some))


def restage(repository: Repository, files: Sequence[StagedFile]) -> None:
    """Put them back, but for those of which something else is staged by now. Raises GitError."""
    for seen, some in _by_tree(repository, files):
        now = {path: (mode, oid) for mode, oid, path in _index(seen)}
        before = _entries(seen, some)
        free = (one for one in some if now.get(one.path) == before.get(one.path))
        there = (one for one in free if seen.succeeds("cat-file", "-e", one.oid))
        _write(seen, ((one.mode, one.oid, one.path) for one in there))


def _staged(repository: Repository, tree: WorkTree, dirty: Collection[str]) -> Iterator[StagedFile]:
    if tree.missing or not os.path.exists(tree.index):
        return
    seen = view(repository, tree)
    committed = set(committed_files(seen, tree.head)) if tree.head else set()
    for mode, oid, path in _index(seen):
        if oid in dirty and (path, oid) not in committed:
            yield StagedFile(tree.name, mode, oid, path)


def _by_tree(
    repository: Repository, files: Sequence[StagedFile]
) -> Iterator[tuple[Repository, list[StagedFile]]]:
    trees = {tree.name: tree for tree in work_trees(repository)} if files else {}
    for name, some in groupby(files, lambda one: one.worktree):
        if name in trees:
            yield view(repository, trees[name]), list(some)


def _index(seen: Repository) -> Iterator[tuple[str, str, str]]:
    for entry in filter(None, seen.run("ls-files", "--stage", "-z").split(b"\0")):
        meta, _, path = entry.partition(b"\t")
        mode, oid, _ = meta.decode().split(" ")
        yield mode, oid, os.fsdecode(path)


def _entries(seen: Repository, files: Iterable[StagedFile]) -> dict[str, tuple[str, str]]:
    """Mode and id of what the commit has at the paths."""
    if not seen.succeeds("rev-parse", "-q", "--verify", "HEAD^{tree}"):
        return {}
    paths = (f":(top,literal){one.path}" for one in files)
    found = {}
    for entry in filter(
        None, seen.run("ls-tree", "-r", "-z", "--full-tree", "HEAD", "--", *paths).split(b"\0")
    ):
        meta, _, path = entry.partition(b"\t")
        mode, _, oid = meta.decode().split(" ")
        found[os.fsdecode(path)] = (mode, oid)
    return found


def _write(seen: Repository, entries: Iterable[tuple[str, ...]]) -> None:
    lines = b"".join(os.fsencode(f"{mode} {oid}\t{path}\0") for mode, oid, path in entries)
    if lines:
        seen.run("update-index", "-z", "--index-info", stdin=lines, detached=True)


def _content(seen: Repository, path: str) -> str:
    return seen.run("hash-object", "--", path).decode().strip()
