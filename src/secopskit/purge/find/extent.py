"""The extent of a purge: exactly the commits, tags and refs that lead to something dirty.

Everything is asked from git as it stored it, without grafts and replacements. Objects that nothing
leads to need no rewriting: they are pruned.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from secopskit.git.history.commitgraph import CommitGraph, load_graph
from secopskit.git.history.introductions import Introductions, graph_with, introduced_at
from secopskit.git.history.reach import ReachedObjects
from secopskit.git.objects.lasting import ObjectReader, reading
from secopskit.git.objects.tree import entries
from secopskit.git.refs import (
    NOTES,
    REPLACE,
    Ref,
    RefMap,
    Tag,
    peel,
    plain_view,
    read_refs,
    read_tags,
)
from secopskit.git.repository import Repository
from secopskit.purge.find.committed import committed_files
from secopskit.purge.find.naming import (
    CommitIds,
    message_of,
    named_by,
    named_in,
    naming_notes,
    with_namers,
)
from secopskit.purge.find.paths import DropSet, covering
from secopskit.purge.find.refnames import renamed_refs
from secopskit.purge.model import Drop, Extent, Survey
from secopskit.purge.values.matcher import ValueMatcher


@dataclass(frozen=True, slots=True, kw_only=True)
class _RefsAndCommits:
    """The refs of a repository, the tags they lead to, and the commits, those of notes apart."""

    refs: RefMap
    tags: dict[str, Tag]
    graph: CommitGraph
    notes: CommitGraph

    @property
    def ends(self) -> list[Ref]:
        """The refs and stash entries with the objects they lead to in the end."""
        stash = (Ref("", oid, "commit") for oid in self.refs.stash)
        return [*(peel(ref, self.tags) for ref in self.refs.refs), *stash]


def find_extent(
    repository: Repository,
    survey: Survey,
    drops: Sequence[Drop],
    matcher: ValueMatcher,
    *,
    keep_ids: bool = False,
    jobs: int = 0,
    below: Callable[[], ReachedObjects | None] | None = None,
) -> Extent:
    """The extent for which nothing dirty in `survey` and nothing of `drops` is reached any more.

    Nor is a rewritten commit named in a message any more by its old id, unless these are kept with
    `keep_ids`. `jobs` is a number of processes, 0 for one a core, and `below` tells what an old commit
    reaches, as soon as that is known. Raises GitError.
    """
    view = plain_view(repository)
    with reading(view) as reader:
        trees = _dirty_names(reader, survey.trees, matcher)
        known, found = _refs_and_commits(view, reader, {*survey.blobs, *trees}, jobs, below)
        dropped = _dropped(view, known.graph, drops)
        loose = _loose(view, known, survey, trees, drops)
        seeds = found.holders | dropped.holders | _dirty_by_themselves(known.graph, survey, trees)
        names = _named_commits(view, reader, known, survey, seeds)
        plain = known.graph.descendants(seeds)
        commits = plain if keep_ids else with_namers(known.graph, seeds, names)
        changed = set(commits)
        names = _of_changed(names, changed)
        namers = () if keep_ids else names.keys()
        tags = _changed_tags(known.tags, survey, changed | loose.holders, namers)
        spoken_of = changed.union(tags, survey.blobs)
        notes, note_blobs = _notes(view, known.notes, survey, {*trees, *namers}, spoken_of)
        changed.update(tags, notes, loose.holders)
        renamed = renamed_refs(known.refs.names, matcher)
        blobs = _paths_of_blobs(survey, (found, loose), note_blobs)
        at_roots = {tree for tree in known.graph.trees.values() if tree in trees}
        return Extent(
            commits=tuple(commits),
            first=tuple(c for c in commits if changed.isdisjoint(known.graph.parents[c])),
            paths=blobs,
            dirty_paths=_dirty_paths(blobs, drops, trees, (found, loose), at_roots),
            refs=_changed_refs(known.refs, changed, renamed),
            tags=tuple(tags),
            renamed_refs=renamed,
            notes=tuple(notes),
            stash=known.refs.stash,
            signed=tuple(oid for oid in (*commits, *tags, *notes) if oid in survey.signed),
            total_commits=len(known.graph.trees),
            total_refs=len(known.refs.names),
            ref_ids={ref.name: ref.oid for ref in known.refs.refs},
            names=names,
            only_naming=len(commits) - len(plain),
            keep_ids=keep_ids,
            all_commits=tuple(known.graph.trees),
        )


def _refs_and_commits(
    view: Repository,
    reader: ObjectReader,
    dirty: Collection[str],
    jobs: int,
    below: Callable[[], ReachedObjects | None] | None,
) -> tuple[_RefsAndCommits, Introductions]:
    """The refs and commits, and where among them the dirty blobs and trees come in."""
    refs = read_refs(view)
    tags = read_tags(reader, refs.refs)
    ends = [peel(ref, tags) for ref in refs.refs]
    commits = [ref for ref in ends if ref.kind == "commit"]
    tips = [*(c.oid for c in commits if not c.name.startswith(NOTES)), *refs.stash]
    graph, found = graph_with(view, tips, dirty, jobs=jobs, below=below)
    notes = load_graph(view, (c.oid for c in commits if c.name.startswith(NOTES)))
    return _RefsAndCommits(refs=refs, tags=tags, graph=graph, notes=notes.without(graph)), found


def _dirty_names(
    reader: ObjectReader, trees: Collection[str], matcher: ValueMatcher
) -> dict[str, tuple[str, ...]]:
    """The trees with a value in the name of an entry, and those names."""
    found: dict[str, tuple[str, ...]] = {}
    for tree, answer in zip(trees, reader.many(trees), strict=True):
        names = (entry.name for entry in entries(answer.data, len(tree) // 2))
        if dirty := tuple(os.fsdecode(name) for name in names if matcher.contains(name)):
            found[tree] = dirty
    return found


def _dirty_by_themselves(graph: CommitGraph, survey: Survey, trees: Collection[str]) -> set[str]:
    """Commits with a value in their text, or in a name in their root tree, which has no path."""
    found = {commit for commit in survey.commits if commit in graph.trees}
    if trees:
        found.update(commit for commit, tree in graph.trees.items() if tree in trees)
    return found


def _dropped(view: Repository, graph: CommitGraph, drops: Sequence[Drop]) -> Introductions:
    if not drops:
        return Introductions()
    going, places = DropSet(drops), covering({drop.path for drop in drops})
    return introduced_at(view, graph, places, lambda oid, path: going.takes(path, oid))


def _loose(
    view: Repository, known: _RefsAndCommits, survey: Survey, trees: Collection[str], drops: Sequence[Drop]
) -> Introductions:
    """The trees and blobs that refs name by themselves, in place of commits, and what is dirty in them."""
    found, going = Introductions(), DropSet(drops)
    for kind, top in {(ref.kind, ref.oid) for ref in known.ends}:
        if kind == "blob" and top in survey.blobs:
            found.holders.add(top)
            found.paths.setdefault(top, set())
        elif kind == "tree":
            if top in trees:
                found.note(top, top, "")
            for path, oid in committed_files(view, top, trees=True):
                if oid in survey.blobs or oid in trees:
                    found.note(top, oid, path)
                elif going.takes(path, oid):
                    found.holders.add(top)
    return found


def _named_commits(
    view: Repository,
    reader: ObjectReader,
    known: _RefsAndCommits,
    survey: Survey,
    seeds: Collection[str],
) -> dict[str, tuple[str, ...]]:
    """The commits that messages and notes name, by the id of what holds the words; none without `seeds`."""
    if not seeds:
        return {}
    ids = CommitIds(known.graph.trees)
    words = ((oid, survey.id_words.get(oid, ())) for oid in known.graph.trees)
    commits = {oid: named for oid, some in words if (named := named_by(some, ids))}
    tags = {oid: named_in(message_of(tag.raw), ids) for oid, tag in known.tags.items()}
    return {**commits, **tags, **naming_notes(view, reader, known.notes, ids)}


def _of_changed(names: Mapping[str, tuple[str, ...]], changed: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Of the commits that are named, those that change."""
    found = ((oid, tuple(name for name in named if name in changed)) for oid, named in names.items())
    return {oid: named for oid, named in found if named}


def _changed_tags(
    tags: dict[str, Tag], survey: Survey, changed: Collection[str], namers: Collection[str]
) -> list[str]:
    """The tags that change; they stand after those that they name. `namers` name changed commits in words."""
    found: dict[str, None] = {}
    for oid, tag in tags.items():
        if oid in survey.tags or oid in namers or tag.target in changed or tag.target in found:
            found[oid] = None
    return list(found)


def _notes(
    view: Repository, notes: CommitGraph, survey: Survey, trees: Collection[str], changed: set[str]
) -> tuple[list[str], set[str]]:
    """The commits of notes that change: they speak of something that does, or are dirty; and dirty notes."""
    blobs = set[str]()

    def wanted(oid: str, path: str) -> bool:
        if oid in survey.blobs:
            blobs.add(oid)
        return oid in survey.blobs or oid in trees or path.replace("/", "") in changed

    if not notes.trees:
        return [], blobs
    found = introduced_at(view, notes, (), wanted)
    own = _dirty_by_themselves(notes, survey, trees)
    # Notes may stand on top of a commit that is none.
    own.update(commit for commit, parents in notes.parents.items() if not changed.isdisjoint(parents))
    return notes.descendants(found.holders | own), blobs


def _paths_of_blobs(
    survey: Survey, found: Iterable[Introductions], notes: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    paths: dict[str, set[str]] = {oid: set() for oid in notes}
    for some in found:
        for oid, places in some.paths.items():
            if oid in survey.blobs:
                paths.setdefault(oid, set()).update(places)
    return {oid: tuple(sorted(places)) for oid, places in sorted(paths.items())}


def _dirty_paths(
    blobs: dict[str, tuple[str, ...]],
    drops: Iterable[Drop],
    trees: dict[str, tuple[str, ...]],
    found: Iterable[Introductions],
    at_roots: Iterable[str],
) -> tuple[str, ...]:
    paths = {path for places in blobs.values() for path in places} | {drop.path for drop in drops}
    paths.update(name for root in at_roots for name in trees[root])
    for some in found:
        for tree in trees.keys() & some.paths.keys():
            paths.update(_joined(place, name) for place in some.paths[tree] for name in trees[tree])
    return tuple(sorted(paths))


def _joined(directory: str, name: str) -> str:
    return f"{directory}/{name}" if directory else name


def _changed_refs(refs: RefMap, changed: Collection[str], renamed: Collection[str]) -> tuple[str, ...]:
    return tuple(
        sorted(
            {ref.name for ref in refs.refs if ref.oid in changed}
            | {ref.name for ref in refs.refs if ref.name.removeprefix(REPLACE) in changed}
            | {name for name, target in refs.symbolic.items() if target in renamed}
            | set(renamed)
        )
    )
