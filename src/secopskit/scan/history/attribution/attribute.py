"""The second stage of a history scan: which commits, names and refs tell about the objects."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from itertools import chain
from typing import IO, Final

from secopskit.errors import GitError
from secopskit.findings import SkipReason
from secopskit.git.history.events import Events, Refs
from secopskit.git.history.log import CommitLog
from secopskit.git.repository import Repository
from secopskit.scan.content.detectors import Detectors
from secopskit.scan.history.attribution.telling import MAX_NAMED_SKIPS, Telling
from secopskit.scan.history.memory.cached_scan import CachedScan
from secopskit.scan.history.memory.commits import (
    commits_in,
    is_as_written,
    log_since,
    merged,
    standing_of,
)
from secopskit.scan.history.memory.unseen import every_object
from secopskit.scan.history.objects.at_hand import ObjectsAtHand
from secopskit.scan.history.objects.holes import (
    LogAroundHoles,
    lacking_blobs,
    lacking_tips,
    promised,
    unfetched,
)
from secopskit.scan.history.objects.objectfiles import ObjectFiles
from secopskit.scan.history.objects.selection import Selection, sizes
from secopskit.scan.history.reading.read import Harvest

_MISSING: Final = SkipReason.MISSING_OBJECT
_UNTOLD: Final = "Directories cannot be read: what some commits changed could not be told ({count:,})."
_LOG_ENDED: Final = "git log ended early (objects are missing): some commits could not be told."


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
    files, there, packed = objects
    telling = Telling(repository, detectors, harvest)
    with tempfile.TemporaryFile() as brought:
        complete = telling.read(log, brought if selection.everything else None)
        if selection.exact and repository.partial and not complete:
            raise _untellable(selection)
        if selection.everything and not repository.partial:
            if not complete:
                return _attribute_around(repository, telling, files, brought)
            blobs = lacking_blobs(repository, brought, files.irregular, packed)
        elif not selection.everything:
            blobs = {}
        elif complete and there is not None:  # spares git another walk over all trees
            blobs = dict.fromkeys(unfetched(brought, there), _MISSING)
        else:
            blobs = dict.fromkeys(promised(repository), _MISSING)
    if not complete:  # what the messages say does not need the objects that lack
        telling.read_also("-s", *selection.revisions)
    telling.name(blobs, log)
    if selection.everything:
        if not complete:  # of a partial clone, which may have the trees of its tips alone
            telling.take_tips()
        complete = telling.take_trees() and complete
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
    telling = Telling(repository, detectors, harvest)
    if not is_as_written(repository, telling.refs) or len(harvest.skipped) > MAX_NAMED_SKIPS:
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
    complete = telling.take_trees()
    unnamed = telling.unnamed
    if unnamed or telling.untold():
        commits = _unreached(repository, telling, ObjectsAtHand(files))
        complete = _read_unreachable(telling, selection, commits) and complete
    limits = () if complete else (_LOG_ENDED,)
    return Attribution(
        events=telling.events, refs=telling.refs, limits=limits, added=telling.added, unnamed=unnamed
    )


def _untellable(selection: Selection) -> GitError:
    return GitError(
        f"{selection.words}: what they changed cannot be told: objects were never fetched (a partial clone)",
        advice="Fetch them: git fetch --refetch --filter=blob:none; or scan with --history what is there.",
    )


def _attribute_around(
    repository: Repository, telling: Telling, files: ObjectFiles, brought: IO[bytes]
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


def _unreached(repository: Repository, telling: Telling, objects: ObjectsAtHand) -> Iterator[str]:
    """The ids of the commits that no ref reaches any more, and perhaps of some that are reached."""
    there = every_object(repository, objects.files)
    if there is None and objects.packed:
        there = [oid.encode() for oid in objects.packed.commits_beside(bytes(telling.reached))]
    if there != []:
        yield from (oid for oid, kind, _ in sizes(repository, there) if kind == b"commit")


def _read_unreachable(telling: Telling, selection: Selection, commits: Iterator[str]) -> bool:
    """Take in what is told by `commits` that no ref reaches any more; whether that was all."""
    first = next(commits, None)
    if first is None:
        return True
    with tempfile.TemporaryFile() as tips:
        tips.writelines(f"{oid}\n".encode() for oid in chain((first,), commits))
        tips.seek(0)
        return telling.read_also("-m", "--stdin", "--not", *selection.revisions, stdin=tips)
