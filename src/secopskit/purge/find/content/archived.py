"""Values in archives: the members in which they stand, and what could not be looked into."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Final

from secopskit.formats.archives.opening import opened
from secopskit.formats.archives.parts import ArchiveBounds, UnopenedMember, too_large
from secopskit.formats.archives.recognised import archive_kind
from secopskit.git.objects.bulk import Batch
from secopskit.named_tuple import NamedTuple
from secopskit.purge.find.content.streamed import WINDOW, contains_stream, fill
from secopskit.purge.model import ArchivedHit
from secopskit.purge.values.matcher import ValueMatcher

_BOUNDS: Final = ArchiveBounds()
_MOST_NAMED: Final = 20


class ArchiveLook(NamedTuple):
    """A look into the archive `oid`: where values stand in it, and what was not looked into."""

    oid: str
    hits: tuple[ArchivedHit, ...]
    unopened: tuple[UnopenedMember, ...]

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of all targets that stand in it."""
        return tuple(sorted({number for hit in self.hits for number in hit.numbers}))


def archives_in(batch: Batch, matcher: ValueMatcher) -> Iterator[ArchiveLook]:
    """The blobs of a batch that are archives, where something is to be told of them."""
    for index, (start, end) in enumerate(zip(batch.starts, batch.ends, strict=True)):
        with batch.data[start:end] as data:
            if archive_kind(data) is None or (entry := batch.entry(index)).kind != "blob":
                continue
            look = archive_look(bytes(data), matcher, entry.oid)
        if look:
            yield look


def archive_look(data: bytes, matcher: ValueMatcher, oid: str) -> ArchiveLook | None:
    """A look into a blob, if it is an archive of which something is to be told."""
    if archive_kind(data) is None:
        return None
    look = look_into(data, matcher, oid)
    return look if look.hits or look.unopened else None


def look_into(data: bytes, matcher: ValueMatcher, oid: str = "") -> ArchiveLook:
    """Look for the values in an archive, names of members included; targets bound to `oid` too."""
    hits, unopened = list[ArchivedHit](), list[UnopenedMember]()
    bound = oid or None
    for part in opened(data, _BOUNDS):
        if isinstance(part, UnopenedMember):
            unopened.append(part)
            continue
        numbers = {*matcher.contains(part.data, bound), *matcher.contains(os.fsencode(part.name), bound)}
        if numbers:
            hits.append(ArchivedHit(part.name, tuple(sorted(numbers))))
    known = {number for hit in hits for number in hit.numbers}
    # What no member holds may stand beside them, in a comment or a name.
    if rest := set(matcher.contains(data, bound)) - known:
        hits.append(ArchivedHit("", tuple(sorted(rest))))
    return ArchiveLook(oid, tuple(hits), _few(unopened))


def search_large(
    matcher: ValueMatcher, read: Callable[[int], bytes | None], oid: str = ""
) -> tuple[tuple[int, ...], ArchiveLook | None]:
    """The targets in content of any size as it streams by; and a look into it, if it is an archive."""
    head = fill(read)
    if archive_kind(head) is None:
        return contains_stream(matcher, _again(head, read), oid or None), None
    data = _whole(head, read)
    if len(data) <= _BOUNDS.size:
        look = look_into(data, matcher, oid)
        return look.numbers, look
    numbers = contains_stream(matcher, _again(data, read), oid or None)
    hits = (ArchivedHit("", numbers),) if numbers else ()
    return numbers, ArchiveLook(oid, hits, (UnopenedMember("", too_large(_BOUNDS)),))


def _whole(head: bytes, read: Callable[[int], bytes | None]) -> bytes:
    """All of it; of what is too large to be opened, a little more than could be."""
    parts, size = [head], len(head)
    while size <= _BOUNDS.size and (part := read(WINDOW)):
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def _again(head: bytes, read: Callable[[int], bytes | None]) -> Callable[[int], bytes | None]:
    """What gives `head` and then all that `read` gives."""
    waiting = [head] if head else []

    def reading(size: int) -> bytes | None:
        return waiting.pop() if waiting else read(size)

    return reading


def _few(unopened: list[UnopenedMember]) -> tuple[UnopenedMember, ...]:
    named = tuple(dict.fromkeys(unopened))
    more = len(named) - _MOST_NAMED
    rest = UnopenedMember("", f"{more:,} more of its members were not looked into")
    return (*named[:_MOST_NAMED], rest) if more > 0 else named
