"""Private files: made 0600 in directories that are 0700 and ours, whole or not at all, through no link.

Everything of secops that creates a file opens it here. All functions raise OSError, but for
`replace_file` and `replace_kept`, which are for files of the user's.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from secopskit.errors import RefusedError, SecopsError
from secopskit.state.descriptor_lock import take_lock

if TYPE_CHECKING:
    from secopskit.state.smallfiles import StrPath

# Absent on Windows, or elsewhere.
_ALWAYS: Final = (
    getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
_MODE: Final = 0o600
_DIRECTORY_MODE: Final = 0o700
_YOUNG_S: Final = 60.0
_SCRATCH: Final = re.compile(r".*\.secops-[0-9a-f]{16}\.tmp", re.ASCII)


def private_directory(path: str) -> None:
    """Make the directory `path`, or shut the one that is there to everybody else.

    Raises RefusedError for what is no directory of ours: a link, or one that belongs to another user.
    """
    _make_directories(path)
    found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode):
        raise RefusedError(f"{path}: leads elsewhere", advice="Remove it: secops keeps its own state there.")
    if os.name == "nt":
        return
    _require_owner(path, found)
    if stat.S_IMODE(found.st_mode) != _DIRECTORY_MODE:
        os.chmod(path, _DIRECTORY_MODE)


def _make_directories(path: str) -> None:
    """Make the directory `path` and those above it that are missing, each for this user alone."""
    above = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(above):
        _make_directories(above)
    try:
        os.mkdir(path, _DIRECTORY_MODE)
    except FileExistsError:
        if not os.path.isdir(path):
            raise


def require_own(path: str) -> None:
    """Require that what we are to believe was put there by this user. Raises RefusedError, OSError."""
    if os.name != "nt":
        _require_owner(path, os.lstat(path))


def _require_owner(path: str, found: os.stat_result) -> None:
    # Root may enter anyway; and who owns a repository could put anything in our place.
    if os.geteuid() not in (0, found.st_uid):
        raise RefusedError(f"{path}: belongs to another user", advice="Remove it, or run as that user.")


def create(path: StrPath, mode: int = _MODE) -> int:
    """A descriptor to write the new file `path`. Raises FileExistsError for whatever is there, links too."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _ALWAYS, mode)


def open_lasting(path: StrPath) -> int:
    """A descriptor of a file that stays from run to run, made where it is missing: one to lock."""
    return os.open(path, os.O_RDWR | os.O_CREAT | _ALWAYS, _MODE)


def write_new(path: StrPath, data: bytes) -> None:
    """Write a file that was not there. Raises FileExistsError."""
    with os.fdopen(create(path), "wb") as file:
        file.write(data)


def replace_whole(path: StrPath, data: bytes, *, mode: int | None = _MODE, durable: bool = True) -> None:
    """Write `path` whole or not at all; a link there is replaced, not followed.

    `mode` is given whatever the umask says; None is the umask's own, for files that others may have.
    `durable` waits until file and name are on the disk.
    """
    with _scratch(path, data, mode, durable=durable) as scratch:
        os.replace(scratch, path)
    if durable:
        sync_directory(os.path.dirname(os.fspath(path)) or os.curdir)


def replace_file(path: StrPath, data: bytes) -> None:
    """Write a file of the user's whole or not at all. A link at `path` is replaced, not followed.

    The mode is the user's own (umask): such files are made to be committed. Raises SecopsError.
    """
    try:
        replace_whole(path, data, mode=None)
    except OSError as error:
        raise SecopsError(
            f"{path}: cannot be written: {error.strerror}", advice="Check the directory's mode."
        ) from None


def replace_kept(path: StrPath, data: bytes) -> None:
    """Write a file of the user's that holds secrets, whole or not at all; a link at `path` is replaced.

    Afterwards its mode is 0600, or less where it was less; its owner stays where we may say so. Raises
    SecopsError.
    """
    try:
        clear_leftovers(path)
        found = os.lstat(path) if os.path.lexists(path) else None
        mode = _MODE if found is None or not stat.S_ISREG(found.st_mode) else _MODE & found.st_mode
        with _held_scratch(os.fspath(path), data, mode) as scratch:
            if found is not None:
                _give(scratch, found)
            os.replace(scratch, path)
        sync_directory(os.path.dirname(os.fspath(path)) or os.curdir)
    except OSError as error:
        raise SecopsError(
            f"{path}: cannot be written: {error.strerror}", advice="Check the directory and its mode."
        ) from None


def clear_leftovers(path: StrPath) -> None:
    """Remove what a `replace_kept` of `path` left beside it when it was killed: values lie in it."""
    directory, name = os.path.split(os.fspath(path))
    with suppress(OSError):
        for entry in os.listdir(directory or os.curdir):
            if entry.startswith(f"{name}.secops-") and _SCRATCH.fullmatch(entry):
                _remove_unheld(os.path.join(directory, entry))


def _remove_unheld(path: str) -> None:
    """Remove a scratch file, unless somebody is at work on it."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDWR | _ALWAYS)
        try:
            # A writer locks its file before anything stands in it: of an empty one nobody knows yet.
            found = os.fstat(descriptor)
            young = found.st_size == 0 and time.time() - found.st_mtime < _YOUNG_S
            orphaned = not young and take_lock(descriptor)
        finally:
            os.close(descriptor)
        if orphaned:
            os.unlink(path)


@contextmanager
def _held_scratch(path: str, data: bytes, mode: int) -> Iterator[str]:
    """A file beside `path` that holds `data`, and is locked as long as we live. Afterwards it is gone.

    Its name begins as that of `path` does: what git ignores as `.env*`, it ignores here.
    """
    scratch = f"{path}.secops-{os.urandom(8).hex()}.tmp"
    descriptor = create(scratch)
    try:
        take_lock(descriptor)
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.write(data)
        set_mode(descriptor, scratch, mode)
        os.fsync(descriptor)
        if os.name == "nt":  # what is open cannot be renamed there
            os.close(descriptor)
        yield scratch
    finally:
        if os.name != "nt":
            os.close(descriptor)
        with suppress(OSError):
            os.unlink(scratch)


def _give(path: str, like: os.stat_result) -> None:
    """Give a file of ours to the owner of another one, which only root may do for everybody."""
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(path, like.st_uid, like.st_gid, follow_symlinks=False)


def create_whole(path: StrPath, data: bytes) -> bool:
    """Write `path` whole unless something is there; whether it was written.

    Of several who try at once one wins, but for file systems without hard links, where the last does.
    """
    with _scratch(path, data, _MODE, durable=True) as scratch:
        try:
            os.link(scratch, path)
        except FileExistsError:
            return False
        except OSError:
            os.replace(scratch, path)
    return True


def sweep_scratch(directory: StrPath) -> None:
    """Remove what writers that were killed have left in a directory: files of ours alone, by their name.

    For a caller who knows that nobody is writing there now.
    """
    with suppress(OSError):
        for entry in os.scandir(directory):
            if not _SCRATCH.fullmatch(entry.name) or not entry.is_file(follow_symlinks=False):
                continue
            if os.name == "nt" or entry.stat(follow_symlinks=False).st_uid == os.geteuid():
                with suppress(OSError):
                    os.unlink(entry.path)


@contextmanager
def _scratch(path: StrPath, data: bytes, mode: int | None, *, durable: bool) -> Iterator[str]:
    """A file beside `path` that holds `data`. Afterwards it is gone, if only under this name."""
    scratch = os.path.join(os.path.dirname(os.fspath(path)), f".secops-{os.urandom(8).hex()}.tmp")
    try:
        descriptor = create(scratch, 0o666 if mode is None else mode)
        with os.fdopen(descriptor, "wb") as file:
            if mode is not None:
                set_mode(descriptor, scratch, mode)
            file.write(data)
            file.flush()
            if durable:
                os.fsync(descriptor)
        yield scratch
    finally:
        with suppress(OSError):
            os.unlink(scratch)


def set_mode(descriptor: int, path: StrPath, mode: int = _MODE) -> None:
    """Give an open file its mode, by its name where the system knows no other way."""
    os.chmod(descriptor if os.chmod in os.supports_fd else path, mode)


def sync_directory(path: StrPath) -> None:
    """See a directory's entries on the disk, where the system knows how."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
