"""The stages of a scan of a repository's objects: read, attribute, look by name, locate.

Each takes values and returns one; nothing is filled in by two stages.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import replace

from secopskit.errors import GitError
from secopskit.findings import SkipReason
from secopskit.git.history.events import Refs
from secopskit.git.history.log import CommitLog, Log
from secopskit.git.history.treelog import log_of
from secopskit.git.repository import Repository
from secopskit.progress import Progress, ProgressStage
from secopskit.redaction import NameRedaction
from secopskit.scan.content.detectors import Detectors
from secopskit.scan.history.again import Present
from secopskit.scan.history.attribution.attribute import Attribution, attribute, attribute_new
from secopskit.scan.history.attribution.locate import locate, named_skips
from secopskit.scan.history.attribution.names import locate_names
from secopskit.scan.history.memory.unseen import every_object
from secopskit.scan.history.objects.at_hand import ObjectsAtHand
from secopskit.scan.history.objects.objectfiles import ObjectFiles
from secopskit.scan.history.objects.selection import Selection, sizes
from secopskit.scan.history.options import HistoryOptions
from secopskit.scan.history.reading.large import LargeBlobs, scan_large
from secopskit.scan.history.reading.named import NamedScan, scan_named, scan_named_again
from secopskit.scan.history.reading.packed import open_packed
from secopskit.scan.history.reading.read import Harvest, read
from secopskit.scan.history.reading.second_look import SecondLook
from secopskit.scan.history.reading.tasks import history_workers
from secopskit.scan.history.start import HistoryStart, begin, memory_of
from secopskit.scan.run import UnsievedScan


def scanned(
    repository: Repository,
    selection: Selection,
    options: HistoryOptions,
    detectors: Detectors,
    now: Present,
    progress: Progress,
) -> UnsievedScan:
    """What is new is read, what is known is remembered, and all of it is kept for the next scan.

    Raises GitError, ConfigError.
    """
    start = begin(repository, selection, now)
    detectors.ruleset.prefilter.ready()  # the workers are copies of this process
    packed = open_packed(repository, detectors, options.limit) if start.new is None else None
    with ExitStack() as stack:
        workers = history_workers(
            repository,
            detectors,
            options.detectors,
            loose=start.files.loose,
            packed=packed,
            jobs=options.jobs,
        )
        pool = stack.enter_context(closing(workers))
        log: CommitLog | None = None
        if not start.unchanged and not start.goes_on:  # git tells of commits while objects are read
            sources = packed.sources if packed and selection.everything and not repository.partial else None
            log = log_of(repository, sources, *selection.revisions, progress=progress)
            stack.enter_context(closing(log))
        harvest = read(
            repository,
            pool,
            start.new,
            start.known,
            limit=options.limit,
            packed=packed,
            progress=progress,
        )
        there = _there(repository, start.files) if repository.partial and not start.unchanged else None
        objects = ObjectsAtHand(start.files, there, packed)
        progress.stage(ProgressStage.ATTRIBUTING, packed.commits if packed and log else None)
        attribution = _attributed(repository, detectors, log, harvest, selection, start, objects)
        look = SecondLook(repository, pool, detectors, options, packed=packed, progress=progress)
        if start.unchanged:
            named = scan_named_again(repository, look, harvest, attribution.events, start.known)
        else:
            named = scan_named(
                repository, look, detectors, harvest, attribution.events, start.known, there=there
            )
        beyond = [oid for oid, reason in harvest.skipped if reason is SkipReason.TOO_LARGE]
        large = scan_large(repository, detectors, beyond, attribution.events, progress)
        occurrences = {**named.occurrences, **large.occurrences}
        located = locate(repository, occurrences, attribution, objects, progress)
        names = list(locate_names(repository, detectors, attribution, selection, objects))
    skipped = _skipped(start.files, attribution, harvest, named, large)
    whole = _is_whole(repository, skipped) and not start.files.unreadable
    if not whole and not harvest.blobs and not large.blobs:
        raise GitError("not one object can be read", advice="Is the repository whole? Try `git fsck`.")
    limits = [*_limits(repository, skipped), *attribution.limits]
    unsieved = UnsievedScan(
        located=[*located, *names],
        skipped=[*start.files.unreadable, *named_skips(skipped, attribution, harvest.unopened)],
        limits=limits,
        blobs=harvest.blobs + large.blobs,
        bytes=harvest.bytes + large.bytes,
        cached_objects=harvest.cached_objects,
    )
    # A repaired object has the file that it had: nothing may be kept by which it would pass for seen.
    if start.cache and whole and not attribution.limits:
        progress.stage(ProgressStage.KEEPING)
        values = NameRedaction(one.secret for one, _ in unsieved.located if one.secret is not None)
        if not start.unchanged:
            again = dict.fromkeys(large.occurrences, SkipReason.TOO_LARGE)
            memory = memory_of(start, harvest, attribution, named, {**skipped, **again})
            start.cache.save(replace(memory, names=bool(names)), values)
        if not names:  # these stand in no object, where they could be read again
            start.cache.save_result(unsieved, start.state, values)
    return unsieved


def _attributed(
    repository: Repository,
    detectors: Detectors,
    log: CommitLog | None,
    harvest: Harvest,
    selection: Selection,
    start: HistoryStart,
    objects: ObjectsAtHand,
) -> Attribution:
    """What `log` tells of a harvest; without one, what is known, and what new commits add to it."""
    known = start.known
    if start.unchanged:
        return Attribution(events=known.events, refs=Refs.read(repository), unnamed=frozenset(known.unnamed))
    new = None if log else attribute_new(repository, detectors, harvest, selection, start.files, known)
    if new:
        return new
    with closing(log or Log(repository, "-c", *selection.revisions)) as whole:
        return attribute(repository, detectors, whole, harvest, selection, objects)


def _there(repository: Repository, files: ObjectFiles) -> set[str]:
    """The objects that a partial clone has."""
    return {oid for oid, _, _ in sizes(repository, every_object(repository, files))}


def _skipped(
    files: ObjectFiles, attribution: Attribution, harvest: Harvest, named: NamedScan, large: LargeBlobs
) -> dict[str, SkipReason]:
    """Why objects were not scanned. What lacks in the history is known best, then what was read first."""
    unread = dict.fromkeys(files.irregular, SkipReason.UNREADABLE)
    before = [(oid, reason) for oid, reason in harvest.skipped if reason is not SkipReason.TOO_LARGE]
    skipped = {**dict(named.skipped), **dict(before), **large.skipped, **unread, **attribution.lacking}
    return {
        oid: SkipReason.UNREADABLE if reason is SkipReason.MISSING_OBJECT and oid in files.loose else reason
        for oid, reason in skipped.items()
    }


def _is_whole(repository: Repository, skipped: Mapping[str, SkipReason]) -> bool:
    """Whether nothing lacks: what was not read stays as it is, or a partial clone may fetch it yet."""
    reasons = set(skipped.values())
    return SkipReason.UNREADABLE not in reasons and (
        repository.partial or SkipReason.MISSING_OBJECT not in reasons
    )


def _limits(repository: Repository, skipped: Mapping[str, SkipReason]) -> list[str]:
    limits = []
    if repository.shallow:
        limits.append(
            "This is a shallow clone: commits before its boundary were not seen (git fetch --unshallow)."
        )
    missing = sum(reason is SkipReason.MISSING_OBJECT for reason in skipped.values())
    if repository.partial and missing:
        number = f"{missing:,} objects that were" if missing > 1 else "1 object that was"
        limits.append(f"This is a partial clone: {number} not fetched could not be seen.")
    return limits
