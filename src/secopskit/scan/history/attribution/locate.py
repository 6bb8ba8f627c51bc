"""The last stage of a history scan: every occurrence with its path and provenance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from secopskit.findings import Provenance, Skipped, SkipReason
from secopskit.formats.archives.member_paths import NAMELESS, file_of, placed
from secopskit.git.repository import Repository
from secopskit.progress import NO_PROGRESS, Progress, ProgressStage
from secopskit.scan.assemble import Located
from secopskit.scan.content.occurrence import Occurrence
from secopskit.scan.history.attribution.attribute import Attribution
from secopskit.scan.history.attribution.provenance import Tips, of_messages, provenance
from secopskit.scan.history.objects.at_hand import ObjectsAtHand

_COMMIT_MESSAGE: Final = "<commit message>"
_OBJECT_OF: Final = "<object of {}>"
_TAG_MESSAGE: Final = "<tag message>"


def locate(
    repository: Repository,
    occurrences: Mapping[str, Sequence[Occurrence]],
    attribution: Attribution,
    objects: ObjectsAtHand,
    progress: Progress = NO_PROGRESS,
) -> list[Located]:
    """The places of a secret in the last version of a file that held it, once for all versions.

    `progress` is told secrets in files. Raises GitError.
    """
    progress.stage(ProgressStage.LOCATING)
    groups: dict[tuple[object, str], list[Occurrence]] = {}
    files = dict[str, str]()
    for file, occurrence in _with_paths(occurrences, attribution):
        groups.setdefault((occurrence.secret or occurrence.rule_id, occurrence.path), []).append(occurrence)
        files[occurrence.path] = file
    tips = Tips(repository, attribution.refs, {files[path] for _, path in groups}, objects)
    progress.expect(len(groups))
    located = list[Located]()
    for (_, path), group in groups.items():
        located += _located(files[path], group, attribution, tips)
        progress.advance(1)
    return located


def named_skips(
    skipped: Mapping[str, SkipReason],
    attribution: Attribution,
    unopened: Iterable[tuple[str, str, str]] = (),
) -> list[Skipped]:
    """The objects that were skipped, by the first of their names, in the order of their ids.

    `unopened` says what of an archive was (object id, path, reason); then that stands for it.
    """
    events, refs, names = attribution.events, attribution.refs, attribution.names

    def name(oid: str) -> str:
        known = names.get(oid) or (_OBJECT_OF.format(refs.tags[oid]) if oid in refs.tags else "")
        other = _OBJECT_OF.format(refs.blobs[oid]) if oid in refs.blobs else f"<object {oid[:12]}>"
        return known or next(iter(events.paths(oid)), other)

    whole = [Skipped(path=name(oid), reason=reason, detail=oid) for oid, reason in sorted(skipped.items())]
    parts: dict[str, list[Skipped]] = {}
    for oid, path, reason in sorted(unopened):
        part = Skipped(path=placed(path, name(oid)), reason=SkipReason.ARCHIVE, detail=reason)
        parts.setdefault(oid, []).append(part)
    return [
        part
        for one in whole
        for part in (parts.get(one.detail, [one]) if one.reason is SkipReason.ARCHIVE else [one])
    ]


def _with_paths(
    occurrences: Mapping[str, Sequence[Occurrence]], attribution: Attribution
) -> Iterator[tuple[str, Occurrence]]:
    """With the path of the file that git has, in an order that does not depend on which worker was faster."""
    for oid, found in sorted(occurrences.items()):
        for occurrence in found:
            if occurrence.path and not occurrence.path.startswith(NAMELESS):
                yield file_of(occurrence.path, attribution.events.paths(oid)), occurrence
            else:
                yield from (
                    (path, occurrence.at(placed(occurrence.path, path))) for path in _paths(oid, attribution)
                )


def _paths(oid: str, attribution: Attribution) -> list[str]:
    if oid in attribution.events.commits:
        return [_COMMIT_MESSAGE]
    if oid in attribution.refs.tags:
        return [f"{_TAG_MESSAGE} {attribution.refs.tags[oid]}"]
    if oid in attribution.refs.blobs and not attribution.events.paths(oid):
        return [_OBJECT_OF.format(attribution.refs.blobs[oid])]
    return attribution.events.paths(oid) or [f"<unreachable object {oid[:12]}>"]


def _located(
    path: str, group: Sequence[Occurrence], attribution: Attribution, tips: Tips
) -> Iterator[Located]:
    """The occurrences of one secret in the versions of the file `path`: where it stood last."""
    events, refs = attribution.events, attribution.refs
    oids = frozenset(s.oid for s in group if s.oid)
    if commits := [events.commits[oid] for oid in oids if oid in events.commits]:
        told = of_messages(commits, refs)
        yield next(occurrence for occurrence in group if occurrence.oid == told.last_commit), told
        return
    for held in (refs.tags, {} if any(map(events.paths, oids)) else refs.blobs):
        if ref := next((held[oid] for oid in sorted(oids) if oid in held), None):
            yield group[0], Provenance(refs=(ref,), present=True)
            return
    found = [(event, oid) for oid in oids for event in events.by_blob.get(oid, ()) if event.path == path]
    found.sort(key=lambda pair: (*pair[0].commit.age, pair[0].brings, pair[1]))
    newest = next((oid for event, oid in found if event.brings), None)
    oid = newest if any(occurrence.oid == newest for occurrence in group) else group[0].oid
    told = provenance(oids, path, [event for event, _ in found], refs, tips)
    yield from ((occurrence, told) for occurrence in group if occurrence.oid == oid)
