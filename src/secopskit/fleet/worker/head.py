"""What stands in the commit that HEAD names: is there one, what has it at a place, who owns its paths."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from secopskit.errors import GitError
from secopskit.findings import Finding, Location, Skipped, SkipReason
from secopskit.fleet.model import any_of
from secopskit.fleet.worker.owners import FILES, LARGEST, code_owners
from secopskit.formats.archives.member_paths import outer_paths
from secopskit.git.objects.lasting import read_each
from secopskit.git.repository import Repository
from secopskit.scan.names import PATH_NAME

HEAD = "HEAD"
_NAME = f"<{PATH_NAME}> "


def has_head(repository: Repository) -> bool:
    """Whether HEAD leads to a commit: not so in a repository without any."""
    return repository.succeeds("rev-parse", "--verify", "--quiet", "HEAD^{commit}")


class HeadTree:
    """The tree of HEAD, or none."""

    def __init__(self, repository: Repository, *, there: bool) -> None:
        self._repository = repository
        self._there = there

    def holding(
        self, findings: Collection[Finding], skipped: Iterable[Skipped], *, limit: int
    ) -> Callable[[Finding], bool | None]:
        """What tells of each finding of a scan whether HEAD has it at one of its paths; None: nobody knows.

        HEAD has it where the scan has found it in HEAD's version of the file, however it is spelt; where
        the value stands as it is in that version, if it has at most `limit` bytes; and, of a finding about a
        place, where there is a file. Nobody knows where that version is among what the scan has `skipped`, or
        where the tree cannot be read.
        """
        if not self._there:
            return lambda _: False
        listed = self._listed() if findings else {}
        if listed is None:
            return lambda _: None
        paths = {place.path for finding in findings for place in finding.locations}
        oids = {path: oid for path in paths if (oid := _oid(listed, path))}
        commit = self._repository.run("rev-parse", "HEAD^{commit}").decode("ascii").strip()
        texts = self._texts(sorted(set(oids.values())), limit)
        unread = _Unread(listed, skipped)

        def stands_at(finding: Finding, place: Location) -> bool | None:
            if place.path.startswith(_NAME):
                return finding.secret is not None and any(map(finding.secret.stands_in, listed))
            oid = oids.get(place.path)
            if oid is None or oid == place.oid or finding.secret is None or _was_seen(place, commit):
                return oid is not None
            if finding.secret.stands_in(texts.get(oid, b"")):
                return True
            return None if unread.has(oid, place.path) else False

        return lambda finding: any_of(stands_at(finding, place) for place in finding.locations)

    def _texts(self, oids: Sequence[str], limit: int) -> dict[str, bytes]:
        contents = zip(oids, read_each(self._repository, oids, limit=limit), strict=True)
        return {oid: content.data for oid, content in contents if content.data is not None}

    def owners(self) -> Callable[[str], tuple[str, ...]]:
        """What tells the owners of a path; nobody owns what cannot be read."""
        oids = (self._listed(*FILES) if self._there else None) or {}
        for name in FILES:
            oid = oids.get(name.encode())
            for content in read_each(self._repository, [oid] if oid else [], limit=LARGEST):
                return code_owners(content.data or b"")
        return lambda _path: ()

    def _listed(self, *paths: str) -> dict[bytes, str] | None:
        """The ids of files by their paths; None where a part of the tree cannot be read."""
        try:
            listing = self._repository.run("ls-tree", "-r", "-z", "--full-tree", HEAD, "--", *paths)
        except GitError:
            return None
        entries = (line.partition(b"\t") for line in listing.split(b"\0") if line)
        return {path: facts.split()[2].decode("ascii") for facts, _, path in entries}


class _Unread:
    """What a scan has passed over of the files that are `listed`."""

    def __init__(self, listed: Mapping[bytes, str], skipped: Iterable[Skipped]) -> None:
        self._objects, self._archives = set[str](), set[str]()
        self._unknown = False
        for one in skipped:
            self._objects.add(one.detail)
            if one.reason is SkipReason.ARCHIVE:
                # Its detail is no id, and its name the first that it ever had.
                files = [path for path in _files_of(one.path) if os.fsencode(path) in listed]
                self._archives.update(files)
                self._unknown |= not files

    def has(self, oid: str, path: str) -> bool:
        """Whether the object at `path` was not read, or not to its end; of archives: whether that may be."""
        files = _files_of(path)
        if oid in self._objects or not self._archives.isdisjoint(files):
            return True
        return self._unknown and len(files) > 1


def _files_of(path: str) -> tuple[str, ...]:
    """The names that the file may have which a path leads to or into."""
    return (path, *outer_paths(path))


def _oid(listed: Mapping[bytes, str], path: str) -> str | None:
    """The content at a path; of what stands in an archive, that of the archive."""
    return next((oid for name in _files_of(path) if (oid := listed.get(os.fsencode(name)))), None)


def _was_seen(place: Location, commit: str) -> bool:
    """Whether the scan has seen it in `commit`, HEAD's: of all refs that still hold it, that one comes first.

    A place is that of the newest version of the file in any branch; HEAD's may be another one.
    """
    told = place.provenance
    return told is not None and told.present and told.last_commit == commit
