"""The journal of a purge: what it must remember to be finished, given up or undone. Never a value.

Everything lies in `<git dir>/secops/purge/`, the purge's notebook. A rollback goes by the journal of
the last purge that ended. Names that hold a value (of a ref, of a work tree) stand in it as keyed
digests: whoever resumes finds them again among the names that the repository has.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, Final, Self

from secopskit.git.repository import Repository
from secopskit.purge.model import RefChange, StagedFile
from secopskit.state.fingerprint_key import fingerprint_key, require_same_key, sealed
from secopskit.state.notebook import JournalForm, Notebook

STAGE: Final = "stage.git"
PACKED: Final = "packed"
_VERSION: Final = 1
_DIGEST: Final = "digest:"


class PurgeStep(Enum):
    """A step that a purge has come to. Up to STAGED, the repository itself has not been touched."""

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
    """The head of a work tree: the commit that it stood on, and the one that it is to stand on."""

    worktree: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """The journal of one purge: how far it has come, and what is needed to go on from there.

    `refs`, `symrefs` and `heads` are what the swap changes; `packs` are the names of the new packs,
    and `tips` the ids that these were made to reach. `had` names what was there before and is to be
    written anew (`commit-graph`, …). `told` are sentences about what was done, `checks` those about
    what was verified before the swap. `files` are the small files that clean-up has changed, None before
    it is known. `repack` tells whether objects go at all.
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
    unstaged: tuple[StagedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class NameMask:
    """A mask over names that hold a value: hides them, and finds them again among candidates."""

    key: bytes
    dirty: Callable[[bytes], object] | None

    @classmethod
    def of(cls, repository: Repository, dirty: Callable[[bytes], object] | None = None) -> NameMask:
        """With the repository's own key. `dirty` tells whether a value stands in a name, if that is known."""
        return cls(fingerprint_key(repository.state_dir), dirty)

    def hide(self, name: str) -> str:
        """`name`, or what stands for it."""
        return self._digest(name) if self.dirty and self.dirty(os.fsencode(name)) else name

    def find(self, hidden: str, candidates: Iterable[str]) -> str | None:
        """The name that `hidden` stands for; None where no candidate is it.

        Raises RefusedError for one that was hidden with another key.
        """
        if not hidden.startswith(_DIGEST):
            return hidden
        require_same_key(self.key, hidden.removeprefix(_DIGEST), of="a purge")
        return next((name for name in candidates if self._digest(name) == hidden), None)

    def hidden_among(self, names: Iterable[str], hidden: Iterable[str]) -> frozenset[str]:
        """Those of `names` that a digest among `hidden` stands for. Raises RefusedError as `find` does."""
        digests = {one for one in hidden if one.startswith(_DIGEST)}
        for one in digests:
            require_same_key(self.key, one.removeprefix(_DIGEST), of="a purge")
        return frozenset(name for name in names if self._digest(name) in digests) if digests else frozenset()

    def _digest(self, name: str) -> str:
        return _DIGEST + sealed(self.key, b"purge name", name)


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
            "unstaged": tuple(StagedFile(*fields) for fields in document.get("unstaged", ())),
            "heads": tuple(Head(worktree=name, old=old, new=new) for name, old, new in document["heads"]),
        }
    )


_FORM: Final = JournalForm(
    encode=_to_json,
    decode=_from_json,
    of="a purge",
    running="another purge of this repository",
    advice="Roll back from the backup with --rollback.",
    busy="Let it finish, or say --wait to wait for it.",
)


class PurgeNotebook(Notebook[Journal]):
    """The directory in which a repository's purge keeps its journal, its stage and its lists."""

    __slots__ = ()

    @classmethod
    def of(cls, repository: Repository) -> Self:
        """The notebook of a repository, whether or not there is anything in it."""
        return cls(os.path.join(repository.state_dir, "purge"), _FORM)
