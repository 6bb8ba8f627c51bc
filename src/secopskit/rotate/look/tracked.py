"""Files that get new values though git has them: the next commit would be the next leak."""

from __future__ import annotations

from collections.abc import Iterable

from secopskit.git.repository import Repository
from secopskit.git.tracked import how_to_untrack, tracked_files
from secopskit.report.text import listed
from secopskit.rotate.model import PlannedRotation

_FEW = 10


def tracked_notes(repository: Repository, rotations: Iterable[PlannedRotation]) -> tuple[str, ...]:
    """What to do about files of the index that a new value is written to. Raises GitError."""
    found = tracked_files(
        repository, (file for one in rotations if not one.blocked for file in _written(one))
    )
    if not found:
        return ()
    note = f"git tracks {listed(found, _FEW)}: a commit would publish the new value. {how_to_untrack(found)}"
    return (note,)


def _written(one: PlannedRotation) -> Iterable[str]:
    yield from (write.origin for write in one.writes if write.writable)
    yield from (file for write in one.writes for file in write.files)
    yield from one.edits
    yield from filter(None, [one.to_file])
    yield from one.outline.edits if one.outline else ()
