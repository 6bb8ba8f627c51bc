"""The check of a rewrite against its plan, before anything is swapped.

Trees may differ at the planned paths alone, and there only by what was redacted, renamed or dropped.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Generator, Iterator, Mapping
from contextlib import closing
from itertools import islice, zip_longest
from typing import Final

from secopskit.git.history.treepairs import TreePair
from secopskit.git.objects.lasting import ObjectReader
from secopskit.git.packs.available import open_sources
from secopskit.git.packs.lookup import reading_from
from secopskit.git.repository import Repository
from secopskit.progress import NO_PROGRESS, Progress, ProgressStage
from secopskit.purge.find.content.binaries import names_of_binaries
from secopskit.purge.find.naming import id_words
from secopskit.purge.model import BinaryFormat, Extent, RefChange, Rewrite
from secopskit.purge.proof.blobcheck import BlobCheck, check_blobs, read_pairs
from secopskit.purge.proof.deviation import deviation
from secopskit.purge.proof.treecheck import check_trees
from secopskit.purge.values.crew import crew, for_commits
from secopskit.purge.values.matcher import ValueMatcher
from secopskit.report.text import listed

_FEW: Final = 4
_PART: Final = 1000  # commits
# What a rewritten commit loses: signatures, and tags of merged commits with theirs; lines may follow.
_LOST: Final = re.compile(rb"^(?:gpgsig(?:-sha256)?|mergetag) .*\n(?: .*\n)*", re.MULTILINE)
_HEAD: Final = re.compile(rb"tree ([0-9a-f]+)\n((?:parent [0-9a-f]+\n)*)")


def check_rewrite(
    repository: Repository,
    rewrite: Rewrite,
    extent: Extent,
    matcher: ValueMatcher,
    *,
    jobs: int = 0,
    progress: Progress = NO_PROGRESS,
) -> tuple[str, ...]:
    """Check the rewrite; the sentences that tell what was verified.

    `repository` is the stage, which sees old and new objects. `jobs` is a number of processes, 0 for one a
    core. Raises SecopsError if the rewrite is not what the extent says.
    """
    objects = {**rewrite.trees, **rewrite.blobs, **rewrite.commits, **rewrite.tags}
    planned = {*extent.commits, *extent.notes}
    if not rewrite.commits.keys() <= planned:
        raise deviation("a commit was changed that needed no change")
    _check_refs(rewrite, extent, objects)
    progress.stage(ProgressStage.CHECKING_REWRITE, len(rewrite.blobs) + len(rewrite.commits))
    sources = open_sources(repository) if extent.is_wide else None
    parts = list(_parts(rewrite.commits))

    def history() -> Generator[int]:
        """Check commits, then trees: the commits of each part, and the pairs of root trees."""
        roots = list[TreePair]()
        with reading_from(repository, sources) as reader:
            for part in parts:
                roots += _check_commits(reader, rewrite.commits, part, extent, matcher)
                yield len(part)
        trees = {*rewrite.trees, *rewrite.trees.values()}
        yield check_trees(repository, sources, roots, trees, rewrite.blobs, extent.dirty_paths, matcher)

    with for_commits(history, len(rewrite.commits), jobs) as checked:
        with closing(crew(BlobCheck, repository, matcher, sources, jobs=jobs)) as checkers:
            binary = check_blobs(checkers, rewrite, extent, progress)
        for _ in parts:
            progress.advance(next(checked))
        progress.stage(ProgressStage.CHECKING_DIRECTORIES)
        pairs = next(checked)
    return (
        f"{extent.total_commits - len(rewrite.commits.keys() - set(extent.notes))} commits kept their ids",
        f"{len(rewrite.commits)} rewritten commits have the authors, dates, messages and order they had",
        f"{pairs} pairs of old and new root directories, and all below them, differ at planned paths alone",
        f"{len(rewrite.blobs) - len(rewrite.archives)} redacted files differ in the redacted places alone",
        *_binary_sentences(binary, extent),
    )


def _binary_sentences(binary: Mapping[str, BinaryFormat], extent: Extent) -> Iterator[str]:
    """What was done to files that are no text, and which will not verify any more."""
    for format_, names in names_of_binaries(binary, extent.paths).items():
        then = f"; {format_.consequence}" if format_.consequence else ""
        yield f"binary, kept its length: {format_.name}: {listed(names, _FEW)}{then}"


def _check_refs(rewrite: Rewrite, extent: Extent, objects: Mapping[str, str]) -> None:
    """Each ref goes to what its old object became; what is deleted comes back under another name."""
    deleted, created = list[str](), list[str]()
    after = {**extent.ref_ids, **{change.ref: change.new for change in rewrite.refs}}
    for change in rewrite.refs:
        expected, symbolic = objects.get(change.old, change.old), _symbolic(change, rewrite, extent)
        if symbolic:
            _check_end(after.get(symbolic, ""), expected)
        elif not change.new:
            deleted.append(expected)
        elif not change.old:
            created.append(change.new)
        else:
            _check_end(change.new, expected)
    if sorted(deleted) != sorted(created):
        raise deviation("a renamed ref would lead to something else than before")
    if not all(after.get(target) for target in rewrite.symrefs.values()):
        raise deviation("a symbolic ref would lead nowhere")


def _symbolic(change: RefChange, rewrite: Rewrite, extent: Extent) -> str:
    """What a symbolic ref that goes for its name will name under its new one; empty for any other change."""
    return "" if change.new else rewrite.symrefs.get(extent.renamed_refs.get(change.ref, ""), "")


def _check_end(new: str, expected: str) -> None:
    if new != expected:
        raise deviation("a ref would lead to something else than before")


def _parts(commits: Mapping[str, str]) -> Iterator[dict[str, str]]:
    rest = iter(commits.items())
    return iter(lambda: dict(islice(rest, _PART)), {})


def _check_commits(
    reader: ObjectReader,
    commits: Mapping[str, str],
    part: Mapping[str, str],
    extent: Extent,
    matcher: ValueMatcher,
) -> Iterator[TreePair]:
    """Check a part of the commits; the pairs of root trees, those of notes (which are named anew) apart."""
    notes = set(extent.notes)
    for old, before, after in read_pairs(reader, part):
        trees = _compared(before, after, commits, matcher, extent.names.get(old, ()))
        if trees[0] != trees[1] and old not in notes:
            yield trees


def _compared(
    before: bytes,
    after: bytes,
    commits: Mapping[str, str],
    matcher: ValueMatcher,
    named: Collection[str],
) -> TreePair:
    """The trees of an old commit and its new one, which are the same in everything that was to stay.

    `named` are commits that its message names: they may stand there by their new ids.
    """
    old, new = _HEAD.match(before), _HEAD.match(after)
    if not old or not new:
        raise deviation("a commit has no tree")
    parents = [commits.get(oid, oid) for oid in old[2].decode().split()[1::2]]
    if parents != new[2].decode().split()[1::2]:
        raise deviation("a commit has other parents than before")
    rest, new_rest = before[old.end() :], after[new.end() :]
    same = new_rest in (rest, _without_signatures(rest)) or _names_alike(rest, new_rest, commits, named)
    if not same and not matcher.contains(rest):
        raise deviation("the text of a commit was changed that needed no change")
    if matcher.contains(new_rest):
        raise deviation("a value stands in the text of a new commit")
    return old[1].decode(), new[1].decode()


def _names_alike(before: bytes, after: bytes, commits: Mapping[str, str], named: Collection[str]) -> bool:
    """Whether two texts differ in nothing but signatures, and in ids that became those of the new commits."""
    if not named:
        return False
    before, at, there = _without_signatures(before), 0, 0
    for old, new in zip_longest(id_words(before), id_words(after)):
        if not old or not new or before[at : old.start()] != after[there : new.start()]:
            return False
        if old[0] != new[0] and not _became(old[0].decode(), new[0].decode(), commits, named):
            return False
        at, there = old.end(), new.end()
    return before[at:] == after[there:]


def _became(old: str, new: str, commits: Mapping[str, str], named: Collection[str]) -> bool:
    return any(name.startswith(old) and commits.get(name, "").startswith(new) for name in named)


def _without_signatures(text: bytes) -> bytes:
    head, gap, message = text.partition(b"\n\n")
    return _LOST.sub(b"", head + b"\n")[:-1] + gap + message
