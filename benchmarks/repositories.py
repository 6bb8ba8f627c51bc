"""Copies of the repository under test, so that nothing is written to the user's own.

A local clone links the packs instead of copying them: it is quick and takes no space.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.peers import WORK, tool_environment


def git(directory: Path, *words: str, given: str = "", extra: Mapping[str, str] | None = None) -> str:
    """What git says, without the newline at its end. Exits with git's message if it fails."""
    env = {**tool_environment(WORK / "home"), **_IDENTITY, **(extra or {})}
    run = subprocess.run(
        ("git", "-C", str(directory), *words),
        input=given,
        capture_output=True,
        text=True,
        env=env,
        check=False,
    )
    if run.returncode:
        sys.exit(f"error: git {words[0]}: {run.stderr.strip()}")
    return run.stdout.rstrip("\n")


_IDENTITY = {
    "GIT_AUTHOR_NAME": "bench",
    "GIT_AUTHOR_EMAIL": "bench@example.com",
    "GIT_COMMITTER_NAME": "bench",
    "GIT_COMMITTER_EMAIL": "bench@example.com",
}


@contextmanager
def copy_of(repository: Path, *, mirror: bool) -> Iterator[Path]:
    """A mirror, or a clone with its work tree, of `repository`; removed at the end."""
    if not repository.is_dir():
        sys.exit(f"error: {repository}: no such directory")
    place = WORK / "repositories" / ("mirror.git" if mirror else "clone")
    _remove(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    git(place.parent, "clone", "-q", *(["--mirror"] if mirror else []), str(repository.resolve()), str(place))
    for name in ("user.name", "user.email"):  # who scans the index by way of a commit needs someone
        git(place, "config", name, "bench@example.com")
    try:
        yield place
    finally:
        _remove(place)


def forget_scans(repository: Path) -> None:
    """Remove what secops keeps in a copy, so that its next scan of the history is a first one."""
    assert repository.is_relative_to(WORK), "only our own copies"
    _remove(Path(git(repository, "rev-parse", "--absolute-git-dir")) / "secops")


def _remove(place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
