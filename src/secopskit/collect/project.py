"""A project read from the disk: the files of a work tree as git sees it, or of a directory that is none."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace

from secopskit.collect.facts import ProjectFacts
from secopskit.collect.gather import MAX_SIZE, ProjectIndex, gather
from secopskit.findings import Blob, Skipped, SkipReason
from secopskit.git.repository import Repository
from secopskit.globs import PathMatcher
from secopskit.sources.files import FilesSource
from secopskit.sources.worktree import WorktreeSource


def read_project(directory: str, *, exclude: PathMatcher | None = None) -> ProjectFacts:
    """The facts of the project in `directory`: tracked files, and untracked ones that git does not ignore.

    Without a repository, all files below it. Of what `exclude` matches only the names are known. Nothing is
    executed. Raises SecopsError.
    """
    repository = Repository.open(directory)
    if repository is None or repository.work_tree is None:
        source = FilesSource([directory], root=directory, limit=MAX_SIZE)
        facts = gather(
            _without(source.blobs(), exclude), ProjectIndex(name=os.path.basename(os.path.abspath(directory)))
        )
        return replace(facts, limits=(*facts.limits, *source.limits))
    tree = WorktreeSource(repository, limit=MAX_SIZE)
    index = ProjectIndex(
        name=os.path.basename(repository.root),
        tracked=_listed(repository, "--cached"),
        ignored=_listed(repository, "--cached", "--ignored", "--exclude-standard"),
    )
    facts = gather(_without(tree.blobs(), exclude), index)
    return replace(facts, limits=(*facts.limits, *tree.limits))


def _without(content: Iterable[Blob | Skipped], exclude: PathMatcher | None) -> Iterator[Blob | Skipped]:
    for item in content:
        if exclude is not None and exclude.matches(item.path):
            yield Skipped(path=item.path, reason=SkipReason.EXCLUDED)
        else:
            yield item


def _listed(repository: Repository, *words: str) -> frozenset[str]:
    listing = repository.run("ls-files", "-z", *words)
    return frozenset(os.fsdecode(name) for name in listing.split(b"\0") if name)
