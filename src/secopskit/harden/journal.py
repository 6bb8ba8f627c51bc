"""The journal of a hardening: what was written, so that it can be finished, and taken back to the byte.

It lies in `<git dir>/secops/init/`. While a run is under way it is the notebook's journal; afterwards, as
`last.json`, the record of all runs. Nothing but our own texts stands in it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any, Final

from secopskit.git.facts import IndexEntry
from secopskit.git.repository import Repository
from secopskit.state.notebook import JOURNAL, LAST, JournalForm, Notebook

_VERSION: Final = 1
DIRECTORY: Final = "init"


class HardenStage(Enum):
    """What is under way."""

    WRITING = "writing"
    UNDOING = "undoing"
    DONE = "done"


class WrittenKind(Enum):
    """What was changed."""

    FILE = "file"
    INDEX = "index"
    HOOK = "hook"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenText:
    """A text of ours in a file, what of ours it took the place of, and the line end put before it."""

    new: str
    old: str = ""
    glue: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenChange:
    """A change that was made or, if `pending`, was about to be.

    A file has its `path`, the `texts` in the order of their places, and the digests of its content `before`
    and `after`; `created` with the directories that were `made`. The index has `entries`, a hook its `path`.
    """

    step: str
    kind: WrittenKind
    pending: bool = True
    path: str = ""
    texts: tuple[WrittenText, ...] = ()
    created: bool = False
    made: tuple[str, ...] = ()
    before: str = ""
    after: str = ""
    entries: tuple[IndexEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HardenJournal:
    """All changes of all runs, in their order. `results` are digests of files that are being taken back."""

    step: HardenStage
    changes: tuple[WrittenChange, ...] = ()
    results: Mapping[str, str] = field(default_factory=dict)


def notebook_of(repository: Repository) -> Notebook[HardenJournal]:
    """The notebook of the work tree: a linked one has files and an index of its own."""
    return Notebook(os.path.join(repository.git_dir, "secops", DIRECTORY), _FORM)


def recorded(book: Notebook[HardenJournal]) -> HardenJournal:
    """What is under way, or else the record of what was done. Raises IncompleteError, RefusedError."""
    return book.read(JOURNAL) or book.read(LAST) or HardenJournal(step=HardenStage.DONE)


def _encode(journal: HardenJournal) -> dict[str, Any]:
    document = asdict(journal) | {"version": _VERSION, "step": journal.step.value}
    for change in document["changes"]:
        change["kind"] = change["kind"].value
    return document


def _decode(document: Any) -> HardenJournal:
    if document["version"] != _VERSION:
        raise ValueError("version")
    return HardenJournal(
        step=HardenStage(document["step"]),
        changes=tuple(_change(each) for each in document["changes"]),
        results={str(path): str(value) for path, value in document["results"].items()},
    )


def _change(document: dict[str, Any]) -> WrittenChange:
    return WrittenChange(
        **document
        | {
            "kind": WrittenKind(document["kind"]),
            "texts": tuple(WrittenText(**each) for each in document["texts"]),
            "made": tuple(document["made"]),
            "entries": tuple(IndexEntry(**each) for each in document["entries"]),
        }
    )


_FORM: Final = JournalForm(
    _encode,
    _decode,
    of="`secops init`",
    running="another `secops init` of this work tree",
    advice="Move the file away: `secops init` then goes by what it finds, and --undo knows nothing.",
)
