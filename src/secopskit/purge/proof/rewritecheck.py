"""The check of a rewrite against its plan, before anything is swapped.

Git itself compares the trees, each pair of old and new ones once; they may differ at the planned
paths alone, and there only by what was redacted, renamed or dropped.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from typing import Final, NoReturn

from secopskit.errors import SecopsError
from secopskit.git.objects.lasting import ObjectReader, reading
from secopskit.git.repository import Repository
from secopskit.progress import NO_PROGRESS, Progress, ProgressStage
from secopskit.purge.find.content.binaries import names_of_binaries
from secopskit.purge.find.naming import id_words, without_id_words
from secopskit.purge.model import ARCHIVE_NOTE, BinaryFormat, Extent, RefChange, Rewrite
from secopskit.purge.proof.treecheck import check_trees
from secopskit.purge.values.binary import binary_format
from secopskit.purge.values.matcher import ValueMatcher
from secopskit.report.text import listed

_FEW: Final = 4
# What a rewritten commit loses: signatures, and tags of merged commits with theirs; lines may follow.
_LOST: Final = re.compile(rb"^(?:gpgsig(?:-sha256)?|mergetag) .*\n(?: .*\n)*", re.MULTILINE)
_HEAD: Final = re.compile(rb"tree ([0-9a-f]+)\n((?:parent [0-9a-f]+\n)*)")


def check_rewrite(
    repository: Repository,
    rewrite: Rewrite,
    extent: Extent,
    matcher: ValueMatcher,
    progress: Progress = NO_PROGRESS,
) -> tuple[str, ...]:
    """Check the rewrite; the sentences that tell what was verified.

    `repository` is the stage, which sees old and new objects. Raises SecopsError if the rewrite is not
    what the extent says.
    """
    objects = {**rewrite.trees, **rewrite.blobs, **rewrite.commits, **rewrite.tags}
    planned = {*extent.commits, *extent.notes}
    if not rewrite.commits.keys() <= planned:
        _wrong("a commit was changed that needed no change")
    _check_refs(rewrite.refs, objects)
    progress.stage(ProgressStage.CHECKING_REWRITE, len(rewrite.blobs) + len(rewrite.commits))
    with reading(repository) as reader:
        binary = _check_blobs(reader, rewrite, extent, matcher, progress)
        roots = _check_commits(reader, rewrite.commits, extent, matcher, progress)
        pairs = check_trees(repository, roots, rewrite.blobs, extent.dirty_paths, matcher)
    return (
        f"{extent.total_commits - len(rewrite.commits)} commits kept their ids",
        f"{len(rewrite.commits)} rewritten commits have the authors, dates, messages and order they had",
        f"{pairs} pairs of old and new directories differ at the planned paths alone",
        f"{len(rewrite.blobs) - len(rewrite.archives)} redacted files differ in the redacted places alone",
        *_binary_sentences(binary, extent),
    )


def _binary_sentences(binary: Mapping[str, BinaryFormat], extent: Extent) -> Iterator[str]:
    """What was done to files that are no text, and which will not verify any more."""
    for format_, names in names_of_binaries(binary, extent.paths).items():
        then = f"; {format_.consequence}" if format_.consequence else ""
        yield f"binary, kept its length: {format_.name}: {listed(names, _FEW)}{then}"


def _check_refs(changes: Iterable[RefChange], objects: Mapping[str, str]) -> None:
    """Each ref goes to what its old object became; what is deleted comes back under another name."""
    deleted, created = list[str](), list[str]()
    for change in changes:
        if not change.new:
            deleted.append(objects.get(change.old, change.old))
        elif not change.old:
            created.append(change.new)
        elif change.new != objects.get(change.old, change.old):
            _wrong("a ref would lead to something else than before")
    if sorted(deleted) != sorted(created):
        _wrong("a renamed ref would lead to something else than before")


def _check_blobs(
    reader: ObjectReader, rewrite: Rewrite, extent: Extent, matcher: ValueMatcher, progress: Progress
) -> dict[str, BinaryFormat]:
    """The formats of the old blobs that are no text."""
    binary: dict[str, BinaryFormat] = {}
    for old, before, after in _pairs(reader, rewrite.blobs):
        progress.advance(1)
        if old in rewrite.archives and after == ARCHIVE_NOTE:
            continue
        if matcher.contains(after) or not (
            _cut_out(before, after, old, matcher)
            or after == matcher.redact(before, oid=old, paths=extent.paths.get(old, ()))
        ):
            _wrong(f"blob {old} was changed beyond what is to be removed")
        if format_ := binary_format(before):
            if len(after) != len(before):
                _wrong(f"blob {old} is no text and has another length")
            binary[old] = format_
    return binary


def _cut_out(before: bytes, after: bytes, oid: str, matcher: ValueMatcher) -> bool:
    """Whether all that stands between the values in `before` stands in `after`, in this order."""
    at = end = 0
    for hit in matcher.spans(before, oid):
        piece = before[end : hit.start]
        found = after.find(piece, at) if end else (0 if after.startswith(piece) else -1)
        if found < 0:
            return False
        at, end = found + len(piece), hit.end
    return end > 0 and after.endswith(before[end:]) and len(after) - len(before) + end >= at


def _check_commits(
    reader: ObjectReader,
    commits: Mapping[str, str],
    extent: Extent,
    matcher: ValueMatcher,
    progress: Progress,
) -> Iterator[tuple[str, str]]:
    """The pairs of old and new root trees, those of notes (which are named anew) apart."""
    notes = set(extent.notes)
    for old, before, after in _pairs(reader, commits):
        progress.advance(1)
        trees = _compared(before, after, commits, matcher, extent.names.get(old, ()))
        if trees[0] != trees[1] and old not in notes:
            yield trees
    progress.stage(ProgressStage.CHECKING_DIRECTORIES)


def _compared(
    before: bytes,
    after: bytes,
    commits: Mapping[str, str],
    matcher: ValueMatcher,
    named: Collection[str],
) -> tuple[str, str]:
    """The trees of an old commit and its new one, which are the same in everything that was to stay.

    `named` are commits that its message names: they may stand there by their new ids.
    """
    old, new = _HEAD.match(before), _HEAD.match(after)
    if not old or not new:
        _wrong("a commit has no tree")
    parents = [commits.get(oid, oid) for oid in old[2].decode().split()[1::2]]
    if parents != new[2].decode().split()[1::2]:
        _wrong("a commit has other parents than before")
    rest, new_rest = before[old.end() :], after[new.end() :]
    same = new_rest in (rest, _without_signatures(rest)) or _names_alike(rest, new_rest, commits, named)
    if not same and not matcher.contains(rest):
        _wrong("the text of a commit was changed that needed no change")
    if matcher.contains(new_rest):
        _wrong("a value stands in the text of a new commit")
    return old[1].decode(), new[1].decode()


def _names_alike(before: bytes, after: bytes, commits: Mapping[str, str], named: Collection[str]) -> bool:
    """Whether two texts differ in nothing but signatures, and in ids that became those of the new commits."""
    before = _without_signatures(before)
    if not named or without_id_words(before) != without_id_words(after):
        return False
    words = zip(id_words(before), id_words(after), strict=False)
    pairs = ((old[0].decode(), new[0].decode()) for old, new in words)
    return all(old == new or _became(old, new, commits, named) for old, new in pairs)


def _became(old: str, new: str, commits: Mapping[str, str], named: Collection[str]) -> bool:
    return any(name.startswith(old) and commits.get(name, "").startswith(new) for name in named)


def _without_signatures(text: bytes) -> bytes:
    head, gap, message = text.partition(b"\n\n")
    return _LOST.sub(b"", head + b"\n")[:-1] + gap + message


def _pairs(reader: ObjectReader, objects: Mapping[str, str]) -> Iterator[tuple[str, bytes, bytes]]:
    """The old and the new content of each of `objects`, by the old one's id. Git reads ahead meanwhile."""
    contents = reader.many(chain.from_iterable(objects.items()))
    for old, (_, before), (_, after) in zip(objects, contents, contents, strict=True):
        yield old, before, after


def _wrong(what: str) -> NoReturn:
    raise SecopsError(
        f"the rewrite is not what was planned: {what}",
        advice="This is a bug in secops: please report it. Nothing was changed.",
    )
