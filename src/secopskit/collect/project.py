"""A project read from the disk: the files of a work tree as git sees it, or of a directory that is none."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Final

from secopskit.collect.dotenv import is_local_environment
from secopskit.collect.facts import ProjectFacts
from secopskit.collect.gather import MAX_SIZE, ProjectIndex, gather, is_wanted
from secopskit.collect.roles import is_read
from secopskit.findings import Blob, Skipped, SkipReason
from secopskit.git.repository import Repository
from secopskit.globs import PathMatcher
from secopskit.sources.content import read_file
from secopskit.sources.files import FilesSource
from secopskit.sources.worktree import WorktreeSource

_MOST_NAMED: Final = 5


def read_project(
    directory: str,
    *,
    exclude: PathMatcher | None = None,
    ignored_environment: bool = False,
    variables: Mapping[str, str] | None = None,
    name: str = "",
) -> ProjectFacts:
    """The facts of the project in `directory`: tracked files, and untracked ones that git does not ignore.

    Without a repository, all files below it. All paths are relative to `directory`, which may lie inside a
    repository. Of what `exclude` matches only the names are known. With `ignored_environment`, environment
    files that git ignores are read, too: they hold the values of one machine. `name` is what the project is
    called, else as its directory. Nothing is executed but git, with `variables` as its environment, or our
    own. Raises SecopsError.
    """

    def wants(path: str) -> bool:
        return is_wanted(path) and not (exclude and exclude.matches(path))

    called = name or os.path.basename(os.path.realpath(directory))
    repository = Repository.open(directory, variables=variables)
    facts = _read(directory, called, repository, wants, ignored_environment=ignored_environment)
    left_out = (path for path in sorted(facts.paths) if exclude and exclude.matches(path) and is_wanted(path))
    excluded = (Skipped(path=path, reason=SkipReason.EXCLUDED) for path in left_out)
    return replace(facts, skipped=(*facts.skipped, *excluded))


def _read(
    directory: str,
    name: str,
    repository: Repository | None,
    wants: Callable[[str], bool],
    *,
    ignored_environment: bool,
) -> ProjectFacts:
    if repository is None or repository.work_tree is None:
        files = FilesSource([directory], root=directory, limit=MAX_SIZE, wants=wants)
        facts = gather(files.blobs(), ProjectIndex(name=name), others=files.others)
        return replace(facts, limits=(*facts.limits, *files.limits))
    return _Tree(repository, directory, wants).read(name, ignored_environment=ignored_environment)


class _Tree:
    """A directory of a work tree."""

    def __init__(self, repository: Repository, directory: str, wants: Callable[[str], bool]) -> None:
        self._repository = repository
        self._wants = wants
        inside = os.path.relpath(os.path.realpath(directory), os.path.realpath(repository.root))
        self._directory = "" if inside == os.curdir else inside.replace(os.sep, "/")
        self._top = len(self._directory) + 1 if self._directory else 0

    def read(self, name: str, *, ignored_environment: bool) -> ProjectFacts:
        """The facts of the directory."""
        tree = WorktreeSource(
            self._repository, limit=MAX_SIZE, directory=self._directory, wants=self._is_wanted
        )
        index = ProjectIndex(
            name=name,
            tracked=frozenset(self._listed("--cached")),
            ignored=frozenset(self._listed("--cached", "--ignored", "--exclude-standard")),
        )
        content = (item._replace(path=item.path[self._top :]) for item in tree.blobs())
        environment = list(self._ignored_environment())
        extra = self._contents(environment) if ignored_environment else ()
        others = (path[self._top :] for path in tree.others)
        facts = gather(chain(content, extra), index, others=others)
        left = () if ignored_environment else tuple(_left_out(environment))
        return replace(facts, limits=(*facts.limits, *tree.limits, *left))

    def _is_wanted(self, path: str) -> bool:
        return self._wants(path[self._top :])

    def _listed(self, *words: str) -> Iterator[str]:
        where = ("--", f":(top,literal){self._directory}") if self._directory else ()
        for name in self._repository.run("ls-files", "-z", *words, *where).split(b"\0"):
            if name:
                yield os.fsdecode(name)[self._top :]

    def _ignored_environment(self) -> Iterator[str]:
        """The environment files that git ignores; not those within a directory that it ignores as a whole."""
        words = ("--others", "--ignored", "--exclude-standard", "--directory")
        return (path for path in self._listed(*words) if is_local_environment(path) and is_read(path))

    def _contents(self, paths: Iterable[str]) -> Iterator[Blob | Skipped]:
        top = os.path.join(self._repository.root, self._directory)
        return (read_file(os.path.join(top, path), path, MAX_SIZE) for path in paths)


def _left_out(paths: list[str]) -> Iterator[str]:
    if paths:
        named = ", ".join(sorted(paths)[:_MOST_NAMED]) + (", …" if len(paths) > _MOST_NAMED else "")
        files = "environment file was" if len(paths) == 1 else "environment files were"
        yield f"{len(paths)} ignored {files} not read: {named}"
