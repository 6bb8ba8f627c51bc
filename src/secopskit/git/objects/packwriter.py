"""Objects of ours as a pack with its index, straight into an object store (gitformat-pack, version 2).

git's own ways in cost a process an object, or a loose file an object. Ids are computed from the
whole text, so a pack of ours is addressed by its content as any other; deltas are made between
objects of one series (the versions of a tree) and undone again for a check before they are written.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Iterable, Sequence
from typing import IO, Final

from secopskit.errors import SecopsError
from secopskit.git.fast_zlib import FAST, fast
from secopskit.git.objects.delta import delta_maker
from secopskit.git.objects.object_id import object_id
from secopskit.named_tuple import NamedTuple
from secopskit.progress import still_at_work

_KINDS: Final = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}
_OFS_DELTA: Final = 6
_HEAD: Final = b"PACK" + struct.pack(">II", 2, 0)  # the number of objects is not known yet
# As git's own packs: a reader has to undo no more than this.
_DEEPEST: Final = 50
# The bytes of objects that are held as bases for others.
_MOST_BASES: Final = 1 << 25
_SMALL: Final = 300
_LARGE_OFFSET: Final = 0x80000000
_CHUNK: Final = 1 << 20


class PackedObject(NamedTuple):
    """An object as it stands in a pack, whole: its raw id, and its entry there."""

    oid: bytes
    entry: bytes


def packed_whole(kind: str, data: bytes, algorithm: str) -> PackedObject:
    """An object for `PackWriter.put`, which a process of its own may do. `algorithm` is that of its id."""
    return PackedObject(object_id(algorithm, kind, data), _whole(kind, data))


class _Base(NamedTuple):
    data: bytes
    offset: int
    depth: int


class _Bases:
    """The objects that came last, as far as they fit into memory."""

    def __init__(self) -> None:
        self._kept: dict[bytes, _Base] = {}
        self._size = 0

    def first(self, oids: Iterable[bytes]) -> _Base | None:
        return next((self._kept[oid] for oid in oids if oid in self._kept), None)

    def keep(self, oid: bytes, base: _Base) -> None:
        self._kept[oid] = base
        self._size += len(base.data)
        while self._size > _MOST_BASES:
            oldest = next(iter(self._kept))
            self._size -= len(self._kept.pop(oldest).data)


class PackWriter:
    """A pack in the making below `objects` (an object directory). Nothing is seen before `finish`.

    Raises SecopsError where the disk refuses.
    """

    def __init__(self, objects: str, algorithm: str) -> None:
        self._algorithm = algorithm
        self._hash = hashlib.sha1 if algorithm == "sha1" else hashlib.sha256
        self._directory = os.path.join(objects, "pack")
        self._known: dict[bytes, tuple[int, int]] = {}  # offset, checksum
        self._bases = _Bases()
        self._deltas = delta_maker()
        self._file: IO[bytes] | None = None
        self._offset = len(_HEAD)

    def __len__(self) -> int:
        return len(self._known)

    def add(self, kind: str, data: bytes, *, like: Sequence[bytes] | None = None) -> bytes:
        """Put an object in; its raw id.

        `like` are the ids of objects that it has much in common with, the best one first. Only what was
        added with it, be it empty, serves others in turn.
        """
        still_at_work()
        oid = object_id(self._algorithm, kind, data)
        if oid in self._known:
            return oid
        base = self._bases.first(like) if like else None
        entry = self._delta(base, data) if base else None
        depth = base.depth + 1 if base and entry else 0
        if like is not None:
            self._bases.keep(oid, _Base(data, self._offset, depth))
        self._write(oid, entry or _whole(kind, data))
        return oid

    def put(self, packed: PackedObject) -> None:
        """Put an object in that is packed already."""
        still_at_work()
        if packed.oid not in self._known:
            self._write(*packed)

    def finish(self) -> str | None:
        """Make the pack visible to git; its path without `.pack`, or None if nothing was put in."""
        file, self._file = self._file, None
        if file is None:
            return None
        try:
            with file:
                trailer = self._seal(file)
            base = os.path.join(self._directory, f"pack-{trailer.hex()}")
            with open(base + ".idx.tmp", "xb") as index:
                index.write(self._index(trailer))
                _sync(index)
            for scratch, suffix in ((file.name, ".pack"), (base + ".idx.tmp", ".idx")):
                os.chmod(scratch, 0o444)
                os.replace(scratch, base + suffix)
        except OSError as error:
            raise _unwritable(self._directory, error) from None
        return base

    def _write(self, oid: bytes, entry: bytes) -> None:
        try:
            if self._file is None:
                path = os.path.join(self._directory, f"tmp_pack_{os.urandom(8).hex()}")
                self._file = open(path, "x+b")  # noqa: SIM115 - closed by `finish`
                self._file.write(_HEAD)
            self._file.write(entry)
        except OSError as error:
            raise _unwritable(self._directory, error) from None
        self._known[oid] = self._offset, zlib.crc32(entry)
        self._offset += len(entry)

    def _delta(self, base: _Base, data: bytes) -> bytes | None:
        if base.depth >= _DEEPEST:
            return None
        instructions = self._deltas.make(base.data, data)
        if instructions is None or self._deltas.apply(base.data, instructions) != data:
            return None
        head = _header(_OFS_DELTA, len(instructions)) + _distance(self._offset - base.offset)
        return head + _stored(instructions)

    def _seal(self, file: IO[bytes]) -> bytes:
        """Put the number of objects and the checksum in their places."""
        file.seek(8)
        file.write(struct.pack(">I", len(self._known)))
        file.seek(0)
        digest = self._hash()
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
        file.write(digest.digest())
        _sync(file)
        return digest.digest()

    def _index(self, trailer: bytes) -> bytes:
        ordered = sorted(self._known.items())
        fan, at = [], 0
        for first in range(256):
            while at < len(ordered) and ordered[at][0][0] <= first:
                at += 1
            fan.append(at)
        large = [offset for _, (offset, _) in ordered if offset >= _LARGE_OFFSET]
        numbers = {offset: _LARGE_OFFSET | number for number, offset in enumerate(large)}
        offsets = [numbers.get(offset, offset) for _, (offset, _) in ordered]
        count = len(ordered)
        text = b"".join(
            (
                b"\xfftOc" + struct.pack(">I256I", 2, *fan),
                *(oid for oid, _ in ordered),
                struct.pack(f">{count}I", *(checksum for _, (_, checksum) in ordered)),
                struct.pack(f">{count}I", *offsets),
                struct.pack(f">{len(large)}Q", *large),
                trailer,
            )
        )
        return text + self._hash(text).digest()


def _whole(kind: str, data: bytes) -> bytes:
    return _header(_KINDS[kind], len(data)) + _compressed(data)


def _header(kind: int, size: int) -> bytes:
    """Kind and size of what is packed, the size in groups of 7 bits after a first one of 4."""
    out = bytearray((kind << 4 | size & 0x0F,))
    size >>= 4
    while size:
        out[-1] |= 0x80
        out.append(size & 0x7F)
        size >>= 7
    return bytes(out)


def _distance(offset: int) -> bytes:
    """How far back the base of a delta begins."""
    out = bytearray((offset & 0x7F,))
    while offset := offset >> 7:
        offset -= 1
        out.append(0x80 | offset & 0x7F)
    return bytes(reversed(out))


def _compressed(data: bytes) -> bytes:
    return _stored(data) if len(data) < _SMALL else _deflated(data)


def _stored(data: bytes) -> bytes:
    """`data` in zlib's dress but as it is: a delta is mostly ids, and those do not get any shorter."""
    if len(data) > 0xFFFF:
        return _deflated(data)
    length = struct.pack("<HH", len(data), len(data) ^ 0xFFFF)
    return b"\x78\x01\x01" + length + data + struct.pack(">I", zlib.adler32(data))


def _deflated(data: bytes) -> bytes:
    made: bytes = fast.compress(data, FAST)
    return made


def _sync(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _unwritable(directory: str, error: OSError) -> SecopsError:
    return SecopsError(
        f"{directory}: cannot be written: {error.strerror}",
        advice="Is the disk full? Nothing has been changed.",
    )
