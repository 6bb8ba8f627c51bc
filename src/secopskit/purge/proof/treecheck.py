"""The check of new trees against old ones: they differ at the planned paths alone, and there as planned."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from secopskit.errors import SecopsError
from secopskit.git.history.treepairs import TreePair, differences
from secopskit.git.repository import Repository
from secopskit.named_tuple import NamedTuple
from secopskit.purge.proof.deviation import deviation
from secopskit.purge.values.matcher import ValueMatcher

if TYPE_CHECKING:
    from secopskit.git.packs.sources import ObjectSources

_ADDED: Final = b"A"
_DELETED: Final = b"D"


class _Difference(NamedTuple):
    """A file that is not the same in both trees of a pair."""

    old_mode: bytes
    new_mode: bytes
    old: bytes
    new: bytes
    status: bytes
    path: bytes


def check_trees(
    repository: Repository,
    sources: ObjectSources | None,
    roots: Iterable[TreePair],
    trees: Collection[str],
    blobs: Mapping[str, str],
    dirty_paths: Iterable[str],
    matcher: ValueMatcher,
) -> int:
    """Compare all trees; the number of pairs. Raises SecopsError where they differ in anything unplanned.

    `roots` are pairs of different root trees, `trees` all others that should differ, old and new ones, and
    `blobs` maps old blobs to new ones. Trees are read from `sources`, or else by git.
    """
    rules = _Rules(blobs, dirty_paths, matcher)
    pairs = list(dict.fromkeys(roots))
    known = {*trees, *(tree for pair in pairs for tree in pair)}
    for told in differences(repository, sources, pairs, bytes.fromhex("".join(known))):
        if not told:  # they are two trees: by what git does not tell of, an empty directory for example
            raise _wrong()
        rules.check(told)
    return len(pairs)


class _Rules:
    """The rules that tell what may differ, and where. The same difference is judged once."""

    def __init__(self, blobs: Mapping[str, str], dirty_paths: Iterable[str], matcher: ValueMatcher) -> None:
        self._blobs = {old.encode(): new.encode() for old, new in blobs.items()}
        self._matcher = matcher
        self._dirty = frozenset(map(os.fsencode, dirty_paths))
        self._allowed: set[tuple[bytes, bytes]] = set()
        self._renamed: set[frozenset[tuple[bytes, bytes]]] = set()

    def check(self, told: bytes) -> None:
        """Check what differs in one pair of trees. Raises SecopsError."""
        parts = told.split(b"\0")
        unknown = frozenset(zip(parts[::2], parts[1::2], strict=False)) - self._allowed
        if not unknown or unknown in self._renamed:
            return
        moved = dict[tuple[bytes, bytes], _Difference]()
        for one in unknown:
            each = _difference(*one)
            if each.status in (_ADDED, _DELETED):
                moved[one] = each
            elif self._is_redacted(each):
                self._allowed.add(one)
            else:
                raise _wrong()
        self._check_moved(list(moved.values()))
        self._renamed.add(frozenset(moved))

    def _is_redacted(self, each: _Difference) -> bool:
        return (
            each.old_mode == each.new_mode
            and self._blobs.get(each.old) == each.new
            and self._is_planned(each.path)
        )

    def _is_planned(self, path: bytes) -> bool:
        """Whether something is to change at this path, or in a directory above it."""
        return path in self._dirty or not self._dirty.isdisjoint(_directories(path))

    def _check_moved(self, moved: Collection[_Difference]) -> None:
        """Each file that is new must be what one that vanished was renamed to; others were dropped."""
        added = [each for each in moved if each.status == _ADDED]
        for gone in moved:
            if gone.status == _DELETED:
                if not self._is_planned(gone.path):
                    raise _wrong()
                self._take_renamed(gone, added)
        if added:
            raise _wrong()

    def _take_renamed(self, gone: _Difference, added: list[_Difference]) -> None:
        """Take what a vanished file was renamed to out of `added`; a dropped one has no such thing."""
        old = gone.path.split(b"/")
        names = [self._matcher.redact_name(name) for name in old]
        for each in added if names != old else ():
            if (
                each.new_mode == gone.old_mode
                and each.new == self._blobs.get(gone.old, gone.old)
                and _is_named(each.path.split(b"/"), names)
            ):
                added.remove(each)
                return


def _difference(words: bytes, path: bytes) -> _Difference:
    old_mode, new_mode, old, new, status = words.removeprefix(b":").split(b" ")
    return _Difference(old_mode, new_mode, old, new, status, path)


def _is_named(path: list[bytes], names: list[bytes]) -> bool:
    """Whether a path has these names, each maybe with a number behind it, where it was taken already."""
    pairs = zip(path, names, strict=False)
    return len(path) == len(names) and all(own.startswith(name) for own, name in pairs)


def _directories(path: bytes) -> Iterator[bytes]:
    at = path.find(b"/")
    while at >= 0:
        yield path[:at]
        at = path.find(b"/", at + 1)


def _wrong() -> SecopsError:
    return deviation("a directory differs where nothing was to change")
