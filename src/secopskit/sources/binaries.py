"""Binary content that is worth a look: archives, as what they hold, and keystores, as what they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.findings import Blob, Skipped, SkipReason
from secopskit.formats.archives.member_paths import NAMELESS, SEPARATOR
from secopskit.formats.archives.opening import COMPRESSED, opened
from secopskit.formats.archives.parts import ArchiveBounds, ArchiveMember
from secopskit.formats.archives.recognised import SCRIPT, archive_kind, behind_script
from secopskit.sources.content import as_blob

_MOST_NAMED: Final = 20
_NAMELESS_CONTENT: Final = NAMELESS + ".gz"
_MIB: Final = 1 << 20
_DEPTH: Final = 4
_TIMES: Final = 4  # as large as the archive may be what it unpacks to
_LEAST_MEMBERS: Final = 256
_BYTES_PER_MEMBER: Final = 4096
_BYTES_PER_SECOND: Final = 2 * _MIB


def is_judged_by_name(data: bytes) -> bool:
    """Whether the name of its file tells what it holds: one compressed content, or a script's own text."""
    return archive_kind(data) in (*COMPRESSED, SCRIPT)


def archive_bounds(limit: int) -> ArchiveBounds | None:
    """The bounds for archives of at most `limit` bytes: all of them grow with it. None: none is opened."""
    if not limit:
        return None
    widest = ArchiveBounds()
    return ArchiveBounds(
        size=min(limit, widest.size),
        member=min(limit, widest.member),
        total=min(_TIMES * limit, widest.total),
        members=min(max(limit // _BYTES_PER_MEMBER, _LEAST_MEMBERS), widest.members),
        depth=_DEPTH,
        seconds=min(max(limit / _BYTES_PER_SECOND, 1.0), widest.seconds),
    )


def contents(blob: Blob, bounds: ArchiveBounds | None) -> Iterator[Blob | Skipped]:
    """What a blob is to be judged by: an archive by its members, archives in it included; another by itself.

    A script with an archive behind it is both. What was not looked into is told; binary members once for all
    of them. Without `bounds`, no archive is opened.
    """
    if not blob.binary or (kind := archive_kind(blob.data)) is None:
        yield blob
        return
    if kind == SCRIPT:
        yield _script_text(blob)
    if bounds is None:
        yield Skipped(path=blob.path, reason=SkipReason.BINARY, detail=blob.oid or "")
    else:
        yield from _members(blob, bounds)


def _members(blob: Blob, bounds: ArchiveBounds) -> Iterator[Blob | Skipped]:
    binary, unopened = 0, dict[Skipped, None]()
    for part in opened(blob.data, bounds, name=_NAMELESS_CONTENT if blob.path == NAMELESS else blob.path):
        path = f"{blob.path}{SEPARATOR}{part.name}" if part.name else blob.path
        if not isinstance(part, ArchiveMember):
            unopened[Skipped(path=path, reason=SkipReason.ARCHIVE, detail=part.reason)] = None
            continue
        found = as_blob(path, part.data, blob.oid, binaries=True)
        if isinstance(found, Skipped):
            binary += 1
            continue
        kind = archive_kind(found.data) if found.binary else None
        if kind in (None, SCRIPT):  # what an archive in it holds comes by itself
            text = _script_text(found) if kind else found
            yield text._replace(member=part.name.rpartition(SEPARATOR)[2])
    yield from list(unopened)[:_MOST_NAMED]
    if (more := len(unopened) - _MOST_NAMED) > 0:
        detail = f"{more:,} more of its members were not looked into"
        yield Skipped(path=blob.path, reason=SkipReason.ARCHIVE, detail=detail)
    if binary:
        members = "1 member" if binary == 1 else f"{binary:,} members"
        yield Skipped(path=blob.path, reason=SkipReason.BINARY, detail=members)


def _script_text(blob: Blob) -> Blob:
    """The text of a script that an archive stands behind."""
    return blob._replace(data=blob.data[: behind_script(blob.data)], binary=False)


def new_member_lines(path: str, file: str, new: bytes, old: bytes) -> frozenset[int]:
    """The numbers of those lines of the member `path` of the archive `file` that its older content had not.

    `new` and `old` are the archives; where nobody can say what the old one held, all lines are new.
    """
    bounds = archive_bounds(max(len(new), len(old), _MIB))
    members = [
        {
            item.path: item.data
            for item in contents(Blob(file, data, binary=True), bounds)
            if isinstance(item, Blob)
        }
        for data in (new, old)
    ]
    known = set(members[1].get(path, b"").split(b"\n"))
    lines = members[0].get(path, b"").split(b"\n")
    return frozenset(number for number, line in enumerate(lines, 1) if line not in known)
