"""What a file held before a range of commits changed it.

A commit that touches a file with an old secret makes a new blob of it, and a scan of the new
objects finds the secret again. Whoever commits or pushes is told of what they add, not of that.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from secopskit.errors import GitError
from secopskit.findings import Blob, Finding, Location
from secopskit.formats.archives.member_paths import outer_paths
from secopskit.git.objects.lasting import read_each
from secopskit.git.repository import Repository
from secopskit.scan.content.detectors import Detectors
from secopskit.secret import SecretValue
from secopskit.sources.content import as_blob

# Each asks git once; a push that brings findings by the thousand is told of all of them.
_MAX_COMMITS: Final = 500
_ABSENT: Final = "0"
_RAW: Final = ("diff-tree", "-r", "-m", "--raw", "-z", "--no-abbrev", "--no-commit-id")


class EarlierContent:
    """The older versions of files, asked for and examined once each.

    What cannot be told (the old content is missing, or larger than `limit` bytes) counts as new.
    """

    def __init__(self, repository: Repository, detectors: Detectors, limit: int) -> None:
        self._repository = repository
        self._detectors = detectors
        self._limit = limit
        self._changes: dict[str, dict[str, list[tuple[str, str]]]] = {}
        self._identities: dict[tuple[str, str], frozenset[object]] = {}

    def lacks(self, finding: Finding, location: Location) -> bool:
        """Whether the file of `location` did not hold the secret before its commit."""
        commit = location.provenance.first_commit if location.provenance else ""
        if not commit:
            return True
        identity = _identity(finding.rule_id, finding.secret)
        changed = self._older(commit)
        names = (location.path, *outer_paths(location.path))
        older = (each for name in names for each in changed.get(name, ()))
        return not any(identity in self._identities_in(oid, path) for oid, path in older)

    def _older(self, commit: str) -> dict[str, list[tuple[str, str]]]:
        """For each path that `commit` changed, the blobs (and names) that its parents have there."""
        if commit not in self._changes:
            if len(self._changes) >= _MAX_COMMITS:
                return {}
            changes: dict[str, list[tuple[str, str]]] = {}
            for path, old in _parse(self._listing(commit)):
                changes.setdefault(path, []).append(old)
            self._changes[commit] = changes
        return self._changes[commit]

    def _listing(self, commit: str) -> bytes:
        """What `commit` changed. To tell renames, git needs contents, which a partial clone may lack."""
        for renames in ("-M", "--no-renames"):
            with suppress(GitError):
                return self._repository.run(*_RAW, renames, commit, "--")
        return b""

    def _identities_in(self, oid: str, path: str) -> frozenset[object]:
        """What the detectors see in an old blob."""
        if (oid, path) not in self._identities:
            (content,) = read_each(self._repository, [oid], limit=self._limit)
            blob = as_blob(path, content.data, oid, binaries=True) if content.data is not None else None
            seen = self._detectors.look_into(blob)[0] if isinstance(blob, Blob) else ()
            self._identities[oid, path] = frozenset(_identity(s.rule_id, s.secret) for s in seen)
        return self._identities[oid, path]


def _identity(rule_id: str, secret: SecretValue | None) -> object:
    """A secret is the same under another rule; a finding about a place has its rule only."""
    return secret or rule_id


def _parse(listing: bytes) -> Iterator[tuple[str, tuple[str, str]]]:
    """The entries of `git diff-tree --raw -z`: a path, and the blob and name it had before."""
    fields = iter(listing.split(b"\0"))
    for head in fields:
        if not head:
            return
        _, _, old, _, status = head.decode("ascii").split(" ")
        source = path = os.fsdecode(next(fields))
        if status[0] in "RC":
            path = os.fsdecode(next(fields))
        if old.strip(_ABSENT):
            yield path, (old, source)
