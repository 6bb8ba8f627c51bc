"""The log of a history: every commit, newest first, and what it changed in which files.

One `git log --raw` in topological order is written to a file while the content is scanned, and read once
afterwards.
"""

from __future__ import annotations

import mmap
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from typing import IO, Final, Protocol

from secopskit.errors import GitError
from secopskit.git.repository import Repository
from secopskit.progress import NO_PROGRESS, Progress

FORMAT: Final = "--format=%x01%H%x00%P%x00%an%x00%aI%x00%ct"
# A commit as `FORMAT` has it, and its changes. An empty field stands before what a merge brought.
_COMMIT: Final = re.compile(
    rb"\x01([0-9a-f]+)\0([^\0]*)\0([^\0]*)\0([^\0]*)\0([^\0]*)\0\0?((?>(?:\n?:[^\0]*\0[^\0]*\0)*))"
)
OID, PARENTS, AUTHOR, DATE, TIME, CHANGES = range(1, 7)
"""The groups of a commit that a log tells of."""


class CommitLog(Protocol):
    """What `git log` tells, once it is waited for. `progress` is told of the commits when they are read."""

    progress: Progress

    def wait(self) -> bool:
        """Wait for its end; whether it has told all (git stops early where objects are missing)."""
        ...

    def commits(self) -> Iterator[re.Match[bytes]]:
        """The commits as they are told, newest first. Raises GitError where that is not understood."""
        ...

    def close(self) -> None:
        """End what still runs."""
        ...


class Log:
    """A `git log` that runs beside us into a temporary file of ours.

    `progress` is told of the commits when they are read.
    """

    def __init__(
        self,
        repository: Repository,
        *arguments: str,
        stdin: IO[bytes] | None = None,
        progress: Progress = NO_PROGRESS,
    ) -> None:
        self.progress = progress
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        # `-s` asks for commits alone, as do places where trees are missing.
        what = () if "-s" in arguments else ("--raw", "--no-abbrev", "--no-renames")
        options = ("-z", *what, "--topo-order", FORMAT)
        self._process: subprocess.Popen[bytes] = repository.start(
            "log", *options, *arguments, stdin=stdin, stdout=self._file
        )

    def wait(self) -> bool:
        """Wait for git to end; whether it told all (it stops early where objects are missing)."""
        return self._process.wait() == 0

    def commits(self) -> Iterator[re.Match[bytes]]:
        """The commits as they are told, newest first. Raises GitError where that is not understood.

        Of a log that ended early, what is cut off is passed over.
        """
        return told_in(self._file, whole=self.wait())

    def close(self) -> None:
        """End git if it still runs, and drop the file."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._file.close()


def told_in(file: IO[bytes], *, whole: bool) -> Iterator[re.Match[bytes]]:
    """The commits in a file, as `FORMAT` and `--raw` have them; only what is `whole` has no broken end.

    Raises GitError where it is anything else.
    """
    size = os.fstat(file.fileno()).st_size
    if not size:
        return
    told, end = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ), 0
    for found in _COMMIT.finditer(told):
        if found.start() != end:
            break
        end = found.end()
        yield found
    if end != size and whole:
        raise not_understood()


def not_understood() -> GitError:
    """The error for a log of another form."""
    return GitError("git log tells something that is not understood", advice="Which version is git?")
