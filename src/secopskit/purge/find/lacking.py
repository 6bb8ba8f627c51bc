"""The objects that the history leads to and that are not there, or cannot be read.

A list of all objects does not have them, so a search in all objects does not miss them. On its way through
the history git also tells what an old commit reaches: where that stays as it is, nobody need ask again.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import pairwise
from typing import IO, Final, Self

from secopskit.git.bounded import GitChild
from secopskit.git.history.reach import ReachedObjects
from secopskit.git.refs import plain_view
from secopskit.git.repository import Repository
from secopskit.named_tuple import NamedTuple

_WALK: Final = ("rev-list", "--objects", "--no-object-names", "--missing=print")
_ID: Final = re.compile(rb"\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b")
_MOST_TOLD: Final = 1 << 24
_LINES: Final = 1 << 16
UNKNOWN: Final = "(git cannot walk the history)"
# Above this part of the main line is what most purges change. Of a line that is not long, git soon knows all.
_RECENT: Final = 10
_LONG: Final = 2000


def lacking(repository: Repository) -> tuple[str, ...]:
    """Their ids; `UNKNOWN` where git gives up on the way and does not say at which. Raises GitError."""
    with HistoryWalk(repository) as walk:
        return walk.lacking()


class _Walk(NamedTuple):
    """git on its way, what it tells, and what it complains of."""

    process: GitChild
    told: IO[bytes]
    complaints: IO[bytes]


class HistoryWalk:
    """A walk through the whole history, begun when this is made. Used as a context; leaving it ends git.

    `marks` are commits, each of which descends from the one before: from one to the next, git goes on its way
    in a process of its own.
    """

    def __init__(self, repository: Repository, *, marks: Sequence[str] = ()) -> None:
        """Raises GitError."""
        self._view = plain_view(repository)
        self._stack = ExitStack()
        self._marks = marks
        self._reach: ReachedObjects | None = None
        self._below = [self._begin(*words) for words in _between(marks)]
        self._above = self._begin("--quiet", "--all", "--reflog", "--not", *marks[-1:])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for walk in (*self._below, self._above):
            if walk.process.poll() is None:
                walk.process.kill()
            walk.process.wait()
        self._stack.close()

    def _begin(self, *words: str) -> _Walk:
        told = self._stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - it is one
        complaints = self._stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the same
        process = self._view.start(*_WALK, *words, stdin=None, stdout=told, stderr=complaints)
        return _Walk(process, told, complaints)

    def lacking(self) -> tuple[str, ...]:
        """See the function of that name. Raises GitError."""
        found, failed = set[str](), False
        for walk in (*self._below, self._above):
            failed |= walk.process.wait() != 0
            walk.told.seek(0)
            found.update(line[1:].decode().strip() for line in walk.told if line.startswith(b"?"))
            walk.complaints.seek(0)
            found.update(oid.decode() for oid in _ID.findall(walk.complaints.read(_MOST_TOLD)))
        return tuple(sorted(found)) or ((UNKNOWN,) if failed else ())

    def reach(self) -> ReachedObjects | None:
        """What the last of the marks reaches, if there is one and all of that is there. Raises GitError."""
        if self._reach is None and self._below:
            ids = [_ids(walk) for walk in self._below]
            if None not in ids:
                self._reach = ReachedObjects(self._marks[-1], b"".join(filter(None, ids)))
        return self._reach


def marks_in(repository: Repository) -> tuple[str, ...]:
    """Commits for a `HistoryWalk`, the last with little above it; none where the history is not long.

    Raises GitError.
    """
    view = plain_view(repository)
    if not view.succeeds("rev-parse", "--quiet", "--verify", "HEAD^{commit}"):
        return ()
    line = view.run("rev-list", "--first-parent", "HEAD").decode().split()
    return (line[len(line) // 3], line[len(line) // _RECENT]) if len(line) >= _LONG else ()


def _between(marks: Sequence[str]) -> Iterator[tuple[str, ...]]:
    yield from ((mark,) for mark in marks[:1])
    yield from ((mark, f"^{before}") for before, mark in pairwise(marks))


def _ids(walk: _Walk) -> bytes | None:
    """The raw ids that a walk has told; None if it has failed, or something was not there."""
    if walk.process.wait() != 0:
        return None
    ids = list[bytes]()
    walk.told.seek(0)
    line = len(walk.told.readline())
    walk.told.seek(0)
    while lines := walk.told.read(line * _LINES):
        if b"?" in lines:
            return None
        ids.append(bytes.fromhex(lines.decode("ascii")))
    return b"".join(ids)
