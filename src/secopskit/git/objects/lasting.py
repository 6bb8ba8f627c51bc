"""Git objects one after the other, in the order they are asked for, from one `git cat-file`.

By the hundred thousand for a purge, a few for a commit, and each only if it is not too large.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import partial
from io import BufferedReader
from itertools import islice
from typing import IO, Final, Self

from secopskit.errors import GitError
from secopskit.git.bounded import PatientPipe
from secopskit.git.process import widen
from secopskit.git.repository import Repository
from secopskit.named_tuple import NamedTuple

# Two such windows of ids fit into any system's pipe, so that neither side waits for the other.
_WINDOW: Final = 200
_BUFFER: Final = 1 << 20
_ADVICE: Final = "Is the repository whole? Try `git fsck`."


def _nothing() -> None:
    pass


class Object(NamedTuple):
    """One object; `kind` is git's word for it."""

    kind: str
    data: bytes


class Content(NamedTuple):
    """One object, or why not. `data` is None where it is too large, `size` too where it is missing.

    A `damaged` one is there, and git fails to read it; it has neither.
    """

    oid: str
    kind: str
    size: int | None
    data: bytes | None
    damaged: bool = False


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
        for content in self.each(oids):
            if content.data is None:
                raise GitError(f"object {content.oid} is missing", advice=_ADVICE)
            yield Object(content.kind, content.data)

    def each(self, oids: Iterable[str], *, limit: int | None = None) -> Iterator[Content]:
        """The objects in the order of `oids`, their content if it has at most `limit` bytes.

        git is asked for the first ones at once. To be read to its end. Raises GitError if git ends early.
        """
        source = iter(oids)
        first = list(islice(source, _WINDOW))
        self._ask(first)
        return self._answers_to(first, source, limit)

    def _answers_to(self, window: list[str], source: Iterator[str], limit: int | None) -> Iterator[Content]:
        while window:
            following = list(islice(source, _WINDOW))
            self._ask(following)  # git reads on while we look at what it has read
            for oid in window:
                yield self._answer(oid, limit)
            window = following

    def _ask(self, oids: list[str]) -> None:
        if oids:
            with suppress(BrokenPipeError):  # git has gone; its silence will say so
                self._questions.write("".join(f"{oid}\n" for oid in oids).encode())

    def _answer(self, oid: str, limit: int | None) -> Content:
        words = self._answers.readline().split()
        if not words:
            raise _ended()
        if words[0] != oid.encode():  # what stands before it was longer than git had said
            raise _ended()
        if len(words) != 3:
            return Content(oid, "", None, None)
        kind, size = words[1].decode(), int(words[2])
        if limit is not None and size > limit:
            self._pass_over(size + 1)
            return Content(oid, kind, size, None)
        data = self._answers.read(size)
        if len(data) != size or self._answers.read(1) != b"\n":
            raise _ended()
        return Content(oid, kind, size, data)

    def _pass_over(self, size: int) -> None:
        while size:
            passed = len(self._answers.read(min(size, _BUFFER)))
            if not passed:
                raise _ended()
            size -= passed


def _ended() -> GitError:
    return GitError("git cat-file ended early", advice=_ADVICE)


@contextmanager
def reading(repository: Repository) -> Iterator[ObjectReader]:
    """A reader of the repository's objects, while the block lasts."""
    (asked, ask), (answer, answered) = os.pipe(), os.pipe()
    widen(answer)
    with os.fdopen(asked, "rb") as stdin, os.fdopen(answered, "wb") as stdout:
        process = repository.start("cat-file", "--batch", stdin=stdin, stdout=stdout)
    raw = PatientPipe(process, open(answer, "rb", buffering=0))  # noqa: SIM115 - it closes what it has
    with process, BufferedReader(raw, _BUFFER) as answers, open(ask, "wb", buffering=0) as questions:
        try:
            yield ObjectReader(questions, answers)
        finally:
            process.kill()  # what it was asked last may never be read


class PatientReader:
    """Reads on past what git gives up at: such an object is `damaged`. Used as a context.

    `open_reader` starts a reader, for the first object and again behind each that one has ended at.
    """

    def __init__(
        self, repository: Repository, open_reader: Callable[[], AbstractContextManager[ObjectReader]]
    ) -> None:
        self._repository = repository
        self._open = open_reader
        self._begun = ExitStack()
        self._reader: ObjectReader | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._begun.close()

    def each(
        self, oids: Iterable[str], *, limit: int, meanwhile: Callable[[], object] = _nothing
    ) -> Iterator[Content]:
        """Objects in the order of `oids`, the content of those with at most `limit` bytes.

        `meanwhile` is called while git begins to read. To be read to its end. Raises GitError.
        """
        pending, done = list(oids), 0
        while done < len(pending):
            try:
                self._reader = self._reader or self._begun.enter_context(self._open())
                contents = self._reader.each(pending[done:], limit=limit)
                meanwhile()
                for content in contents:
                    done += 1
                    yield content
            except GitError:
                self._reader = None
                self._begun.close()
                if not self._repository.succeeds("rev-parse", "--git-dir"):
                    raise
                yield Content(pending[done], "", None, None, damaged=True)
                done += 1


def read_each(
    repository: Repository, oids: Iterable[str], *, limit: int, meanwhile: Callable[[], object] = _nothing
) -> Iterator[Content]:
    """`PatientReader.each`, by one git that is started for it. Raises GitError."""
    with PatientReader(repository, partial(reading, repository)) as reader:
        yield from reader.each(oids, limit=limit, meanwhile=meanwhile)
