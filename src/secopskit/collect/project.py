"""A project read from the disk: the files of a work tree as git sees it, or of a directory that is none."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Final

from secopskit.collect.dotenv import is_local_environment
from secopskit.collect.facts import ProjectFacts
from secopskit.collect.gather import MAX_SIZE, ProjectIndex, gather, is_wanted
from secopskit.collect.roles import is_read
from secopskit.errors import UsageError
from secopskit.findings import Blob, Skipped, SkipReason
from secopskit.git.hosts import address
from secopskit.git.repository import Repository
from secopskit.globs import PathMatcher
from secopskit.sources.content import read_file
from secopskit.sources.files import FilesSource
from secopskit.sources.worktree import WorktreeSource

_MOST_NAMED: Final = 5
_NAME: Final = re.compile(r"[\w.-]{1,100}")
_SUBMODULE: Final = "160000 "


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
    repository. Without a `name` the project has that of its repository at `origin`, the same in every clone,
    else its directory's; a directory within a repository has its own. Of what `exclude` matches only the
    names are known. With `ignored_environment`, environment files that git ignores are read, too: they hold
    the values of one machine. Nothing is executed but git, with `variables` as its environment, or
    our own. Raises SecopsError, UsageError for a bare repository.
    """

    def wants(path: str) -> bool:
        return is_wanted(path) and not (exclude and exclude.matches(path))

    repository = Repository.open(directory, variables=variables)
    if repository is not None and repository.work_tree is None:
        raise UsageError(
            f"{directory} is a repository without a work tree: there are no files to be read",
            advice="Clone it, or add a work tree with `git worktree add`, and run secops there.",
        )
    name = name or _name_at_origin(repository, directory) or os.path.basename(os.path.realpath(directory))
    facts = _read(directory, name, repository, wants, ignored_environment=ignored_environment)
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
    if repository is None:
        files = FilesSource([directory], root=directory, limit=MAX_SIZE, wants=wants, in_parts=False)
        facts = gather(files.blobs(), ProjectIndex(name=name), others=files.others)
        return replace(facts, limits=(*facts.limits, *files.limits))
    return _Tree(repository, directory, wants).read(name, ignored_environment=ignored_environment)


def _name_at_origin(repository: Repository | None, directory: str) -> str:
    """What the repository is called where it was cloned from; empty for a directory within it."""
    if repository is None or not os.path.samefile(repository.root, directory):
        return ""
    url = repository.run("config", "--default", "", "--get", "remote.origin.url").decode("utf-8", "replace")
    name = address(url.strip())[1].rstrip("/").rpartition("/")[2].removesuffix(".git")
    return name if _NAME.fullmatch(name) else ""


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
            self._repository,
            limit=MAX_SIZE,
            directory=self._directory,
            wants=self._is_wanted,
            in_parts=False,
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
        gone = (*self._not_there(facts), *self._submodules(facts))
        return replace(facts, limits=(*facts.limits, *tree.limits, *gone, *left))

    def _not_there(self, facts: ProjectFacts) -> Iterator[str]:
        """What is said of tracked files that are not on the disk, as a sparse checkout leaves them."""
        paths = sorted(path for path in facts.tracked - facts.paths if self._wants(path))
        if paths:
            yield f"{_files(paths, 'tracked file')} not in the work tree: {_named(paths)}"

    def _submodules(self, facts: ProjectFacts) -> Iterator[str]:
        """What is said of submodules, which are projects of their own."""
        told = {item.path for item in facts.skipped}
        lines = [line for line in self._lines("--stage") if line.startswith(_SUBMODULE)]
        paths = sorted({line.partition("\t")[2][self._top :] for line in lines} - told)
        if paths:
            yield f"{_files(paths, 'submodule')} not read: {_named(paths)}"

    def _is_wanted(self, path: str) -> bool:
        return self._wants(path[self._top :])

    def _listed(self, *words: str) -> Iterator[str]:
        return (name[self._top :] for name in self._lines(*words))

    def _lines(self, *words: str) -> Iterator[str]:
        where = ("--", f":(top,literal){self._directory}") if self._directory else ()
        for name in self._repository.run("ls-files", "-z", *words, *where).split(b"\0"):
            if name:
                yield os.fsdecode(name)

    def _ignored_environment(self) -> Iterator[str]:
        """The environment files that git ignores; not those within a directory that it ignores as a whole."""
        words = ("--others", "--ignored", "--exclude-standard", "--directory")
        return (path for path in self._listed(*words) if is_local_environment(path) and is_read(path))

    def _contents(self, paths: Iterable[str]) -> Iterator[Blob | Skipped]:
        top = os.path.join(self._repository.root, self._directory)
        return (read_file(os.path.join(top, path), path, MAX_SIZE) for path in paths)


def _left_out(paths: list[str]) -> Iterator[str]:
    if paths:
        yield f"{_files(paths, 'ignored environment file')} not read: {_named(paths)}"


def _files(paths: list[str], what: str) -> str:
    return f"{len(paths)} {what} was" if len(paths) == 1 else f"{len(paths)} {what}s were"


def _named(paths: list[str]) -> str:
    return ", ".join(sorted(paths)[:_MOST_NAMED]) + (", …" if len(paths) > _MOST_NAMED else "")
