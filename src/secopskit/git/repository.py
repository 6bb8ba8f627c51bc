"""A git repository: where it lies, what kind it is, and git commands run in it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import IO, Final

from secopskit.errors import GitError
from secopskit.git import process
from secopskit.git.bounded import GitChild
from secopskit.git.discovery import own_excludes, work_tree_at
from secopskit.git.process import Begun
from secopskit.git.surroundings import environment
from secopskit.named_tuple import NamedTuple

_QUESTIONS: Final = (
    "--show-object-format",
    "--is-shallow-repository",
    "--absolute-git-dir",
    "--git-common-dir",
)


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
    def open(
        cls, path: str, *, hook: bool = False, variables: Mapping[str, str] | None = None
    ) -> Repository | None:
        """The repository that `path` (a directory) lies in, or None. Raises GitError.

        `hook` is for code that git itself runs as a hook; see `surroundings.environment`, which is given
        `variables`, or this process's own.
        """
        environ = environment(os.environ if variables is None else variables, hook=hook)
        answer = process.run(path, environ, ("rev-parse", *_QUESTIONS, "--show-toplevel"))
        lines = os.fsdecode(answer.stdout).split("\n")
        if len(lines) <= len(_QUESTIONS):
            _explain_no_repository(answer.stderr)
            return None
        if len(lines) > len(_QUESTIONS) + 2:  # a path with a newline in it: ask one by one
            lines = [_answer(path, environ, question) for question in (*_QUESTIONS, "--show-toplevel")]
        object_format, shallow, git_dir, common, told = lines[:5]
        # git answers from where it stands, which for a link is behind the link.
        common_dir = os.path.normpath(os.path.join(os.path.realpath(path), common))
        environ |= own_excludes(common_dir, lambda scope: _own_excludes(path, environ, scope))
        top = told if not told or "GIT_DIR" in environ else work_tree_at(path, git_dir, told)
        if top != told:
            environ |= {"GIT_DIR": git_dir} | ({"GIT_WORK_TREE": top} if top else {})
        return cls(
            git_dir=git_dir,
            common_dir=common_dir,
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

        `detached`: git gets a session of its own and works to its end, so that what kills us does
        not stop it half-way and leave its lock files behind.
        """
        done = process.run(self.root, self.environ, arguments, stdin=stdin, detached=detached)
        if done.returncode != 0:
            raise process.failed(arguments, done.stderr, done.returncode)
        return done.stdout

    def begin(self, *arguments: str, stdin: bytes = b"") -> Begun:
        """A git command that works beside us until its output is asked for; see `Begun`. Raises GitError."""
        return Begun(self.root, self.environ, arguments, stdin=stdin)

    def succeeds(self, *arguments: str) -> bool:
        """Whether the git command exits with 0."""
        return process.run(self.root, self.environ, arguments).returncode == 0

    def ignores(self, path: str) -> bool:
        """Whether git ignores `path` (relative to the top of the work tree)."""
        return self.succeeds("check-ignore", "--quiet", "--", path)

    def stream(self, *arguments: str, stdin: IO[bytes] | None = None) -> AbstractContextManager[IO[bytes]]:
        """The git command's output as it comes; see `process.stream`. Raises GitError."""
        return process.stream(self.root, self.environ, arguments, stdin=stdin)

    def start(
        self,
        *arguments: str,
        stdin: IO[bytes] | int | None,
        stdout: IO[bytes] | int,
        stderr: IO[bytes] | int = subprocess.DEVNULL,
    ) -> GitChild:
        """A git command that runs beside us. The caller waits for it."""
        return process.start(self.root, self.environ, arguments, stdin=stdin, stdout=stdout, stderr=stderr)


def _answer(path: str, environ: Mapping[str, str], question: str) -> str:
    answer = process.run(path, environ, ("rev-parse", question)).stdout
    return os.fsdecode(answer).removesuffix("\n")


def _own_excludes(path: str, environ: Mapping[str, str], scope: str) -> str:
    words = ("config", scope, "--type=path", "--get", "core.excludesFile")
    return os.fsdecode(process.run(path, environ, words).stdout).removesuffix("\n")


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
