"""What a reader of packs does not read, and tells of."""

from __future__ import annotations

from secopskit.named_tuple import NamedTuple


class Doubtful(NamedTuple):
    """An object that git has to be asked for, and why."""

    oid: str
    reason: str


class LargeObject(NamedTuple):
    """An object that has more bytes than are wanted."""

    oid: str
    kind: str
    size: int
