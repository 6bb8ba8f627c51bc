"""Files that get new values though git has them: the next commit would be the next leak."""

from __future__ import annotations

import os
from collections.abc import Iterable
from shlex import quote

from secopskit.git.repository import Repository
from secopskit.report.text import listed
from secopskit.rotate.model import PlannedRotation
from secopskit.state.smallfiles import is_inside

_FEW = 10


def tracked_notes(repository: Repository, rotations: Iterable[PlannedRotation]) -> tuple[str, ...]:
    """What to do about files of the index that a new value is written to. Raises GitError."""
    files = sorted({file for one in rotations if not one.blocked for file in _written(one)})
    paths = [
        os.path.relpath(os.path.join(repository.root, file), repository.root)
        for file in files
        if is_inside(os.path.join(repository.root, file), repository.root)
    ]
    if not paths:
        return ()
    listing = repository.run("ls-files", "-z", "--", *(f":(top,literal){path}" for path in paths))
    found = [os.fsdecode(name) for name in listing.split(b"\0") if name]
    if not found:
        return ()
    names = " ".join(map(quote, found[:_FEW]))
    note = (
        f"git tracks {listed(found, _FEW)}: a commit would publish the new value. Before the next one, "
        f"name what holds secrets in .gitignore, and: git rm --cached {names}"
    )
    return (note,)


def _written(one: PlannedRotation) -> Iterable[str]:
    yield from (write.origin for write in one.writes if write.writable)
    yield from one.edits
    yield from filter(None, [one.to_file])
    yield from one.outline.edits if one.outline else ()
