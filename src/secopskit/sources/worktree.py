"""The work tree as git sees it: tracked files, and untracked ones unless ignored."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Final

from secopskit.findings import Blob, Skipped, SkipReason
from secopskit.git.repository import Repository
from secopskit.sources.interface import Piece
from secopskit.sources.windows import read_parts

# What `git ls-files` says, and goes on, of a directory below which there may be untracked files.
_UNOPENED: Final = re.compile(rb"^warning: could not open directory '(.*?)/?': (.*)$", re.MULTILINE)


def unopened(complaints: bytes, prefix: str = "") -> Iterator[Skipped]:
    """The directories that git could not open, by its own words: what lies in them, it does not list."""
    for name, why in _UNOPENED.findall(complaints):
        path = prefix + os.fsdecode(name)
        yield Skipped(path=path, reason=SkipReason.UNREADABLE, detail=why.decode("utf-8", "replace"))


class WorktreeSource:
    """Files of a repository's work tree, below `directory` (the whole tree by default).

    An ignored file that is not tracked is not read: it is not on its way into a commit.
    With `submodules`, their work trees are read too, each as its own repository sees it. What `wants`
    refuses by its path is not opened: `others`, complete once `blobs` or `pieces` is exhausted, has these
    paths. For `in_parts` see `FilesSource`.
    """

    def __init__(
        self,
        repository: Repository,
        *,
        limit: int,
        directory: str = "",
        submodules: bool = False,
        prefix: str = "",
        wants: Callable[[str], bool] | None = None,
        in_parts: bool = True,
    ) -> None:
        self._repository = repository
        self._in_parts = in_parts
        self._limit = limit
        self._directory = directory
        self._submodules = submodules
        self._prefix = prefix
        self._inside = {repository.root: True}
        self._wants = wants
        self._missing = set[bytes]()
        self.others: list[str] = []
        self.limits: tuple[str, ...] = ()

    @property
    def target(self) -> str:
        """See `Source.target`."""
        return f"work tree {os.path.join(self._repository.root, self._directory)}"

    def counts(self, path: str, first: int, last: int) -> bool:
        """See `Source.counts`."""
        return True

    def brings_name(self, path: str) -> bool:
        """See `Source.brings_name`."""
        return True

    def blobs(self) -> Iterator[Blob | Skipped]:
        """See `Source.blobs`."""
        for piece in self.pieces():
            if isinstance(piece, Skipped):
                yield piece
            else:
                yield from self.read(piece)

    def pieces(self) -> Iterator[Piece | Skipped]:
        """See `DivisibleSource.pieces`."""
        where = ("--", f":(top,literal){self._directory}") if self._directory else ()
        # For what is not tracked, git walks all directories: meanwhile the rest is looked at.
        walk = self._repository.begin("ls-files", "-z", "--others", "--exclude-standard", *where)
        tracked = self._repository.run("ls-files", "-z", "--cached", *where)
        yield from self._listed(tracked)
        self._tell_sparse(where)
        untracked, complaints = walk.heard()
        yield from self._listed(untracked)
        yield from unopened(complaints, self._prefix)
        if not (tracked or untracked):
            self.limits += (f"{self._directory or 'The work tree'}: no files are in it.",)

    def _tell_sparse(self, where: tuple[str, ...]) -> None:
        """Tell of files that are missing because git was told not to check them out; others were deleted."""
        if not self._missing:
            return
        listing = self._repository.run("ls-files", "-z", "-t", "--cached", *where)
        names = (line[2:] for line in listing.split(b"\0") if line.startswith(b"S "))
        if absent := len(self._missing.intersection(names)):
            were = "1 tracked file is" if absent == 1 else f"{absent:,} tracked files are"
            reason = "not checked out (a sparse checkout)"
            self.limits += (f"{were} {reason}: scan what is committed with --history.",)

    def _listed(self, listing: bytes) -> Iterator[Piece | Skipped]:
        seen = b""
        for name in listing.split(b"\0"):
            if name and name != seen:  # a conflicted file is listed once for each of its stages
                seen = name
                if piece := self._piece(os.fsdecode(name)):
                    yield piece

    def _piece(self, name: str) -> Piece | Skipped | None:
        full = os.path.join(self._repository.root, name)
        path = self._prefix + name.rstrip("/")
        if not self._stays_inside(os.path.dirname(full)):
            return Skipped(path=path, reason=SkipReason.SYMLINK_ESCAPE)
        try:
            size = os.lstat(full).st_size
        except (FileNotFoundError, NotADirectoryError):
            self._missing.add(os.fsencode(name))  # tracked, but not in the work tree
            return None
        except OSError as error:  # as in a directory that nobody may enter
            return Skipped(path=path, reason=SkipReason.UNREADABLE, detail=error.strerror or "")
        if self._wants is not None and not self._wants(path):
            self.others.append(path)
            return None
        return Piece(full, path, size)

    def read(self, piece: Piece) -> Iterator[Blob | Skipped]:
        """See `DivisibleSource.read`."""
        for content in read_parts(piece.full, piece.path, self._limit, in_parts=self._in_parts):
            yield from self._content(piece.full, piece.path, content)

    def _content(self, full: str, path: str, content: Blob | Skipped) -> Iterator[Blob | Skipped]:
        if self._submodules and isinstance(content, Skipped) and content.reason is SkipReason.SUBMODULE:
            yield from self._submodule(full, path)
        elif isinstance(content, Skipped) and os.path.islink(full) and not self._leads_inside(full):
            yield Skipped(path=path, reason=SkipReason.SYMLINK_ESCAPE)
        else:
            yield content

    def _submodule(self, full: str, path: str) -> Iterator[Blob | Skipped]:
        inner = Repository.open(full)
        if inner is None or inner.work_tree is None or not os.path.samefile(inner.work_tree, full):
            yield Skipped(path=path, reason=SkipReason.SUBMODULE, detail="not checked out")
            return
        below = WorktreeSource(
            inner,
            limit=self._limit,
            submodules=True,
            prefix=path + "/",
            in_parts=self._in_parts,
        )
        yield from below.blobs()
        for limit in below.limits:  # no more than this is heard of it
            yield Skipped(path=path, reason=SkipReason.SUBMODULE, detail=limit)

    def _stays_inside(self, directory: str) -> bool:
        """Whether a directory that stands below the root, by its name, is not elsewhere."""
        unknown = list[str]()
        while directory not in self._inside and (parent := os.path.dirname(directory)) != directory:
            unknown.append(directory)
            directory = parent
        inside = self._inside.get(directory, False)
        for one in reversed(unknown):
            below = inside and not os.path.islink(one) and os.path.basename(one) != os.pardir
            self._inside[one] = inside = below or self._leads_inside(one)
        return inside

    def _leads_inside(self, place: str) -> bool:
        real = os.path.realpath(place)
        return os.path.commonpath([self._real_root, real]) == self._real_root

    @cached_property
    def _real_root(self) -> str:
        return os.path.realpath(self._repository.root)
