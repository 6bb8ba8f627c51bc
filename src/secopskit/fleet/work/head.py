"""What stands in the commit that HEAD names: is there one, what has it at a place, who owns its paths."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection

from secopskit.errors import GitError
from secopskit.findings import Location
from secopskit.fleet.work.owners import FILES, LARGEST, code_owners
from secopskit.git.objects.lasting import read_each
from secopskit.git.repository import Repository

HEAD = "HEAD"


def has_head(repository: Repository) -> bool:
    """Whether HEAD leads to a commit: not so in a repository without any."""
    return repository.succeeds("rev-parse", "--verify", "--quiet", "HEAD^{commit}")


class HeadTree:
    """The tree of HEAD, or none. What cannot be read of it counts as not there."""

    def __init__(self, repository: Repository, *, there: bool) -> None:
        self._repository = repository
        self._there = there

    def holds(self, places: Collection[Location]) -> Callable[[Location], bool]:
        """What tells of each of `places` whether HEAD has that very content there."""
        wanted = any(one.oid and one.path for one in places)
        found = self._listed() if self._there and wanted else {}
        return lambda place: (
            place.oid is not None
            and place.oid
            in {found.get(os.fsencode(name)) for name in (place.path, place.path.partition("!")[0])}
        )

    def owners(self) -> Callable[[str], tuple[str, ...]]:
        """What tells the owners of a path."""
        oids = self._listed(*FILES) if self._there else {}
        for name in FILES:
            oid = oids.get(name.encode())
            for content in read_each(self._repository, [oid] if oid else [], limit=LARGEST):
                return code_owners(content.data or b"")
        return lambda _path: ()

    def _listed(self, *paths: str) -> dict[bytes, str]:
        """The ids of files by their paths."""
        try:
            listing = self._repository.run("ls-tree", "-r", "-z", "--full-tree", HEAD, "--", *paths)
        except GitError:
            return {}
        entries = (line.partition(b"\t") for line in listing.split(b"\0") if line)
        return {path: facts.split()[2].decode("ascii") for facts, _, path in entries}
