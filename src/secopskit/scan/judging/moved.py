"""Secrets that a change only moves: other line ends, another line, another file of the same repository.

Whoever commits or pushes is told of what they add. A secret that stood there before is an old finding at a
new place: it is counted, with where it stood, and stops nobody.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Final

from secopskit.errors import GitError
from secopskit.findings import Blob, Finding, Location
from secopskit.git.objects.lasting import read_each
from secopskit.git.repository import Repository
from secopskit.scan.content.detectors import Detectors
from secopskit.scan.judging.head_search import SEARCH, BegunSearch, HeadFiles
from secopskit.secret import SecretValue
from secopskit.sources.content import as_blob

WEAK_RULES: Final = ("weak-password", "url-weak-password")
# Shorter values, and weak ones, are in use at many places that have nothing to do with each other.
_SHORTEST: Final = 8
_MOST_SEARCHES: Final = 50
_MOST_FILES: Final = 20
_MOST_AT_ONCE: Final = 4000


class StandingSecrets:
    """What commits hold, asked about secret by secret; each file is examined once.

    What cannot be told (a file larger than `limit` bytes, a missing object, more than 50 searches) counts
    as new. `in_head` are the objects that HEAD is known to have at some paths; "": none that is a file.
    `replaced` are the paths of HEAD at which the index has another file, or none, if that is known.
    """

    def __init__(
        self,
        repository: Repository,
        detectors: Detectors,
        limit: int,
        *,
        in_head: Mapping[str, str] = MappingProxyType({}),
        replaced: Collection[str] | None = None,
    ) -> None:
        self._repository = repository
        self._detectors = detectors
        self._limit = limit
        self._searches = 0
        self._head = None if replaced is None else HeadFiles(repository, replaced)
        self._foreseen: tuple[SecretValue, BegunSearch] | None = None
        self._found: dict[tuple[str, object], list[str]] = {}
        self._held: dict[tuple[str, str], Counter[object]] = {}
        self._oids = {("HEAD", path): oid for path, oid in in_head.items()}

    def in_head(self, finding: Finding, location: Location) -> str:
        """Where HEAD has the secret that is staged at `location`, in words; "" where it is new."""
        return self._where("HEAD", finding, location)

    def before_its_commit(self, finding: Finding, location: Location) -> str:
        """Where the commit before the one that brought `location` has the secret; "" where it is new."""
        commit = location.provenance.first_commit if location.provenance else ""
        return self._where(f"{commit}^", finding, location) if commit else ""

    def foresee_in_head(self, rule_id: str, secret: SecretValue) -> None:
        """Begin to look for a secret, while the scan goes on, that `in_head` will be asked about: for one."""
        line = _sought(secret)
        if self._foreseen or not self._head or _is_everywhere(rule_id, secret) or len(line) > _MOST_AT_ONCE:
            return
        with suppress(GitError):
            self._foreseen = (secret, self._head.begin(line + b"\n"))

    def forget_foreseen(self) -> None:
        """End a search that nobody has asked for."""
        if self._foreseen:
            self._foreseen[1].end()
            self._foreseen = None

    def _where(self, commit: str, finding: Finding, location: Location) -> str:
        if finding.secret is None or location.path.startswith("<"):
            return ""
        oid = self._oid(commit, location.path)
        if oid:
            now = self._count(location.oid or "", location.path, finding)
            if 0 < now <= self._count(oid, location.path, finding):
                return "in this file"
        if _is_everywhere(finding.rule_id, finding.secret):
            return ""
        for path in self._files(commit, finding, location.path):
            if self._count(self._oid(commit, path), path, finding):
                return f"in {path}"
        return ""

    def _files(self, commit: str, finding: Finding, beside: str) -> Iterator[str]:
        """The files of `commit` in which the value may stand, those of the same name first."""
        key = (commit, finding.secret)
        if key not in self._found:
            self._found[key] = list(self._search(commit, finding))
        name = beside.rpartition("/")[2]
        # Of new files, that are found in the work tree, HEAD is known to have none.
        others = (p for p in self._found[key] if p != beside and self._oids.get((commit, p)) != "")
        yield from sorted(others, key=lambda path: path.rpartition("/")[2] != name)[:_MOST_FILES]

    def _search(self, commit: str, finding: Finding) -> list[str]:
        """The files that hold the longest line of the value."""
        self._searches += 1
        if self._searches > _MOST_SEARCHES or finding.secret is None:
            return []
        with suppress(GitError):  # there is no such commit, or no such file
            return self._files_with(commit, finding.secret)
        return []

    def _files_with(self, commit: str, secret: SecretValue) -> list[str]:
        line = _sought(secret) + b"\n"
        if commit == "HEAD" and self._head and len(line) <= _MOST_AT_ONCE:
            foreseen = self._foreseen[1] if self._foreseen and self._foreseen[0] == secret else None
            return (foreseen or self._head.begin(line)).paths()
        found = self._repository.run(*SEARCH, commit, "--", stdin=line).split(b"\0")
        return [os.fsdecode(name.partition(b":")[2]) for name in found if name]

    def _oid(self, commit: str, path: str) -> str:
        if (commit, path) not in self._oids:
            listing = b""
            with suppress(GitError):
                listing = self._repository.run("ls-tree", "-z", "--full-tree", commit, "--", path)
            head = listing.partition(b"\t")[0]
            self._oids[commit, path] = head.rpartition(b" ")[2].decode() if head.startswith(b"100") else ""
        return self._oids[commit, path]

    def _count(self, oid: str, path: str, finding: Finding) -> int:
        """How often the secret stands in an object."""
        if not oid:
            return 0
        if (oid, path) not in self._held:
            (content,) = read_each(self._repository, [oid], limit=self._limit)
            blob = as_blob(path, content.data, oid) if content.data is not None else None
            found = self._detectors.examine(blob) if isinstance(blob, Blob) else ()
            self._held[oid, path] = Counter(one.secret for one in found)
        return self._held[oid, path][finding.secret]


def _is_everywhere(rule_id: str, secret: SecretValue) -> bool:
    return rule_id in WEAK_RULES or len(secret) < _SHORTEST


def _sought(secret: SecretValue) -> bytes:
    """The longest line of the value."""
    return max(secret.reveal().splitlines(), key=len, default=b"")
