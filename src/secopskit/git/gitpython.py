"""GitPython, such that all it does is done by our own git processes.

It is told where the repository lies instead of finding out: by itself it would believe the `GIT_*`
variables of whoever called us, and its own reading of the repository's configuration. Importing
it takes a tenth of a second, so it is imported where it is needed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from secopskit.errors import GitError
from secopskit.git import process
from secopskit.git.repository import Repository

if TYPE_CHECKING:
    from git import Repo

_NOT_RUN = {"GIT_PYTHON_GIT_EXECUTABLE": os.devnull, "GIT_PYTHON_REFRESH": "quiet"}


def opened(repository: Repository) -> Repo:
    """The repository as GitPython has it. Its commands raise GitError, and take paths literally."""
    with _without_git():
        from git import Git, Repo

    class ScrubbedGit(Git):
        """Runs git as `process.run` does: scrubbed, safely configured, and ended when we are."""

        def execute(  # type: ignore[override]  # the forms of calling it that we do not use are refused
            self,
            command: Sequence[str],
            istream: IO[bytes] | None = None,
            *,
            stdout_as_string: bool = True,
            strip_newline_in_stdout: bool = True,
            **options: Any,
        ) -> str | bytes:
            if istream is not None or options:
                raise NotImplementedError(f"git through GitPython with {', '.join(options) or 'input'}")
            arguments = tuple(command[1:])
            environ = {**repository.environ, "GIT_LITERAL_PATHSPECS": "1"}
            # What writes the index works to its end, though we be killed: else its lock stays behind.
            writes = "update-index" in arguments
            done = process.run(repository.root, environ, arguments, detached=writes)
            if done.returncode != 0:
                raise process.failed(arguments, done.stderr)
            output = done.stdout.removesuffix(b"\n") if strip_newline_in_stdout else done.stdout
            return os.fsdecode(output) if stdout_as_string else output

    class GivenRepo(Repo):
        """A repository whose place is known."""

        def __init__(self) -> None:
            self.git_dir = repository.git_dir
            self._common_dir = repository.common_dir
            self._working_tree_dir = repository.work_tree
            self._bare = repository.work_tree is None
            self.working_dir = repository.root
            self.git = ScrubbedGit(repository.root)

    return GivenRepo()


@contextmanager
def _without_git() -> Iterator[None]:
    """No git for GitPython to try out at its import, in an environment that is not scrubbed."""
    before = {name: os.environ.get(name) for name in _NOT_RUN}
    os.environ.update(_NOT_RUN)
    try:
        yield
    except ImportError as error:
        raise GitError(f"GitPython cannot be used: {error}", advice="pip install GitPython") from None
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
