"""The log of a history whose trees are read from its packs; git tells of the commits alone.

What it tells is what `git log -c --raw` does, byte for byte. git rebuilds each tree for each commit, and
compares all of its entries with those of its parents' trees. Here each is read once, and known as what its
delta changed.
"""

from __future__ import annotations

import re
import sys
import tempfile
from binascii import unhexlify
from collections.abc import Iterator
from functools import partial
from typing import IO, TYPE_CHECKING, Final

from secopskit.errors import GitError
from secopskit.git.history.log import FORMAT, CommitLog, Log, told_in
from secopskit.git.history.readtrees import is_room_for, read_trees
from secopskit.git.repository import Repository
from secopskit.git.workers import Beside, may_copy
from secopskit.progress import NO_PROGRESS, Progress

if TYPE_CHECKING:
    from secopskit.git.packs.sources import ObjectSources

_HEAD: Final = re.compile(rb"\x01([0-9a-f]+)\0([^\0]*)\0[^\0]*\0[^\0]*\0[^\0]*\0([0-9a-f]+)\0")
_OID, _PARENTS, _TREE = range(1, 4)  # its groups
# git is quicker at small trees, and at few.
_LARGE: Final = 2000
_MANY: Final = 20_000


def log_of(
    repository: Repository, sources: ObjectSources | None, *revisions: str, progress: Progress = NO_PROGRESS
) -> CommitLog:
    """The log of `revisions` with what merges brought, told by the quickest that can; see `TreeLog`."""
    if sources and may_copy() and _has_large_trees(sources):
        return TreeLog(repository, sources, *revisions, progress=progress)
    return Log(repository, "-c", *revisions, progress=progress)


def _has_large_trees(sources: ObjectSources) -> bool:
    large = any(
        pack.number_of("tree") >= _MANY and pack.mean_size("tree") >= _LARGE for pack in sources.packs
    )
    return large and is_room_for(sources)


class TreeLog:
    """A log that a process beside this one makes from the trees in `sources`, where all packs can be read.

    Where it cannot (a tree lacks, or is damaged), git tells all of it instead.
    """

    def __init__(
        self,
        repository: Repository,
        sources: ObjectSources,
        *revisions: str,
        progress: Progress = NO_PROGRESS,
    ) -> None:
        self.progress = progress
        self._repository = repository
        self._revisions = revisions
        self._instead: Log | None = None
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        self._beside = Beside(partial(_write, repository, sources, revisions, self._file))

    def wait(self) -> bool:
        """Wait for its end; whether it has told all (git stops early where objects are missing)."""
        if self._instead is None and not self._beside.wait():
            self._instead = Log(self._repository, "-c", *self._revisions, progress=self.progress)
        return self._instead is None or self._instead.wait()

    def commits(self) -> Iterator[re.Match[bytes]]:
        """The commits as they are told, newest first. Raises GitError where that is not understood."""
        self.wait()
        return self._instead.commits() if self._instead else told_in(self._file, whole=True)

    def close(self) -> None:
        """End what still runs, and drop the file."""
        self._beside.close()
        self._file.close()
        if self._instead:
            self._instead.close()


def _write(
    repository: Repository, sources: ObjectSources, revisions: tuple[str, ...], file: IO[bytes]
) -> None:
    """Write the log in a process of its own, or give up with an exit code."""
    from secopskit.git.packs.compiled import PackError

    try:
        write_log(repository, sources, revisions, file)
        file.flush()
    except (GitError, OSError, PackError, MemoryError):
        sys.exit(1)


def write_log(
    repository: Repository, sources: ObjectSources, revisions: tuple[str, ...], file: IO[bytes]
) -> None:
    """Write the log of `revisions` to `file`. Raises GitError, OSError, PackError where git has to."""
    from secopskit.git.packs.compiled import PackError

    words = ("log", "-z", "-s", "--topo-order", f"{FORMAT}%x00%T", *revisions)
    with repository.stream(*words) as output:  # git follows the commits meanwhile
        table = read_trees(sources)
        heads = output.read()
    trees, end = dict[bytes, bytes](), 0
    for head in _HEAD.finditer(heads):
        trees[head[_OID]] = unhexlify(head[_TREE])
        end = head.end()
    try:
        for head in _HEAD.finditer(heads):
            parents = [trees[parent] for parent in head[_PARENTS].split()]
            file.write(heads[head.start() : head.start(_TREE)])
            file.write(table.changes(trees[head[_OID]], parents))
    except KeyError:
        raise PackError("a parent that is not told of") from None
    if end != len(heads):
        raise PackError("a commit that is not understood")
