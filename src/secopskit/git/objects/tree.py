"""Tree objects as bytes: entries found in them without taking the whole tree apart."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from secopskit.errors import GitError
from secopskit.named_tuple import NamedTuple

# From so many names on it is cheaper to look at every entry than to look for each name.
_FEW: Final = 6
_MODES_OF_TREES: Final = (b"40000", b"040000")
# An entry is its mode, a space, its name, a NUL, and a raw id of 20 or 32 bytes.
_ENTRY: Final = {width: re.compile(rb"([0-7]+) ([^\0]+)\0(.{%d})" % width, re.DOTALL) for width in (20, 32)}
_WALK: Final = {width: re.compile(rb"(?>(?:[^\0]++\0.{%d})*)" % width, re.DOTALL) for width in (20, 32)}


class TreeEntry(NamedTuple):
    """One entry of a tree, with the half-open range of bytes where it stands."""

    mode: bytes
    name: bytes
    oid: bytes
    start: int = 0
    end: int = 0

    @property
    def is_tree(self) -> bool:
        """Whether it is a directory."""
        return self.mode in _MODES_OF_TREES

    @property
    def raw(self) -> bytes:
        """The entry as it stands in the tree."""
        return b"%s %s\0%s" % (self.mode, self.name, self.oid)


def entries(data: bytes, width: int) -> list[TreeEntry]:
    """All entries of a tree. Raises GitError where it is damaged."""
    found = [
        TreeEntry(match[1], match[2], match[3], match.start(), match.end())
        for match in _ENTRY[width].finditer(data)
    ]
    at = 0
    for entry in found:
        if entry.start != at:
            break
        at = entry.end
    if at != len(data):
        raise _damaged()
    return found


def find(data: bytes, names: Iterable[bytes], width: int) -> list[TreeEntry]:
    """The entries that have one of `names`, in their order.

    A name may also stand inside an id or behind a space in another name; so each place is
    reached by walking over whole entries from the beginning.
    """
    walk, at, found = _WALK[width], 0, list[TreeEntry]()
    for place, name in sorted(_places(data, names)):
        if place < at:
            continue
        # The pattern matches the empty text, so there is always a match.
        at = walk.match(data, at, place).end()  # type: ignore[union-attr]
        mode = data[at:place]
        if mode.isdigit():
            end = place + len(name) + 2 + width
            found.append(TreeEntry(mode, name, data[end - width : end], at, end))
            at = end
    return found


def chosen(data: bytes, names: Collection[bytes], width: int) -> list[TreeEntry]:
    """The same as `find`, for any number of names. Raises GitError where it meets a damaged tree."""
    from secopskit.git.packs.available import can_read_packs

    if not can_read_packs():
        if len(names) <= _FEW:
            return find(data, names, width)
        return [entry for entry in entries(data, width) if entry.name in names]
    from secopskit.git.packs import compiled

    try:
        return [TreeEntry(*one) for one in compiled.tree_entries(data, names, width)]
    except compiled.PackError:
        raise _damaged() from None


def _damaged() -> GitError:
    return GitError("a tree object is damaged", advice="Try `git fsck`.")


def encode(found: Iterable[TreeEntry]) -> bytes:
    """A tree of these entries, in git's order: a directory sorts as if its name ended in a slash."""
    ordered = sorted(found, key=lambda entry: entry.name + b"/" if entry.is_tree else entry.name)
    return b"".join(entry.raw for entry in ordered)


def _places(data: bytes, names: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    for name in names:
        wanted = b" %s\0" % name
        place = data.find(wanted)
        while place >= 0:
            yield place, name
            place = data.find(wanted, place + 1)
