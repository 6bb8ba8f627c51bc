"""The names that objects go by: which of them refs lead to, and a path of each."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from io import BufferedReader, RawIOBase
from typing import cast

from secopskit.formats.archives.parts import inside
from secopskit.git.repository import Repository
from secopskit.purge.model import ArchivedHit, Survey


def reached_names(seen: Repository, oids: Collection[str]) -> dict[str, str]:
    """Those of `oids` that some ref or HEAD leads to, with one path under which each stands there.

    The path is empty for what has none. Objects are not read, and none are asked for if there are no
    `oids`. Raises GitError.
    """
    if not oids:
        return {}
    wanted, found = {oid.encode() for oid in oids}, dict[str, str]()
    with seen.stream("rev-list", "--objects", "--all", "--missing=allow-any") as output:
        # Held by a name: it would close the pipe when it goes, before the block looks for its end.
        lines = BufferedReader(cast(RawIOBase, output), 1 << 20)
        for line in lines:
            oid, _, path = line.rstrip(b"\n").partition(b" ")
            if oid in wanted:
                found[oid.decode()] = os.fsdecode(path)
    return found


def archived_names(paths: Iterable[str], hits: Iterable[ArchivedHit]) -> tuple[str, ...]:
    """The names of what holds a value, as in `dist.zip!conf/.env`, for each path of the archive."""
    members = [hit.member for hit in hits]
    return tuple(inside(path, member) for path in paths for member in members)


def named_unopened(seen: Repository, found: Survey) -> tuple[str, ...]:
    """What a survey could not look into, each with a name of the archive and the reason. Raises GitError."""
    names = reached_names(seen, found.unopened)
    return tuple(
        f"{inside(names.get(oid) or f'object {oid}', member)}: {reason}"
        for oid, unopened in found.unopened.items()
        for member, reason in unopened
    )
