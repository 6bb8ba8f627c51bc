"""Reflogs: those of the stash are carried over, for there they are the data; all others are expired."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Final

from secopskit.git.repository import Repository
from secopskit.git.worktrees import main_view, with_variables
from secopskit.purge.values.matcher import ValueMatcher

STASH: Final = "refs/stash"
_EXPIRE: Final = ("reflog", "expire", "--expire=all", "--expire-unreachable=all", "--all")
_SETTINGS: Final = ("-c", "core.logAllRefUpdates=false")


def stash_lines(repository: Repository, matcher: ValueMatcher, commits: Mapping[str, str]) -> list[bytes]:
    """The reflog of the stash as it is to be: new ids, messages without values; oldest entry first.

    The entry that the swap itself has added, from an old id to what became of it, is left out.
    """
    lines = []
    for line in _read_log(repository):
        head, tab, message = line.partition(b"\t")
        old, new, who = head.split(b" ", 2)
        old, new = (commits.get(oid.decode(), oid.decode()).encode() for oid in (old, new))
        if old != new:
            lines.append(b" ".join((old, new, who)) + tab + matcher.redact(message).replace(b"\n", b" "))
    return lines


def stash_tips(lines: list[bytes]) -> list[str]:
    """The commits of the entries."""
    return [line.split(b" ", 2)[1].decode() for line in lines]


def expire(repository: Repository, stash: list[bytes]) -> None:
    """Empty all reflogs, then write that of the stash anew. Raises GitError."""
    seen = main_view(repository)
    seen.run(*_EXPIRE, detached=True)
    if _keeps_files(repository):
        for path in log_files(repository):
            if os.path.getsize(path):
                os.truncate(path, 0)
        if stash:
            _write_log(repository, stash)
    elif stash:
        _replay(seen, stash)


def homes(repository: Repository) -> list[str]:
    """The git directories of all work trees, below the common one, whose own is empty."""
    linked = os.path.join(repository.common_dir, "worktrees")
    names = sorted(os.listdir(linked)) if os.path.isdir(linked) else []
    return ["", *(os.path.join("worktrees", name) for name in names)]


def log_files(repository: Repository) -> Iterator[str]:
    """The files that hold reflogs, of all work trees."""
    for home in homes(repository):
        for directory, _, names in os.walk(os.path.join(repository.common_dir, home, "logs")):
            paths = (os.path.join(directory, name) for name in names)
            yield from (path for path in paths if os.path.isfile(path) and not os.path.islink(path))


def _keeps_files(repository: Repository) -> bool:
    """Whether refs and reflogs are files, rather than the tables of the reftable format."""
    return not os.path.isdir(os.path.join(repository.common_dir, "reftable"))


def _stash_log(repository: Repository) -> str:
    return os.path.join(repository.common_dir, "logs", STASH)


def _read_log(repository: Repository) -> list[bytes]:
    if not _keeps_files(repository):
        return _listed(main_view(repository))
    with suppress(FileNotFoundError), open(_stash_log(repository), "rb") as file:
        return [line for line in file.read().split(b"\n") if line.count(b" ") >= 2]
    return []


def _write_log(repository: Repository, lines: list[bytes]) -> None:
    path = _stash_log(repository)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    scratch = path + ".secops"
    with open(scratch, "wb") as file:
        file.writelines(line + b"\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())
    os.replace(scratch, path)


def _listed(seen: Repository) -> list[bytes]:
    """The stash's reflog in the form of a file of one, from any format of refs."""
    if not seen.succeeds("rev-parse", "--verify", "--quiet", STASH):
        return []
    fields = "--format=%H%x00%gn <%ge> %gd%x00%gs"
    shown = seen.run("log", "--walk-reflogs", "--date=raw", fields, STASH).splitlines()
    lines, previous = [], b""
    for entry in reversed(shown):
        oid, who, message = entry.split(b"\0", 2)
        person, _, date = who.partition(b"> " + STASH.encode() + b"@{")
        lines.append(
            b"%s %s %s> %s\t%s" % (previous or b"0" * len(oid), oid, person, date.rstrip(b"}"), message)
        )
        previous = oid
    return lines


def _replay(seen: Repository, lines: list[bytes]) -> None:
    """Write the entries through git, each under its own name and date."""
    seen.run(*_SETTINGS, "update-ref", "-d", STASH, detached=True)
    for line in lines:
        head, _, message = line.partition(b"\t")
        _, new, who = head.split(b" ", 2)
        name, _, rest = who.partition(b" <")
        mail, _, date = rest.partition(b"> ")
        as_then = with_variables(
            seen,
            GIT_COMMITTER_NAME=os.fsdecode(name),
            GIT_COMMITTER_EMAIL=os.fsdecode(mail),
            GIT_COMMITTER_DATE=os.fsdecode(date),
        )
        as_then.run(
            "update-ref", "--create-reflog", "-m", os.fsdecode(message), STASH, new.decode(), detached=True
        )
