"""Commits with new trees, parents and texts: computed here, written by git-filter-repo where it can.

The trees of some thousand commits are there before (see `roots`); git-filter-repo commits them while we
make the next ones. What it cannot carry (see `replay.command`), and every commit of a SHA-256 repository,
which it cannot read, is written by us. We know the id that each commit must get, so what git-filter-repo
made is held against that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from secopskit.errors import GitError
from secopskit.git.objects.committext import CommitStart, commit_start
from secopskit.git.objects.lasting import ObjectReader
from secopskit.git.objects.object_id import object_id
from secopskit.git.repository import Repository
from secopskit.progress import Progress, ProgressStage
from secopskit.purge.rewrite.committext import new_commit
from secopskit.purge.rewrite.ids import IdRenamer
from secopskit.purge.rewrite.replay import Replay, command
from secopskit.purge.rewrite.roots import batches, stage_pack
from secopskit.purge.values.matcher import ValueMatcher

_COMMIT: Final = "commit"


class CommitRewriter:
    """Rewrites commits into `stage`. `dirty` are those with a value in their own text.

    `replay` is the git-filter-repo that writes them, if it can; `ids` is told of each commit that changes,
    `progress` of each that was looked at.
    """

    def __init__(
        self,
        stage: Repository,
        reader: ObjectReader,
        matcher: ValueMatcher,
        dirty: Collection[str],
        ids: IdRenamer,
        replay: Replay | None,
        progress: Progress,
    ) -> None:
        self._replay = replay
        self._stage = stage
        self._reader = reader
        self._matcher = matcher
        self._dirty = dirty
        self._ids = ids
        self._progress = progress
        self._made: dict[str, str] = {}
        self._marks: dict[bytes, int] = {}

    def rewrite(self, commits: Sequence[str], roots: Iterable[Sequence[bytes]]) -> dict[str, str]:
        """Old ids to new ones, of those of `commits` (parents first) that really change. Raises GitError.

        `roots` are the new root trees of the commits of each batch, which can be read from the stage.
        """
        self._progress.stage(ProgressStage.REWRITING_COMMITS, len(commits))
        for batch, trees in zip(batches(commits), roots, strict=True):
            commands = self._batch(batch, trees, by_us=self._replay is None)
            if self._replay:
                self._replay.send(commands)
        if self._replay:
            self._replay.finish()
            self._check()
        return self._made

    def _batch(self, commits: Sequence[str], roots: Sequence[bytes], *, by_us: bool) -> bytes:
        """Make some commits: the commands to do so, or by us."""
        pack = stage_pack(self._stage)
        commands = list[bytes]()
        for old, (_, raw), root in zip(commits, self._reader.many(commits), roots, strict=True):
            self._progress.advance(1)
            if (new := self._new(old, raw, commit_start(raw), root.hex())) is None:
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
