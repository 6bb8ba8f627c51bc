"""The work tree as git sees it: tracked files, and untracked ones unless ignored."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Final

from secopskit.findings import Blob, Skipped, SkipReason
from secopskit.git.repository import Repository
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
    refuses by its path is not opened: `others`, complete once `blobs` is exhausted, has these paths. For
    `in_parts` see `FilesSource`.
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
        self._inside: dict[str, bool] = {}
        self._wants = wants
        self.others: list[str] = []
        self.limits: tuple[str, ...] = ()
        self.expected: int | None = None

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
        where = ("--", f":(top,literal){self._directory}") if self._directory else ()
        words = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", *where)
        listing, complaints = self._repository.run_hearing(*words)
        self.expected = listing.count(b"\0")
        yield from unopened(complaints, self._prefix)
        if not listing:
            self.limits += (f"{self._directory or 'The work tree'}: no files are in it.",)
        seen = b""
        for name in listing.split(b"\0"):
            if name and name != seen:  # a conflicted file is listed once for each of its stages
                seen = name
                yield from self._file(os.fsdecode(name))

    def _file(self, name: str) -> Iterator[Blob | Skipped]:
        full = os.path.join(self._repository.root, name)
        path = self._prefix + name.rstrip("/")
        if not self._stays_inside(os.path.dirname(full)):
            yield Skipped(path=path, reason=SkipReason.SYMLINK_ESCAPE)
            return
        try:
            os.lstat(full)
        except (FileNotFoundError, NotADirectoryError):
            return  # tracked, but deleted from the work tree
        except OSError as error:  # as in a directory that nobody may enter
            yield Skipped(path=path, reason=SkipReason.UNREADABLE, detail=error.strerror or "")
            return
        if self._wants is not None and not self._wants(path):
            self.others.append(path)
            return
        for content in read_parts(full, path, self._limit, in_parts=self._in_parts):
            yield from self._content(full, path, content)

    def _content(self, full: str, path: str, content: Blob | Skipped) -> Iterator[Blob | Skipped]:
        if self._submodules and isinstance(content, Skipped) and content.reason is SkipReason.SUBMODULE:
            yield from self._submodule(full, path)
        elif isinstance(content, Skipped) and os.path.islink(full) and not self._stays_inside(full):
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

    def _stays_inside(self, directory: str) -> bool:
        if directory not in self._inside:
            real = os.path.realpath(directory)
            self._inside[directory] = os.path.commonpath([self._real_root, real]) == self._real_root
        return self._inside[directory]

    @cached_property
    def _real_root(self) -> str:
        return os.path.realpath(self._repository.root)
