"""The places of a repository outside of its objects, where no rewrite reaches a value.

Names of refs, the files of the git directory, indexes, the work trees, the git directories of
submodules with their own objects, and what lies in the object store without being an object.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Final

from secopskit.errors import GitError, SecopsError
from secopskit.git.objects.slices import width_of
from secopskit.git.objects.temporary_files import fragments, unpacked
from secopskit.git.repository import Repository
from secopskit.git.worktrees import WorkTree, main_path, main_view, overlooked, view, work_trees
from secopskit.purge.find.content.filesearch import FileHit, search_files
from secopskit.purge.find.place_kinds import LINKED_TREE, kind_of
from secopskit.purge.find.survey import survey
from secopskit.purge.model import Leftover, PlaceKind
from secopskit.purge.values.matcher import ValueMatcher

_IN_WORK_TREE: Final = "delete the file, or take the value out of it"
_LINK: Final = "never delete it: give the git directory that it names another name, and tell that in it"
_IN_SUBMODULE: Final = "purge the submodule by its own path, or delete its git directory and fetch it anew"
_UNREADABLE: Final = "it cannot be read: see to its permissions, then look again"
_MOST_OBJECTS: Final = 20
# The stage of a purge borrows the repository's own objects: there is nothing else in it.
_OURS: Final = os.path.join("secops", "")


def search_outside(
    repository: Repository, matcher: ValueMatcher, *, work_tree: bool = True
) -> tuple[Leftover, ...]:
    """The places outside of the repository's objects where values stand. Raises GitError.

    A file that cannot be read is told too, without targets. Names are given without the values in
    them. Targets that are bound to blobs are looked for in nothing here.
    """
    if not len(matcher):
        return ()
    seen = main_view(repository)
    found = [*_refs(seen, matcher), *_git_files(seen, matcher), *_fragments(seen, matcher)]
    if work_tree and (other := overlooked(repository)):
        advice = f"{other.what}. {other.way_out}"
        found.append(Leftover(place=PlaceKind.WORK_TREE, name=other.place, targets=(), advice=advice))
    trees = work_trees(repository)
    for tree in trees:
        if not tree.missing:
            found += _index(view(repository, tree), tree.name, matcher)
        if work_tree and tree.path and os.path.isdir(tree.path):
            apart = [each.path for each in trees if each.path]
            named = partial(name_in_tree, repository, tree)
            found += _work_tree(seen, tree, tree.path, matcher, apart=apart, named=named)
    return tuple(dict.fromkeys(replace(one, name=matcher.redact_text(one.name)) for one in found))


def name_in_tree(repository: Repository, tree: WorkTree, path: str) -> str:
    """What a leftover calls a file of a work tree, `path` from its top.

    As it is in the work tree that we were called in, or in the main one; with the whole path in any other:
    they have files of the same names.
    """
    ours = repository.work_tree or main_path(repository)
    if tree.path is None or (ours and os.path.realpath(tree.path) == os.path.realpath(ours)):
        return path
    return os.path.join(tree.path, path)


def _refs(seen: Repository, matcher: ValueMatcher) -> Iterator[Leftover]:
    for name in seen.run("for-each-ref", "--format=%(refname)").splitlines():
        if numbers := matcher.contains(name):
            kind = kind_of("packed-refs")
            yield Leftover(place=PlaceKind.REF, name=os.fsdecode(name), targets=numbers, advice=kind.advice)


def _git_files(seen: Repository, matcher: ValueMatcher) -> Iterator[Leftover]:
    """The files of the git directory, submodules' git directories apart from their objects included."""
    common = seen.common_dir
    inner: list[str] = []

    def enter(path: str) -> bool:
        if path == "objects":
            return False
        if _is_git_dir(os.path.join(common, path)):
            if not path.startswith(_OURS):
                inner.append(path)
            return False
        return True

    yield from map(_git_file, search_files(common, matcher, enter=enter))
    for path in inner:
        yield from _submodule(os.path.join(common, path), path, matcher, seen)


def _git_file(found: FileHit) -> Leftover:
    kind = kind_of(found.path.replace(os.sep, "/"))
    advice = kind.advice if found.readable else _UNREADABLE
    return Leftover(place=kind.place, name=found.path, targets=found.numbers, advice=advice)


def _is_git_dir(path: str) -> bool:
    return os.path.isfile(os.path.join(path, "HEAD")) and os.path.isdir(os.path.join(path, "objects"))


def _submodule(git_dir: str, name: str, matcher: ValueMatcher, around: Repository) -> Iterator[Leftover]:
    """A git directory inside of another, or of the work tree: its objects, and all that is beside them."""
    inner = _open_within(git_dir, around)
    if inner is None or os.path.realpath(inner.common_dir) != os.path.realpath(git_dir):
        yield from (
            _in_submodule(name, found.path, found.numbers) for found in search_files(git_dir, matcher)
        )
        return
    bare = main_view(inner)
    surveyed = survey(bare, matcher)
    kinds = (surveyed.blobs, surveyed.trees, surveyed.commits, surveyed.tags)
    dirty = {oid: numbers for kind in kinds for oid, numbers in kind.items()}
    for oid in sorted(dirty)[:_MOST_OBJECTS]:
        yield _in_submodule(name, f"object {oid}", dirty[oid])
    if len(dirty) > _MOST_OBJECTS:
        rest = {number for oid in sorted(dirty)[_MOST_OBJECTS:] for number in dirty[oid]}
        yield _in_submodule(name, f"{len(dirty) - _MOST_OBJECTS} more objects", sorted(rest))
    for leftover in search_outside(bare, matcher, work_tree=False):
        yield _in_submodule(name, leftover.name, leftover.targets)


def _open_within(git_dir: str, around: Repository) -> Repository | None:
    """The repository there, whether or not its work tree is: git keeps a submodule that was removed."""
    with suppress(GitError):
        return Repository.open(git_dir)
    bare = main_view(around._replace(git_dir=git_dir, common_dir=git_dir, work_tree=None))
    object_format = bare.run("rev-parse", "--show-object-format").decode().strip()
    return bare._replace(object_format=object_format, shallow=False)


def _in_submodule(name: str, what: str, numbers: Iterable[int]) -> Leftover:
    return Leftover(
        place=PlaceKind.SUBMODULE, name=f"{name}: {what}", targets=tuple(numbers), advice=_IN_SUBMODULE
    )


def _fragments(seen: Repository, matcher: ValueMatcher) -> Iterator[Leftover]:
    """The temporary files of the object store, which git leaves behind when it is cut off, unpacked."""
    objects = os.path.join(seen.common_dir, "objects")
    for path in fragments(objects):
        name = os.path.relpath(path, seen.common_dir)
        try:
            with open(path, "rb") as file:
                pieces = unpacked(file, width_of(seen))
                numbers = {number for piece in pieces for number in matcher.contains(piece)}
        except FileNotFoundError:
            continue
        except OSError:
            yield _git_file(FileHit(name, (), readable=False))
            continue
        if numbers := numbers | set(matcher.contains(os.fsencode(name))):
            yield _git_file(FileHit(name, tuple(sorted(numbers))))


def _index(seen: Repository, worktree: str, matcher: ValueMatcher) -> Iterator[Leftover]:
    """The names in an index: in the file itself they may be compressed."""
    try:
        listing = seen.run("ls-files", "--stage", "-z")
    except SecopsError:
        yield Leftover(
            place=PlaceKind.INDEX,
            name=worktree or "index",
            targets=(),
            advice="git cannot read it: delete it",
        )
        return
    if matcher.contains(listing):
        for entry in listing.split(b"\0"):
            name = entry.partition(b"\t")[2]
            if numbers := matcher.contains(name):
                where = f"worktree {worktree}: " if worktree else ""
                advice = kind_of("index").advice
                yield Leftover(
                    place=PlaceKind.INDEX, name=where + os.fsdecode(name), targets=numbers, advice=advice
                )


def _work_tree(
    seen: Repository,
    tree: WorkTree,
    top: str,
    matcher: ValueMatcher,
    *,
    apart: list[str],
    named: Callable[[str], str],
) -> Iterator[Leftover]:
    """The files of `tree`, below `top`: tracked, untracked and ignored ones. Others in it are `apart`."""
    others = {os.path.realpath(path) for path in apart} - {os.path.realpath(top)}
    inner: list[str] = []

    def enter(path: str) -> bool:
        full = os.path.join(top, path)
        if _is_git_dir(full):
            if path != ".git":
                inner.append(path)
            return False
        return full not in others and os.path.realpath(full) not in others

    for found in search_files(top, matcher, enter=enter):
        advice = _in_work_tree(found, tree)
        name = named(found.path)
        yield Leftover(place=PlaceKind.WORK_TREE, name=name, targets=found.numbers, advice=advice)
    for path in inner:
        yield from _submodule(os.path.join(top, path), named(path), matcher, seen)


def _in_work_tree(found: FileHit, tree: WorkTree) -> str:
    """How a value is got rid of there. Without its `.git`, a work tree is none any more."""
    if not found.readable:
        return _UNREADABLE
    if os.path.basename(found.path) == ".git":
        return LINKED_TREE if tree.name and found.path == ".git" else _LINK
    return _IN_WORK_TREE
