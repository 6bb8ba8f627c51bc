"""What stands in the commit that HEAD names: is there one, what has it at a place, who owns its paths."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence

from secopskit.errors import GitError
from secopskit.findings import Finding, Location
from secopskit.fleet.worker.owners import FILES, LARGEST, code_owners
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

    def holding(self, findings: Collection[Finding], *, limit: int) -> Callable[[Finding], bool]:
        """What tells of each of `findings` whether HEAD has it at one of its paths.

        That is: the value stands in what HEAD has there, in a file of at most `limit` bytes; or HEAD has the
        very content that it was found in, or, where it is about a place, that place.
        """
        listed = self._listed() if self._there and findings else {}
        oids = {
            one.path: oid for found in findings for one in found.locations if (oid := _oid(listed, one.path))
        }
        texts = self._texts(sorted(set(oids.values())), limit)

        def stands_at(finding: Finding, place: Location) -> bool:
            oid = oids.get(place.path)
            if oid is None or oid == place.oid or finding.secret is None:
                return oid is not None
            return finding.secret.stands_in(texts.get(oid, b""))

        return lambda finding: any(stands_at(finding, place) for place in finding.locations)

    def _texts(self, oids: Sequence[str], limit: int) -> dict[str, bytes]:
        contents = zip(oids, read_each(self._repository, oids, limit=limit), strict=True)
        return {oid: content.data for oid, content in contents if content.data is not None}

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


def _oid(listed: Mapping[bytes, str], path: str) -> str | None:
    """The content at a path; of what stands in an archive, that of the archive."""
    return listed.get(os.fsencode(path)) or listed.get(os.fsencode(path.partition("!")[0]))
