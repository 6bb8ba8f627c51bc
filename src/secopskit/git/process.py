"""git as a subprocess: bytes in, bytes out, and nothing that a repository could make us run.

Whatever a repository's own configuration says, no hook, filter, pager, file-system monitor,
external diff or network transport is started. `GIT_*` variables of the caller are dropped,
except, where a hook asks for it, the ones by which git tells its hooks what it is doing.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO, Final, cast

from secopskit.errors import GitError
from secopskit.git.bounded import GitChild, PatientPipe
from secopskit.git.surroundings import command_line
from secopskit.lazy_regex import LazyRegex
from secopskit.progress import still_at_work

_MAX_COMPLAINT: Final = 4096
_PIPE: Final = 1 << 20
# In git's words on an object that is missing or broken, its id.
_DAMAGED: Final = LazyRegex(
    rb"(?:unable to \w+|could not \w+|failed to \w+|missing|bad|loose)[a-z ]* '?"
    rb"([0-9a-f]{64}|[0-9a-f]{40})\b",
    re.IGNORECASE,
)
_UNREAD: Final = LazyRegex(rb"object ([0-9a-f]{40,64}) cannot be read")
_REPAIR: Final = (
    "`git fsck` lists all that is broken. Bring it back from a clone that has it: copy its objects, "
    "or clone anew and fetch your own branches from here."
)
_NO_MEMORY: Final = (b"ut of memory", b"annot allocate memory", b"mmap failed", b"unable to allocate")


def run(
    directory: str,
    environ: Mapping[str, str],
    arguments: tuple[str, ...],
    *,
    stdin: bytes = b"",
    detached: bool = False,
    foreground: bool = False,
) -> subprocess.CompletedProcess[bytes]:
    """A git command from beginning to end, whatever its exit code.

    Raises GitError if there is no git, or it does not get to its end; see `bounded`. See `Child` for
    `detached` and `foreground`.
    """
    process = _begun(directory, environ, arguments, detached=detached, foreground=foreground)
    return _completed(process, stdin)


class Begun:
    """A git command that works beside us until its output is asked for, once. One not asked for is ended.

    `stdin` is a few kilobytes at most: it is written at once. Raises GitError if there is no git.
    """

    def __init__(
        self, directory: str, environ: Mapping[str, str], arguments: tuple[str, ...], *, stdin: bytes = b""
    ) -> None:
        self._process: GitChild | None = None
        self._arguments = arguments
        self._process = process = _begun(directory, environ, arguments)
        questions, process.stdin = process.stdin, None
        if questions:
            with suppress(BrokenPipeError), questions:  # git has gone; its exit code will say so
                questions.write(stdin)

    def output(self) -> bytes:
        """What the command prints. Raises GitError if it fails, or does not get to its end."""
        return self.heard()[0]

    def heard(self) -> tuple[bytes, bytes]:
        """The same, and what it complains of all the same."""
        process, self._process = self._process, None
        if process is None:
            raise ValueError("the output has been handed out")
        done = _completed(process)
        if done.returncode != 0:
            raise failed(self._arguments, done.stderr)
        return done.stdout, done.stderr

    def end(self) -> None:
        """Give it up, if its output has not been asked for."""
        process, self._process = self._process, None
        if process:
            with process:
                process.end()

    def __del__(self) -> None:
        self.end()


def _begun(
    directory: str,
    environ: Mapping[str, str],
    arguments: tuple[str, ...],
    *,
    detached: bool = False,
    foreground: bool = False,
) -> GitChild:
    words = command_line(*arguments)
    pipe = subprocess.PIPE
    try:
        return GitChild(
            words,
            cwd=directory,
            env=environ,
            name=_name(arguments),
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            detached=detached,
            foreground=foreground,
        )
    except FileNotFoundError:
        if not os.path.isdir(directory):
            raise GitError(f"{directory}: no such directory", advice="Check the path.") from None
        raise GitError("git is not installed or not on PATH", advice="Install git 2.31 or newer.") from None
    except NotADirectoryError:
        raise GitError(f"{directory}: not a directory", advice="Check the path.") from None


def _completed(process: GitChild, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    still_at_work()  # one of many, perhaps
    with process:
        try:
            output, complaints = process.all_output(stdin)
        except BaseException:
            process.end()
            raise
    if process.returncode and _lacked_memory(complaints):
        raise process.out_of_memory()
    return subprocess.CompletedProcess(process.args, process.returncode, output, complaints)


def start(
    directory: str,
    environ: Mapping[str, str],
    arguments: tuple[str, ...],
    *,
    stdin: IO[bytes] | int | None,
    stdout: IO[bytes] | int,
    stderr: IO[bytes] | int = subprocess.DEVNULL,
) -> GitChild:
    """A git command that runs beside us. The caller waits for it."""
    return GitChild(
        command_line(*arguments),
        cwd=directory,
        env=environ,
        name=_name(arguments),
        stdin=subprocess.DEVNULL if stdin is None else stdin,
        stdout=stdout,
        stderr=stderr,
    )


@contextmanager
def stream(
    directory: str, environ: Mapping[str, str], arguments: tuple[str, ...], *, stdin: IO[bytes] | None
) -> Iterator[IO[bytes]]:
    """The git command's output as it comes; git is ended when the block is left early.

    Raises GitError at the end of the block if git failed.
    """
    import tempfile  # slow to import, and a hook does without

    # What git complains of goes to a file: a pipe that nobody empties would stop it.
    with (
        tempfile.TemporaryFile() as complaints,
        start(
            directory, environ, arguments, stdin=stdin, stdout=subprocess.PIPE, stderr=complaints
        ) as process,
    ):
        assert process.stdout  # noqa: S101 - PIPE above
        try:
            output = cast(IO[bytes], PatientPipe(process, process.stdout))
            yield output
            complete = not output.read(1)
        except BaseException:
            process.kill()
            raise
        if not complete:
            process.kill()
            return
        if process.wait() != 0:
            complaints.seek(0)
            words = complaints.read(_MAX_COMPLAINT)
            if _lacked_memory(words):
                raise process.out_of_memory()
            raise failed(arguments, words, process.returncode)


class GitKilledError(GitError):
    """git was ended by a signal: by somebody, or for want of memory. The repository may be whole."""


def failed(arguments: tuple[str, ...], stderr: bytes, code: int = 1) -> GitError:
    """The error that git's own words come to, for a command of these arguments that ended with `code`.

    A GitKilledError where a signal has ended it.
    """
    if code < 0:
        return GitKilledError(
            f"git {_name(arguments)}: was ended by signal {-code}",
            advice="Is memory short, or has somebody ended it? Try again.",
        )
    words = stderr.decode("utf-8", "replace").strip().split("\n")[0].removeprefix("fatal: ")
    damaged = _DAMAGED.search(stderr)
    if damaged is None:
        advice = "Is the repository whole? Try `git fsck`."
    else:
        oid = damaged[1].decode()
        words = words if oid in words else f"object {oid} cannot be read: {words.removeprefix('error: ')}"
        advice = _REPAIR
    return GitError(f"git {arguments[0]}: {words or 'failed'}", advice=advice)


def damaged_object(error: GitError) -> str:
    """The id of the object that git could not read, if that is why the command failed; else empty."""
    found = _DAMAGED.search(str(error).encode()) or _UNREAD.search(str(error).encode())
    return found[1].decode() if found else ""


def _lacked_memory(stderr: bytes) -> bool:
    return any(words in stderr for words in _NO_MEMORY)


def _name(arguments: tuple[str, ...]) -> str:
    """The command among the words of a command line, behind settings."""
    return next((word for word in arguments if not word.startswith("-") and "=" not in word), "git")


def widen(pipe: int) -> None:
    """Let a pipe hold more, where the system allows (Linux does), so that its ends wait less."""
    with suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
