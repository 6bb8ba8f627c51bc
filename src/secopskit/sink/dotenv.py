"""A dotenv file of the work tree as a sink: `dotenv:PATH`. It can be read, so it is compared exactly.

The file is edited in place: comments, order and all other values stay. Afterwards it is 0600, or less where
it was less.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime

from secopskit.errors import ConfigError, RefusedError
from secopskit.formats.exact.dotenv_edit import edit_exact
from secopskit.formats.exact.dotenv_exact import SIZE_LIMIT, ExactDotenv, read_exact
from secopskit.secret import SecretValue
from secopskit.sink.interface import EntryKind, SinkEntry, SinkPlace, SinkSurroundings
from secopskit.state.private import replace_kept
from secopskit.state.smallfiles import is_inside, read_small


class DotenvSink:
    """A dotenv file. A link in its place is followed, within the work tree.

    A declaration may come with a cloned repository, so no file outside of the work tree is written to.
    """

    readable = True
    most = 0

    def __init__(self, place: SinkPlace, surroundings: SinkSurroundings) -> None:
        if not place.name:
            raise ConfigError("a sink names no dotenv file", advice="Write `dotenv:PATH`.")
        self._kind = place.kind
        self._path = os.path.realpath(os.path.join(surroundings.base, place.name))
        if not is_inside(self._path, surroundings.base) or _is_of_git(self._path, surroundings.base):
            raise RefusedError(
                f"dotenv:{place.name} is not a file of the work tree", advice="Name one that is."
            )
        self._label = os.path.relpath(self._path, os.path.realpath(surroundings.base)).replace(os.sep, "/")

    @property
    def path(self) -> str:
        """The file itself, with every link followed, relative to the surroundings' base."""
        return self._label

    @property
    def address(self) -> str:
        """See `Sink.address`."""
        return f"dotenv {self._label}"

    @property
    def owner(self) -> str:
        """See `Sink.owner`."""
        return ""

    @property
    def kind(self) -> EntryKind:
        """See `Sink.kind`: the file does not tell secrets from variables, and the declaration does."""
        return self._kind

    def canonical(self, name: str) -> str:
        """See `Sink.canonical`: names differ by case."""
        return name

    def check(self, name: str, value: SecretValue) -> None:
        """See `Sink.check`: writes it into a file that is in memory only."""
        edit_exact(read_exact(b"", self._label), {name: value})

    def exists(self) -> bool:
        """See `Sink.exists`: a file that is missing is made with its first value."""
        return True

    def make(self) -> None:
        """See `Sink.make`."""

    def entries(self) -> Mapping[str, SinkEntry]:
        """See `Sink.entries`. Raises ConfigError, with the line, where the file says nothing certain."""
        return {entry.key: SinkEntry(entry.key, value=entry.value) for entry in self._read().entries}

    def put(self, name: str, value: SecretValue) -> datetime | None:
        """See `Sink.put`. The file tells no times."""
        before = self._read()
        after = edit_exact(before, {name: value})
        if after != before.data:
            replace_kept(self._path, after)
        return None

    def remove(self, name: str) -> None:
        """See `Sink.remove`: the lines of the assignment go, a comment on them, too."""
        before = self._read()
        entry = before.entry(name)
        if entry is None:
            return
        start = before.data.rfind(b"\n", 0, entry.start) + 1
        end = before.data.find(b"\n", entry.end) + 1 or len(before.data)
        replace_kept(self._path, before.data[:start] + before.data[end:])

    def _read(self) -> ExactDotenv:
        there = os.path.lexists(self._path)
        return read_exact(read_small(self._path, limit=SIZE_LIMIT) if there else b"", self._label)


def _is_of_git(path: str, base: str) -> bool:
    """Whether the file is git's own, or ours beside it."""
    names = os.path.relpath(path, os.path.realpath(base)).split(os.sep)
    return any(name.casefold() == ".git" for name in names)
