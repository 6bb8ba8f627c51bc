"""Which objects an earlier scan has not seen, and which of those that it saw are gone."""

from __future__ import annotations

from secopskit.git.repository import Repository
from secopskit.scan.history.memory.cached_scan import CachedScan
from secopskit.scan.history.objects.objectfiles import ObjectFiles
from secopskit.scan.history.objects.selection import pack_objects


def has_lost(repository: Repository, files: ObjectFiles, known: CachedScan) -> bool:
    """Whether objects of `known` are gone, or in other packs, as after `git gc`. Raises GitError.

    A fresh start counts rightly, and tells of none of them. Loose objects may have come into a new pack.
    """
    if not files.packs.keys() >= set(known.packs):
        return True
    lost = {oid.encode() for oid in known.loose if oid not in files.loose}
    for pack, index in files.packs.items() if lost else ():
        if pack not in known.packs:
            lost.difference_update(pack_objects(repository, index))
    return bool(lost)


def unseen_objects(repository: Repository, files: ObjectFiles, known: CachedScan) -> list[bytes]:
    """The ids of the objects in `files` that the scan `known` has not seen. Raises GitError."""
    packs, loose = set(known.packs), {oid.encode() for oid in known.loose}
    indexes = [index for pack, index in files.packs.items() if pack not in packs]
    packed = (oid for index in indexes for oid in pack_objects(repository, index))
    new = sorted(files.loose.difference(known.loose))
    return [*(oid for oid in packed if oid not in loose), *map(str.encode, new)]


def every_object(repository: Repository, files: ObjectFiles) -> list[bytes] | None:
    """The ids of all objects, where git cannot list them (else None, as for `sizes`). Raises GitError."""
    return unseen_objects(repository, files, CachedScan()) if files.irregular or files.unreadable else None
