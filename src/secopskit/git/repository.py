"""git as a subprocess: bytes in, bytes out, and nothing that a repository could make us run.

Whatever a repository's own configuration says, no hook, filter, pager, file-system monitor,
external diff or network transport is started. `GIT_*` variables of the caller are dropped,
except, where a hook asks for it, the ones by which git tells its hooks what it is doing.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Final, NamedTuple

from secopskit.errors import GitError

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
_SAFE_CONFIG: Final = (
    "core.filesRefLockTimeout=5000",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.quotePath=false",
    "core.untrackedCache=false",
    "diff.external=",
    "diff.renames=true",
    "gc.auto=0",
    "log.diffMerges=separate",
    "log.showRoot=true",
    "log.showSignature=false",
    "protocol.allow=never",
)
_QUESTIONS: Final = (
    "--show-object-format",
    "--is-shallow-repository",
    "--absolute-git-dir",
    "--git-common-dir",
)
_MAX_COMPLAINT: Final = 4096


def environment(variables: Mapping[str, str], *, hook: bool) -> dict[str, str]:
    """The environment for git, made from the caller's `variables`.

    With `hook`, the variables by which git talks to its hooks are kept: the index of a
    partial commit and the quarantine of a push are found only through them.
    """
    kept = {name: value for name, value in variables.items() if not name.startswith("GIT_")}
    if hook:
        kept |= {name: variables[name] for name in _HOOK_VARIABLES if name in variables}
    return kept | _SAFE_ENVIRONMENT


class Repository(NamedTuple):
    """A git repository. `work_tree` is None where it has none (a bare or mirror clone)."""

    git_dir: str
    common_dir: str
    work_tree: str | None
    object_format: str
    shallow: bool
    environ: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Repository({self.git_dir!r})"  # the environment may hold anything

    @classmethod
    def open(cls, path: str, *, hook: bool = False) -> Repository | None:
        """The repository that `path` (a directory) lies in, or None. Raises GitError.

        `hook` is for code that git itself runs as a hook; see `environment`.
        """
        environ = environment(os.environ, hook=hook)
        answer = _run(path, environ, ("rev-parse", *_QUESTIONS, "--show-toplevel"), check=False)
        lines = os.fsdecode(answer.stdout).split("\n")
        if len(lines) <= len(_QUESTIONS):
            _explain_no_repository(answer.stderr)
            return None
        if len(lines) > len(_QUESTIONS) + 2:  # a path with a newline in it: ask one by one
            lines = [_answer(path, environ, question) for question in (*_QUESTIONS, "--show-toplevel")]
        object_format, shallow, git_dir, common, top = lines[:5]
        return cls(
            git_dir=git_dir,
            # git answers from where it stands, which for a link is behind the link.
            common_dir=os.path.normpath(os.path.join(os.path.realpath(path), common)),
            work_tree=top or None,
            object_format=object_format,
            shallow=shallow == "true",
            environ=environ,
        )

    @property
    def root(self) -> str:
        """Where commands run: the top of the work tree, or the git directory of a bare one."""
        return self.work_tree or self.git_dir

    @property
    def partial(self) -> bool:
        """Whether objects may be missing because they were never fetched (a promisor remote)."""
        packs = os.path.join(self.common_dir, "objects", "pack")
        return os.path.isdir(packs) and any(name.endswith(".promisor") for name in os.listdir(packs))

    @property
    def state_dir(self) -> str:
        """Where secops keeps what must survive: `<git dir>/secops`, shared by linked worktrees."""
        return os.path.join(self.common_dir, "secops")

    def run(self, *arguments: str, stdin: bytes = b"", detached: bool = False) -> bytes:
        """What the git command prints. Raises GitError with git's own words if it fails.

        `detached`: git gets a session of its own, so that what kills our process group does not
        stop it half-way and leave its lock files behind.
        """
        return _run(self.root, self.environ, arguments, stdin=stdin, check=True, detached=detached).stdout

    def succeeds(self, *arguments: str) -> bool:
        """Whether the git command exits with 0."""
        return _run(self.root, self.environ, arguments, check=False).returncode == 0

    def ignores(self, path: str) -> bool:
        """Whether git ignores `path` (relative to the top of the work tree)."""
        return self.succeeds("check-ignore", "--quiet", "--", path)

    @contextmanager
    def stream(self, *arguments: str, stdin: IO[bytes] | None = None) -> Iterator[IO[bytes]]:
        """The git command's output as it comes; git is ended when the block is left early.

        Raises GitError at the end of the block if git failed.
        """
        import tempfile  # slow to import, and a hook does without

        # What git complains of goes to a file: a pipe that nobody empties would stop it.
        with (
            tempfile.TemporaryFile() as complaints,
            subprocess.Popen(
                _command(arguments),
                cwd=self.root,
                env=dict(self.environ),
                stdin=stdin or subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaints,
                bufsize=0,
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
                raise _failed(arguments, complaints.read(_MAX_COMPLAINT))

    @contextmanager
    def talk(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """A git command that answers on its standard output what is asked on its standard input."""
        with subprocess.Popen(
            _command(arguments),
            cwd=self.root,
            env=dict(self.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                yield process
            except BaseException:
                process.kill()
                raise


def start(
    repository: Repository, *arguments: str, stdin: IO[bytes] | None, stdout: IO[bytes]
) -> subprocess.Popen[bytes]:
    """A git command that runs beside us, between two files. The caller waits for it."""
    return subprocess.Popen(
        _command(arguments),
        cwd=repository.root,
        env=dict(repository.environ),
        stdin=stdin or subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.DEVNULL,
    )


def command_line(*arguments: str) -> list[str]:
    """The words of a git command, for a process that somebody else starts (in `Repository.environ`)."""
    return _command(arguments)


def _command(arguments: tuple[str, ...]) -> list[str]:
    settings = [word for setting in _SAFE_CONFIG for word in ("-c", setting)]
    return ["git", "--no-pager", *settings, *arguments]


def _run(
    directory: str,
    environ: Mapping[str, str],
    arguments: tuple[str, ...],
    *,
    stdin: bytes = b"",
    check: bool,
    detached: bool = False,
) -> subprocess.CompletedProcess[bytes]:
    try:
        done = subprocess.run(
            _command(arguments),
            cwd=directory,
            env=dict(environ),
            input=stdin,
            capture_output=True,
            check=False,
            start_new_session=detached,
        )
    except FileNotFoundError:
        if not os.path.isdir(directory):
            raise GitError(f"{directory}: no such directory", advice="Check the path.") from None
        raise GitError("git is not installed or not on PATH", advice="Install git 2.31 or newer.") from None
    except NotADirectoryError:
        raise GitError(f"{directory}: not a directory", advice="Check the path.") from None
    if check and done.returncode != 0:
        raise _failed(arguments, done.stderr)
    return done


def _answer(path: str, environ: Mapping[str, str], question: str) -> str:
    return os.fsdecode(_run(path, environ, ("rev-parse", question), check=False).stdout).removesuffix("\n")


def _failed(arguments: tuple[str, ...], stderr: bytes) -> GitError:
    words = stderr.decode("utf-8", "replace").strip().split("\n")[0].removeprefix("fatal: ")
    return GitError(
        f"git {arguments[0]}: {words or 'failed'}", advice="Is the repository whole? Try `git fsck`."
    )


def _explain_no_repository(stderr: bytes) -> None:
    """Raise where git refuses a repository that is there; return where there is none."""
    words = stderr.decode("utf-8", "replace")
    if "dubious ownership" in words:
        raise GitError(
            "git refuses this repository because somebody else owns it",
            advice="If you trust it: git config --global --add safe.directory <its path>",
        )
    if "not a git repository" not in words:
        raise GitError(
            words.strip().split("\n")[0].removeprefix("fatal: ") or "git rev-parse failed",
            advice="Is git 2.31 or newer installed?",
        )
