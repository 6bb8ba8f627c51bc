"""git as a subprocess: bytes in, bytes out, and nothing that a repository could make us run.

Whatever a repository's own configuration says, no hook, filter, pager, file-system monitor,
external diff or network transport is started. `GIT_*` variables of the caller are dropped,
except, where a hook asks for it, the ones by which git tells its hooks what it is doing.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO, Final

from secopskit.errors import GitError
from secopskit.git.child import Child

_HOOK_VARIABLES: Final = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
)
_SAFE_ENVIRONMENT: Final = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
SAFE_CONFIG: Final = (
    ("core.filesRefLockTimeout", "5000"),
    ("core.fsmonitor", "false"),
    ("core.hooksPath", "/dev/null"),
    ("core.quotePath", "false"),
    ("core.untrackedCache", "false"),
    ("diff.external", ""),
    ("diff.renames", "true"),
    ("gc.auto", "0"),
    ("log.diffMerges", "separate"),
    ("log.showRoot", "true"),
    ("log.showSignature", "false"),
    ("protocol.allow", "never"),
)
"""Settings that every git command of ours gets on its command line, over the repository's own."""

_MAX_COMPLAINT: Final = 4096
_PIPE: Final = 1 << 20


def environment(variables: Mapping[str, str], *, hook: bool) -> dict[str, str]:
    """The environment for git, made from the caller's `variables`.

    With `hook`, the variables by which git talks to its hooks are kept: the index of a
    partial commit and the quarantine of a push are found only through them.
    """
    kept = {name: value for name, value in variables.items() if not name.startswith("GIT_")}
    if hook:
        kept |= {name: variables[name] for name in _HOOK_VARIABLES if name in variables}
    return kept | _SAFE_ENVIRONMENT


def command_line(*arguments: str) -> list[str]:
    """The words of a git command, for a process that somebody else starts (in `Repository.environ`)."""
    settings = [word for name, value in SAFE_CONFIG for word in ("-c", f"{name}={value}")]
    return ["git", "--no-pager", *settings, *arguments]


def run(
    directory: str,
    environ: Mapping[str, str],
    arguments: tuple[str, ...],
    *,
    stdin: bytes = b"",
    detached: bool = False,
    foreground: bool = False,
) -> subprocess.CompletedProcess[bytes]:
    """A git command from beginning to end, whatever its exit code. Raises GitError if there is no git.

    See `Child` for `detached` and `foreground`.
    """
    words = command_line(*arguments)
    pipe = subprocess.PIPE
    try:
        process = Child(
            words,
            cwd=directory,
            env=environ,
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
    with process:
        try:
            output, complaints = process.communicate(stdin)
        except BaseException:
            process.end()
            raise
    return subprocess.CompletedProcess(words, process.returncode, output, complaints)


def start(
    directory: str,
    environ: Mapping[str, str],
    arguments: tuple[str, ...],
    *,
    stdin: IO[bytes] | int | None,
    stdout: IO[bytes] | int,
    stderr: IO[bytes] | int = subprocess.DEVNULL,
) -> Child:
    """A git command that runs beside us. The caller waits for it."""
    return Child(
        command_line(*arguments),
        cwd=directory,
        env=environ,
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
            yield process.stdout
            complete = not process.stdout.read(1)
        except BaseException:
            process.kill()
            raise
        if not complete:
            process.kill()
            return
        if process.wait() != 0:
            complaints.seek(0)
            raise failed(arguments, complaints.read(_MAX_COMPLAINT))


def failed(arguments: tuple[str, ...], stderr: bytes) -> GitError:
    """The error that git's own words come to, for a command of these arguments."""
    words = stderr.decode("utf-8", "replace").strip().split("\n")[0].removeprefix("fatal: ")
    return GitError(
        f"git {arguments[0]}: {words or 'failed'}", advice="Is the repository whole? Try `git fsck`."
    )


def widen(pipe: int) -> None:
    """Let a pipe hold more, where the system allows (Linux does), so that its ends wait less."""
    with suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
