"""The index and files of a work tree, brought from the old commit to the new one: only what differs.

git's own two-way merge does it, so what is staged or not committed elsewhere stays, and a file that
somebody has changed is never overwritten: git refuses, and it is asked beforehand. Filters that the
configuration names are switched off, as everything is that would run something.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from secopskit.errors import GitError, IncompleteError, RefusedError
from secopskit.git.repository import Repository
from secopskit.git.surroundings import command_line
from secopskit.git.uninterrupted import Step, command, move, remove
from secopskit.git.worktrees import WorkTree, overlooked, view, with_variables, work_trees
from secopskit.purge.journal import Head
from secopskit.state.private import write_new

_MARK: Final = b"secops purge-history holds this lock\n"
_SCRATCH: Final = "index.secops"
_SETTINGS: Final = ("-c", "core.splitIndex=false", "-c", "index.threads=1")
_READ_TREE: Final = ("read-tree", "-m", "-u", "--no-recurse-submodules")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A work tree that goes from one commit to another."""

    tree: WorkTree
    old: str
    new: str

    @property
    def scratch(self) -> str:
        """The copy of the index that is worked on."""
        return os.path.join(self.tree.git_dir, _SCRATCH)

    @property
    def lock(self) -> str:
        """The lock that keeps git away from the index meanwhile."""
        return self.tree.index + ".lock"


def unfiltered(repository: Repository) -> Repository:
    """The same repository with all filter programs of its configuration switched off."""
    try:
        listed = repository.run("config", "--null", "--name-only", "--get-regexp", r"^filter\..*\.")
    except GitError:  # there are none
        return repository
    drivers = {os.fsdecode(name).rpartition(".")[0] for name in listed.split(b"\0") if name}
    settings = [
        (f"{driver}.{key}", value)
        for driver in sorted(drivers)
        for key, value in (("clean", ""), ("smudge", ""), ("process", ""), ("required", "false"))
    ]
    variables = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (name, value) in enumerate(settings):
        variables |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return with_variables(repository, **variables)


def moves(repository: Repository, heads: Iterable[Head]) -> tuple[Move, ...]:
    """The work trees that have to be brought along; one that has gone elsewhere meanwhile has not.

    Raises RefusedError for one of which nobody knows where it stands.
    """
    trees = {tree.name: tree for tree in work_trees(repository)}
    found = [(trees.get(head.worktree), head) for head in heads if head.old != head.new]
    if any(tree and not tree.name for tree, _ in found):
        require_main(repository)
    return tuple(
        Move(tree=tree, old=head.old, new=head.new)
        for tree, head in found
        if tree is not None and tree.path and tree.head in {head.old, head.new} and os.path.exists(tree.index)
    )


def require_main(repository: Repository) -> None:
    """Raise RefusedError where there is a main work tree that nobody looks into. Nothing of it is named."""
    if other := overlooked(repository):
        raise RefusedError(other.what, advice=other.way_out)


@contextmanager
def locked(moving: Sequence[Move]) -> Iterator[None]:
    """Hold the locks of all indexes, with a copy of each to work on. Raises RefusedError."""
    taken: list[Move] = []
    try:
        for each in moving:
            _lock(each)
            taken.append(each)
            shutil.copy2(each.tree.index, each.scratch)
        yield
    finally:
        for each in taken:
            _unlock(each)


def clear_locks(repository: Repository) -> None:
    """Remove locks that a purge has left which is no more. Only for the holder of the purge's lock."""
    for tree in work_trees(repository):
        _unlock(Move(tree=tree, old="", new=""))


def _lock(each: Move) -> None:
    try:
        write_new(each.lock, _MARK)
    except FileExistsError:
        raise RefusedError(
            f"{each.tree.words}: git is at work there (index.lock)",
            advice=f"Wait until it ends. If no git runs: rm {each.lock}",
        ) from None


def _unlock(each: Move) -> None:
    for name in (each.scratch, each.scratch + ".lock"):
        with suppress(FileNotFoundError):
            os.unlink(name)
    with suppress(FileNotFoundError):
        with open(each.lock, "rb") as file:
            ours = file.read(len(_MARK) + 1) == _MARK
        if ours:
            os.unlink(each.lock)


def check(repository: Repository, moving: Iterable[Move], objects: str) -> None:
    """Ask git whether it could bring the work trees along. Raises RefusedError, and changes nothing.

    `objects` is the object store in which the new commits are.
    """
    for each in moving:
        seen = _seen(repository, each, GIT_ALTERNATE_OBJECT_DIRECTORIES=objects)
        _refresh(seen)
        if not seen.succeeds(*_SETTINGS, *_READ_TREE, "--dry-run", each.old, each.new):
            raise RefusedError(
                f"{each.tree.words}: files that have to change are changed there, or new ones in their way",
                advice=f"Commit or stash them: git -C {each.tree.words} stash -u",
            )


def steps(repository: Repository, each: Move) -> list[Step]:
    """The steps that bring a work tree along. Its lock is held, and lifted with the last of them."""
    seen = _seen(repository, each)

    def git(*words: str) -> Step:
        return command(command_line(*_SETTINGS, *words), seen.environ, cwd=seen.root)

    return [
        git(*_READ_TREE, each.old, each.new),
        git("update-index", "--clear-resolve-undo"),
        move(each.scratch, each.tree.index),
        remove(each.lock),
    ]


def recognise(repository: Repository, each: Move) -> None:
    """Tell the index of files that are new already: an earlier try has written them.

    For the second try after the machine died in the middle of the first.
    """
    seen = _seen(repository, each)
    changed = seen.run("diff-tree", "-r", "-z", "--no-renames", each.old, each.new).split(b"\0")
    lines = b""
    for meta, path in zip(changed[::2], changed[1::2], strict=False):
        _, mode, _, new, kind = meta.split(b" ")
        name = os.path.join(os.fsencode(seen.root), path)
        if kind == b"D" and not os.path.lexists(name):
            lines += b"0 " + b"0" * len(new) + b"\t" + path + b"\0"
        elif kind != b"D" and content_on_disk(seen, path) == new:
            lines += mode + b" " + new + b"\t" + path + b"\0"
    if lines:
        seen.run(*_SETTINGS, "update-index", "-z", "--index-info", stdin=lines)
    _refresh(seen)


def require_moved(moving: Sequence[Move], complaints: Sequence[str]) -> None:
    """Raise IncompleteError for the first work tree of which git complained: the refs are swapped."""
    for each, complaint in zip(moving, complaints, strict=True):
        if complaint:
            raise IncompleteError(
                f"{each.tree.words}: the refs are swapped, but the work tree could not be brought along",
                advice=f"Move files away that are changed or in the way (git diff --name-only {each.old} "
                f"{each.new} lists the names), then --resume.",
            )


def _seen(repository: Repository, each: Move, **variables: str) -> Repository:
    seen = view(repository, each.tree)
    return unfiltered(with_variables(seen, GIT_INDEX_FILE=each.scratch, **variables))


def _refresh(seen: Repository) -> None:
    """Have the copy of the index know what is unchanged; files that differ are no failure here."""
    seen.succeeds(*_SETTINGS, "update-index", "-q", "--refresh")


def content_on_disk(seen: Repository, path: bytes) -> bytes:
    """The id that the file would have as a blob; empty where there is none."""
    name = os.path.join(os.fsencode(seen.root), path)
    if os.path.islink(name):
        return seen.run("hash-object", "--stdin", stdin=os.readlink(name)).strip()
    if not os.path.isfile(name):
        return b""
    return seen.run("hash-object", "--", os.fsdecode(path)).strip()
