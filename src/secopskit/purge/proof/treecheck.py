"""The check of new trees against old ones: they differ at the planned paths alone, and there as planned.

Git compares, level by level, and each pair of directories once, however many commits share it.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import IO, Final, NamedTuple, TypeAlias

from secopskit.errors import GitError, SecopsError
from secopskit.git.repository import Repository
from secopskit.purge.proof.deviation import deviation
from secopskit.purge.values.matcher import ValueMatcher

_COMMAND: Final = ("diff-tree", "--stdin", "-z", "--raw", "--no-abbrev", "--no-renames")
# A pair that was asked for, or one difference of it.
_ANSWER: Final = re.compile(
    rb"([0-9a-f]{40,64}) ([0-9a-f]{40,64})\n|:(\d+) (\d+) ([0-9a-f]+) ([0-9a-f]+) ([A-Z])\0([^\0]*)\0"
)
_TREE: Final = b"040000"
_PAIRS: Final = 4000


_Trees: TypeAlias = tuple[str, str]
"""The ids of an old tree and of the new one in its place."""


class _Pair(NamedTuple):
    """Two trees that stand at the same place: `path` is the old one's, with a slash behind it."""

    path: bytes
    old: str
    new: str


class _Difference(NamedTuple):
    """An entry that is not the same in both trees of a pair."""

    old_mode: bytes
    new_mode: bytes
    old: bytes
    new: bytes
    status: bytes
    name: bytes


def check_trees(
    repository: Repository,
    roots: Iterable[_Trees],
    blobs: Mapping[str, str],
    dirty_paths: Iterable[str],
    matcher: ValueMatcher,
) -> int:
    """Compare all trees; the number of pairs. Raises SecopsError where they differ in anything unplanned.

    `roots` are pairs of root trees, which git compares while more of them come; `blobs` maps old blobs to new
    ones.
    """
    rules, known, below = _Rules(blobs, dirty_paths, matcher), set[_Pair](), list[_Pair]()
    for _, differences in _compare(repository, _noted(roots, known)):
        below += rules.allow(b"", differences)
    while level := [pair for pair in dict.fromkeys(below) if pair not in known]:
        known.update(level)
        below = []
        places: dict[_Trees, list[bytes]] = {}
        for pair in level:
            places.setdefault((pair.old, pair.new), []).append(pair.path)
        for trees, differences in _compare(repository, places):
            for path in places[trees]:
                below += rules.allow(path, differences)
    return len(known)


def _noted(roots: Iterable[_Trees], known: set[_Pair]) -> Iterator[_Trees]:
    """`roots`, each once; they are added to `known`."""
    for old, new in roots:
        pair = _Pair(b"", old, new)
        if pair not in known:
            known.add(pair)
            yield old, new


class _Rules:
    """The rules that tell what may differ, and where. The same differences are judged once."""

    def __init__(self, blobs: Mapping[str, str], dirty_paths: Iterable[str], matcher: ValueMatcher) -> None:
        self._blobs = {old.encode(): new.encode() for old, new in blobs.items()}
        self._matcher = matcher
        self._dirty = frozenset(map(os.fsencode, dirty_paths))
        self._above = frozenset(above for path in self._dirty for above in _directories(path))
        self._allowed: dict[tuple[bytes, frozenset[_Difference]], list[_Pair]] = {}

    def allow(self, path: bytes, differences: frozenset[_Difference]) -> list[_Pair]:
        """The pairs of directories to compare next. Raises SecopsError."""
        key = path, differences
        if key not in self._allowed:
            self._allowed[key] = list(self._judged(path, differences))
        return self._allowed[key]

    def _judged(self, path: bytes, differences: Collection[_Difference]) -> Iterator[_Pair]:
        """The pairs below; each entry that is new must be what one that vanished was renamed to."""
        added = [each for each in differences if each.status == b"A"]
        for each in differences:
            place = path + each.name
            if each.status == b"A":
                continue
            if not self._planned(place):
                raise _wrong()
            if each.status == b"D":
                yield from self._renamed(place, each, added)
            elif each.old_mode != each.new_mode or each.status != b"M":
                raise _wrong()
            elif each.old_mode == _TREE:
                yield _Pair(place + b"/", each.old.decode(), each.new.decode())
            elif self._blobs.get(each.old) != each.new:
                raise _wrong()
        if added:
            raise _wrong()

    def _planned(self, place: bytes) -> bool:
        """Whether something is to change at this path, below it, or in a directory above it."""
        if place in self._dirty or place in self._above:
            return True
        return not self._dirty.isdisjoint(_directories(place))

    def _renamed(self, place: bytes, gone: _Difference, added: list[_Difference]) -> Iterator[_Pair]:
        """Take what a vanished entry was renamed to out of `added`; a dropped one has no such thing."""
        name = self._matcher.redact_name(gone.name)
        if name == gone.name:
            return
        for each in added:
            same = each.new == self._blobs.get(gone.old, gone.old) or gone.old_mode == _TREE
            if each.name.startswith(name) and each.new_mode == gone.old_mode and same:
                added.remove(each)
                if gone.old_mode == _TREE and gone.old != each.new:
                    yield _Pair(place + b"/", gone.old.decode(), each.new.decode())
                return


def _directories(path: bytes) -> Iterator[bytes]:
    at = path.find(b"/")
    while at >= 0:
        yield path[:at]
        at = path.find(b"/", at + 1)


def _compare(
    repository: Repository, pairs: Iterable[_Trees]
) -> Iterator[tuple[_Trees, frozenset[_Difference]]]:
    """The differences of each pair that has any, from as many processes at once as there are cores.

    git keeps every tree that it has read, so a process is given some thousand pairs and no more.
    """
    jobs, rest = os.cpu_count() or 1, iter(pairs)
    running: deque[_Comparison] = deque()
    while part := list(islice(rest, _PAIRS)):
        if len(running) == jobs:
            yield from running.popleft().differences()
        running.append(_Comparison(repository, part))
    for comparison in running:
        yield from comparison.differences()


class _Comparison:
    """One git process that compares some pairs, from file to file."""

    def __init__(self, repository: Repository, pairs: list[_Trees]) -> None:
        self._asked = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `differences`
        self._answers = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `differences`
        self._asked.write("".join(f"{old} {new}\n" for old, new in pairs).encode())
        self._asked.seek(0)
        self._process = repository.start(*_COMMAND, stdin=self._asked, stdout=self._answers)

    def differences(self) -> Iterator[tuple[_Trees, frozenset[_Difference]]]:
        """Wait, then tell, by pair. Raises GitError."""
        with self._asked, self._answers:
            if self._process.wait() != 0:
                raise GitError("git diff-tree failed", advice="Is the repository whole? Try `git fsck`.")
            yield from _answers(self._answers)


def _answers(file: IO[bytes]) -> Iterator[tuple[_Trees, frozenset[_Difference]]]:
    file.seek(0)
    trees: _Trees = ("", "")
    current: list[_Difference] = []
    for found in _ANSWER.finditer(file.read()):
        if found[1]:
            if current:
                yield trees, frozenset(current)
            trees, current = (found[1].decode(), found[2].decode()), []
        else:
            current.append(_Difference(*found.groups()[2:]))
    if current:
        yield trees, frozenset(current)


def _wrong() -> SecopsError:
    return deviation("a directory differs where nothing was to change")
