"""Objects with a file of their own."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Final

from secopskit.git.fast_zlib import fast
from secopskit.git.objects.object_id import object_id
from secopskit.git.packs.compiled import PackError
from secopskit.named_tuple import NamedTuple

_HEAD: Final = re.compile(rb"(blob|commit|tag|tree) (0|[1-9][0-9]{0,15})\0")
_FIRST: Final = 4096
_LONGEST_HEAD: Final = 32


class LooseFile(NamedTuple):
    """An object's file."""

    oid: str
    path: str


class LooseObject(NamedTuple):
    """A loose object. `content` is None where it has more bytes than were asked for."""

    kind: str
    size: int
    content: bytes | None


def loose_files(directory: str, width: int) -> Iterator[LooseFile]:
    """The loose objects below a directory; `width` is the number of bytes of an id. Raises OSError."""
    name = re.compile(f"[0-9a-f]{{{2 * width - 2}}}")
    for prefix in (f"{byte:02x}" for byte in range(256)):
        try:
            with os.scandir(os.path.join(directory, prefix)) as entries:
                yield from (
                    LooseFile(prefix + entry.name, entry.path)
                    for entry in entries
                    if name.fullmatch(entry.name)
                )
        except FileNotFoundError:
            continue


def read_loose(file: LooseFile, algorithm: str, most: int) -> LooseObject:
    """The object in a file, if it has no more than `most` bytes. Raises OSError, PackError.

    What has not the content that its id stands for is corrupt.
    """
    if not os.path.isfile(file.path):  # of a pipe, there would be no end of waiting
        raise PackError("not a file")
    stream = fast.decompressobj()
    try:
        with open(file.path, "rb") as source:
            start = stream.decompress(source.read(_FIRST), _LONGEST_HEAD)
            head = _HEAD.match(start)
            if head is None:
                raise PackError("not an object")
            kind, size = head[1].decode(), int(head[2])
            if size > most:
                return LooseObject(kind, size, None)
            # Deflated data is at most a little longer than what it holds.
            deflated = stream.unconsumed_tail + source.read(size + size // 256 + _FIRST)
            content: bytes = start[head.end() :]
            content += stream.decompress(deflated, size - len(content) + 1)
    except fast.error:
        raise PackError("it cannot be inflated") from None
    if not stream.eof or len(content) != size:
        raise PackError("more or less than it says")
    if object_id(algorithm, kind, content).hex() != file.oid:
        raise PackError("it is not what its id says")
    return LooseObject(kind, size, content)
