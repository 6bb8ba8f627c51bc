"""All objects that are to stay, as one pack, made in the stage before the repository is touched.

What takes long, needs space and can fail is over before the swap; afterwards files are only removed.
Nothing is lost by construction: the pack is made from git's walks over everything that the new refs
reach (the one below a commit that stays may be that of the plan), and git fails a walk or the pack if an
object of it cannot be read.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from typing import IO, Final

from secopskit.errors import ConfigError, GitError, SecopsError
from secopskit.git.bounded import GitChild
from secopskit.git.history.reach import ReachedObjects
from secopskit.git.objects.objectset import ObjectSet
from secopskit.git.repository import Repository
from secopskit.progress import still_at_work
from secopskit.state.private import sync_directory
from secopskit.state.smallfiles import read_small

_LOOSE: Final = re.compile(r"[0-9a-f]{38}(?:[0-9a-f]{24})?")
_FAN: Final = re.compile(r"[0-9a-f]{2}")
_SUFFIXES: Final = (".pack", ".rev", ".idx")  # the index last: with it, git sees the pack
# An index first: without it, git does not see the pack any more.
_REMOVAL: Final = (".idx", ".pack")
_IDS: Final = 1 << 14  # that are written at once


class Packing:
    """git at work on the pack: started, later waited for. `stage` sees all objects, old and new."""

    def __init__(
        self,
        stage: Repository,
        directory: str,
        tips: Iterable[str],
        *,
        known: ReachedObjects | None = None,
        borrowed: ObjectSet | None = None,
    ) -> None:
        """Pack all that `tips` reach into `directory`; objects in `borrowed` stay where they are.

        What is `known` to be reached, git need not look for again.
        """
        self._directory = directory
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - git writes it while we do other things
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - the same
        os.makedirs(directory, mode=0o700, exist_ok=True)
        self._processes: list[GitChild] = []
        asked = "".join(f"{tip}\n" for tip in sorted(set(tips)))
        if borrowed is not None:
            self._without(stage, asked, borrowed)
            return
        listed, lists = os.pipe()
        # A git that has ended before it had read everything says so by its exit code.
        with suppress(BrokenPipeError), open(listed, "rb") as stdin, open(lists, "wb") as stdout:
            self._pack(stage, stdin)
            stdin.close()
            if known:
                asked += f"^{known.commit}\n"
                _write_ids(stdout, known.ids, len(known.commit) // 2)
            self._walk(stage, asked, stdout)

    def _without(self, stage: Repository, asked: str, borrowed: ObjectSet) -> None:
        with tempfile.TemporaryFile() as scratch:
            walker = self._walk(stage, asked, subprocess.PIPE)
            assert walker.stdout  # noqa: S101 - PIPE above
            with walker.stdout as listed:
                scratch.writelines(_foreign_to(borrowed, listed))
            scratch.seek(0)
            self._pack(stage, scratch)

    def _walk(self, stage: Repository, asked: str, stdout: IO[bytes] | int) -> GitChild:
        with tempfile.TemporaryFile() as stdin:
            stdin.write(asked.encode())
            stdin.seek(0)
            return self._start(stage, ("rev-list", "--objects", "--stdin"), stdin, stdout)

    def _pack(self, stage: Repository, listed: IO[bytes]) -> None:
        words = ("pack-objects", "--quiet", "--delta-base-offset", "--non-empty")
        base = os.path.join(self._directory, "pack")
        self._start(stage, ("-c", "pack.packSizeLimit=0", *words, base), listed, self._output)

    def _start(
        self, stage: Repository, words: tuple[str, ...], stdin: IO[bytes], stdout: IO[bytes] | int
    ) -> GitChild:
        process = stage.start(*words, stdin=stdin, stdout=stdout, stderr=self._complaints)
        self._processes.append(process)
        return process

    def stop(self) -> None:
        """Give up. Does nothing to a packing that is over."""
        for process in self._processes:
            if process.poll() is None:
                process.kill()
            process.wait()

    def finish(self) -> tuple[str, ...]:
        """Wait for it; the names of the packs, such as `pack-1234`. Raises GitError."""
        codes = [process.wait() for process in self._processes]
        if any(codes):
            self._complaints.seek(0)
            words = self._complaints.read(500).decode("utf-8", "replace").strip().split("\n")[0]
            raise GitError(
                f"packing the new history failed: {words.removeprefix('fatal: ') or 'git ended early'}",
                advice="Is the disk full, or the repository damaged (`git fsck`)? Nothing was changed.",
            )
        self._output.seek(0)
        return tuple(f"pack-{name}" for name in self._output.read().decode().split())


def _write_ids(pipe: IO[bytes], ids: bytes, width: int) -> None:
    """Write ids in lines."""
    for start in range(0, len(ids), width * _IDS):
        still_at_work()
        pipe.write(ids[start : start + width * _IDS].hex("\n", width).encode() + b"\n")
    pipe.flush()


def _foreign_to(borrowed: ObjectSet, listed: IO[bytes]) -> Iterator[bytes]:
    return (line for line in listed if line.split(b" ", 1)[0].strip().decode() not in borrowed)


def reached(directory: str, packs: Iterable[str], width: int) -> ObjectSet:
    """The objects in these packs."""
    names = [_ids(os.path.join(directory, f"{pack}.idx"), width) for pack in packs]
    return ObjectSet(names[0], width) if len(names) == 1 else _union(names, width)


def _ids(path: str, width: int) -> bytes:
    """The ids in a pack's index, which keeps them sorted and joined (gitformat-pack, version 2)."""
    with open(path, "rb") as file:
        head = file.read(8 + 1024)
        if head[:8] != b"\xfftOc\0\0\0\2":
            raise GitError(f"{path}: not an index of version 2", advice="Is `pack.indexVersion` set?")
        return file.read(int.from_bytes(head[-4:], "big") * width)


def _union(raws: list[bytes], width: int) -> ObjectSet:
    return ObjectSet.of((oid for raw in raws for oid in ObjectSet(raw, width)), width)


def borrowed_objects(repository: Repository) -> ObjectSet | None:
    """The objects that the repository only borrows from another object store; None if it does not."""
    stores = alternates(repository)
    if not stores:
        return None
    oids: set[str] = set()
    for store in stores:
        theirs = repository._replace(environ={**repository.environ, "GIT_OBJECT_DIRECTORY": store})
        words = ("cat-file", "--batch-all-objects", "--batch-check=%(objectname)", "--unordered")
        oids.update(theirs.run(*words).decode().split())
    return ObjectSet.of(oids, 32 if repository.object_format == "sha256" else 20)


def alternates(repository: Repository) -> tuple[str, ...]:
    """The object stores that the repository borrows from, as absolute paths."""
    objects = os.path.join(repository.common_dir, "objects")
    try:
        lines = read_small(os.path.join(objects, "info", "alternates")).splitlines()
    except ConfigError:  # there is none; and what is no file, git complains of
        return ()
    home = os.path.realpath(objects)
    paths = (os.path.normpath(os.path.join(home, os.fsdecode(line))) for line in lines if line[:1] != b"#")
    return tuple(path for path in paths if path != home and os.path.isdir(path))


def stored_files(objects: str) -> list[str]:
    """The files that hold objects, relative to `objects`: all that belongs to packs, and loose ones."""
    return [*_pack_files(objects), *_loose_files(objects)]


def _pack_files(objects: str) -> Iterator[str]:
    directory = os.path.join(objects, "pack")
    names = os.listdir(directory) if os.path.isdir(directory) else []
    return (f"pack/{name}" for name in sorted(names) if name.startswith(("pack-", "tmp_", ".tmp-")))


def _loose_files(objects: str) -> Iterator[str]:
    for fan in sorted(filter(_FAN.fullmatch, os.listdir(objects))):
        for name in os.listdir(os.path.join(objects, fan)):
            if _LOOSE.fullmatch(name) or name.startswith("tmp_obj_"):
                yield f"{fan}/{name}"


def move_packs(directory: str, packs: Iterable[str], objects: str) -> None:
    """Bring packs into the object store. Those that are there already are left alone. Raises SecopsError."""
    target = os.path.join(objects, "pack")
    os.makedirs(target, exist_ok=True)
    for pack in packs:
        for suffix in _SUFFIXES:
            old, new = (os.path.join(home, pack + suffix) for home in (directory, target))
            with suppress(FileNotFoundError):
                # Whoever may read the directory may read the pack: a repository may be shared.
                os.chmod(old, 0o400 | (os.stat(target).st_mode & 0o044))
                _move(old, new)
    sync_directory(target)


def _move(old: str, new: str) -> None:
    if os.path.exists(new):
        os.unlink(old)
        return
    with open(old, "rb") as file:
        os.fsync(file.fileno())
    try:
        os.rename(old, new)
    except OSError as error:
        if not os.path.exists(old):
            raise
        _copy(old, new, error)


def _copy(old: str, new: str, reason: OSError) -> None:
    """Across file systems: under a scratch name that git takes for rubbish, then in one step."""
    scratch = os.path.join(os.path.dirname(new), f"tmp_pack_{os.urandom(6).hex()}")
    try:
        shutil.copyfile(old, scratch)
        with open(scratch, "r+b") as file:
            os.fsync(file.fileno())
        os.chmod(scratch, 0o444)
        os.rename(scratch, new)
    except OSError as error:
        with suppress(OSError):
            os.unlink(scratch)
        raise SecopsError(
            f"{new}: cannot be written: {error.strerror or reason.strerror}", advice="Is the disk full?"
        ) from None
    os.unlink(old)


def remove_stored(objects: str, files: Iterable[str], *, keep: Collection[str]) -> int:
    """Remove files that `stored_files` told, apart from those of the packs in `keep`; how many went."""
    doomed = [name for name in files if os.path.basename(name).split(".")[0] not in keep]
    doomed.sort(key=lambda name: (not name.endswith(_REMOVAL[0]), not name.endswith(_REMOVAL[1])))
    removed = 0
    for name in doomed:
        still_at_work()
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(objects, name))
            removed += 1
    for fan in {name.split("/")[0] for name in doomed} - {"pack"}:
        with suppress(OSError):  # somebody has put a new object there
            os.rmdir(os.path.join(objects, fan))
    return removed


def supplement(repository: Repository, tips: Iterable[str], known: Callable[[str], bool]) -> int:
    """Pack what has become reachable beside `tips`: staged files, refs that moved. How many objects.

    `known` tells which objects need no packing. Raises GitError.
    """
    stdin = "".join(f"^{tip}\n" for tip in tips).encode()
    words = ("rev-list", "--objects", "--indexed-objects", "--all", "--stdin")
    lines = repository.run(*words, stdin=stdin).splitlines(keepends=True)
    more = [line for line in lines if not known(line.split()[0].decode())]
    if more:
        base = os.path.join(repository.common_dir, "objects", "pack", "pack")
        words = ("pack-objects", "--quiet", "--delta-base-offset", "--non-empty", base)
        repository.run(*words, stdin=b"".join(more))
    return len(more)
