"""The nouns of a hardening: what a step would change, and what all of them would. Values only.

A file of the user's is only ever added to: an edit is a list of texts and the places where they are put in.
So no line that was there can be lost or moved. What an earlier run of ours put in may be replaced.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from secopskit.git.facts import IndexEntry
from secopskit.hooks.plan import HookPlan
from secopskit.named_tuple import NamedTuple


class Addition(NamedTuple):
    """A text that is put into a file at an offset of what is there.

    `old` is a text of our own that it takes the place of. `glue` is a line end that comes before it because
    the last line had none.
    """

    at: int
    new: bytes
    old: bytes = b""
    glue: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEdit:
    """Texts put into a file. `before` is its content, None where it is made. `path` is from the top."""

    path: str
    before: bytes | None = field(repr=False)
    additions: tuple[Addition, ...] = field(repr=False)

    @property
    def after(self) -> bytes:
        """The content with the additions. Raises ValueError for one that would take a line of the user's."""
        data = self.before or b""
        for addition in sorted(self.additions, reverse=True):
            end = addition.at + len(addition.old)
            if data[addition.at : end] != addition.old:
                raise ValueError(f"{self.path}: an addition does not fit")
            data = data[: addition.at] + addition.glue + addition.new + data[end:]
        return data


@dataclass(frozen=True, slots=True, kw_only=True)
class Untracking:
    """Files that leave the index and stay where they are."""

    entries: tuple[IndexEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HookWriting:
    """A git hook of this clone that is written. `words` tell it, with paths as git's own."""

    plan: HookPlan
    words: tuple[str, ...]


Change: TypeAlias = FileEdit | Untracking | HookWriting


class ListedSecret(NamedTuple):
    """A secret: its rule, its first place, in how many files it stands, and its state.

    `in_files` tells that it is not in the history alone, `grave` that it is real, and opens much.
    """

    rule: str
    path: str
    line: int
    places: int
    state: str
    fingerprint: str
    in_files: bool = True
    grave: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPlan:
    """What a step would do. `notes` are sentences for people, `commands` what they should run.

    `problem` says why the step cannot be done here. `offered` are secrets that a person may accept, each
    with a reason; nobody does so for them.
    """

    name: str
    title: str
    why: str
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    offered: tuple[ListedSecret, ...] = ()
    problem: str = ""

    @property
    def missing(self) -> bool:
        """Whether there is something that everybody who clones the repository lacks.

        A hook is this clone's own affair; a text of ours that is out of date is there all the same.
        """
        if self.problem:
            return True
        return any(
            isinstance(change, Untracking)
            or (isinstance(change, FileEdit) and not all(addition.old for addition in change.additions))
            for change in self.changes
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HardenPlan:
    """What all steps would do. `limits` say what was not looked at."""

    steps: tuple[StepPlan, ...]
    limits: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """See `ChangePlan.empty`."""
        return not any(step.changes for step in self.steps)

    def only(self, names: frozenset[str]) -> HardenPlan:
        """The plan with nothing but the steps of these names."""
        return replace(self, steps=tuple(step for step in self.steps if step.name in names))


def digest(data: bytes | None) -> str:
    """What a file is known by again: empty where there is none."""
    return "" if data is None else hashlib.sha256(data).hexdigest()
