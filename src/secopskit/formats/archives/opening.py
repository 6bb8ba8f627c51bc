"""An archive taken apart, archives in it included, within bounds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from secopskit.formats.archives.member_paths import content_name
from secopskit.formats.archives.parts import (
    ArchiveBounds,
    ArchiveBudget,
    ArchiveMember,
    ArchivePart,
    BoundReachedError,
    UnopenedMember,
    inside,
    too_large,
)
from secopskit.formats.archives.recognised import (
    BZIP2,
    GZIP,
    SCRIPT,
    SEALED,
    XZ,
    ZIP,
    archive_kind,
    behind_script,
)
from secopskit.formats.archives.tars import tar_parts
from secopskit.formats.archives.unpacking import (
    Opener,
    bzip2_stream,
    gzip_stream,
    unpacked,
    xz_stream,
)
from secopskit.formats.archives.zips import zip_parts

_STREAMS: Final[dict[str, Opener]] = {GZIP: gzip_stream, BZIP2: bzip2_stream, XZ: xz_stream}
COMPRESSED: Final = frozenset(_STREAMS)
"""The kinds that hold one content, and not members."""

_GZIP_NAME: Final = 8
_GZIP_EXTRA: Final = 4


def opened(data: bytes, bounds: ArchiveBounds | None = None, *, name: str = "") -> Iterator[ArchivePart]:
    """The files in an archive, those of archives in it too (`inner.zip!a`), and what was not opened.

    Nothing for what is no archive, nor for the text of a script in front of one. A member that is an archive
    itself is also yielded as it is, apart from the content of a compressed stream. `name` is the archive's
    own, by which an unnamed content is named.
    """
    bounds = bounds or ArchiveBounds()
    kind = archive_kind(data)
    if kind is None:
        return
    if len(data) > bounds.size:
        yield UnopenedMember("", too_large(bounds))
        return
    walk = _Opening(ArchiveBudget(bounds))
    try:
        yield from walk.parts(data, kind, name, depth=1)
    except BoundReachedError as reached:
        yield UnopenedMember("", str(reached))


class _Opening:
    """The opening of one archive and all that is in it."""

    def __init__(self, budget: ArchiveBudget) -> None:
        self._budget = budget

    def parts(self, data: bytes, kind: str, name: str, *, depth: int) -> Iterator[ArchivePart]:
        """The parts of an archive, by their names in it."""
        if kind in SEALED:
            yield UnopenedMember("", f"{kind}: this kind of archive is not opened")
        elif depth > self._budget.bounds.depth:
            yield UnopenedMember("", f"archives stand in it more than {self._budget.bounds.depth} deep")
        elif kind == SCRIPT:
            behind = data[behind_script(data) :]
            yield from self.parts(behind, archive_kind(behind) or ZIP, name, depth=depth)
        elif kind in _STREAMS:
            yield from self._stream(data, kind, name, depth)
        else:
            read = zip_parts if kind == ZIP else tar_parts
            for part in read(data, self._budget):
                yield part
                if isinstance(part, ArchiveMember) and (inner := archive_kind(part.data)):
                    for each in self.parts(part.data, inner, part.name, depth=depth + 1):
                        yield each._replace(name=inside(part.name, each.name))

    def _stream(self, data: bytes, kind: str, name: str, depth: int) -> Iterator[ArchivePart]:
        """The content of a compressed file; where that is an archive, its members stand for it."""
        self._budget.enter()
        parts, end, trouble = list[bytes](), 0, ""
        while not trouble and archive_kind(data[end : end + 16]) == kind:
            found = unpacked(_STREAMS[kind], data, end, self._budget)
            parts.append(found.data)
            end, trouble = max(found.end, end + 1), found.trouble
        content = b"".join(parts)
        own = (_gzip_name(data) if kind == GZIP else "") or content_name(name)
        if inner := archive_kind(content):
            yield from self.parts(content, inner, own, depth=depth + 1)
        else:
            yield ArchiveMember(own, content)
        if trouble:
            yield UnopenedMember(own, trouble)


def _gzip_name(data: bytes) -> str:
    """The name that stands in a gzip header (RFC 1952), its last part; else empty."""
    if len(data) < 12 or not data[3] & _GZIP_NAME:
        return ""
    start = 12 + int.from_bytes(data[10:12], "little") if data[3] & _GZIP_EXTRA else 10
    name = data[start : start + 1024].partition(b"\0")[0]
    return os.fsdecode(name.rpartition(b"/")[2])
