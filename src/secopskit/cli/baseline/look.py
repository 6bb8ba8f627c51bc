"""The scan behind `secops baseline`: all that is there, as if nothing had been accepted."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from secopskit.cli.progress import progress
from secopskit.cli.session import ScanSession
from secopskit.findings import Finding
from secopskit.known.baseline_audit import joined
from secopskit.scan.run import scan
from secopskit.sources.files import FilesSource
from secopskit.sources.worktree import WorktreeSource

if TYPE_CHECKING:
    from secopskit.findings import ScanResult
    from secopskit.sources.interface import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was found, and where the scan looked: below `directory`, but for what was `skipped`."""

    findings: list[Finding]
    directory: str
    skipped: frozenset[str]
    history: bool

    def looked_at(self, path: str) -> bool:
        """Whether a finding at `path` would have been found."""
        below = not self.directory or path == self.directory or path.startswith(self.directory + "/")
        return below and path not in self.skipped


def look(session: ScanSession, path: str, *, history: bool, quiet: bool) -> Looked:
    """Scan the files below `path` and, if asked for, the whole history. Raises SecopsError."""
    directory = _below(session, path)
    with progress(session.environment, quiet=quiet) as advance:
        files = _files(session, path, directory)
        sieve = session.sieve()
        results = (
            [scan(files, session.detectors, sieve, key=session.fingerprint_key, progress=advance)]
            if files
            else []
        )
        if history:
            results.append(_history(session, advance))
    return Looked(
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
        return FilesSource((path,), root=str(session.root), limit=session.limit)
    if repository.work_tree is None:
        return None
    return WorktreeSource(repository, limit=session.limit, directory=directory)


def _history(session: ScanSession, advance: Callable[[int], None]) -> ScanResult:
    from secopskit.scan.history.objects import HistoryOptions, scan_history
    from secopskit.scan.history.selection import WHOLE_HISTORY

    options = HistoryOptions(
        detectors=session.detector_options,
        limit=session.limit,
        jobs=session.jobs,
        cache=session.config.scan.cache,
    )
    repository = session.require_repository("--history")
    return scan_history(
        repository,
        WHOLE_HISTORY,
        options,
        session.sieve(),
        key=session.fingerprint_key,
        progress=advance,
        detectors=session.detectors,
    )
