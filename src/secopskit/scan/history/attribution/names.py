"""The names in a history: every path that a commit has added, and every ref; which commits brought them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from typing import Final

from secopskit.errors import GitError
from secopskit.findings import Provenance
from secopskit.git.history.events import changes_in
from secopskit.git.history.log import AUTHOR, CHANGES, DATE, OID, Log
from secopskit.git.repository import Repository
from secopskit.scan.assemble import Located
from secopskit.scan.content.detectors import Detectors
from secopskit.scan.history.attribution.attribute import Attribution
from secopskit.scan.history.attribution.provenance import Tips
from secopskit.scan.history.objects.at_hand import ObjectsAtHand
from secopskit.scan.history.objects.selection import Selection
from secopskit.scan.names import PATH_NAME, found_in_names, found_in_refs

_MOST: Final = 50  # names that one log is asked for: they stand on its command line


def locate_names(
    repository: Repository,
    detectors: Detectors,
    attribution: Attribution,
    selection: Selection,
    objects: ObjectsAtHand,
) -> Iterator[Located]:
    """The secrets in names. The refs are those of the repository, or those that a push creates."""
    paths = sorted(os.fsdecode(path) for path in attribution.added)
    found = list(found_in_names(detectors, paths, PATH_NAME))
    names = [name.rstrip("/") for name, _ in found]
    tips = Tips(repository, attribution.refs, names, objects)
    brought = dict[str, Provenance]()
    for start in range(0, len(names), _MOST):
        brought |= _brought(repository, names[start : start + _MOST], selection)
    for name, (_, occurrence) in zip(names, found, strict=True):
        yield occurrence, brought.get(name, Provenance())._replace(present=tips.have(name))
    refs = attribution.refs.names if selection.everything else selection.new_refs
    for _, occurrence in found_in_refs(detectors, refs):
        yield occurrence, Provenance(present=True)


def _brought(repository: Repository, names: Sequence[str], selection: Selection) -> dict[str, Provenance]:
    """Which commit first added a file at, or below, each of `names`."""
    first, wanted = dict[str, Provenance](), frozenset(names)
    where = ("--", *(f":(top,literal){name}" for name in names))
    with (
        suppress(GitError),  # where objects are missing, git gives up
        closing(Log(repository, "-m", "--diff-filter=A", *selection.revisions, *where)) as log,
    ):
        for told in log.commits():  # the newest first
            oid, author, date = (told[field].decode("utf-8", "replace") for field in (OID, AUTHOR, DATE))
            known = Provenance(commit=oid, first_commit=oid, author=author, date=date)
            for _, path in changes_in(told[CHANGES]):
                first |= dict.fromkeys(wanted.intersection(_and_above(os.fsdecode(path))), known)
    return first


def _and_above(path: str) -> Iterator[str]:
    """A path, and the directories that it is in."""
    while path:
        yield path
        path = path.rpartition("/")[0]
