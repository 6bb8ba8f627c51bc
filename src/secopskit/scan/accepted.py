"""Allow comments that count because they stand in a commit already.

A comment in what is scanned counts only if that commit has accepted the same: the same value under the
same rule, allowed by a comment in the commit's file of that path, or, where it has none, in one of its
files of that name (a directory was renamed); or if the very object is part of the commit's history. A
comment that moves to another secret, or a second secret behind an old comment, is not accepted.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property
from typing import Final

from secopskit.findings import Blob
from secopskit.git.objects.lasting import read_each
from secopskit.git.repository import Repository
from secopskit.scan.detectors import Detectors
from secopskit.scan.history.selection import range_objects
from secopskit.scan.occurrence import Occurrence
from secopskit.sources.content import as_blob

_MOST_NAMESAKES: Final = 50


class AcceptedComments:
    """What comments allow in a commit: its files are asked for and examined once each, when one matters.

    A file larger than `limit` bytes, or one that is not there, accepts nothing.
    """

    def __init__(
        self, repository: Repository, commit: str, detectors: Callable[[], Detectors], limit: int
    ) -> None:
        self._repository = repository
        self._commit = commit
        self._detectors = detectors
        self._limit = limit
        self._allowed: dict[tuple[str, str], frozenset[object]] = {}

    def accept(self, occurrence: Occurrence) -> bool:
        """Whether the commit has accepted what the content of `occurrence` allows. Raises GitError."""
        identity = _identity(occurrence)
        if any(identity in self._allowed_in(path, oid) for path, oid in self._candidates(occurrence.path)):
            return True
        return occurrence.oid is not None and bytes.fromhex(occurrence.oid) in self._reached

    def _candidates(self, path: str) -> list[tuple[str, str]]:
        if oid := self._files.get(path):
            return [(path, oid)]
        return self._namesakes.get(path.rpartition("/")[2], [])[:_MOST_NAMESAKES]

    @cached_property
    def _files(self) -> dict[str, str]:
        """The object id of each file of the commit."""
        listing = self._repository.run("ls-tree", "-r", "-z", "--full-tree", self._commit)
        entries = (line.partition(b"\t") for line in listing.split(b"\0") if line.startswith(b"100"))
        return {os.fsdecode(name): head.rpartition(b" ")[2].decode() for head, _, name in entries}

    @cached_property
    def _namesakes(self) -> dict[str, list[tuple[str, str]]]:
        """The files of the commit by the last part of their paths."""
        found: dict[str, list[tuple[str, str]]] = {}
        for path, oid in self._files.items():
            found.setdefault(path.rpartition("/")[2], []).append((path, oid))
        return found

    @cached_property
    def _reached(self) -> frozenset[bytes]:
        """The ids of all objects in the history of the commit."""
        found = (oid.lstrip(b"?") for oid in range_objects(self._repository, (self._commit,)))
        return frozenset(bytes.fromhex(oid.decode()) for oid in found)

    def _allowed_in(self, path: str, oid: str) -> frozenset[object]:
        if (path, oid) not in self._allowed:
            (content,) = read_each(self._repository, [oid], limit=self._limit)
            blob = as_blob(path, content.data, oid) if content.data is not None else None
            seen = self._detectors().examine(blob) if isinstance(blob, Blob) else ()
            self._allowed[path, oid] = frozenset(_identity(one) for one in seen if one.allowed is not None)
        return self._allowed[path, oid]


def _identity(occurrence: Occurrence) -> object:
    """The rule and the value; of a finding about a place, the rule and the key that stands there."""
    return occurrence.rule_id, occurrence.secret or occurrence.key_digest
