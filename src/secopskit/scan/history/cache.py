"""What an earlier scan of the same repository learnt, so that the next one reads only what is new.

A git object never changes, and neither does a pack: what was clean under a rule set stays
clean under it. A scan that could not read all there is leaves nothing: an object that is repaired has the
file and the name that it had. The cache holds object ids, names, commits, dates and
the places of findings; never a value, nor anything made from one. Values are read again each time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from secopskit.errors import GitError
from secopskit.findings import SkipReason
from secopskit.git.history.log import Commit, Event, Events
from secopskit.git.repository import Repository
from secopskit.progress import still_at_work
from secopskit.redaction import NameRedaction
from secopskit.scan.history.memory.places import Place
from secopskit.scan.history.memory.unchanged import names_in, written
from secopskit.scan.history.objects.objectfiles import ObjectFiles
from secopskit.scan.history.objects.selection import pack_objects
from secopskit.scan.run import UnsievedScan
from secopskit.state.store import Store

_NAME: Final = "history-scan"
_RESULT: Final = "history-result"
_FORMAT: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedScan:
    """What a scan leaves to the next one.

    `dirty` blobs have findings whatever their name; `named` ones, with their kinds of signs, need a look
    once their name is known; `looked` are the (object id, path) pairs that got one, `dirty_pairs` those of
    them with findings; `unopened` are parts of archives, with reasons; `names`: names of files or refs have
    some, too. `events` tell about dirty and skipped objects, as of `refs`. `places` are
    those in dirty objects by their ids, `named_places` those of the second look. The log had told of all
    commits that `tips` reach, and had no name for the blobs `unnamed`.
    """

    packs: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    blobs: int = 0
    bytes: int = 0
    dirty: tuple[str, ...] = ()
    named: tuple[tuple[str, int], ...] = ()
    skipped: tuple[tuple[str, SkipReason], ...] = ()
    unopened: tuple[tuple[str, str, str], ...] = ()
    looked: tuple[tuple[str, str], ...] = ()
    dirty_pairs: tuple[tuple[str, str], ...] = ()
    refs: str = ""
    names: bool = False
    events: Events = field(default_factory=Events)
    places: Mapping[str, Sequence[Place]] = field(default_factory=dict)
    named_places: Mapping[str, Sequence[Place]] = field(default_factory=dict)
    tips: tuple[str, ...] = ()
    unnamed: tuple[str, ...] = ()

    def told(self) -> set[str]:
        """The names that it keeps: of files, and of authors."""
        events = [event for found in self.events.by_blob.values() for event in found]
        commits = (*(event.commit for event in events), *self.events.commits.values())
        paths = (path for _, path, *_ in (*self.looked, *self.unopened))
        return {*paths, *(event.path for event in events), *(commit.author for commit in commits)}

    def goes_on(self, files: ObjectFiles) -> bool:
        """Whether all that it knows is there still, so that only what is new has to be told."""
        whole = not (files.irregular or files.unreadable)
        return bool(self.tips) and files.loose >= set(self.loose) and whole and not self.names


class HistoryCache:
    """The memory of one repository for one set of rules and options (`label`)."""

    def __init__(self, repository: Repository, keys: str, label: bytes) -> None:
        self._store = Store(repository.state_dir, keys=keys)
        self._label = label + _program()

    def load(self) -> CachedScan | None:
        """What was kept, if it is ours, whole and made with the same label."""
        content = self._store.load(_NAME, self._label)
        return _decode(json.loads(content)) if content else None

    def save(self, memory: CachedScan, values: NameRedaction) -> None:
        """Keep `memory` for the next scan; on a read-only disk, silently not.

        Where one of the `values` stands in the name of a file or an author, nothing is kept.
        """
        hides = values.stands_in(memory.told())
        still_at_work()
        kept = {} if hides else _encode(memory)
        still_at_work()
        self._store.save(_NAME, self._label, b"" if hides else json.dumps(kept).encode())
        still_at_work()

    def load_result(self) -> bytes | None:
        """What `save_result` was given last, if it is ours, whole and made with the same label."""
        return self._store.load(_RESULT, self._label)

    def save_result(self, scan: UnsievedScan, state: str, values: NameRedaction) -> None:
        """Keep what a scan of a repository in that `state` came to, on the same terms."""
        hides = values.stands_in(names_in(scan))
        self._store.save(_RESULT, self._label, b"" if hides else written(scan, state))


@cache
def _program() -> bytes:
    """Changes when the program does: what an older one found clean, a newer one reads again."""
    package = Path(__file__).parents[2]
    files = ((path, path.stat()) for path in package.rglob("*.py"))
    stamps = sorted(f"{path}\0{found.st_size}\0{found.st_mtime_ns}" for path, found in files)
    return hashlib.sha256("\n".join(stamps).encode("utf-8", "surrogateescape")).digest()


def has_lost(repository: Repository, files: ObjectFiles, known: CachedScan) -> bool:
    """Whether objects of `known` are gone, or in other packs, as after `git gc`. Raises GitError.

    A fresh start counts rightly, and tells of none of them. Loose objects may have come into a new pack.
    """
    if not files.packs.keys() >= set(known.packs):
        return True
    lost = {oid.encode() for oid in known.loose if oid not in files.loose}
    for pack, index in files.packs.items() if lost else ():
        if pack not in known.packs:
            lost.difference_update(pack_objects(repository, index))
    return bool(lost)


def unseen_objects(repository: Repository, files: ObjectFiles, known: CachedScan) -> list[bytes]:
    """The ids of the objects in `files` that the scan `known` has not seen. Raises GitError."""
    packs, loose = set(known.packs), {oid.encode() for oid in known.loose}
    indexes = [index for pack, index in files.packs.items() if pack not in packs]
    packed = (oid for index in indexes for oid in pack_objects(repository, index))
    new = sorted(files.loose.difference(known.loose))
    return [*(oid for oid in packed if oid not in loose), *map(str.encode, new)]


def every_object(repository: Repository, files: ObjectFiles) -> list[bytes] | None:
    """The ids of all objects, where git cannot list them (else None, as for `sizes`). Raises GitError."""
    return unseen_objects(repository, files, CachedScan()) if files.irregular or files.unreadable else None


def refs_digest(repository: Repository) -> str:
    """Changes when any ref does, HEAD included."""
    listing = repository.run("for-each-ref", "--format=%(objectname) %(refname)")
    with suppress(GitError):
        listing += repository.run("rev-parse", "-q", "--verify", "HEAD")
    return hashlib.blake2b(listing, digest_size=16).hexdigest()


def _encode(memory: CachedScan) -> dict[str, Any]:
    commits: dict[Commit, int] = {}
    events = {
        oid: [(commits.setdefault(e.commit, len(commits)), e.path, e.brings, e.other) for e in found]
        for oid, found in memory.events.by_blob.items()
    }
    told = {oid: commits.setdefault(commit, len(commits)) for oid, commit in memory.events.commits.items()}
    kept = {key: getattr(memory, key) for key in _PLAIN}
    # A mask of refs may have thousands of bits, more than JSON numbers are written with.
    rows = [(c.oid, c.author, c.date, c.time, c.parents, hex(c.refs), c.position) for c in commits]
    skipped = [(oid, reason.name) for oid, reason in memory.skipped]
    return {**kept, "skipped": skipped, "commits": rows, "events": events, "told": told, "format": _FORMAT}


_PLAIN: Final = (
    "packs",
    "loose",
    "blobs",
    "bytes",
    "dirty",
    "named",
    "unopened",
    "looked",
    "dirty_pairs",
    "refs",
    "names",
    "places",
    "named_places",
    "tips",
    "unnamed",
)


def _decode(kept: dict[str, Any]) -> CachedScan | None:
    if kept.get("format") != _FORMAT:
        return None
    commits = [
        Commit(oid, author, date, time, tuple(parents), int(refs, 16), position)
        for oid, author, date, time, parents, refs, position in kept["commits"]
    ]
    events = Events(
        by_blob={
            oid: [Event(commits[c], path, brings, other) for c, path, brings, other in found]
            for oid, found in kept["events"].items()
        },
        commits={oid: commits[c] for oid, c in kept["told"].items()},
    )
    return CachedScan(
        packs=tuple(kept["packs"]),
        loose=tuple(kept["loose"]),
        blobs=kept["blobs"],
        bytes=kept["bytes"],
        dirty=tuple(kept["dirty"]),
        named=tuple((oid, signs) for oid, signs in kept["named"]),
        skipped=tuple((oid, SkipReason[name]) for oid, name in kept["skipped"]),
        unopened=tuple((oid, path, reason) for oid, path, reason in kept["unopened"]),
        looked=tuple((oid, path) for oid, path in kept["looked"]),
        dirty_pairs=tuple((oid, path) for oid, path in kept["dirty_pairs"]),
        refs=kept["refs"],
        names=kept["names"],
        events=events,
        places=_places(kept["places"]),
        named_places=_places(kept["named_places"]),
        tips=tuple(kept["tips"]),
        unnamed=tuple(kept["unnamed"]),
    )


def _places(kept: dict[str, list[list[Any]]]) -> dict[str, list[Place]]:
    return {oid: [tuple(place) for place in places] for oid, places in kept.items()}
