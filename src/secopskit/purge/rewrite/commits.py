"""Commits with new trees, parents and texts: computed here, written by git-filter-repo where it can.

The trees of some thousand commits are made and put on the disk; then git-filter-repo commits them
while we make the next ones. What it cannot carry (see `replay.command`), and every commit of a
SHA-256 repository, which it cannot read, is written by us into the same packs as the trees. We know
the id that each commit must get, so what git-filter-repo made is held against that.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from typing import Final

from secopskit.errors import GitError
from secopskit.git.objects.committext import CommitStart, commit_start
from secopskit.git.objects.lasting import ObjectReader
from secopskit.git.objects.object_id import object_id
from secopskit.git.objects.packwriter import PackWriter
from secopskit.git.repository import Repository
from secopskit.progress import Progress, ProgressStage
from secopskit.purge.rewrite.committext import new_commit
from secopskit.purge.rewrite.ids import IdRenamer
from secopskit.purge.rewrite.replay import Replay, command
from secopskit.purge.rewrite.trees import TreeRewriter
from secopskit.purge.values.matcher import ValueMatcher

_COMMIT: Final = "commit"
# The commits of a pack of trees: few at first, so that git-filter-repo has soon something to do.
_FIRST_PACK: Final = 400
_PACK: Final = 5000
# The trees of so many commits are held in memory.
_WINDOW: Final = 400


class CommitRewriter:
    """Rewrites commits into `stage`. `dirty` are those with a value in their own text.

    `ids` is told of each commit that changes, `progress` of each that was looked at.
    """

    def __init__(
        self,
        stage: Repository,
        reader: ObjectReader,
        trees: TreeRewriter,
        matcher: ValueMatcher,
        dirty: Collection[str],
        ids: IdRenamer,
        progress: Progress,
    ) -> None:
        self._stage = stage
        self._reader = reader
        self._trees = trees
        self._matcher = matcher
        self._dirty = dirty
        self._ids = ids
        self._progress = progress
        self._made: dict[str, str] = {}
        self._roots: dict[str, bytes] = {}
        self._marks: dict[bytes, int] = {}

    def rewrite(self, commits: Sequence[str]) -> dict[str, str]:
        """Old ids to new ones, of those of `commits` (parents first) that really change. Raises GitError."""
        self._progress.stage(ProgressStage.REWRITING_COMMITS, len(commits))
        with ExitStack() as stack:
            sha1 = self._stage.object_format == "sha1"
            replay = stack.enter_context(Replay(self._stage)) if commits and sha1 else None
            for batch in _growing(commits):
                commands = self._batch(batch, by_us=replay is None)
                if replay:
                    replay.send(commands)
            if replay:
                replay.finish()
                self._check()
        return self._made

    def _batch(self, commits: Sequence[str], *, by_us: bool) -> bytes:
        """Write what some commits need; the commands that make the commits themselves."""
        pack = stage_pack(self._stage)
        commands = list[bytes]()
        for window in _slices(commits, _WINDOW):
            raws = [found.data for found in self._reader.many(window)]
            starts = [commit_start(raw) for raw in raws]
            roots = [bytes.fromhex(start.tree) for start in starts]
            self._roots.update(zip(window, roots, strict=True))
            earlier = [self._roots.get("".join(start.parents[:1]), b"") for start in starts]
            made = self._trees.rewrite(roots, earlier, pack)
            self._progress.advance(len(window))
            for old, raw, start, root in zip(window, raws, starts, made, strict=True):
                if (new := self._new(old, raw, start, root.hex())) is None:
                    continue
                if by_us or (text := self._command(self._made[old], new)) is None:
                    pack.add(_COMMIT, new)
                else:
                    commands.append(text)
        pack.finish()
        return b"".join(commands)

    def _new(self, old: str, raw: bytes, start: CommitStart, root: str) -> bytes | None:
        """The text of the new commit, its id noted; None if nothing changes."""
        dirty, ids = old in self._dirty, self._ids.change_for(old)
        same = root == start.tree and self._made.keys().isdisjoint(start.parents)
        if same and not dirty and not ids:
            return None
        new = new_commit(raw, start, root, self._made, self._matcher if dirty else None, ids)
        self._made[old] = object_id(self._stage.object_format, _COMMIT, new).hex()
        self._ids.learn(old, self._made[old])
        return new

    def _command(self, oid: str, new: bytes) -> bytes | None:
        mark = len(self._marks) + 1
        text = command(new, mark, self._marks)
        if text is not None:
            self._marks[oid.encode()] = mark
        return text

    def _check(self) -> None:
        """Whether git-filter-repo made the very commits that it was told to make. Raises GitError."""
        asked = b"".join(oid + b"\n" for oid in self._marks)
        answer = self._stage.run("cat-file", "--batch-check=%(objecttype)", stdin=asked)
        if answer.split() != [b"commit"] * len(self._marks):
            raise GitError(
                "git-filter-repo made other commits than it was told to; nothing has been changed",
                advice="Is another version of git-filter-repo installed than secops asks for? "
                "Please report this.",
            )


def stage_pack(stage: Repository) -> PackWriter:
    """A new pack in the stage."""
    return PackWriter(os.path.join(stage.common_dir, "objects"), stage.object_format)


def _growing(items: Sequence[str]) -> Iterator[Sequence[str]]:
    at, size = 0, _FIRST_PACK
    while at < len(items):
        yield items[at : at + size]
        at, size = at + size, min(2 * size, _PACK)


def _slices(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (items[at : at + size] for at in range(0, len(items), size))
