"""An inventory: all findings of a place, in its files and perhaps its history, and where they were sought.

A baseline is made and judged by one. The session's overrides decide whether known findings count.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from secopskit.findings import Finding, Location
from secopskit.progress import NO_PROGRESS, Progress
from secopskit.scan.session import ScanSession

if TYPE_CHECKING:
    from secopskit.sources.interface import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What was found, and where it was sought: below `directory`, but for what was `skipped`."""

    findings: tuple[Finding, ...]
    directory: str
    skipped: frozenset[str]
    history: bool

    def looked_at(self, path: str) -> bool:
        """Whether a finding at `path` would have been found."""
        below = not self.directory or path == self.directory or path.startswith(self.directory + "/")
        return below and path not in self.skipped


def take_inventory(
    session: ScanSession, path: str, *, history: bool, progress: Progress = NO_PROGRESS
) -> Inventory:
    """Scan the files below `path` and, with `history`, every object. Raises SecopsError."""
    directory = _below(session, path)
    source = _files(session, path, directory)
    results = [session.scan(source, progress=progress)] if source else []
    if history:
        from secopskit.scan.history.objects.selection import WHOLE_HISTORY

        results.append(session.scan_commits(WHOLE_HISTORY, purpose="--history", progress=progress))
    return Inventory(
        findings=joined([result.findings for result in results]),
        directory="" if history else directory,
        skipped=frozenset(skipped.path for result in results for skipped in result.skipped),
        history=history,
    )


def _below(session: ScanSession, path: str) -> str:
    relative = os.path.relpath(os.path.realpath(path), os.path.realpath(session.root))
    return "" if relative == "." else relative.replace(os.sep, "/")


def _files(session: ScanSession, path: str, directory: str) -> Source | None:
    repository = session.repository
    if repository is None:
        from secopskit.sources.files import FilesSource

        return FilesSource((path,), root=str(session.root), limit=session.limit)
    if repository.work_tree is None:
        return None
    from secopskit.sources.worktree import WorktreeSource

    return WorktreeSource(repository, limit=session.limit, directory=directory)


def joined(scans: Sequence[Sequence[Finding]]) -> tuple[Finding, ...]:
    """The findings of several scans of one place, each secret once, with all its places."""
    groups: dict[object, Finding] = {}
    for finding in (finding for findings in scans for finding in findings):
        identity = (finding.rule_id, finding.secret or finding.locations[0].path)
        known = groups.get(identity)
        groups[identity] = known._replace(locations=_union(known, finding)) if known else finding
    return tuple(groups.values())


def _union(one: Finding, other: Finding) -> tuple[Location, ...]:
    return tuple(dict.fromkeys((*one.locations, *other.locations)))
