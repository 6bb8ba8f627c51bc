"""Git objects by the hundred thousand, in the order they are asked for, from one `git cat-file`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from typing import IO, Final, NamedTuple

from secopskit.errors import GitError
from secopskit.git.process import widen
from secopskit.git.repository import Repository

# Two such windows of ids fit into any system's pipe, so that neither side waits for the other.
_WINDOW: Final = 200
_BUFFER: Final = 1 << 20
_ADVICE: Final = "Is the repository whole? Try `git fsck`."


class Object(NamedTuple):
    """One object; `kind` is git's word for it."""

    kind: str
    data: bytes


class ObjectReader:
    """Asks one git process for objects, by two pipes; see `reading`."""

    def __init__(self, questions: IO[bytes], answers: IO[bytes]) -> None:
        self._questions = questions
        self._answers = answers

    def one(self, oid: str) -> Object:
        """One object. Raises GitError if it is missing."""
        (found,) = self.many((oid,))
        return found

    def many(self, oids: Iterable[str]) -> Iterator[Object]:
        """The objects in the order of `oids`. To be read to its end. Raises GitError if one is missing."""
        source = iter(oids)
        window = list(islice(source, _WINDOW))
        self._ask(window)
        while window:
            following = list(islice(source, _WINDOW))
            self._ask(following)  # git reads on while we look at what it has read
            for oid in window:
                yield self._answer(oid)
            window = following

    def _ask(self, oids: list[str]) -> None:
        if oids:
            with suppress(BrokenPipeError):  # git has gone; its silence will say so
                self._questions.write("".join(f"{oid}\n" for oid in oids).encode())

    def _answer(self, oid: str) -> Object:
        words = self._answers.readline().split()
        if not words:
            raise GitError("git cat-file ended early", advice=_ADVICE)
        if len(words) != 3:
            raise GitError(f"object {oid} is missing", advice=_ADVICE)
        size = int(words[2])
        data = self._answers.read(size)
        if len(data) != size or not self._answers.read(1):
            raise GitError("git cat-file ended early", advice=_ADVICE)
        return Object(words[1].decode(), data)


@contextmanager
def reading(repository: Repository) -> Iterator[ObjectReader]:
    """A reader of the repository's objects, while the block lasts."""
    (asked, ask), (answer, answered) = os.pipe(), os.pipe()
    widen(answer)
    with os.fdopen(asked, "rb") as stdin, os.fdopen(answered, "wb") as stdout:
        process = repository.start("cat-file", "--batch", stdin=stdin, stdout=stdout)
    with process, open(answer, "rb", buffering=_BUFFER) as answers, open(ask, "wb", buffering=0) as questions:
        try:
            yield ObjectReader(questions, answers)
        finally:
            process.kill()  # what it was asked last may never be read
