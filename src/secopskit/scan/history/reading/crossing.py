"""What crosses between the processes of a history scan, and to those that begin: plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from secopskit.findings import SkipReason
from secopskit.named_tuple import NamedTuple

PackedHits: TypeAlias = bytes
"""The hits in an object, see `secopskit.git.packs.reader.unpacked`."""


class Called(NamedTuple):
    """The names of blobs, by object id, and the hits in them, packed, as far as these are known.

    Those are left out in which no rule has found anything at the first look, nor can at one by name.
    """

    names: Mapping[str, Sequence[str]]
    hits: Mapping[str, PackedHits]


@dataclass(slots=True, kw_only=True)
class SliceResult:
    """What a slice came to, in plain values that may cross a pipe.

    `weight` is that of portions, or the bytes, and `looked` counts blobs looked at by name, of which nobody
    was told yet.
    `occurrences` are in the form of `Occurrence.to_wire`, their paths not known yet. `named` are
    blobs that need another look once their names are known, with the kinds of signs in them, `hits` the hits
    that count at it, packed, of those that were read from packs; `skipped` (object id, reason); `unopened`
    (object id, path, reason) what was not looked into of archives; `doubtful` the ids of objects that git has
    to read, for they could not be read from their packs.
    """

    blobs: int = 0
    bytes: int = 0
    weight: int = 0
    looked: int = 0
    occurrences: list[tuple[Any, ...]] = field(default_factory=list)
    named: list[tuple[str, int]] = field(default_factory=list)
    hits: list[tuple[str, PackedHits]] = field(default_factory=list)
    skipped: list[tuple[str, SkipReason]] = field(default_factory=list)
    unopened: list[tuple[str, str, str]] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)
