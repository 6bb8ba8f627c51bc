"""The names in a history: every path that a commit has added, and every ref; which commits brought them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from secopskit.errors import GitError
from secopskit.findings import Provenance
from secopskit.git.repository import Repository
from secopskit.scan.assemble import Located
from secopskit.scan.content.detectors import Detectors
from secopskit.scan.history.attribution.attribute import Attribution
from secopskit.scan.history.objects.selection import Selection
from secopskit.scan.names import PATH_NAME, found_in_names, found_in_refs

_FORMAT: Final = "--format=%H%x00%an%x00%aI"
_MOST: Final = 200  # each asks git once; of more, the commits are not told


def locate_names(
    repository: Repository, detectors: Detectors, attribution: Attribution, selection: Selection
) -> Iterator[Located]:
    """The secrets in names. The refs are those of the repository, or those that a push creates."""
    paths = sorted(os.fsdecode(path) for path in attribution.added)
    for number, (name, occurrence) in enumerate(found_in_names(detectors, paths, PATH_NAME)):
        yield occurrence, _brought(repository, name, selection) if number < _MOST else Provenance()
    refs = attribution.refs.names if selection.everything else selection.new_refs
    for _, occurrence in found_in_refs(detectors, refs):
        yield occurrence, Provenance(present=True)


def _brought(repository: Repository, path: str, selection: Selection) -> Provenance:
    """Which commit first added a file at `path`, and whether HEAD has one."""
    where = ("--", f":(top,literal){path}")
    with suppress(GitError):  # where objects are missing, git gives up
        words = ("log", "-m", "--diff-filter=A", "--no-renames", _FORMAT, *selection.revisions, *where)
        told = repository.run(*words).decode("utf-8", "replace").split("\n")
        if rows := [line for line in told if line]:
            commit, author, date = rows[-1].split("\0")
            return Provenance(
                commit=commit,
                first_commit=commit,
                author=author,
                date=date,
                present=repository.succeeds("cat-file", "-e", f"HEAD:{path}".rstrip("/")),
            )
    return Provenance()
