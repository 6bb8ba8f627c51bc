"""What each commit changed, told by several `git diff-tree` while the commits are still being listed."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import IO, Final

from secopskit.errors import GitError
from secopskit.git.process import widen
from secopskit.git.repository import Repository
from secopskit.named_tuple import NamedTuple
from secopskit.progress import still_at_work

_DIFF: Final = ("diff-tree", "--stdin", "-r", "-z", "--root", "--raw", "--no-abbrev", "--no-renames")
_MOST_JOBS: Final = 8
# Neighbours share most of their trees, so git is given so many in a row.
_BATCH: Final = 1000
_PIPE: Final = 1 << 20
_CHUNK: Final = 1 << 20


class TreeChange(NamedTuple):
    """At `path`, `commit` has the object `oid`, and its parent had not."""

    commit: str
    oid: str
    path: str


class _DiffProcess(NamedTuple):
    process: subprocess.Popen[bytes]
    questions: IO[bytes]
    answers: IO[bytes]


class ChangeFeed:
    """Takes commits with their first parents, and tells what they brought in.

    `words` are further words for `git diff-tree`; `jobs` is a number of processes, 0 for one a core.
    Used as a context; leaving it ends git.
    """

    def __init__(self, view: Repository, words: tuple[str, ...] = (), *, jobs: int = 0) -> None:
        self._view = view
        self._words = words
        self._jobs = jobs or min(os.cpu_count() or 1, _MOST_JOBS)
        self._stack = ExitStack()
        self._workers: list[_DiffProcess] = []
        self._batch: list[str] = []
        self._batches = 0

    def __enter__(self) -> ChangeFeed:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.process.kill()
        self._stack.close()

    def add(self, commit: str, parent: str) -> None:
        """Ask for a commit; without a parent, all that it has is new."""
        self._batch.append(f"{commit} {parent}\n" if parent else f"{commit}\n")
        if len(self._batch) == _BATCH:
            self._send()

    def read(self) -> Iterator[TreeChange]:
        """All changes, when all commits have been added. Raises GitError."""
        if self._batch:
            self._send()
        for worker in self._workers:
            worker.questions.close()
        for worker in self._workers:
            if worker.process.wait() != 0:
                raise GitError("git diff-tree failed", advice="Is the repository whole? Try `git fsck`.")
            worker.answers.seek(0)
            yield from _parse(worker.answers)

    def _send(self) -> None:
        number = self._batches % self._jobs
        if number == len(self._workers):
            self._workers.append(self._begin())
        with suppress(BrokenPipeError):  # git has gone; its exit code will say so
            self._workers[number].questions.write("".join(self._batch).encode())
        self._batch.clear()
        self._batches += 1

    def _begin(self) -> _DiffProcess:
        asked, ask = os.pipe()
        widen(ask)
        questions = self._stack.enter_context(open(ask, "wb", buffering=0))  # noqa: SIM115 - it is one
        answers = self._stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - it is one
        with open(asked, "rb") as stdin:
            process = self._view.start(*_DIFF, *self._words, stdin=stdin, stdout=answers)
        return _DiffProcess(self._stack.enter_context(process), questions, answers)


def _parse(answers: IO[bytes]) -> Iterator[TreeChange]:
    commit = ""
    fields = _fields(answers)
    for one in fields:
        if not one.startswith(b":"):
            commit = one.decode()
            continue
        # :<mode> <mode> <old id> <new id> <status>, then the path
        path, new = os.fsdecode(next(fields)), one.split(b" ")[3]
        if new.strip(b"0"):
            yield TreeChange(commit, new.decode(), path)


def _fields(answers: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while chunk := answers.read(_CHUNK):
        still_at_work()
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole
