"""What logs have told so far of the objects of a harvest, while they are read one after the other."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence, Set
from contextlib import closing
from functools import lru_cache, partial
from itertools import chain, islice
from typing import IO, Final

from secopskit.errors import GitError
from secopskit.findings import SkipReason
from secopskit.git.history.events import Commit, Event, Events, LogNotes, Refs, Wanted, read_events
from secopskit.git.history.log import CommitLog, Log
from secopskit.git.repository import Repository
from secopskit.scan.content.detectors import ALL_SIGNS, Detectors
from secopskit.scan.history.objects.holes import LogAroundHoles
from secopskit.scan.history.reading.read import Harvest

MAX_NAMED_SKIPS: Final = 10_000
"""Of more objects that were skipped, names are not looked for."""
_MOST_TIPS: Final = 200
# Which events of a blob are kept: of one in which something was found, all; of one that has signs, those at
# paths for which these count; and of every blob, those at some paths.
_ALWAYS, _FOUND, _SHIFT = 1, 2, 2


class Telling:
    """What logs have told so far, while `attribute` reads them."""

    def __init__(self, repository: Repository, detectors: Detectors, harvest: Harvest) -> None:
        self._repository = repository
        self._harvest = harvest
        self._bits = lru_cache(maxsize=1 << 16)(partial(_bits_of, detectors))
        self._objects = {
            oid.encode(): _ALWAYS | (signs & ALL_SIGNS) << _SHIFT for oid, signs in harvest.named.items()
        }
        self._unnamed = set(self._objects)
        # What is too large is searched yet, in parts.
        large = [oid for oid, reason in harvest.skipped if reason is SkipReason.TOO_LARGE]
        others = (oid for oid, _ in harvest.skipped[:MAX_NAMED_SKIPS])
        for oid in chain(harvest.occurrences, large, others):
            self._objects[oid.encode()] = _ALWAYS | _FOUND
        self.refs = Refs.read(repository)
        self.events = Events()
        self.added = set[bytes]()
        self.reached = bytearray()

    @property
    def unnamed(self) -> frozenset[str]:
        """The blobs that need a name and that no commit has named so far."""
        return frozenset(oid.decode() for oid in self._unnamed)

    def forget_unnamed(self, oids: Iterable[str]) -> None:
        """No commit need name these blobs."""
        self._unnamed.difference_update(oid.encode() for oid in oids)

    def read(self, log: CommitLog, brought: IO[bytes] | None = None) -> bool:
        """Take in what a log tells; whether that is all it should. See `read_events` for `brought`."""
        complete = log.wait()
        wanted = Wanted(self._objects, self._bits, _ALWAYS)
        noted = LogNotes(brought, self.added, self.reached, self._unnamed)
        read_events(log, self.refs, wanted, self.events, noted)
        return complete

    def count(self, log: CommitLog, brought: IO[bytes]) -> int:
        """Take in what a log tells; of how many commits that is."""
        before = self.events.told
        self.read(log, brought)
        return self.events.told - before

    def name(self, oids: Iterable[str], log: CommitLog) -> int:
        """Take in the names that a log has for some of the blobs `oids`; of how many commits it tells."""
        few = {oid.encode(): _FOUND for oid in islice(oids, MAX_NAMED_SKIPS)}
        events = Events()
        if few:
            log.wait()
            read_events(log, self.refs, Wanted(few, lambda _path: _FOUND), events)
            for oid, found in events.by_blob.items():
                self.events.by_blob.setdefault(oid, found)
        return events.told

    def take_listed(
        self, around: LogAroundHoles, commits: Sequence[str], lacking: Collection[str]
    ) -> dict[str, str]:
        """Take in what `commits` hold, of which no log tells; the trees that lack, with their paths."""
        trees, heads = dict[str, str](), Events()
        with around.log_of(commits) as log:
            log.wait()
            heads_alone = Wanted({oid.encode(): 0 for oid in commits}, lambda _path: 0)
            read_events(log, self.refs, heads_alone, heads)
        known = set(self.events.by_blob)
        for one in around.listed(commits):
            if one.is_lacking:
                trees.setdefault(one.oid, one.path)
            elif one.oid in known or one.is_tree or one.commit not in heads.commits:
                continue
            elif one.oid in lacking or self._concerns(one.oid.encode(), os.fsencode(one.path)):
                event = Event(heads.commits[one.commit], one.path, brings=True, other="")
                self.events.by_blob.setdefault(one.oid, []).append(event)
        return trees

    def read_also(self, *arguments: str, stdin: IO[bytes] | None = None) -> bool:
        """Take in what another `git log` tells; whether that is all it should."""
        with closing(Log(self._repository, *arguments, stdin=stdin)) as log:
            return self.read(log)

    def take_trees(self) -> bool:
        """Take in what the trees hold that a ref names without a commit: the ref's tree stands for one.

        Whether that is all they hold: a part may be missing.
        """
        whole = True
        for tree in self.refs.trees:
            standing = Commit(tree, "", "", 0, (), self.refs.tips.get(tree, 0), self.events.told)
            whole = self._take_tree(standing) and whole
        return whole

    def take_tips(self) -> None:
        """Take in what the commits hold that refs name: each stands for whoever brought what no log tells of.

        Of those whose trees are not all there, nothing.
        """
        masks = {oid: mask for oid, mask in self.refs.tips.items() if oid not in self.refs.trees}
        tips = sorted(masks, key=lambda oid: -masks[oid])[:_MOST_TIPS]  # that of HEAD has a high bit
        heads, known = Events(), frozenset(self.events.by_blob)
        with closing(Log(self._repository, "-s", "--no-walk=unsorted", *tips)) as log:
            log.wait()
            wanted = Wanted({oid.encode(): 0 for oid in tips}, lambda _path: 0)
            read_events(log, self.refs, wanted, heads)
        for commit in heads.commits.values():
            self._take_tree(commit, known)

    def _take_tree(self, standing: Commit, known: Set[str] = frozenset()) -> bool:
        """Take in what the tree of a commit holds, but for `known` blobs; whether all of it is there."""
        try:
            listing = self._repository.run("ls-tree", "-r", "-z", standing.oid)
        except GitError:
            return False
        for entry in listing.split(b"\0")[:-1]:
            words, _, path = entry.partition(b"\t")
            oid = words.rpartition(b" ")[2]
            if oid.decode() not in known and self._concerns(oid, path):
                event = Event(standing, os.fsdecode(path), brings=True, other="0" * 40)
                self.events.by_blob.setdefault(oid.decode(), []).append(event)
        return True

    def untold(self) -> bool:
        """Whether there are findings in objects that no commit brought, as far as we know."""
        brought = {oid for oid, found in self.events.by_blob.items() if any(e.brings for e in found)}
        told = brought | self.events.commits.keys() | self.refs.tags.keys() | self.refs.blobs.keys()
        return not told.issuperset(self._harvest.occurrences)

    def _concerns(self, oid: bytes, path: bytes) -> bool:
        """Whether an event is kept. A blob that has one is not unnamed any more."""
        self._unnamed.discard(oid)
        return bool(self._objects.get(oid, _ALWAYS) & self._bits(path))


def _bits_of(detectors: Detectors, path: bytes) -> int:
    """What a blob at a path must have for an event of it to be kept: one of these bits."""
    name = os.fsdecode(path)
    kinds = (detectors.kinds_for(name) & ALL_SIGNS) << _SHIFT
    return _FOUND | kinds | (_ALWAYS if detectors.wants_always(name) else 0)
