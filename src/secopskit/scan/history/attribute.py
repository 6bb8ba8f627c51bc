"""The second stage of a history scan: which commits, names and refs tell about the objects."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Set
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, Final

from secopskit.git.history.log import Events, Log, Refs, Wanted, read_events
from secopskit.git.repository import Repository
from secopskit.scan.detectors import Detectors
from secopskit.scan.history.read import Harvest
from secopskit.scan.history.selection import Selection, sizes

_LOG_ENDED: Final = "git log ended early (objects are missing): some commits could not be told."
_MAX_NAMED_SKIPS: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """What the log tells of the objects of a harvest. `limits` are sentences on what it could not tell."""

    events: Events
    refs: Refs
    limits: tuple[str, ...] = ()

    def kept(self, oids: Set[str]) -> Events:
        """The events of the blobs `oids`, and all commits: what an unchanged repository asks for again."""
        by_blob = {oid: found for oid, found in self.events.by_blob.items() if oid in oids}
        return Events(by_blob=by_blob, commits=self.events.commits)


def attribute(
    repository: Repository, detectors: Detectors, log: Log, harvest: Harvest, selection: Selection
) -> Attribution:
    """What `log`, and commits that no ref reaches, tell of `harvest`. Raises GitError."""
    telling = _Telling(repository, detectors, harvest)
    complete = telling.read(log)
    if not complete:  # what the messages say does not need the objects that lack
        telling.read_also("-s", *selection.revisions)
    if selection.everything and (telling.unnamed or telling.untold()):
        complete = _read_unreachable(repository, telling, selection) and complete
    return Attribution(events=telling.events, refs=telling.refs, limits=() if complete else (_LOG_ENDED,))


def _read_unreachable(repository: Repository, telling: _Telling, selection: Selection) -> bool:
    """Take in what is told by commits that no ref reaches any more; whether that was all."""
    with tempfile.TemporaryFile() as tips:
        commits = (oid for oid, kind, _ in sizes(repository, None) if kind == b"commit")
        tips.writelines(f"{oid}\n".encode() for oid in commits)
        tips.seek(0)
        return telling.read_also("-m", "--stdin", "--not", *selection.revisions, stdin=tips)


class _Telling:
    """What logs have told so far, while `attribute` reads them."""

    def __init__(self, repository: Repository, detectors: Detectors, harvest: Harvest) -> None:
        self._repository = repository
        self._detectors = detectors
        self._harvest = harvest
        self._oids = set(harvest.occurrences)
        self._oids.update(oid for oid, _ in harvest.skipped[:_MAX_NAMED_SKIPS])
        self.unnamed = set(harvest.named)
        self.refs = Refs.read(repository)
        self.events = Events()

    def read(self, log: Log) -> bool:
        """Take in what a log tells; whether that is all it should."""
        complete = log.wait()
        objects = {oid.encode() for oid in self._oids | self._harvest.named}
        always = lru_cache(maxsize=1 << 16)(lambda path: self._detectors.wants_always(os.fsdecode(path)))
        read_events(log, self.refs, Wanted(objects, always, self._concerns), self.events)
        return complete

    def read_also(self, *arguments: str, stdin: IO[bytes] | None = None) -> bool:
        """Take in what another `git log` tells; whether that is all it should."""
        with closing(Log(self._repository, *arguments, stdin=stdin)) as log:
            return self.read(log)

    def untold(self) -> bool:
        """Whether there are findings in objects that no commit brought, as far as we know."""
        brought = {oid for oid, found in self.events.by_blob.items() if any(e.brings for e in found)}
        told = brought | self.events.commits.keys() | self.refs.tags.keys()
        return not told.issuperset(self._harvest.occurrences)

    def _concerns(self, oid: str, path: str) -> bool:
        """Whether an event is kept. A blob that has one is not unnamed any more."""
        self.unnamed.discard(oid)
        if oid in self._oids:
            return True
        by_name = oid in self._harvest.named or self._detectors.wants_always(path)
        return by_name and self._detectors.wants(path)
