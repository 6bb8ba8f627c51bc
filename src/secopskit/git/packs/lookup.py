"""Any objects of a repository, in any order, from its packs; git is asked for what cannot be read there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

from secopskit.git.objects.lasting import Content, ObjectReader, reading
from secopskit.git.repository import Repository

if TYPE_CHECKING:
    from secopskit.git.packs.sources import ObjectSources

# Bytes of what others are made from that are held: some directories, for some hundred commits.
_HELD: Final = 1 << 25


@contextmanager
def reading_from(repository: Repository, sources: ObjectSources | None) -> Iterator[ObjectReader]:
    """A reader of the repository's objects, while the block lasts: from the `sources`, or else by git.

    To open these takes longer than git takes for a few objects, and pays for many. Raises GitError.
    """
    with ExitStack() as stack:
        if sources is None:
            yield stack.enter_context(reading(repository))
        else:
            yield PackedReader(repository, sources, stack)


class PackedReader(ObjectReader):
    """Reads from `sources`. A git for what cannot be read there is put on `stack` when it is needed."""

    def __init__(self, repository: Repository, sources: ObjectSources, stack: ExitStack) -> None:
        from secopskit.git.packs.compiled import Regions
        from secopskit.git.packs.walk import HeldBases, PackLookup

        regions, held = Regions(0), HeldBases(_HELD)
        self._lookups = [PackLookup(pack.tables, regions, held) for pack in sources.packs]
        self._repository = repository
        self._stack = stack
        self._git: ObjectReader | None = None

    def each(self, oids: Iterable[str], *, limit: int | None = None) -> Iterator[Content]:
        """See `ObjectReader`."""
        for oid in oids:
            found = self._found(bytes.fromhex(oid))
            if found is None:
                yield from self._by_git().each((oid,), limit=limit)
                continue
            kind, data = found
            yield Content(oid, kind, len(data), data if limit is None or len(data) <= limit else None)

    def _found(self, oid: bytes) -> tuple[str, bytes] | None:
        from secopskit.git.packs.compiled import PackError

        for lookup in self._lookups:
            try:
                if found := lookup.read(oid):
                    return found
            except PackError:  # another pack may have it, too; else git will say what it is
                continue
        return None

    def _by_git(self) -> ObjectReader:
        if self._git is None:
            self._git = self._stack.enter_context(reading(self._repository))
        return self._git
