"""The backup: a full copy of the git directory, outside of the repository, before anything is changed.

Objects never change under their name, so they are linked where the file system can, which costs
neither time nor space; everything else is copied. The copy holds the secrets: it is for its owner
alone, and the report names the command that destroys it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count
from typing import Final

from secopskit.errors import RefusedError, SecopsError
from secopskit.git.repository import Repository
from secopskit.git.worktrees import main_path, main_view
from secopskit.progress import still_at_work
from secopskit.purge.journal import PurgeNotebook
from secopskit.state.notebook import LAST
from secopskit.state.private import sync_directory
from secopskit.state.purges import BACKUPS
from secopskit.state.smallfiles import is_inside

COPY: Final = "repository.git"
_COMPLETE: Final = "complete"
_README_NAME: Final = "README"
_README: Final = """\
This is a backup that `secops purge-history` made before it rewrote a repository.

It HOLDS THE SECRETS that were removed there. Destroy it as soon as the new history is accepted.
Until then `secops purge-history --rollback`, called in the repository, restores it from here.
"""
# Sockets and FIFOs of a file-system monitor, and the state of the purge itself.
_LEFT_OUT: Final = ("secops/purge",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup that was made and verified. `files` is the number of files below `objects`."""

    path: str
    files: int
    refs: int

    @property
    def destroy(self) -> str:
        """The command that destroys it."""
        return destroying(self.path)


def default_place(repository: Repository) -> str:
    """Where a backup goes if nobody says otherwise: beside the repository, under a name that is free."""
    home = repository.work_tree or main_path(repository) or repository.common_dir
    parent, name = os.path.split(os.path.normpath(home))
    when = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    place = os.path.join(parent, f"{name.removesuffix('.git')}-secops-backup-{when}")
    others = (f"{place}-{number}" for number in count(2))  # of the same second
    return next(each for each in chain([place], others) if not os.path.lexists(each))


def choose_place(repository: Repository, directory: str | None = None) -> str:
    """Where the backup will be: `directory`, which must not exist yet, or the default.

    Raises RefusedError for a place inside a work tree, where it would be committed sooner or later.
    """
    place = os.path.abspath(directory or default_place(repository))
    _check_place(repository, place)
    return place


def make_backup(repository: Repository, place: str) -> Backup:
    """Copy the git directory to `place`, and verify the copy.

    Raises SecopsError if it cannot be written; then nothing of it is left.
    """
    try:
        _copy(repository, place)
        backup = _verified(repository, place)
        _write(os.path.join(place, _COMPLETE), b"")
        sync_directory(place)
    except BaseException as error:
        discard_backup(place)
        if isinstance(error, OSError):
            raise SecopsError(
                f"{place}: the backup cannot be written: {error.strerror}",
                advice="Name another place with --backup-dir. Nothing was changed.",
            ) from None
        raise
    return backup


def discard_backup(place: str) -> None:
    """Remove a backup that nobody needs: it is but one more copy of the values. Only ever one of ours."""
    with suppress(OSError):
        if os.listdir(place):
            with open(os.path.join(place, _README_NAME), encoding="utf-8") as file:
                if file.read() != _README:
                    return
            # What tells that it is ours goes after the rest: should we die before, it can be done again.
            with suppress(FileNotFoundError):
                os.unlink(os.path.join(place, _COMPLETE))
            shutil.rmtree(os.path.join(place, COPY), ignore_errors=True)
        if not os.path.lexists(os.path.join(place, COPY)):
            shutil.rmtree(place)


def open_backup(repository: Repository, directory: str) -> Repository:
    """The repository inside a backup. Raises RefusedError if it is none, or not complete."""
    copy = os.path.join(directory, COPY)
    if not (os.path.isdir(copy) and os.path.isfile(os.path.join(directory, _COMPLETE))):
        raise RefusedError(
            f"{directory}: is not a complete backup", advice="Name the right one with --backup-dir."
        )
    return main_view(repository._replace(git_dir=copy, common_dir=copy, work_tree=None))


def backups_there(repository: Repository) -> tuple[str, ...]:
    """The backups of all purges on record, rolled back or not, that are still there. Raises SecopsError."""
    notebook = PurgeNotebook.of(repository)
    journals = (notebook.read(LAST), notebook.read())
    known = [*BACKUPS.read(repository.state_dir), *(one.backup for one in journals if one)]
    return tuple(path for path in dict.fromkeys(known) if path and os.path.isdir(path))


def destroying(path: str) -> str:
    """The command that destroys a backup."""
    return f"rm -rf {shlex.quote(path)}"


def _check_place(repository: Repository, place: str) -> None:
    """Raise RefusedError where something is already, or what lies there would get committed."""
    parent = os.path.dirname(place)
    if os.path.lexists(place):
        raise RefusedError(f"{place}: is already there", advice="Name a new directory with --backup-dir.")
    for inside in filter(None, (repository.work_tree, main_path(repository), repository.common_dir)):
        if is_inside(parent, inside):
            raise RefusedError(
                f"{place}: a backup inside the repository would be committed, or purged with it",
                advice="Name a place outside with --backup-dir.",
            )
    while not os.path.isdir(parent):
        parent = os.path.dirname(parent)
    around = Repository.open(parent)
    if around is not None and around.work_tree is not None:
        raise RefusedError(
            f"{place}: lies in the work tree of {around.work_tree}, where it may get committed",
            advice="Name a place outside with --backup-dir.",
        )


def _copy(repository: Repository, place: str) -> None:
    os.makedirs(os.path.dirname(place), exist_ok=True)
    os.mkdir(place, 0o700)
    _write(os.path.join(place, _README_NAME), _README.encode())
    target = os.path.join(place, COPY)
    os.mkdir(target, 0o700)
    for name in _walk(repository.common_dir, ""):
        _take(repository.common_dir, target, name)
    _settle_alternates(repository, target)
    sync_directory(target)


def _walk(top: str, prefix: str) -> Iterator[str]:
    """All directories and files below `top`, directories first. `objects` may itself be a link."""
    with os.scandir(os.path.join(top, prefix)) as entries:
        for entry in sorted(entries, key=lambda found: found.name):
            name = f"{prefix}{entry.name}"
            if name in _LEFT_OUT:
                continue
            yield name
            if entry.is_dir(follow_symlinks=name == "objects"):
                yield from _walk(top, name + "/")


def _take(source: str, target: str, name: str) -> None:
    still_at_work()
    old, new = os.path.join(source, name), os.path.join(target, name)
    mode = (os.stat if name == "objects" else os.lstat)(old).st_mode
    if stat.S_ISDIR(mode):
        os.mkdir(new, 0o700)
    elif stat.S_ISLNK(mode):
        os.symlink(os.readlink(old), new)
    elif stat.S_ISREG(mode):
        with suppress(FileNotFoundError):  # a lock or a scratch file that its owner has removed
            if not (_immutable(name) and _linked(old, new)):
                _copied(old, new)


def _immutable(name: str) -> bool:
    """Whether the file is an object, a pack or an LFS object: never written again under its name."""
    parts = name.split("/")
    return "objects" in parts[:-1] and "info" not in parts


def _linked(old: str, new: str) -> bool:
    try:
        os.link(old, new)
    except FileNotFoundError:
        raise
    except OSError:  # another file system, or one without hard links
        return False
    return True


def _copied(old: str, new: str) -> None:
    shutil.copyfile(old, new, follow_symlinks=False)
    shutil.copystat(old, new, follow_symlinks=False)
    # Opened to be written, for some systems sync nothing else; a file of ours may be read-only.
    os.chmod(new, stat.S_IMODE(os.stat(new).st_mode) | stat.S_IWUSR)
    with open(new, "r+b") as file:
        os.fsync(file.fileno())


def _settle_alternates(repository: Repository, target: str) -> None:
    """A borrowed object store named by a relative path is found from the copy, too."""
    path = os.path.join(target, "objects", "info", "alternates")
    if not os.path.isfile(path):
        return
    home = os.path.realpath(os.path.join(repository.common_dir, "objects"))
    with open(path, "rb") as file:
        lines = [
            line if line.startswith(b"#") else _absolute(line, home) for line in file.read().splitlines()
        ]
    _write(path, b"".join(line + b"\n" for line in lines if line))


def _absolute(line: bytes, home: str) -> bytes:
    return os.path.normpath(os.path.join(os.fsencode(home), line)) if line else b""


def _verified(repository: Repository, place: str) -> Backup:
    copy = os.path.join(place, COPY)
    objects = {name for name in _walk(copy, "") if name.startswith("objects/")}
    wanted = {name for name in _walk(repository.common_dir, "") if name.startswith("objects/")}
    theirs = main_view(repository._replace(git_dir=copy, common_dir=copy))
    words = ("for-each-ref", "--format=%(objectname) %(refname)")
    refs = main_view(repository).run(*words)
    if wanted - objects or theirs.run(*words) != refs:
        raise SecopsError(
            f"{place}: the backup is not the same as the repository",
            advice="Is somebody else at work in it? Try again. Nothing was changed.",
        )
    return Backup(path=place, files=len(objects), refs=refs.count(b"\n"))


def _write(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
