"""What differs between two trees, and in all that is below them, for many pairs of them.

A pair is the ids of an old tree and of a new one. Told is what `git diff-tree -r` does: the files that
differ, one after the other, as `:MODE MODE OLD NEW STATUS`, a NUL, the path, and a NUL.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from secopskit.errors import GitError
from secopskit.git.history.readtrees import is_room_for, read_trees
from secopskit.git.repository import Repository
from secopskit.progress import still_at_work

if TYPE_CHECKING:
    from secopskit.git.packs.sources import ObjectSources
    from secopskit.git.packs.treetable import TreeTable

TreePair: TypeAlias = tuple[str, str]

_COMMAND: Final = ("diff-tree", "--stdin", "-r", "-z", "--raw", "--no-abbrev", "--no-renames")
# A pair that was asked for, and all that differs in it.
_ANSWER: Final = re.compile(rb"[0-9a-f]{40,64} [0-9a-f]{40,64}\n((?::[^\0]*+\0[^\0]*+\0)*)")
# git keeps every tree that it has read, so a process is given some thousand pairs and no more.
_PAIRS: Final = 2000


def differences(
    repository: Repository, sources: ObjectSources | None, pairs: Sequence[TreePair], only: bytes
) -> Iterator[bytes]:
    """What differs, for each pair in turn. Raises GitError.

    Of `sources`, the trees `only` are read (ids in binary, joined); what lacks there, git is asked for, and
    for all without `sources`.
    """
    done = 0
    if pairs and (table := _table(sources, only)):
        for told in _from_table(table, pairs):
            done += 1
            yield told
    yield from _from_git(repository, pairs[done:])


def _table(sources: ObjectSources | None, only: bytes) -> TreeTable | None:
    """The trees as they stand in the packs; None where git is to read them."""
    if sources is None or not is_room_for(sources):
        return None
    from secopskit.git.packs.compiled import PackError

    try:
        return read_trees(sources.narrowed(only))
    except PackError:
        return None


def _from_table(table: TreeTable, pairs: Sequence[TreePair]) -> Iterator[bytes]:
    """What differs, up to the first pair that the table cannot tell of."""
    from secopskit.git.packs.compiled import PackError

    for old, new in pairs:
        still_at_work()
        try:
            told = table.changes(bytes.fromhex(new), [bytes.fromhex(old)])
        except PackError:
            return
        yield told.removeprefix(b"\n")


def _from_git(repository: Repository, pairs: Sequence[TreePair]) -> Iterator[bytes]:
    """What differs, from as many processes at once as there are cores."""
    running: deque[_Comparison] = deque()
    for at in range(0, len(pairs), _PAIRS):
        if len(running) == (os.cpu_count() or 1):
            yield from running.popleft().differences()
        running.append(_Comparison(repository, pairs[at : at + _PAIRS]))
    for comparison in running:
        yield from comparison.differences()


class _Comparison:
    """One git process that compares some pairs, from file to file."""

    def __init__(self, repository: Repository, pairs: Sequence[TreePair]) -> None:
        self._pairs = pairs
        self._asked = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `differences`
        self._answers = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `differences`
        self._asked.write("".join(f"{old} {new}\n" for old, new in pairs).encode())
        self._asked.seek(0)
        self._process = repository.start(*_COMMAND, stdin=self._asked, stdout=self._answers)

    def differences(self) -> Iterator[bytes]:
        """Wait, then tell, pair by pair. Raises GitError."""
        with self._asked, self._answers:
            code = self._process.wait()
            self._answers.seek(0)
            answer = self._answers.read()
        told = list(_ANSWER.finditer(answer))
        if code != 0 or len(told) != len(self._pairs) or sum(len(one[0]) for one in told) != len(answer):
            raise GitError("git diff-tree failed", advice="Is the repository whole? Try `git fsck`.")
        yield from (one[1] for one in told)
