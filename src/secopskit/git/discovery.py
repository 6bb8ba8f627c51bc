"""What a repository's configuration must not decide: where its work tree is, and whose ignore file counts.

`core.worktree` may name any directory, and everything in it would be read as if it were the repository's.
`core.excludesFile` may name a file that never answers; the user's own counts instead.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from secopskit.errors import ConfigError, GitError
from secopskit.state.smallfiles import read_small

_MAY_NAME_EXCLUDES = (b"excludesfile", b"[include")
_NAMES_WORK_TREE: Final = re.compile(rb"worktree\s*=")


def work_tree_at(path: str, git_dir: str, told: str) -> str:
    """The work tree of a repository that `path` was found in; empty if it has none.

    It is the one that git has `told` if what is called `.git` in it leads to `git_dir`; else the directory
    at or above `path` of which that is true.
    """
    if _leads_to(os.path.join(told, ".git"), git_dir):
        return told
    place = os.path.realpath(path)
    while not _leads_to(os.path.join(place, ".git"), git_dir):
        above = os.path.dirname(place)
        if above == place:
            return ""
        place = above
    return place


def require_none(path: str, instead: str) -> None:
    """Make sure that no repository is meant where git has found none at or above `path`.

    Raises GitError where one lies there that git cannot read: a damaged HEAD or configuration makes of a
    repository none, and "no history" would be said of one that is there. `instead` is what can be done.
    """
    if git_dir := damaged_repository(path):
        raise GitError(
            f"{git_dir}: git takes it for no repository, though objects lie in it",
            advice=f"Is its HEAD damaged? `git -C {os.path.dirname(git_dir)} status` says more. {instead}",
        )


def damaged_repository(path: str) -> str:
    """The `.git` at or above `path` that has objects, where git has found no repository; else empty."""
    place = os.path.realpath(path)
    while True:
        git_dir = os.path.join(place, ".git")
        if os.path.isdir(os.path.join(git_dir, "objects")):
            return git_dir
        above = os.path.dirname(place)
        if above == place:
            return ""
        place = above


def own_excludes(common_dir: str, ask: Callable[[str], str]) -> Mapping[str, str]:
    """Variables that keep to the user's own ignore file, where the repository's settings may name another.

    `ask` is given a scope of `git config`, and tells what `core.excludesFile` is there, or nothing.
    """
    settings = _settings(common_dir)
    if not any(sign in settings for sign in _MAY_NAME_EXCLUDES):
        return {}
    own = ask("--global") or ask("--system") or _default_excludes()
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.excludesFile",
        "GIT_CONFIG_VALUE_0": own,
    }


def names_work_tree(common_dir: str) -> bool:
    """Whether `core.worktree` is set there, as it is for every submodule: by a path from `common_dir`."""
    return _NAMES_WORK_TREE.search(_settings(common_dir)) is not None


def _settings(common_dir: str) -> bytes:
    """The repository's own settings as they are written, in lower case."""
    files = (os.path.join(common_dir, name) for name in ("config", "config.worktree"))
    return b"".join(map(_read, files)).lower()


def _default_excludes() -> str:
    """See gitignore(5)."""
    base = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser(os.path.join("~", ".config"))
    return os.path.join(base, "git", "ignore")


def _leads_to(dot_git: str, git_dir: str) -> bool:
    """Whether `dot_git` is `git_dir`, or a file that names it."""
    with suppress(OSError, ValueError):
        if os.path.isdir(dot_git):
            return os.path.samefile(dot_git, git_dir)
        if told := _read(dot_git).strip().removeprefix(b"gitdir:").strip():
            return os.path.samefile(os.path.join(os.path.dirname(dot_git), os.fsdecode(told)), git_dir)
    return False


def _read(path: str) -> bytes:
    try:
        return read_small(path) if os.path.isfile(path) else b""
    except ConfigError:
        return b""
