"""The proof: no object and no other place of the repository holds a value, and nothing old is left.

With the objects that a survey has found clean, only those that have come since are read.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final

from secopskit.git.objects.objectset import ObjectSet
from secopskit.git.objects.slices import all_objects
from secopskit.git.repository import Repository
from secopskit.git.worktrees import main_view
from secopskit.progress import NO_PROGRESS, Progress, ProgressStage, still_at_work
from secopskit.purge.find.named import archived_names, named_unopened, reached_names
from secopskit.purge.find.outside import search_outside
from secopskit.purge.find.survey import survey
from secopskit.purge.model import Leftover, PlaceKind, Proof, Survey
from secopskit.purge.proof.scope import LOOKED_FOR, NOT_LOOKED_FOR
from secopskit.purge.rewrite.repack import alternates
from secopskit.purge.values.matcher import ValueMatcher

_KINDS: Final = (
    ("blobs", PlaceKind.BLOB),
    ("trees", PlaceKind.PATH),
    ("commits", PlaceKind.COMMIT),
    ("tags", PlaceKind.TAG),
)
# Of fewer than one in so many, git rebuilds less than who goes through all families of deltas.
_FEW: Final = 4
_REACHED: Final = "a ref still leads to it: run the purge again"
_ARCHIVED: Final = "it stands in an archive: purge again, with --archives drop or replace"
_LOOSE: Final = "nothing refers to it: git reflog expire --expire=now --all && git gc --prune=now"
_BORROWED: Final = (
    "it is borrowed from {}: purge there, or run git repack -a -d here and remove info/alternates"
)
_BACK: Final = "it was purged and has come back: find the clone that brought it, then purge again"


def prove(
    repository: Repository,
    matcher: ValueMatcher,
    *,
    clean: ObjectSet | None = None,
    gone: Collection[str] = (),
    jobs: int = 0,
    progress: Progress = NO_PROGRESS,
) -> Proof:
    """The proof: a search for the values everywhere, and for objects of `gone`, which must be no more.

    Objects of `clean` are not read again: a survey for these values has. `jobs` is a number of processes, 0
    for one a core. Raises GitError, SecopsError.
    """
    started = time.perf_counter()
    progress.stage(ProgressStage.PROVING)
    seen = main_view(repository)
    present = all_objects(seen)
    fresh = present.without(clean) if clean else present
    still_at_work()
    worth = len(fresh) * _FEW >= len(present)
    oids = None if clean is None else fresh
    read = _read(seen, matcher, oids, fresh.width, jobs=jobs, from_packs=worth, progress=progress)
    returned = present.among(gone)
    left = [*_objects(seen, read), *_returned(seen, returned), *_unreadable(read)]
    progress.stage(ProgressStage.LOOKING_OUTSIDE)
    left += search_outside(repository, matcher)
    return Proof(
        leftovers=tuple(left),
        checks=tuple(_checks(matcher, len(present), read, 0 if returned else len(gone))),
        objects=len(present),
        objects_read=len(read.seen) // read.width,
        seconds=time.perf_counter() - started,
        unopened=named_unopened(seen, read),
    )


def _read(
    seen: Repository,
    matcher: ValueMatcher,
    oids: ObjectSet | None,
    width: int,
    *,
    jobs: int,
    from_packs: bool,
    progress: Progress,
) -> Survey:
    if not len(matcher):
        return Survey(blobs={}, trees={}, commits={}, tags={}, seen=b"", width=width)
    return survey(seen, matcher, jobs=jobs, oids=oids, from_packs=from_packs, progress=progress)


def _objects(seen: Repository, read: Survey) -> Iterator[Leftover]:
    """The objects in which a value stands, with what keeps each of them."""
    dirty = read.dirty
    if not dirty:
        return
    reached, borrowed = reached_names(seen, dirty), _borrowed(seen, dirty)
    for name, place in _KINDS:
        for oid, numbers in sorted(getattr(read, name).items()):
            found = Leftover(place=place, name=oid, targets=numbers, advice=_REACHED)
            if oid in read.archives:
                names = ", ".join(archived_names([reached.get(oid) or oid], read.archives[oid]))
                found = replace(found, place=PlaceKind.ARCHIVE, name=names, advice=_ARCHIVED)
            if oid in borrowed:
                advice = _BORROWED.format(borrowed[oid])
                found = replace(found, place=PlaceKind.ALTERNATE, name=f"{place.value}: {oid}", advice=advice)
            elif oid not in reached:
                found = replace(
                    found, place=PlaceKind.UNREACHABLE, name=f"{place.value}: {oid}", advice=_LOOSE
                )
            yield found


def _returned(seen: Repository, returned: Collection[str]) -> Iterator[Leftover]:
    borrowed = _borrowed(seen, returned)
    for oid in sorted(returned):
        if oid in borrowed:
            advice = _BORROWED.format(borrowed[oid])
            yield Leftover(place=PlaceKind.ALTERNATE, name=oid, targets=(), advice=advice)
        else:
            yield Leftover(place=PlaceKind.UNREACHABLE, name=f"old object {oid}", targets=(), advice=_BACK)


def _unreadable(read: Survey) -> Iterator[Leftover]:
    for oid in read.missing:
        yield Leftover(
            place=PlaceKind.UNREACHABLE,
            name=f"unreadable object {oid}",
            targets=(),
            advice="git fsck tells more",
        )


def _borrowed(seen: Repository, oids: Collection[str]) -> dict[str, str]:
    """Those of `oids` that another object store holds, and which."""
    found: dict[str, str] = {}
    for store in alternates(seen) if oids else ():
        theirs = seen._replace(environ={**seen.environ, "GIT_OBJECT_DIRECTORY": store})
        asked = "".join(f"{oid}\n" for oid in oids).encode()
        answers = theirs.run("cat-file", "--batch-check=%(objectname)", stdin=asked).decode().splitlines()
        found |= {line: store for line in answers if not line.endswith(" missing")}
    return found


def _checks(matcher: ValueMatcher, present: int, read: Survey, gone: int) -> Iterator[str]:
    """The sentences that tell what was looked at."""
    count = len(read.seen) // read.width
    if len(matcher):
        spared = present - count
        yield f"all {present} objects of the object database, unreachable ones included: {count} read now" + (
            f", {spared} read before and unchanged since" if spared > 0 else ""
        )
        yield f"{len(matcher)} value(s) looked for: {'; '.join(LOOKED_FOR)}"
        yield f"not looked for: {'; '.join(NOT_LOOKED_FOR)}"
        yield (
            "names of refs, reflogs, indexes, configuration, hooks, messages being edited, recorded"
            " conflicts, the Git LFS store, submodules' git directories and work trees"
        )
    if gone:
        yield f"none of the {gone} old objects exists any more in any pack, loose or borrowed"
