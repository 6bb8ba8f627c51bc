"""Files of the work tree, read and written with care: no link is followed, nothing leads out of the tree."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from secopskit.errors import IncompleteError, RefusedError, SecopsError
from secopskit.harden.model import FileEdit, digest
from secopskit.state.private import replace_whole, sweep_scratch
from secopskit.state.smallfiles import read_small

_LIMIT: Final = 1024 * 1024
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class TreeFiles:
    """The files below `root`, by paths with `/` that are relative to it."""

    def __init__(self, root: str) -> None:
        self._root = root

    def exists(self, path: str) -> bool:
        """Whether something is there, of whatever kind."""
        return os.path.lexists(self._full(path))

    def is_directory(self, path: str) -> bool:
        """Whether a directory is there, itself and not by a link."""
        full = self._full(path)
        return os.path.isdir(full) and not os.path.islink(full)

    def is_special(self, path: str) -> bool:
        """Whether a pipe, a socket or a device is there."""
        full = self._full(path)
        mode = os.lstat(full).st_mode if os.path.lexists(full) else stat.S_IFREG
        return not any(is_usual(mode) for is_usual in (stat.S_ISREG, stat.S_ISDIR, stat.S_ISLNK))

    def first_of(self, names: Iterable[str]) -> str | None:
        """The first of these files that is there, as it is written there: hosts look at no case."""
        listings = dict[str, dict[str, str]]()
        for name in names:
            directory, _, base = name.rpartition("/")
            if directory not in listings:
                listings[directory] = self._listing(directory)
            if (found := listings[directory].get(base.casefold())) is not None:
                return f"{directory}/{found}".lstrip("/")
        return None

    def _listing(self, directory: str) -> dict[str, str]:
        """The names in a directory by their folded form, the first in order of each."""
        with suppress(OSError):
            return {name.casefold(): name for name in sorted(os.listdir(self._full(directory)), reverse=True)}
        return {}

    def read(self, path: str) -> bytes | None:
        """The content, None where nothing is there.

        Raises RefusedError for a link, a directory, or what lies behind a link; ConfigError for a file that
        is too large to be read.
        """
        full = self._full(path)
        self._require_plain_way(path)
        if not os.path.lexists(full):
            return None
        mode = os.lstat(full).st_mode
        if stat.S_ISLNK(mode):
            raise RefusedError(f"{path}: is a symbolic link", advice="Replace it by what it leads to.")
        if not stat.S_ISREG(mode):
            raise RefusedError(f"{path}: is not a regular file", advice="Move it away, then try again.")
        return read_small(full, limit=_LIMIT)

    def is_plain(self, path: str) -> bool:
        """Whether a regular file is there, and not behind a link."""
        with suppress(RefusedError):
            self._require_plain_way(path)
            full = self._full(path)
            return os.path.lexists(full) and stat.S_ISREG(os.lstat(full).st_mode)
        return False

    def peek(self, path: str) -> bytes:
        """The content of a file that may be anything: empty for what `read` refuses, and where nothing is."""
        return self.content(path) or b""

    def content(self, path: str) -> bytes | None:
        """The same, but None where there is no telling: the file is not on the disk, or cannot be read."""
        if os.path.islink(self._full(path)):
            return b""
        try:
            return self.read(path)
        except SecopsError:
            return None

    def require_writable(self, path: str) -> None:
        """Raise RefusedError where a file was made read-only: somebody wants it to stay as it is."""
        full = self._full(path)
        if os.path.lexists(full) and not os.lstat(full).st_mode & stat.S_IWUSR:
            raise RefusedError(f"{path}: is read-only", advice="`chmod u+w` it, or leave the step out.")

    def write(self, edit: FileEdit) -> None:
        """Carry an edit out, whole or not at all; the mode stays. Raises SecopsError.

        Raises IncompleteError where the file is no longer what the plan was made from.
        """
        if self.read(edit.path) != edit.before:
            raise IncompleteError(f"{edit.path}: has changed meanwhile", advice="Run `secops init` again.")
        self.put(edit.path, edit.after)

    def put(self, path: str, data: bytes) -> None:
        """Write a file with the mode that it has, and the directories above it. Raises SecopsError."""
        full = self._full(path)
        self._require_plain_way(path)
        try:
            os.makedirs(os.path.dirname(full), exist_ok=True)
            mode = stat.S_IMODE(os.lstat(full).st_mode) if os.path.lexists(full) else None
            replace_whole(full, data, mode=mode)
        except OSError as error:
            full_up = error.errno in _NO_ROOM
            raise SecopsError(
                f"{path}: cannot be written: {error.strerror}",
                advice="Make room, then run it again." if full_up else "Check the directory's mode.",
            ) from None

    def remove(self, path: str, made: tuple[str, ...] = ()) -> None:
        """Remove a file, and those directories of `made` that are empty then. Raises SecopsError."""
        try:
            os.unlink(self._full(path))
        except FileNotFoundError:
            pass
        except OSError as error:
            raise SecopsError(
                f"{path}: cannot be removed: {error.strerror}", advice="Check the directory's mode."
            ) from None
        self.remove_empty(made)

    def remove_empty(self, directories: tuple[str, ...]) -> None:
        """Remove those of the directories that are empty."""
        for directory in sorted(directories, key=len, reverse=True):
            with suppress(OSError):
                os.rmdir(self._full(directory))

    def sweep(self, path: str) -> None:
        """Remove what a writer of `path` that was killed has left beside it."""
        self._require_plain_way(path)
        sweep_scratch(os.path.dirname(self._full(path)))

    def absent_directories(self, path: str) -> tuple[str, ...]:
        """The directories above `path` that would have to be made."""
        parts = path.split("/")[:-1]
        above = ["/".join(parts[:number]) for number in range(1, len(parts) + 1)]
        return tuple(each for each in above if not os.path.lexists(self._full(each)))

    def digest(self, path: str) -> str:
        """What the file is known by. Raises as `read` does."""
        return digest(self.read(path))

    def _full(self, path: str) -> str:
        return os.path.join(self._root, *path.split("/"))

    def _require_plain_way(self, path: str) -> None:
        """Raise RefusedError unless every directory above is one, and not a link to one."""
        parts = path.split("/")
        if os.path.isabs(path) or ".." in parts or any(part.casefold() == ".git" for part in parts):
            raise RefusedError(f"{path}: is not a file of the work tree", advice="Name one that is.")
        for number in range(1, len(parts)):
            above = "/".join(parts[:number])
            full = self._full(above)
            if os.path.islink(full) or (os.path.lexists(full) and not os.path.isdir(full)):
                raise RefusedError(
                    f"{above}: is a link or no directory",
                    advice="Put a directory there, or leave the step out.",
                )
