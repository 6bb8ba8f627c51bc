"""Which files of HEAD may hold a text, asked of git beside us.

Nearly all of HEAD lies in the work tree as well, and git reads it there in a third of the time that it takes
to rebuild it from packs. What is staged, changed or not there is looked for in HEAD itself. What lies in HEAD
as another text than in the work tree (a filter made it) is not found: that counts as new.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import suppress
from functools import cached_property
from typing import Final

from secopskit.errors import GitError
from secopskit.git.process import Begun
from secopskit.git.repository import Repository
from secopskit.git.unlike_index import LISTING, unlike_index

# git reads what it looks for from a pipe, which holds so much in any system.
SEARCH: Final = ("grep", "-l", "-z", "-I", "-F", "--full-name", "--no-color", "-f", "-")
_MOST_NAMED: Final = 200  # paths, in arguments of git


class HeadFiles:
    """The files of HEAD. `replaced` are the paths at which the index has another one, or none."""

    def __init__(self, repository: Repository, replaced: Collection[str]) -> None:
        self._repository = repository
        self._replaced = replaced
        self._listed: Begun | None = None

    def begin(self, line: bytes) -> BegunSearch:
        """Begin to look for `line`, and to tell which files are not in the work tree. Raises GitError."""
        there = self._repository.begin(*SEARCH, "--", stdin=line)
        in_head = self.search(self._replaced, line)
        if self._listed is None:
            self._listed = self._repository.begin(*LISTING)
        return BegunSearch(self, line, there, in_head)

    def search(self, paths: Collection[str] | None, line: bytes) -> list[Begun]:
        """Look for `line` in these files of HEAD; in all (None), also if they are many. Raises GitError."""
        if paths is not None and not paths:
            return []
        named = [] if paths is None or len(paths) > _MOST_NAMED else sorted(paths)
        words = ("--literal-pathspecs", *SEARCH, "HEAD", "--", *named)
        return [self._repository.begin(*words, stdin=line)]

    @cached_property
    def hidden(self) -> frozenset[str] | None:
        """The paths whose files in the work tree are not those of the index; None: nobody can say.

        Raises GitError.
        """
        begun, self._listed = self._listed or self._repository.begin(*LISTING), None
        unlike = unlike_index(begun.output(), self._repository.root)
        return None if unlike is None else frozenset(unlike.difference(self._replaced))

    def end(self) -> None:
        """Give up telling which these are, if nobody has asked for it."""
        if self._listed:
            self._listed.end()
            self._listed = None


class BegunSearch:
    """A search for `line`: `there`, in the work tree, and `in_head`."""

    def __init__(self, files: HeadFiles, line: bytes, there: Begun, in_head: list[Begun]) -> None:
        self._files = files
        self._line = line
        self._there = there
        self._in_head = in_head

    def paths(self) -> list[str]:
        """The files that may hold it, each once. Raises GitError where they cannot be told."""
        self._in_head += self._files.search(self._files.hidden, self._line)
        found = [name.partition(b":")[2] for search in self._in_head for name in _names(search)]
        return list(map(os.fsdecode, dict.fromkeys([*_names(self._there), *found])))

    def end(self) -> None:
        """Give it up."""
        self._files.end()
        for begun in (self._there, *self._in_head):
            begun.end()


def _names(search: Begun) -> list[bytes]:
    with suppress(GitError):  # nothing is found, or HEAD has no such file, or there is no HEAD
        return list(filter(None, search.output().split(b"\0")))
    return []
