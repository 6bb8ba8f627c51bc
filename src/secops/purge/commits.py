"""Commits with new trees, parents and texts: computed here, written by git-filter-repo where it can.

The trees of some thousand commits are made and put on the disk; then git-filter-repo commits them
while we make the next ones. What it cannot carry (see `replay.can_carry`), and every commit of a
SHA-256 repository, which it cannot read, is written by us into the same packs as the trees. We know
the id that each commit must get, so what git-filter-repo made is held against that.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from typing import Final

from secops.errors import GitError
from secops.git import Repository
from secops.purge.committext import Text, new_commit
from secops.purge.needles import Needles
from secops.purge.objectreader import ObjectReader
from secops.purge.packwriter import PackWriter, object_id
from secops.purge.replay import Replay, can_carry, command
from secops.purge.trees import TreeRewriter

_COMMIT: Final = "commit"
_PACK: Final = 5000
# The trees of so many commits are held in memory.
_WINDOW: Final = 400


class CommitRewriter:
    """Rewrites commits into `stage`. `dirty` are those with a value in their own text."""

    def __init__(
        self,
        stage: Repository,
        reader: ObjectReader,
        trees: TreeRewriter,
        needles: Needles,
        dirty: Collection[str],
    ) -> None:
        self._stage = stage
        self._reader = reader
        self._trees = trees
        self._needles = needles
        self._dirty = dirty
        self._made: dict[str, str] = {}
        self._old_roots: dict[bytes, bytes] = {}
        self._marks: dict[bytes, int] = {}
        self._carried: dict[str, str] = {}

    def rewrite(self, commits: Sequence[str]) -> dict[str, str]:
        """Old ids to new ones, of those of `commits` (parents first) that really change. Raises GitError."""
        with ExitStack() as stack:
            replay = self._replay(stack) if commits else None
            for batch in _slices(commits, _PACK):
                commands = self._batch(batch, by_us=replay is None)
                if replay:
                    replay.send(commands)
            if replay:
                self._compare(replay.finish())
        return self._made

    def _replay(self, stack: ExitStack) -> Replay | None:
        return stack.enter_context(Replay(self._stage)) if self._stage.object_format == "sha1" else None

    def _batch(self, commits: Sequence[str], *, by_us: bool) -> bytes:
        """Write what some commits need; the commands that make the commits themselves."""
        pack = stage_pack(self._stage)
        commands = list[bytes]()
        for window in _slices(commits, _WINDOW):
            texts = [Text.parse(found.data) for found in self._reader.many(window)]
            roots = self._trees.rewrite(*self._roots(window, texts), pack)
            for old, text, root in zip(window, texts, roots, strict=True):
                if (new := self._new(old, text, root.hex())) is None:
                    continue
                if by_us or not can_carry(new):
                    pack.add(_COMMIT, new.encode())
                else:
                    commands.append(self._command(old, new))
        pack.finish()
        return b"".join(commands)

    def _roots(self, commits: Sequence[str], texts: Sequence[Text]) -> tuple[list[bytes], list[bytes]]:
        """The root trees of some commits, and those of their first parents as far as they were here."""
        roots = [bytes.fromhex(text.tree) for text in texts]
        for commit, root in zip(commits, roots, strict=True):
            self._old_roots[commit.encode()] = root
        return roots, [self._old_roots.get(text.first(b"parent"), b"") for text in texts]

    def _new(self, old: str, text: Text, root: str) -> Text | None:
        """The text of the new commit, its id noted; None if nothing changes."""
        parents = (header.value.decode() for header in text.headers if header.key == b"parent")
        if root == text.tree and old not in self._dirty and self._made.keys().isdisjoint(parents):
            return None
        new = new_commit(text, root, self._made, self._needles if old in self._dirty else None)
        self._made[old] = object_id(self._stage.object_format, _COMMIT, new.encode()).hex()
        return new

    def _command(self, old: str, new: Text) -> bytes:
        mark = len(self._carried) + 1
        text = command(new, mark, old, self._marks)
        self._carried[old] = self._made[old]
        self._marks[self._made[old].encode()] = mark
        return text

    def _compare(self, answer: dict[str, str]) -> None:
        if answer != self._carried:
            raise GitError(
                "git-filter-repo made other commits than it was told to; nothing has been changed",
                advice="Is another version of git-filter-repo installed than secops asks for? "
                "Please report this.",
            )


def stage_pack(stage: Repository) -> PackWriter:
    """A new pack in the stage."""
    return PackWriter(os.path.join(stage.common_dir, "objects"), stage.object_format)


def _slices(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (items[at : at + size] for at in range(0, len(items), size))
