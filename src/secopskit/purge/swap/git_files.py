"""The small files of a git directory that hold values or old ids, and are neither objects nor refs.

What git writes for itself and can do without goes; a text that somebody wrote is kept without the
value. What is the user's own and not listed here (a hook, say) is left alone: the proof names it.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Final

from secopskit.git.repository import Repository
from secopskit.git.worktrees import main_view, work_trees
from secopskit.purge.values.matcher import ValueMatcher
from secopskit.state.private import replace_file

_LIMIT: Final = 64 * 1024 * 1024
# Ids that git remembers for its own convenience.
_IDS: Final = ("ORIG_HEAD", "FETCH_HEAD", "AUTO_MERGE", "BISECT_EXPECTED_REV", "gitk.cache")
_TEXTS: Final = (
    "COMMIT_EDITMSG",
    "MERGE_MSG",
    "SQUASH_MSG",
    "TAG_EDITMSG",
    "NOTES_EDITMSG",
    "EDIT_DESCRIPTION",
    "MERGE_RR",
    "addp-hunk-edit.diff",
    "description",
)
_RUBBISH: Final = re.compile(r"fast_import_crash_\d+|filter-repo|shallow\.lock|gitk\.cache")
# Lines of a configuration that name remotes and refs, in which not every character may stand.
_NAMES: Final = re.compile(
    rb"^\s*(?:\[(?:remote|branch) |(?:fetch|push|merge|remote|pushremote|pushdefault)\s*=).*$",
    re.IGNORECASE | re.MULTILINE,
)
_ID: Final = re.compile(rb"\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b")


def clean_files(
    repository: Repository,
    matcher: ValueMatcher,
    ids: Mapping[str, str],
    stays: Callable[[str], bool],
    renamed: Mapping[str, str],
) -> list[str]:
    """Clean the files; the names of those that changed, below the common directory.

    `ids` goes from old ids to new ones, `stays` tells whether an id will still be there, and
    `renamed` goes from the old to the new names of refs. Raises SecopsError.
    """
    common = repository.common_dir
    changed: list[str] = []
    for tree in work_trees(repository):
        changed += _clean_ids(tree.git_dir, matcher, ids, stays)
        changed += _clean_texts(tree.git_dir, matcher)
    changed += _clean_rubbish(common, matcher)
    changed += _clean_grafts(common, ids)
    changed += _clean_config(repository, matcher, renamed)
    return sorted(os.path.relpath(path, common) for path in changed)


def _clean_ids(
    directory: str, matcher: ValueMatcher, ids: Mapping[str, str], stays: Callable[[str], bool]
) -> Iterator[str]:
    """Files of ids follow to the new ones; one that names what goes, or holds a value, goes itself."""
    for name in _IDS:
        path = os.path.join(directory, name)
        data = _read(path)
        if data is None:
            continue
        mapped = _ID.sub(lambda found: ids.get(found[0].decode(), found[0].decode()).encode(), data)
        lost = any(not stays(found.decode()) for found in _ID.findall(mapped))
        if lost or matcher.contains(data):
            os.unlink(path)
            yield path
        elif mapped != data:
            replace_file(path, mapped)
            yield path


def _clean_texts(directory: str, matcher: ValueMatcher) -> Iterator[str]:
    for name in _TEXTS:
        path = os.path.join(directory, name)
        data = _read(path)
        if data is not None and matcher.contains(data):
            replace_file(path, matcher.redact(data))
            yield path


def _clean_rubbish(common: str, matcher: ValueMatcher) -> Iterator[str]:
    """What crashed imports and earlier rewrites have left, and recorded conflicts with a value."""
    for name in sorted(os.listdir(common)):
        path = os.path.join(common, name)
        if _RUBBISH.fullmatch(name) and any(_dirty(file, matcher) for file in _files(path)):
            _remove_tree(path) if os.path.isdir(path) else os.unlink(path)
            yield path
    recorded = os.path.join(common, "rr-cache")
    for name in sorted(os.listdir(recorded)) if os.path.isdir(recorded) else ():
        path = os.path.join(recorded, name)
        if any(_dirty(file, matcher) for file in _files(path)):
            _remove_tree(path)
            yield path


def _remove_tree(path: str) -> None:
    """`shutil.rmtree`, whose error may name the last part of a path alone: here it names all of it."""
    try:
        shutil.rmtree(path)
    except OSError as error:
        place = os.path.join(path, os.fsdecode(error.filename or ""))
        raise OSError(error.errno, error.strerror, place) from None


def _clean_grafts(common: str, ids: Mapping[str, str]) -> Iterator[str]:
    """Grafts name commits and their parents: they follow these to their new ids."""
    path = os.path.join(common, "info", "grafts")
    data = _read(path)
    if data is None:
        return
    mapped = _ID.sub(lambda found: ids.get(found[0].decode(), found[0].decode()).encode(), data)
    if mapped != data:
        replace_file(path, mapped)
        yield path


def _clean_config(repository: Repository, matcher: ValueMatcher, renamed: Mapping[str, str]) -> Iterator[str]:
    """Values in the configuration, such as a password in a URL, and the old names of branches."""
    homes = {tree.git_dir: "config.worktree" for tree in work_trees(repository)}
    paths = [os.path.join(repository.common_dir, "config"), *(os.path.join(*item) for item in homes.items())]
    for path in paths:
        data = _read(path)
        if data is None or not matcher.contains(data):
            continue
        text = data
        for old, new in renamed.items():
            text = text.replace(_short(old), _short(new))
        text = matcher.redact(_NAMES.sub(lambda line: matcher.redact_name(line[0]), text))
        if _parses(repository, text):
            mode = stat.S_IMODE(os.stat(path).st_mode)
            replace_file(path, text)
            os.chmod(path, mode)
            yield path


def _short(ref: str) -> bytes:
    return os.fsencode(ref.split("/", 2)[-1])


def _parses(repository: Repository, text: bytes) -> bool:
    """Whether git can read this configuration; if not, the proof names the file instead."""
    from secopskit.errors import GitError

    try:
        main_view(repository).run("config", "--file", "-", "--no-includes", "--list", stdin=text)
    except GitError:
        return False
    return True


def _files(path: str) -> Iterator[str]:
    if os.path.isfile(path):
        yield path
    for directory, _, names in os.walk(path):
        yield from (os.path.join(directory, name) for name in names)


def _dirty(path: str, matcher: ValueMatcher) -> bool:
    data = _read(path)
    return data is not None and bool(matcher.contains(data) or matcher.contains(os.fsencode(path)))


def _read(path: str) -> bytes | None:
    """The content of a regular file of reasonable size; None for anything else."""
    with suppress(OSError):
        if stat.S_ISREG(os.lstat(path).st_mode) and os.path.getsize(path) <= _LIMIT:
            with open(path, "rb") as file:
                return file.read()
    return None
