"""Special files where git reads: named pipes, which never answer, and devices, which may never end.

Looked for only when git has kept us waiting, or has run out of memory: then it is told what to remove.
Nothing here asks git, which would wait again, and nothing opens what is no regular file.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Final

from secopskit.errors import ConfigError
from secopskit.state.smallfiles import read_small

_MOST_ENTRIES: Final = 200_000
_MOST_NAMED: Final = 3
# What git reads in a work tree without being asked to.
_READ_IN_WORK_TREE: Final = frozenset({".git", ".gitattributes", ".gitignore", ".gitmodules", ".mailmap"})
_SETTING: Final = re.compile(rb"^[^\n=#;]*=[ \t]*\"?([^\"\n]+)", re.MULTILINE)


def special_files(directory: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The first few that a git started in `directory`, with `environ`, may have to do with."""
    named = environ.get("GIT_DIR")
    top, git_dir = ("", os.path.join(directory, named)) if named else _found(directory)
    top = environ.get("GIT_WORK_TREE") or top
    places = dict.fromkeys(place for place in (git_dir, _common(git_dir)) if place)
    return tuple(islice(dict.fromkeys(_all(places, top)), _MOST_NAMED))


def _all(places: Iterable[str], top: str) -> Iterator[str]:
    for place in places:
        yield from _in_settings(place)
        yield from _below(place)
        for store in _read(os.path.join(place, "objects", "info", "alternates")).splitlines():
            yield from _below(os.path.join(place, "objects", os.fsdecode(store)))
    if top:
        yield from _below(top, _READ_IN_WORK_TREE)


def _found(directory: str) -> tuple[str, str]:
    """The work tree that `directory` is in, if it is in one, and its git directory."""
    place = os.path.realpath(directory)
    while True:
        inner = os.path.join(place, ".git")
        if os.path.lexists(inner):
            return place, _behind(inner)
        if os.path.isdir(os.path.join(place, "objects")) and os.path.lexists(os.path.join(place, "HEAD")):
            return "", place
        above = os.path.dirname(place)
        if above == place:
            return "", ""
        place = above


def _behind(path: str) -> str:
    """The git directory that a file `.git` names, or the directory of that name."""
    told = _read(path).strip().removeprefix(b"gitdir:").strip()
    return os.path.join(os.path.dirname(path), os.fsdecode(told)) if told else path


def _common(git_dir: str) -> str:
    told = _read(os.path.join(git_dir, "commondir")).strip() if git_dir else b""
    return os.path.join(git_dir, os.fsdecode(told)) if told else ""


def _in_settings(git_dir: str) -> Iterator[str]:
    """What the configuration names by its path."""
    for name in ("config", "config.worktree"):
        for value in _SETTING.findall(_read(os.path.join(git_dir, name))):
            path = os.path.expanduser(os.fsdecode(value.strip()))
            path = os.path.join(git_dir, path)
            if _is_special(path):
                yield path


def _below(top: str, names: frozenset[str] = frozenset()) -> Iterator[str]:
    """Those in a directory, at any depth; of these `names`, if any are given."""
    if _is_special(top):
        yield top
    for entry in islice(_entries(top, inside=bool(names)), _MOST_ENTRIES):
        wanted = not names or entry.name in names
        if wanted and not entry.is_file(follow_symlinks=False) and _is_special(entry.path):
            yield entry.path


def _entries(top: str, *, inside: bool) -> Iterator[os.DirEntry[str]]:
    waiting = [top]
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                yield entry
                if entry.is_dir(follow_symlinks=False) and not (inside and entry.name == ".git"):
                    waiting.append(entry.path)


def _is_special(path: str) -> bool:
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return False
    device = stat.S_ISCHR(mode) and not os.path.samefile(path, os.devnull)
    return device or stat.S_ISFIFO(mode) or stat.S_ISBLK(mode)


def _read(path: str) -> bytes:
    try:
        return read_small(path) if os.path.isfile(path) else b""
    except ConfigError:
        return b""
