"""The shelf of clones: mirrors of hosted repositories. The least recently used go when room is short.

A clone is a bare repository `<host>/<owner>/<name>.git`. Beside it lie its lock and a note of its size, whose
time is when it was last used. All of it may be removed at any time that nothing runs.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from secopskit.errors import RefusedError
from secopskit.fleet.worker.address import parts_of
from secopskit.named_tuple import NamedTuple
from secopskit.state.lock import held
from secopskit.state.private import private_directory

_NOTE: Final = ".size"
_LOCK: Final = ".lock"
_PATIENCE: Final = 600.0  # seconds, for another fleet that has the same clone in its hands


class CloneShelf(NamedTuple):
    """`directory` is ours alone; `bound` is how many bytes its clones may take together, 0: any number."""

    directory: str
    bound: int = 0

    @contextmanager
    def place(self, url: str) -> Iterator[str]:
        """The path of the clone of `url`, which may not be there yet; nobody else has it meanwhile.

        Raises RefusedError where somebody else has it for too long.
        """
        path = os.path.join(self.directory, *parts_of(url))
        private_directory(self.directory)
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        name = os.path.basename(path) + _LOCK
        with held(os.path.dirname(path), running=f"another scan of {url}", name=name, wait=_PATIENCE):
            try:
                yield path
            finally:
                self._note(path)
                self.make_room(path, 0)  # nobody knew how large it would be

    def make_room(self, keep: str, needed: int) -> None:
        """Remove clones, least recently used first, until `needed` bytes fit in beside the others."""
        if not self.bound:
            return
        clones = sorted(self._clones())
        size = sum(one.size for one in clones) + needed
        for clone in clones:
            if size <= self.bound:
                return
            if clone.path != keep and remove_unused(clone.path):
                size -= clone.size

    def _note(self, path: str) -> None:
        """Put down how large the clone is now, and that it was used."""
        with suppress(OSError):
            if os.path.isdir(path):
                with open(path + _NOTE, "w", encoding="ascii") as file:
                    file.write(str(size_of(path)))

    def _clones(self) -> Iterator[_Clone]:
        for directory, _, files in os.walk(self.directory):
            if directory.endswith(".git"):
                continue
            for name in files:
                if name.endswith(".git" + _NOTE):
                    with suppress(OSError, ValueError):
                        path = os.path.join(directory, name)
                        with open(path, encoding="ascii") as file:
                            size = int(file.read(32))
                        yield _Clone(os.stat(path).st_mtime, path.removesuffix(_NOTE), size)


class _Clone(NamedTuple):
    used: float
    path: str
    size: int


def size_of(path: str) -> int:
    """The bytes of all files below `path`, as far as they can be seen."""
    total = 0
    for directory, _, files in os.walk(path):
        for name in files:
            with suppress(OSError):
                total += os.lstat(os.path.join(directory, name)).st_size
    return total


def remove_unused(path: str) -> bool:
    """Remove a clone, unless somebody has it in their hands; whether it is gone."""
    try:
        with held(os.path.dirname(path), running="", name=os.path.basename(path) + _LOCK):
            return discard(path)
    except (RefusedError, OSError):
        return False


def discard(path: str) -> bool:
    """Remove a clone that is in our hands; whether it is gone."""
    shutil.rmtree(path, ignore_errors=True)
    with suppress(OSError):
        os.unlink(path + _NOTE)
    return not os.path.lexists(path)
