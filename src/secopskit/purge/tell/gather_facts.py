"""The gathering of a plan's facts. A name that holds a value is redacted here, once; who renders need not."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from secopskit.git.repository import Repository
from secopskit.git.worktrees import view, work_trees
from secopskit.purge.find.committed import committed_files
from secopskit.purge.find.content.binaries import binary_blobs, names_of_binaries
from secopskit.purge.find.elsewhere import PathElsewhere
from secopskit.purge.find.named import archived_names, named_unopened
from secopskit.purge.find.outside import name_in_tree
from secopskit.purge.find.paths import DropSet
from secopskit.purge.find.place_kinds import kind_of
from secopskit.purge.model import ArchiveFate, Drop, Leftover, PlaceKind, PurgeTarget
from secopskit.purge.plan import PurgePlan
from secopskit.purge.tell.facts import (
    BinaryFacts,
    DropFacts,
    ElsewhereFacts,
    OutsideFacts,
    PlaceFacts,
    PlanFacts,
    ValueFacts,
)
from secopskit.purge.tell.scope import Show
from secopskit.purge.values.matcher import ValueMatcher
from secopskit.report.text import visible


def shown(matcher: ValueMatcher) -> Show:
    """A function that makes a name fit to be printed: no value in it, and nothing for a terminal."""

    def show(name: str) -> str:
        return visible(matcher.redact_text(name))

    return show


def plan_facts(
    repository: Repository, plan: PurgePlan, matcher: ValueMatcher, elsewhere: Iterable[PathElsewhere] = ()
) -> PlanFacts:
    """The facts of `plan`; `elsewhere` is where else the content of its drops stands. Raises GitError."""
    extent, survey, show = plan.extent, plan.survey, shown(matcher)
    reached = extent.paths.keys()
    current, written = dict(_current(repository, plan)), _written(repository, plan)
    held = (name for oid, paths in plan.archive_paths.items() for name in _archived(plan, oid, paths))
    return PlanFacts(
        repository=visible(repository.root),
        values=tuple(_value(plan, target, matcher, show) for target in plan.targets),
        drops=tuple(_drop(drop, show) for drop in plan.drops),
        elsewhere=tuple(ElsewhereFacts(path=show(one.path), renamed=one.renamed) for one in elsewhere),
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
        unreadable=survey.missing,
        current=_sorted((path for path, goes in current.items() if not goes), show),
        removed=_sorted((path for path, goes in current.items() if goes), show),
        binary=tuple(_binary(repository, plan, show)),
        archives=_sorted(held, show),
        archives_become=plan.archives.value if plan.archives else "",
        unopened=tuple(show(text) for text in named_unopened(repository, survey)),
        outside=tuple(_outside(plan, one, outside_facts(one, show, written)) for one in plan.outside),
        naming=len(extent.names),
        only_naming=extent.only_naming,
        keeps_ids=extent.keep_ids,
        objects=len(survey.seen) // survey.width,
        bytes_read=survey.bytes_read,
        empty=plan.empty,
        unstage=tuple(show(one.path) for one in plan.unstage),
    )


def _drop(drop: Drop, show: Show) -> DropFacts:
    return DropFacts(
        path=show(drop.path), keeps_head=bool(drop.keep) and not drop.copies, only_copies=drop.copies
    )


def outside_facts(leftover: Leftover, show: Show, files: Collection[str] = ()) -> OutsideFacts:
    """A leftover, its names fit to be printed. `files` of work trees are those that a purge writes anew."""
    written = leftover.place is PlaceKind.WORK_TREE and leftover.name in files
    return OutsideFacts(
        place=leftover.place.value,
        name=show(leftover.name),
        values=leftover.targets,
        advice=show(leftover.advice),
        ours=bool(leftover.targets) and (written or _cleaned(leftover)),
    )


def _outside(plan: PurgePlan, leftover: Leftover, facts: OutsideFacts) -> OutsideFacts:
    """A stored object of Git LFS goes with its pointer, HEAD with its branch."""
    name = os.path.basename(leftover.name)
    if leftover.place is PlaceKind.GIT_FILE:
        goes = name == "HEAD" and bool(plan.extent.renamed_refs)
    else:
        goes = leftover.place is PlaceKind.LFS and name in plan.large_files.values()
    return replace(facts, ours=True) if goes else facts


def _cleaned(leftover: Leftover) -> bool:
    """Whether a purge looks after such places. Hooks and work trees are their user's, and left alone."""
    if leftover.place is PlaceKind.GIT_FILE:
        return kind_of(leftover.name).ours
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
    plain = [oid for oid in reached if oid not in survey.archives]
    if plain:
        paths = {path for oid in plain for path in extent.paths[oid]}
        yield PlaceFacts(place=PlaceKind.BLOB.value, count=len(plain), names=_sorted(paths, show))
    yield from _archives(plan, number, show)
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


def _archives(plan: PurgePlan, number: int, show: Show) -> Iterator[PlaceFacts]:
    """The members of archives in which a target stands."""
    extent, survey = plan.extent, plan.survey
    paths = {oid: plan.archive_paths.get(oid) or extent.paths.get(oid, ()) for oid in survey.archives}
    names = {name for oid, places in paths.items() for name in _archived(plan, oid, places, number)}
    if names:
        yield PlaceFacts(place=PlaceKind.ARCHIVE.value, count=len(names), names=_sorted(names, show))


def _archived(plan: PurgePlan, oid: str, paths: Iterable[str], number: int | None = None) -> tuple[str, ...]:
    """The names of the members of an archive in which a target stands, or this one."""
    hits = plan.survey.archives[oid]
    own = (hit for hit in hits if number is None or number in hit.numbers)
    return archived_names(paths or (f"object {oid}",), own)


def _binary(repository: Repository, plan: PurgePlan, show: Show) -> Iterator[BinaryFacts]:
    """The files that are no text and stay, by their format. Raises GitError."""
    blobs, formats = plan.survey.blobs.keys() - plan.survey.archives.keys(), plan.survey.formats
    known = {oid: format_ for oid in blobs if (format_ := formats.get(oid))}
    found = {**known, **binary_blobs(repository, blobs - formats.keys())}
    for format_, names in names_of_binaries(found, plan.extent.paths).items():
        yield BinaryFacts(
            format=format_.name,
            files=_sorted(names, show),
            checks=format_.checks,
            consequence=format_.consequence,
        )


def _sorted(names: Iterable[str], show: Show) -> tuple[str, ...]:
    return tuple(sorted({show(name) for name in names}))


def _written(repository: Repository, plan: PurgePlan) -> frozenset[str]:
    """The files of all work trees that are written anew, as leftovers call them: each by its own HEAD."""
    if all(one.place is not PlaceKind.WORK_TREE for one in plan.outside):
        return frozenset()
    return frozenset(
        name_in_tree(repository, tree, path)
        for tree in work_trees(repository)
        if tree.path and not tree.missing
        for path, _ in _current(view(repository, tree), plan)
    )


def _current(repository: Repository, plan: PurgePlan) -> Iterator[tuple[str, bool]]:
    """The files of HEAD that will read differently afterwards, each with whether it goes altogether."""
    dirty, going = plan.survey.blobs.keys(), DropSet(plan.drops)
    dropped = plan.archive_paths.keys() if plan.archives is ArchiveFate.DROP else ()
    for file in committed_files(repository) if dirty or plan.drops else ():
        goes = file.oid in dropped or going.takes(*file)
        if goes or file.oid in dirty:
            yield file.path, goes
