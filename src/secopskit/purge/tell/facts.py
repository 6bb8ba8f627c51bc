"""The facts of a plan, free of values: counts, names and ids, ready for every form of report.

A name that holds a value is redacted here, once; whoever renders need not think of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from secopskit.git.repository import Repository
from secopskit.purge.find.committed import committed_files
from secopskit.purge.model import Leftover, PlaceKind, PurgeTarget
from secopskit.purge.plan import PurgePlan
from secopskit.purge.values.matcher import ValueMatcher
from secopskit.report.text import visible

Show = Callable[[str], str]


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
    """A file or directory to be removed; `keeps_head` but for what stands there in HEAD."""

    path: str
    keeps_head: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideFacts:
    """A place that is no object, where values stand. A purge cleans it itself where it is `ours`."""

    place: str
    name: str
    values: tuple[int, ...]
    advice: str
    ours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFacts:
    """A plan. `first` are the oldest commits to change, `current` the files of HEAD that will.

    `left_out` tells of values that are not part of it, `blockers` why it could not be applied now,
    and `remarks` what else the user should know: each a sentence. There is nothing to do if it is `empty`.
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
    current: tuple[str, ...]
    outside: tuple[OutsideFacts, ...]
    objects: int
    bytes_read: int
    left_out: tuple[str, ...] = ()
    blockers: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    empty: bool = False


def shown(matcher: ValueMatcher) -> Show:
    """A function that makes a name fit to be printed: no value in it, and nothing for a terminal."""

    def show(name: str) -> str:
        return visible(matcher.redact_text(name))

    return show


def plan_facts(repository: Repository, plan: PurgePlan, matcher: ValueMatcher) -> PlanFacts:
    """The facts of `plan`. Raises GitError."""
    extent, survey, show = plan.extent, plan.survey, shown(matcher)
    reached = extent.paths.keys()
    current = frozenset(_current(repository, plan))
    return PlanFacts(
        repository=visible(repository.root),
        values=tuple(_value(plan, target, matcher, show) for target in plan.targets),
        drops=tuple(DropFacts(path=show(drop.path), keeps_head=bool(drop.keep)) for drop in plan.drops),
        commits=len(extent.commits),
        total_commits=extent.total_commits,
        first=extent.first,
        refs=tuple(show(ref) for ref in extent.refs),
        total_refs=extent.total_refs,
        renamed_refs=tuple(show(new) for new in extent.renamed_refs.values()),
        tags=len(extent.tags),
        note_commits=len(extent.notes),
        stash=len(extent.stash),
        signatures=len(extent.signed),
        unreachable=sum(oid not in reached for oid in survey.blobs),
        missing=len(survey.missing),
        current=_sorted(current, show),
        outside=tuple(outside_facts(one, show, current) for one in plan.outside),
        objects=len(survey.seen) // survey.width,
        bytes_read=survey.bytes_read,
        empty=plan.empty,
    )


def outside_facts(leftover: Leftover, show: Show, current: frozenset[str] = frozenset()) -> OutsideFacts:
    """A leftover, its names fit to be printed. `current` are the files that a purge will write anew."""
    written = leftover.place is PlaceKind.WORK_TREE and leftover.name in current
    return OutsideFacts(
        place=leftover.place.value,
        name=show(leftover.name),
        values=leftover.targets,
        advice=show(leftover.advice),
        ours=bool(leftover.targets) and (written or _cleaned(leftover)),
    )


def _cleaned(leftover: Leftover) -> bool:
    """Whether a purge looks after such places. The user's own hooks are left alone."""
    if leftover.place is PlaceKind.GIT_FILE:
        return not leftover.name.startswith("hooks/")
    return leftover.place in (PlaceKind.REF, PlaceKind.REFLOG, PlaceKind.INDEX, PlaceKind.CONFIG)


def _value(plan: PurgePlan, target: PurgeTarget, matcher: ValueMatcher, show: Show) -> ValueFacts:
    return ValueFacts(
        number=target.number,
        label=show(target.label),
        preview=visible(target.preview),
        fingerprint=target.fingerprint,
        rule=target.rule_id,
        finding=target.finding_id,
        remediation=visible(target.remediation),
        rotated=target.rotated,
        confined=target.blobs is not None,
        spots=tuple(_spots(plan, target.number, matcher, show)),
    )


def _spots(plan: PurgePlan, number: int, matcher: ValueMatcher, show: Show) -> Iterator[PlaceFacts]:
    """The kinds of places where a target stands in the history, those that nothing refers to apart."""
    survey, extent = plan.survey, plan.extent
    blobs = [oid for oid, numbers in survey.blobs.items() if number in numbers]
    reached = [oid for oid in blobs if oid in extent.paths]
    if reached:
        paths = {path for oid in reached for path in extent.paths[oid]}
        yield PlaceFacts(place=PlaceKind.BLOB.value, count=len(reached), names=_sorted(paths, show))
    if len(blobs) > len(reached):
        lost = tuple(sorted(oid for oid in blobs if oid not in extent.paths))
        yield PlaceFacts(place=PlaceKind.UNREACHABLE.value, count=len(lost), names=lost)
    paths = {path for path in extent.dirty_paths if number in matcher.contains(os.fsencode(path))}
    refs = [new for old, new in extent.renamed_refs.items() if number in matcher.contains(os.fsencode(old))]
    commits = tuple(oid for oid, numbers in survey.commits.items() if number in numbers)
    tags = tuple(oid for oid, numbers in survey.tags.items() if number in numbers)
    rest: tuple[tuple[str, tuple[str, ...]], ...] = (
        (PlaceKind.PATH.value, _sorted(paths, show)),
        ("messages and authors", commits),
        (PlaceKind.TAG.value, tags),
        (PlaceKind.REF.value, _sorted(refs, show)),
    )
    for place, names in rest:
        if names:
            yield PlaceFacts(place=place, count=len(names), names=names)


def _sorted(names: Iterable[str], show: Show) -> tuple[str, ...]:
    return tuple(sorted({show(name) for name in names}))


def _current(repository: Repository, plan: PurgePlan) -> Iterator[str]:
    """The files of HEAD that will read differently afterwards, or be gone."""
    dirty, drops = plan.survey.blobs.keys(), plan.drops
    for file in committed_files(repository) if dirty or drops else ():
        if file.oid in dirty or any(drop.takes(*file) for drop in drops):
            yield file.path
