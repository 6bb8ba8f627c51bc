"""What a commit has accepted already, by comments and by ignore files.

A comment in what is scanned counts only if that commit has accepted the same: the same value under the
same rule, allowed by a comment in the commit's file of that path, or, where it has none, in one of its
files of that name (a directory was renamed); or if the very object is part of the commit's history. A
comment that moves to another secret, or a second secret behind an old comment, is not accepted.

An ignore file names a path and a line, and no value: its entries count for what stood there in the commit,
not for another secret in the same line. One that names a commit as well cannot be meant for another.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property
from typing import Final

from secopskit.findings import Blob, Finding, Location, SuppressedBy
from secopskit.formats.archives.member_paths import outer_paths
from secopskit.git.objects.lasting import read_each
from secopskit.git.repository import Repository
from secopskit.known.ignore_file import IgnoreFile
from secopskit.named_tuple import NamedTuple
from secopskit.scan.content.detectors import Detectors
from secopskit.scan.content.occurrence import Occurrence
from secopskit.scan.history.objects.selection import range_objects
from secopskit.scan.judging.sieve import KnownFindings, Sieve
from secopskit.sources.content import as_blob

_MOST_NAMESAKES: Final = 50


class _Seen(NamedTuple):
    """What stands in a file: all of it, and what its comments allow."""

    held: frozenset[object]
    allowed: frozenset[object]


class CommittedFindings:
    """What stands in a commit, and what comments allow there.

    Its files are asked for and examined once each, when one matters.
    A file larger than `limit` bytes, or one that is not there, accepts nothing.
    """

    def __init__(
        self, repository: Repository, commit: str, detectors: Callable[[], Detectors], limit: int
    ) -> None:
        self._repository = repository
        self._commit = commit
        self._detectors = detectors
        self._limit = limit
        self._seen: dict[tuple[str, str], _Seen] = {}

    def accept(self, occurrence: Occurrence) -> bool:
        """Whether the commit has accepted what the content of `occurrence` allows. Raises GitError."""
        identity = _identity(occurrence)
        found = self._candidates(occurrence.path)
        if any(identity in self._seen_in(path, oid).allowed for path, oid in found):
            return True
        return self._has_reached(occurrence.oid)

    def before(self, sieve: Sieve) -> Sieve:
        """`sieve`, where comments and ignore files count only for what the commit has accepted."""
        known = list[tuple[SuppressedBy, KnownFindings]]()
        for by, record in sieve.known:
            if isinstance(record, IgnoreFile):
                known.append((by, StandingFindings(record.of_any_commit(), self.holds)))
                known.append((by, record.of_one_commit()))
            else:
                known.append((by, record))
        return sieve._replace(accepts=self.accept, known=known)

    def _candidates(self, path: str) -> list[tuple[str, str]]:
        for file in (path, *outer_paths(path)):
            if oid := self._files.get(file):
                return [(file, oid)]
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

    def holds(self, finding: Finding, location: Location) -> bool:
        """Whether the commit has the finding in its file of that path. Raises GitError."""
        identity = finding.secret or finding.rule_id
        if any(identity in self._seen_in(path, oid).held for path, oid in self._candidates(location.path)):
            return True
        return self._has_reached(location.oid)

    def _has_reached(self, oid: str | None) -> bool:
        return oid is not None and bytes.fromhex(oid) in self._reached

    def _seen_in(self, path: str, oid: str) -> _Seen:
        if (path, oid) not in self._seen:
            (content,) = read_each(self._repository, [oid], limit=self._limit)
            blob = as_blob(path, content.data, oid, binaries=True) if content.data is not None else None
            found = self._detectors().look_into(blob)[0] if isinstance(blob, Blob) else []
            self._seen[path, oid] = _Seen(
                frozenset(one.secret or one.rule_id for one in found),
                frozenset(_identity(one) for one in found if one.allowed is not None),
            )
        return self._seen[path, oid]


class StandingFindings(NamedTuple):
    """A record of places, as the sieve asks for it, that counts for what a commit `holds` there."""

    record: KnownFindings
    holds: Callable[[Finding, Location], bool]

    def covers(self, finding: Finding, location: Location) -> str | None:
        """See `KnownFindings.covers`."""
        reason = self.record.covers(finding, location)
        return reason if reason is not None and self.holds(finding, location) else None


def _identity(occurrence: Occurrence) -> object:
    """The rule and the value; of a finding about a place, the rule and the key that stands there."""
    return occurrence.rule_id, occurrence.secret or occurrence.key_digest
