"""The facts of a plan, free of values: counts, names and ids, ready for every form of report."""

from __future__ import annotations

from dataclasses import dataclass

from secopskit.purge.tell.scope import ScopeFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFacts:
    """A kind of place where a value stands: in how many, and which."""

    place: str
    count: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueFacts:
    """One value of the plan. `confined` tells that it is replaced in some files only."""

    number: int
    label: str
    preview: str
    fingerprint: str
    rule: str
    finding: str
    remediation: str
    rotated: bool
    confined: bool
    spots: tuple[PlaceFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DropFacts:
    """A file or directory to be removed; `keeps_head` but for what stands there in HEAD.

    With `only_copies`, those versions of it alone that have the content of another file that is removed.
    """

    path: str
    keeps_head: bool
    only_copies: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ElsewhereFacts:
    """A path that stays, with content of a file that goes: another name of it if `renamed`, or a copy."""

    path: str
    renamed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideFacts:
    """A place that is no object, where values stand. A purge cleans it itself where it is `ours`."""

    place: str
    name: str
    values: tuple[int, ...]
    advice: str
    ours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BinaryFacts:
    """The dirty files of a format that is no text. They keep their length; who `checks` will refuse them.

    `consequence` is what that means for their owner, empty for nothing.
    """

    format: str
    files: tuple[str, ...]
    checks: bool
    consequence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFacts:
    """A plan. `first` are the oldest commits to change, `current` the files of HEAD that will.

    `removed` are the files of HEAD that go. `binary` are the dirty files that are no text.
    `archives` are the members that hold a value (`dist.zip!.env`),
    `archives_become` what is decided about them: `drop`, `replace`, `keep`, or empty for nothing yet.
    `naming` counts the messages and notes that name commits which change, `only_naming` the commits that
    change for that alone; with `keeps_ids` none does, and the old ids stay.
    `unopened` tells what in archives could not be looked into. `left_out` tells of values that are not
    part of it, `blockers` why it could not be applied now, and `remarks` what else the user should know:
    each a sentence. There is nothing to do if it is `empty`.
    `unstage` are staged files to be taken out of the index. `unreadable` are the objects that could not
    be read: what stands in them, nobody knows.
    """

    repository: str
    values: tuple[ValueFacts, ...]
    drops: tuple[DropFacts, ...]
    commits: int
    total_commits: int
    first: tuple[str, ...]
    refs: tuple[str, ...]
    total_refs: int
    renamed_refs: tuple[str, ...]
    tags: int
    note_commits: int
    stash: int
    signatures: int
    unreachable: int
    missing: int
    unreadable: tuple[str, ...]
    current: tuple[str, ...]
    outside: tuple[OutsideFacts, ...]
    objects: int
    bytes_read: int
    left_out: tuple[str, ...] = ()
    blockers: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    binary: tuple[BinaryFacts, ...] = ()
    archives: tuple[str, ...] = ()
    archives_become: str = ""
    unopened: tuple[str, ...] = ()
    elsewhere: tuple[ElsewhereFacts, ...] = ()
    naming: int = 0
    only_naming: int = 0
    keeps_ids: bool = False
    empty: bool = False
    scope: ScopeFacts | None = None
    unstage: tuple[str, ...] = ()
