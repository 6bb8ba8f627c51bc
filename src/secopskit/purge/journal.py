"""What a purge must remember to be finished, given up or undone after a crash: never a value.

Everything lies in `<git dir>/secops/purge/` (0700, files 0600). `journal.json` is replaced whole at
each step. Names that hold a value (of a ref, of a work tree) stand in it as keyed digests: whoever
resumes finds them again among the names that the repository has.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import Any, Final

from secopskit.errors import IncompleteError, SecopsError
from secopskit.git.repository import Repository
from secopskit.purge.model import RefChange
from secopskit.secret import keyed_digest
from secopskit.state.fingerprint_key import fingerprint_key
from secopskit.state.private import private_directory, replace_whole
from secopskit.state.smallfiles import read_small

JOURNAL: Final = "journal.json"
LAST: Final = "last.json"  # the journal of the last purge that ended: what a rollback goes by
STAGE: Final = "stage.git"
PACKED: Final = "packed"
_VERSION: Final = 1
_LIMIT: Final = 512 * 1024 * 1024
_DIGEST: Final = "digest:"


class PurgeStep(Enum):
    """How far a purge has come. Up to STAGED, the repository itself has not been touched."""

    PLANNED = "planned"
    BACKED_UP = "backed-up"
    STAGED = "staged"
    READY = "ready"  # everything is made and checked; the swap may have begun
    SWAPPED = "swapped"
    WORKSPACE = "workspace"
    CLEANED = "cleaned"
    PROVED = "proved"
    ROLLING_BACK = "rolling-back"

    @property
    def harmless(self) -> bool:
        """Whether the purge can be forgotten without a trace."""
        return self in {PurgeStep.PLANNED, PurgeStep.BACKED_UP, PurgeStep.STAGED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a work tree stood on, and what it is to stand on."""

    worktree: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """One purge. `doomed` are files below `objects/` that go; `packs` are the names of the new packs.

    `tips` are the ids that the new packs were made to reach. `had` names what was there before and
    is to be written anew (`commit-graph`, …). `checks` are sentences about what was verified before
    the swap. `files` are the small files that clean-up has changed, None before it is known. `repack`
    tells whether objects go at all.
    """

    id: str
    step: PurgeStep
    started: str
    fingerprints: tuple[str, ...] = ()
    backup: str = ""
    refs: tuple[RefChange, ...] = ()
    symrefs: Mapping[str, str] | None = None
    heads: tuple[Head, ...] = ()
    packs: tuple[str, ...] = ()
    tips: tuple[str, ...] = ()
    had: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    files: tuple[str, ...] | None = None
    repack: bool = True


@dataclass(frozen=True, slots=True)
class Notebook:
    """The directory in which a repository's journal lies."""

    path: str

    @classmethod
    def of(cls, repository: Repository) -> Notebook:
        """The notebook of a repository, whether or not there is anything in it."""
        return cls(os.path.join(repository.state_dir, "purge"))

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

    def file(self, name: str) -> str:
        """The path of a file or directory in it."""
        return os.path.join(self.path, name)

    def read(self, name: str = JOURNAL) -> Journal | None:
        """The journal, or None where there is none. Raises IncompleteError if it is damaged."""
        path = self.file(name)
        if not os.path.lexists(path):
            return None
        try:
            return _from_json(json.loads(read_small(path, limit=_LIMIT)))
        except (ValueError, KeyError, TypeError, RecursionError):
            raise IncompleteError(
                f"{path}: is not a journal of a purge", advice="Roll back from the backup with --rollback."
            ) from None

    def write(self, journal: Journal, name: str = JOURNAL) -> Journal:
        """Put the journal on the disk, whole. Raises SecopsError."""
        self.keep(name, json.dumps(_to_json(journal)).encode())
        return journal

    def advance(self, journal: Journal, step: PurgeStep, **changes: Any) -> Journal:
        """Write down that `step` is reached, with what has become known by then."""
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
        """Write a file of lines."""
        self.keep(name, "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))

    def lines(self, name: str) -> list[str]:
        """The lines of a file; none where there is no file."""
        try:
            with open(self.file(name), encoding="utf-8", errors="surrogateescape") as file:
                return file.read().split("\n")[:-1]
        except FileNotFoundError:
            return []

    def close(self, journal: Journal | None = None) -> None:
        """Forget the purge: the stage and all lists go, and `journal` stays as that of the last one."""
        if journal is not None:
            self.write(journal, LAST)
        with suppress(FileNotFoundError):
            os.unlink(self.file(JOURNAL))
        kept = {LAST, "lock"}
        for name in os.listdir(self.path):
            if name not in kept:
                _remove(self.file(name))


@dataclass(frozen=True, slots=True)
class NameMask:
    """Hides names that hold a value, and finds them again among candidates."""

    key: bytes
    dirty: Callable[[bytes], object]

    @classmethod
    def of(cls, repository: Repository, dirty: Callable[[bytes], object]) -> NameMask:
        """With the repository's own key. `dirty` tells whether a value stands in a name."""
        return cls(fingerprint_key(repository.state_dir), dirty)

    def hide(self, name: str) -> str:
        """`name`, or what stands for it."""
        return self._digest(name) if self.dirty(os.fsencode(name)) else name

    def find(self, hidden: str, candidates: Iterable[str]) -> str | None:
        """The name that `hidden` stands for; None where no candidate is it."""
        if not hidden.startswith(_DIGEST):
            return hidden
        return next((name for name in candidates if self._digest(name) == hidden), None)

    def _digest(self, name: str) -> str:
        return _DIGEST + keyed_digest(self.key, b"purge name", os.fsencode(name)).hex()


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            os.unlink(path)


def _to_json(journal: Journal) -> dict[str, Any]:
    known = {field.name: getattr(journal, field.name) for field in fields(journal)}
    return known | {
        "version": _VERSION,
        "step": journal.step.value,
        "refs": [[change.ref, change.old, change.new] for change in journal.refs],
        "heads": [[head.worktree, head.old, head.new] for head in journal.heads],
        "symrefs": dict(journal.symrefs or {}),
    }


def _from_json(document: dict[str, Any]) -> Journal:
    if document.pop("version") != _VERSION:
        raise ValueError
    lists = ("fingerprints", "packs", "tips", "had", "told", "checks")
    return Journal(
        **document
        | {name: tuple(document[name]) for name in lists}
        | {
            "step": PurgeStep(document["step"]),
            "files": None if document["files"] is None else tuple(document["files"]),
            "refs": tuple(RefChange(ref=ref, old=old, new=new) for ref, old, new in document["refs"]),
            "heads": tuple(Head(worktree=name, old=old, new=new) for name, old, new in document["heads"]),
        }
    )
