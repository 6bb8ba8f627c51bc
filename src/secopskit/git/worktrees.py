"""The work trees of a repository: the main one and the linked ones, each with a HEAD and an index."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace

from secopskit.errors import ConfigError, GitError
from secopskit.git.repository import Repository
from secopskit.state.smallfiles import read_small


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
    yield WorkTree(name="", git_dir=common, path=_main_path(repository))
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


def _main_path(repository: Repository) -> str | None:
    """Where the main work tree stands, also when we were called from a linked one."""
    if os.path.realpath(repository.git_dir) == os.path.realpath(repository.common_dir):
        return repository.work_tree
    found = Repository.open(os.path.dirname(repository.common_dir))
    same = found is not None and os.path.realpath(found.git_dir) == os.path.realpath(repository.common_dir)
    return found.work_tree if found and same else None


def _with_head(repository: Repository, tree: WorkTree) -> WorkTree:
    try:
        head = view(repository, tree).run("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    except GitError:  # no commit yet
        return tree
    return replace(tree, head=head.decode().strip())


def _view(repository: Repository, git_dir: str, path: str | None) -> Repository:
    variables = {"GIT_DIR": git_dir} | ({"GIT_WORK_TREE": path} if path else {})
    environ = {name: value for name, value in repository.environ.items() if name != "GIT_WORK_TREE"}
    return repository._replace(git_dir=git_dir, work_tree=path, environ=environ | variables)
