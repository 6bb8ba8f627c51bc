"""What git hooks ask of a scan: what a commit adds, what a push brings.

Every commit imports this module, so it imports what is wanted when it is wanted.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from secopskit.scan.session import ScanSession

if TYPE_CHECKING:
    from secopskit.findings import ScanResult
    from secopskit.git.repository import Repository
    from secopskit.sources.interface import Source


def scan_pushed(
    session: ScanSession,
    revisions: tuple[str, ...],
    *,
    new_refs: tuple[str, ...] = (),
    heeds_comments: bool = True,
) -> ScanResult:
    """Scan what a push brings: what `revisions` reach, and the names `new_refs`. Raises SecopsError.

    They may lie in git's quarantine and be gone afterwards, so nothing is kept of the scan.
    """
    from secopskit.scan.history.objects.selection import Selection

    return session.scan_commits(
        Selection(revisions=revisions, everything=False, words="pushed commits", new_refs=new_refs),
        purpose="checking a push",
        cache=False,
        heeds_comments=heeds_comments,
    )


def choose_for_commit(session: ScanSession, files: Sequence[str]) -> Source:
    """What a commit hook is asked about. Raises GitError, UsageError.

    Without `files`, or where all of them are staged, the index is judged by the lines that
    the commit adds; else (`pre-commit run --all-files`) the files are, whole, as on disk.
    While a merge is committed, the framework also names files that end as one side had them.
    """
    from secopskit.sources.staged import StagedSource

    repository = session.require_repository("a commit hook")
    staged = StagedSource(repository, limit=session.limit, meanwhile=lambda: session.detectors.pattern)
    staged.begin()  # the rules are loaded meanwhile
    names = [_name(file, str(session.root)) for file in files]
    if all(name in staged.changes for name in names) or _commits_merge(repository):
        staged.restrict(names)
        return staged
    from secopskit.sources.files import FilesSource

    # A submodule is a repository of its own, with hooks of its own.
    own = [file for file in files if not os.path.lexists(os.path.join(file, ".git"))]
    return FilesSource(own, root=str(session.root), limit=session.limit)


def _commits_merge(repository: Repository) -> bool:
    """Whether `git commit` runs us (it always names its index) to conclude a merge."""
    merging = os.path.lexists(os.path.join(repository.git_dir, "MERGE_HEAD"))
    return merging and "GIT_INDEX_FILE" in repository.environ


def _name(file: str, root: str) -> str:
    return os.path.relpath(os.path.abspath(file), root).replace(os.sep, "/")
