"""The second stage of a history scan: which commits, names and refs tell about the objects."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import chain, islice
from typing import IO, Final, NamedTuple

from secopskit.findings import SkipReason
from secopskit.git.history.log import CommitLog, Event, Events, Log, LogNotes, Refs, Wanted, read_events
from secopskit.git.repository import Repository
from secopskit.scan.content.detectors import ALL_SIGNS, Detectors
from secopskit.scan.history.memory.cached_scan import CachedScan
from secopskit.scan.history.memory.commits import (
    commits_in,
    is_as_written,
    log_since,
    merged,
    standing_of,
)
from secopskit.scan.history.memory.unseen import every_object
from secopskit.scan.history.objects.holes import (
    LogAroundHoles,
    lacking_blobs,
    lacking_tips,
    promised,
    unfetched,
)
from secopskit.scan.history.objects.objectfiles import ObjectFiles
from secopskit.scan.history.objects.selection import Selection, sizes
from secopskit.scan.history.reading.packed import PackedHistory
from secopskit.scan.history.reading.read import Harvest

_MISSING: Final = SkipReason.MISSING_OBJECT
_UNTOLD: Final = "Directories cannot be read: what some commits changed could not be told ({count:,})."
_LOG_ENDED: Final = "git log ended early (objects are missing): some commits could not be told."
_MAX_NAMED_SKIPS: Final = 10_000
# Which events of a blob are kept: of one in which something was found, all; of one that has signs, those at
# paths for which these count; and of every blob, those at some paths.
_ALWAYS, _FOUND, _SHIFT = 1, 2, 2


class ObjectsAtHand(NamedTuple):
    """The objects of a repository: the files they lie in, and what is known of them.

    `there` are those that a partial clone has. Where all are in `packed`, git need not be asked which of them
    are commits.
    """

    files: ObjectFiles
    there: Set[str] | None = None
    packed: PackedHistory | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """What the log tells of the objects of a harvest. `limits` are sentences on what it could not tell.

    `lacking` are the objects that the history leads to and that cannot be read, `names` has what those are
    called of which no event tells. `unnamed` are blobs that need a name and of which no commit that is
    reached tells. `added` are all paths at which a commit has added a file.
    """

    events: Events
    refs: Refs
    limits: tuple[str, ...] = ()
    lacking: Mapping[str, SkipReason] = field(default_factory=dict)
    added: Set[bytes] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict)
    unnamed: Set[str] = frozenset()

    def kept(self, oids: Set[str]) -> Events:
        """The events of the blobs `oids`, and all commits: what an unchanged repository asks for again."""
        by_blob = {oid: found for oid, found in self.events.by_blob.items() if oid in oids}
        return Events(by_blob=by_blob, commits=self.events.commits)


def attribute(
    repository: Repository,
    detectors: Detectors,
    log: CommitLog,
    harvest: Harvest,
    selection: Selection,
    objects: ObjectsAtHand,
) -> Attribution:
    """What `log`, and commits that no ref reaches, tell of `harvest`. Raises GitError."""
    files, there, _ = objects
    telling = _Telling(repository, detectors, harvest)
    with tempfile.TemporaryFile() as brought:
        complete = telling.read(log, brought if selection.everything else None)
        if selection.everything and not repository.partial:
            if not complete:
                return _attribute_around(repository, telling, files, brought)
            blobs = lacking_blobs(repository, brought, files.irregular)
        elif not selection.everything:
            blobs = {}
        elif complete and there is not None:  # spares git another walk over all trees
            blobs = dict.fromkeys(unfetched(brought, there), _MISSING)
        else:
            blobs = dict.fromkeys(promised(repository), _MISSING)
    if not complete:  # what the messages say does not need the objects that lack
        telling.read_also("-s", *selection.revisions)
    telling.name(blobs, log)
    unnamed = telling.unnamed
    if selection.everything and (unnamed or telling.untold()):
        whole = objects if complete else objects._replace(packed=None)
        commits = _unreached(repository, telling, whole)
        complete = _read_unreachable(telling, selection, commits) and complete
    limits = () if complete else (_LOG_ENDED,)
    return Attribution(
        events=telling.events,
        refs=telling.refs,
        limits=limits,
        lacking=blobs,
        added=telling.added,
        unnamed=unnamed,
    )


def attribute_new(
    repository: Repository,
    detectors: Detectors,
    harvest: Harvest,
    selection: Selection,
    files: ObjectFiles,
    known: CachedScan,
) -> Attribution | None:
    """What `attribute` tells, with the log read of those commits alone that are new since the scan `known`.

    None where all has to be told anew: history was rewritten, or objects lack. Raises GitError.
    """
    telling = _Telling(repository, detectors, harvest)
    if not is_as_written(repository, telling.refs) or len(harvest.skipped) > _MAX_NAMED_SKIPS:
        return None
    telling.forget_unnamed({oid for oid, _ in known.named} - set(known.unnamed))
    with (
        tempfile.TemporaryFile() as brought,
        log_since(repository, selection.revisions, known.tips) as log,
    ):
        if not telling.read(log, brought) or lacking_blobs(repository, brought, files.irregular):
            return None
    wanted = commits_in(telling.events) | commits_in(known.events)
    standing = standing_of(repository, selection.revisions, telling.refs, wanted, set(known.tips))
    if standing is None:
        return None
    telling.events = merged(known.events, telling.events, standing)
    unnamed = telling.unnamed
    complete = True
    if unnamed or telling.untold():
        commits = _unreached(repository, telling, ObjectsAtHand(files))
        complete = _read_unreachable(telling, selection, commits)
    limits = () if complete else (_LOG_ENDED,)
    return Attribution(
        events=telling.events, refs=telling.refs, limits=limits, added=telling.added, unnamed=unnamed
    )


def _attribute_around(
    repository: Repository, telling: _Telling, files: ObjectFiles, brought: IO[bytes]
) -> Attribution:
    """What is told by the commits of a history with holes, and the holes. Raises GitError."""
    telling.events = Events()
    there = every_object(repository, files)
    commits = [oid for oid, kind, _ in sizes(repository, there) if kind == b"commit"]
    tips = lacking_tips(repository)
    with tempfile.TemporaryDirectory() as directory:
        around = LogAroundHoles(repository, commits, directory)
        stopped = around.read(lambda log: telling.count(log, brought))
        blobs = lacking_blobs(repository, brought, files.irregular)
        if blobs:
            around.read(lambda log: telling.name(blobs, log))
        trees = telling.take_listed(around, stopped, blobs) if stopped else {}
    told = {**tips, **trees}
    lacking = {
        oid: SkipReason.UNREADABLE if oid in files.loose or oid in files.irregular else _MISSING
        for oid in (*told, *around.lacking)
    }
    limits = (_UNTOLD.format(count=len(stopped)),) if stopped else ()
    return Attribution(
        events=telling.events,
        refs=telling.refs,
        limits=limits,
        lacking={**blobs, **lacking},
        added=telling.added,
        names=told,
    )


def _unreached(repository: Repository, telling: _Telling, objects: ObjectsAtHand) -> Iterator[str]:
    """The ids of the commits that no ref reaches any more, and perhaps of some that are reached."""
    there = every_object(repository, objects.files)
    if there is None and objects.packed:
        there = [oid.encode() for oid in objects.packed.commits_beside(bytes(telling.reached))]
    if there != []:
        yield from (oid for oid, kind, _ in sizes(repository, there) if kind == b"commit")


def _read_unreachable(telling: _Telling, selection: Selection, commits: Iterator[str]) -> bool:
    """Take in what is told by `commits` that no ref reaches any more; whether that was all."""
    first = next(commits, None)
    if first is None:
        return True
    with tempfile.TemporaryFile() as tips:
        tips.writelines(f"{oid}\n".encode() for oid in chain((first,), commits))
        tips.seek(0)
        return telling.read_also("-m", "--stdin", "--not", *selection.revisions, stdin=tips)


class _Telling:
    """What logs have told so far, while `attribute` reads them."""

    def __init__(self, repository: Repository, detectors: Detectors, harvest: Harvest) -> None:
        self._repository = repository
        self._harvest = harvest
        self._bits = lru_cache(maxsize=1 << 16)(partial(_bits_of, detectors))
        self._objects = {
            oid.encode(): _ALWAYS | (signs & ALL_SIGNS) << _SHIFT for oid, signs in harvest.named.items()
        }
        self._unnamed = set(self._objects)
        for oid in chain(harvest.occurrences, (oid for oid, _ in harvest.skipped[:_MAX_NAMED_SKIPS])):
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
        few = {oid.encode(): _FOUND for oid in islice(oids, _MAX_NAMED_SKIPS)}
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

    def untold(self) -> bool:
        """Whether there are findings in objects that no commit brought, as far as we know."""
        brought = {oid for oid, found in self.events.by_blob.items() if any(e.brings for e in found)}
        told = brought | self.events.commits.keys() | self.refs.tags.keys()
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
