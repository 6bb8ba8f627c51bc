"""Messages that name commits: "This reverts commit …", "(cherry picked from commit …)", abbreviated ids.

An id in a message that leads to a rewritten commit publishes where the host still has the old one.
"""

from __future__ import annotations

import heapq
import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from secopskit.git.history.commitgraph import CommitGraph
from secopskit.git.history.introductions import introduced_at
from secopskit.git.objects.lasting import ObjectReader
from secopskit.git.repository import Repository

SHORTEST: Final = 7
# What may be a word of hexadecimal digits, and with what it would be part of a longer one.
_RUN: Final = re.compile(rb"[0-9a-f]{7,}")
_LONGEST: Final = 64
_OF_WORDS: Final = frozenset(b"0123456789_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
# To tell in no time of most messages that no such word is in them.
_DIGITS: Final = bytes(b"x"[0] if chr(byte) in "0123456789abcdef" else b" "[0] for byte in range(256))
_SEVEN: Final = b"x" * SHORTEST
# Numbers and dates are hexadecimal words too. One of so few digits that in ten thousand of them one would
# begin the id of some commit is taken for what it says.
_CHANCE: Final = 10_000
_NOTE: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_LARGEST_NOTE: Final = 1 << 20


class CommitIds:
    """The ids of commits, to tell which of them a word in a text means."""

    def __init__(self, commits: Iterable[str]) -> None:
        self._sorted = sorted(commits)

    def meant(self, word: str) -> str:
        """The one commit whose id begins with `word`; empty if it is none, or several.

        Empty as well for a number that may do so by chance.
        """
        if word.isdigit() and len(self._sorted) * _CHANCE > 16 ** len(word):
            return ""
        at = bisect_left(self._sorted, word)
        found = self._sorted[at : at + 2]
        if not found or not found[0].startswith(word):
            return ""
        return found[0] if len(found) == 1 or not found[1].startswith(word) else ""

    def any(self, word: str) -> bool:
        """Whether any id begins with `word`."""
        at = bisect_left(self._sorted, word)
        return at < len(self._sorted) and self._sorted[at].startswith(word)


def id_words(text: bytes) -> Iterator[re.Match[bytes]]:
    """The words in a message that may be ids of commits: hexadecimal, by themselves or behind a `-g`.

    That is what `git describe` writes.
    """
    for run in _RUN.finditer(text):
        start, end = run.span()
        alone = not start or text[start - 1] not in _OF_WORDS or text.endswith(b"-g", 0, start)
        if alone and end - start <= _LONGEST and (end == len(text) or text[end] not in _OF_WORDS):
            yield run


def words_in(text: bytes) -> tuple[str, ...]:
    """The same words, each once."""
    if _SEVEN not in text.translate(_DIGITS):
        return ()
    return tuple(dict.fromkeys(word[0].decode("ascii") for word in id_words(text)))


def named_in(text: bytes, ids: CommitIds) -> tuple[str, ...]:
    """The commits that a message names, each once."""
    return named_by(words_in(text), ids)


def named_by(words: Iterable[str], ids: CommitIds) -> tuple[str, ...]:
    """The commits that words mean, each once."""
    return tuple(dict.fromkeys(oid for word in words if (oid := ids.meant(word))))


def message_of(raw: bytes) -> bytes:
    """The message of a commit or an annotated tag."""
    return raw.partition(b"\n\n")[2]


def naming_notes(
    view: Repository, reader: ObjectReader, notes: CommitGraph, ids: CommitIds
) -> dict[str, tuple[str, ...]]:
    """The notes (blobs) of a history of notes that name commits, and which. Raises GitError."""
    if not notes.trees:
        return {}
    blobs = set[str]()

    def is_note(oid: str, path: str) -> bool:
        if _NOTE.fullmatch(path.replace("/", "")):
            blobs.add(oid)
        return False

    introduced_at(view, notes, (), is_note)
    found = (
        (one.oid, named_in(one.data, ids))
        for one in reader.each(sorted(blobs), limit=_LARGEST_NOTE)
        if one.kind == "blob" and one.data
    )
    return {oid: named for oid, named in found if named}


def with_namers(
    graph: CommitGraph, seeds: Collection[str], names: Mapping[str, tuple[str, ...]]
) -> list[str]:
    """All commits that change if `seeds` do: their descendants, who names one of those, and so on.

    Parents come first, and so do commits that a message names, wherever that is possible.
    """
    changing, commits = set(seeds), graph.descendants(seeds)
    names = {oid: named for oid, named in names.items() if oid in graph.trees}  # tags and notes are apart
    while True:
        changed = set(commits)
        more = {oid for oid, named in names.items() if oid not in changed and not changed.isdisjoint(named)}
        if not more:
            return _ordered(graph, commits, names)
        changing |= more
        commits = graph.descendants(changing)


def _ordered(graph: CommitGraph, commits: Sequence[str], names: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The commits in an order in which the new id of a named one is known; parents first in any case.

    True ids cannot go in a circle. Words that only look like ids can: there the first by the old order
    goes on without them.
    """
    place = {commit: number for number, commit in enumerate(commits)}
    if not any(name in place for commit in commits for name in names.get(commit, ())):
        return list(commits)
    waits = {commit: _needs(graph, commit, names, place) for commit in commits}
    held: dict[str, list[str]] = {}
    for commit, needs in waits.items():
        for need in needs:
            held.setdefault(need, []).append(commit)
    ready = [place[commit] for commit, needs in waits.items() if not needs]
    heapq.heapify(ready)
    order, first = dict[str, None](), 0
    while len(order) < len(commits):
        if ready:
            commit = commits[heapq.heappop(ready)]
        else:  # all that is left names in a circle; the oldest has its parents already
            while commits[first] in order:
                first += 1
            commit = commits[first]
        if commit in order:
            continue
        order[commit] = None
        for other in held.get(commit, ()):
            waits[other].discard(commit)
            if not waits[other] and other not in order:
                heapq.heappush(ready, place[other])
    return list(order)


def _needs(
    graph: CommitGraph, commit: str, names: Mapping[str, tuple[str, ...]], among: Collection[str]
) -> set[str]:
    needed = {*graph.parents[commit], *names.get(commit, ())} - {commit}
    return {oid for oid in needed if oid in among}
