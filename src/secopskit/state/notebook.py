"""The notebook: a directory of ours in which a command that changes the world keeps its journal.

`journal.json` is replaced whole at each step, so that after a crash it says what was reached. Lists
that the command needs to go on lie beside it. When the command ends, all of it goes but `last.json`,
the journal of the last one that ended, and the lock.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

from secopskit.errors import IncompleteError, SecopsError
from secopskit.state.lock import GRACE, LOCK_NAME, held, is_held
from secopskit.state.private import private_directory, replace_whole, require_own
from secopskit.state.smallfiles import read_small

if TYPE_CHECKING:
    from enum import Enum

    from _typeshed import DataclassInstance

JOURNAL: Final = "journal.json"
LAST: Final = "last.json"
_LIMIT: Final = 512 * 1024 * 1024
_Journal = TypeVar("_Journal", bound="DataclassInstance")


class JournalForm(NamedTuple, Generic[_Journal]):
    """What a command's journal is: its form on the disk, and what messages say of it.

    `decode` gets what JSON made of the file and raises ValueError, KeyError, TypeError or AttributeError for
    what is no journal; the version is its business. `of` completes "a journal of …" (`a purge`), `running`
    "… is running" (`another purge of this repository`), and `busy` says what to do then. `advice` helps
    where a journal is damaged.
    """

    encode: Callable[[_Journal], dict[str, Any]]
    decode: Callable[[Any], _Journal]
    of: str
    running: str
    advice: str
    busy: str = "Let it finish."


@dataclass(frozen=True, slots=True)
class Notebook(Generic[_Journal]):
    """A directory with a journal of the type `_Journal`: a frozen dataclass with a field `step`."""

    path: str
    form: JournalForm[_Journal]

    def open(self) -> None:
        """Make the directory, for us alone. Raises SecopsError, RefusedError."""
        try:
            private_directory(os.path.dirname(self.path))
            private_directory(self.path)
        except OSError as error:
            raise SecopsError(
                f"{self.path}: cannot be made: {error.strerror}",
                advice="The repository must be writable. Nothing was changed.",
            ) from None

    def held(self, *, wait: float = 0.0) -> AbstractContextManager[int]:
        """Hold the lock as `lock.held` does: one command at a time. Raises RefusedError.

        Waits for `lock.GRACE` at least.
        """
        return held(self.path, running=self.form.running, advice=self.form.busy, wait=max(wait, GRACE))

    def is_held(self, *, wait: float = 0.0) -> bool:
        """Whether such a command is running, and still is after `wait` seconds, or `lock.GRACE`."""
        return is_held(self.path, wait=max(wait, GRACE))

    def file(self, name: str) -> str:
        """The path of a file or directory in it."""
        return os.path.join(self.path, name)

    def read(self, name: str = JOURNAL) -> _Journal | None:
        """The journal, or None where there is none.

        Raises IncompleteError if it is damaged, RefusedError if it is another user's: it
        would be carried out.
        """
        path = self.file(name)
        if not os.path.lexists(path):
            return None
        require_own(self.path)
        require_own(path)
        try:
            return self.form.decode(json.loads(read_small(path, limit=_LIMIT)))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise IncompleteError(
                f"{path}: is not a journal of {self.form.of}", advice=self.form.advice
            ) from None

    def write(self, journal: _Journal, name: str = JOURNAL) -> _Journal:
        """Put the journal on the disk, whole. Raises SecopsError."""
        self.keep(name, json.dumps(self.form.encode(journal)).encode())
        return journal

    def advance(self, journal: _Journal, step: Enum, **changes: Any) -> _Journal:
        """Write down that `step` is reached, with what has become known by then. Raises SecopsError."""
        return self.write(replace(journal, step=step, **changes))

    def keep(self, name: str, data: bytes) -> None:
        """Write a file, whole or not at all, and see it on the disk. Raises SecopsError."""
        path = self.file(name)
        try:
            replace_whole(path, data)
        except OSError as error:
            raise SecopsError(
                f"{path}: cannot be written: {error.strerror}", advice="Is the disk full?"
            ) from None

    def keep_lines(self, name: str, lines: Iterable[str]) -> None:
        """Write a file of lines. Raises SecopsError."""
        self.keep(name, "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))

    def lines(self, name: str) -> list[str]:
        """The lines of a file; none where there is no file."""
        try:
            with open(self.file(name), encoding="utf-8", errors="surrogateescape") as file:
                return file.read().split("\n")[:-1]
        except FileNotFoundError:
            return []

    def close(self, journal: _Journal | None = None) -> None:
        """Forget the command: the journal goes with all that lies beside it.

        `journal` stays as the last one. Raises SecopsError.
        """
        if journal is not None:
            self.write(journal, LAST)
        with suppress(FileNotFoundError):
            os.unlink(self.file(JOURNAL))
        for name in os.listdir(self.path):
            if name not in {LAST, LOCK_NAME}:
                _remove(self.file(name))


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            os.unlink(path)
