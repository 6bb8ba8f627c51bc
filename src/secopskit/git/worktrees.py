"""The work trees of a repository: the main one and the linked ones, each with a HEAD and an index."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from secopskit.errors import ConfigError, GitError
from secopskit.git import process
from secopskit.git.discovery import names_work_tree
from secopskit.git.repository import Repository
from secopskit.named_tuple import NamedTuple
from secopskit.state.smallfiles import read_small

_QUESTIONS: Final = ("--is-bare-repository", "--show-toplevel")
_CHOOSERS: Final = frozenset(("GIT_DIR", "GIT_WORK_TREE"))


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkTree:
    """One work tree. `name` is empty for the main one; `path` is None where there is none (bare).

    `head` is the commit that HEAD names, empty before the first one. `missing` tells a linked work
    tree whose directory is gone while git still keeps its HEAD and index.
    """

    name: str
    git_dir: str
    path: str | None
    head: str = ""
    missing: bool = False

    @property
    def index(self) -> str:
        """The path of its index."""
        return os.path.join(self.git_dir, "index")

    @property
    def words(self) -> str:
        """What to call it in a message."""
        return self.path or self.git_dir


class OverlookedTree(NamedTuple):
    """A main work tree that nobody looks into: its place, or words for it, and what can be done."""

    place: str
    what: str
    way_out: str


def main_view(repository: Repository) -> Repository:
    """The repository as a bare one: for commands on refs and objects, from its common directory."""
    return _view(repository, repository.common_dir, None)


def view(repository: Repository, tree: WorkTree) -> Repository:
    """The repository as seen from a work tree, whatever its configuration says about where that is."""
    return _view(repository, tree.git_dir, None if tree.missing else tree.path)


def with_variables(repository: Repository, **variables: str) -> Repository:
    """The same repository with more variables in the environment of its commands."""
    return repository._replace(environ={**repository.environ, **variables})


def linked_directory(repository: Repository) -> str:
    """Where git notes the linked work trees, each in a directory; often it is not there."""
    return os.path.join(repository.common_dir, "worktrees")


def work_trees(repository: Repository) -> tuple[WorkTree, ...]:
    """All work trees, the main one first. Raises GitError."""
    return tuple(_with_head(repository, tree) for tree in _find(repository))


def _find(repository: Repository) -> Iterator[WorkTree]:
    common = repository.common_dir
    yield WorkTree(name="", git_dir=common, path=main_path(repository))
    linked = linked_directory(repository)
    for name in sorted(os.listdir(linked)) if os.path.isdir(linked) else ():
        git_dir = os.path.join(linked, name)
        try:
            named = os.fsdecode(read_small(os.path.join(git_dir, "gitdir"))).rstrip("\n")
        except ConfigError:
            continue  # no work tree of git's either
        dot_git = os.path.normpath(os.path.join(git_dir, named))
        path = os.path.dirname(dot_git)
        yield WorkTree(name=name, git_dir=git_dir, path=path, missing=not os.path.lexists(dot_git))


def main_path(repository: Repository) -> str | None:
    """Where the main work tree stands, also when we were called from a linked one or from within `.git`."""
    common = repository.common_dir
    if repository.work_tree and _same(repository.git_dir, common):
        return repository.work_tree
    for place in (os.path.dirname(common), common):  # in the latter, a submodule's tells it by core.worktree
        with suppress(GitError):
            found = Repository.open(place)
            if found and found.work_tree and _same(found.git_dir, common):
                return found.work_tree
    return None


def overlooked(repository: Repository) -> OverlookedTree | None:
    """The main work tree, where it is another one than `main_path` tells; None if nothing is overlooked.

    That of `core.worktree` is followed only if a `.git` in it leads back (see `git.discovery`).
    """
    common, path = repository.common_dir, main_path(repository)
    environ = {name: value for name, value in repository.environ.items() if name not in _CHOOSERS}
    answer = os.fsdecode(process.run(common, environ, ("rev-parse", *_QUESTIONS)).stdout)
    bare, _, told = answer.removesuffix("\n").partition("\n")
    if bare == "true":
        return None
    if told and not (path and _same(told, path)):
        return OverlookedTree(
            told,
            "core.worktree names another directory as the work tree, and is not followed",
            "If that directory is yours, put a file .git there in which stands "
            f"`gitdir: {common}`, and run this in it. If not: git config --unset core.worktree",
        )
    if path:
        return None
    return OverlookedTree(
        "the main work tree",
        "git does not tell where the main work tree of this repository stands",
        "Run this there. If there is none: git config core.bare true",
    )


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _with_head(repository: Repository, tree: WorkTree) -> WorkTree:
    try:
        head = view(repository, tree).run("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    except GitError:  # no commit yet
        return tree
    return replace(tree, head=head.decode().strip())


def _view(repository: Repository, git_dir: str, path: str | None) -> Repository:
    # Without a place git would go by core.worktree, which leads astray from any directory but its own.
    place = path or (git_dir if names_work_tree(repository.common_dir) else "")
    variables = {"GIT_DIR": git_dir} | ({"GIT_WORK_TREE": place} if place else {})
    environ = {name: value for name, value in repository.environ.items() if name != "GIT_WORK_TREE"}
    return repository._replace(git_dir=git_dir, work_tree=path, environ=environ | variables)
