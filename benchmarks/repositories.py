"""Copies of the repository under test, so that nothing is written to the user's own.

A local clone links the packs instead of copying them: it is quick and takes no space.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
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
        errors="surrogateescape",  # old files are in any encoding
        env=env,
        check=False,
    )
    if run.returncode:
        sys.exit(f"error: git {words[0]}: {run.stderr.strip()}")
    return run.stdout.rstrip("\n")


_PREFIX = "secops-bench-"
_IDENTITY = {
    "GIT_AUTHOR_NAME": "bench",
    "GIT_AUTHOR_EMAIL": "bench@example.com",
    "GIT_COMMITTER_NAME": "bench",
    "GIT_COMMITTER_EMAIL": "bench@example.com",
}


@contextmanager
def copy_of(repository: Path, *, mirror: bool) -> Iterator[Path]:
    """A mirror, or a clone with its work tree, of `repository`; removed at the end.

    It lies outside this checkout: a program would take it for a part that git ignores. Exits where a mirror
    lacks objects: programs differ in what they do then, and none reads the whole history.
    """
    if not repository.is_dir():
        sys.exit(f"error: {repository}: no such directory")
    top = Path(tempfile.mkdtemp(prefix=_PREFIX)).resolve()
    place = top / ("mirror.git" if mirror else "clone")
    try:
        git(top, "clone", "-q", *(["--mirror"] if mirror else []), str(repository.resolve()), str(place))
        for name in ("user.name", "user.email"):  # who scans the index by way of a commit needs someone
            git(place, "config", name, "bench@example.com")
        if mirror:
            require_all_objects(place)
        yield place
    finally:
        shutil.rmtree(top, ignore_errors=True)


def require_all_objects(repository: Path) -> None:
    """Exit where an object is not there that a ref leads to, or history is cut off."""
    listed = git(repository, "rev-list", "--objects", "--all", "--missing=print")
    if lost := sum(line.startswith("?") for line in listed.splitlines()):
        sys.exit(f"error: the repository lacks {lost:,} objects: fetch them, or clone it without a filter")
    if git(repository, "rev-parse", "--is-shallow-repository") == "true":
        sys.exit("error: the repository is shallow: fetch the rest with git fetch --unshallow")


@contextmanager
def place_for_copies() -> Iterator[Path]:
    """An empty directory outside this checkout; removed at the end."""
    top = Path(tempfile.mkdtemp(prefix=_PREFIX)).resolve()
    try:
        yield top
    finally:
        shutil.rmtree(top, ignore_errors=True)


@contextmanager
def small_repository() -> Iterator[Path]:
    """A repository with one commit of one file; removed at the end."""
    place = Path(tempfile.mkdtemp(prefix=_PREFIX)).resolve() / "small"
    try:
        git(place.parent, "init", "-q", str(place))
        (place / "settings.py").write_text("DEBUG = True\n", encoding="utf-8")
        git(place, "add", ".")
        git(place, "commit", "-q", "-m", "start")
        yield place
    finally:
        shutil.rmtree(place.parent, ignore_errors=True)


def forget_scans(repository: Path) -> None:
    """Remove what secops keeps in a copy, so that its next scan of the history is a first one."""
    assert repository.parent.name.startswith(_PREFIX), "only our own copies"
    state = Path(git(repository, "rev-parse", "--absolute-git-dir")) / "secops"
    shutil.rmtree(state, ignore_errors=True)
