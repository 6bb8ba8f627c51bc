"""What a scan leaves to the next one, which reads only what is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from secopskit.findings import SkipReason
from secopskit.git.history.events import Commit, Event, Events
from secopskit.scan.history.memory.places import Place
from secopskit.scan.history.objects.objectfiles import ObjectFiles

_FORMAT: Final = 8


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


def encode(memory: CachedScan) -> dict[str, Any]:
    """A scan as values that JSON knows."""
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


def decode(kept: dict[str, Any]) -> CachedScan | None:
    """What `encode` was given; None where another version of this program wrote it."""
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
