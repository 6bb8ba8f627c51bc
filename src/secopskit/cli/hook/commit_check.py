"""What runs at every commit: the staged changes, or the files that pre-commit names.

Imports neither click nor anything else that a clean commit does not need; see `secops.door`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from secopskit.cli.session import Overrides, ScanSession
from secopskit.errors import ExitCode
from secopskit.git.repository import Repository
from secopskit.scan.run import scan
from secopskit.sources.interface import Source
from secopskit.sources.staged import StagedSource


def check_commit(files: Sequence[str], *, color: bool | None = None, verbosity: int = 0) -> ExitCode:
    """Scan what is about to be committed and tell about it. Raises SecopsError.

    Without `files`, or where all of them are staged, the index is judged by the lines that
    the commit adds; else (`pre-commit run --all-files`) the files are, whole, as on disk.
    While a merge is committed, the framework also names files that end as one side had them.
    """
    session = ScanSession(".", Overrides(), hook=True)
    result = scan(_source(session, files), session.detectors, session.sieve(), key=session.fingerprint_key)
    if result.findings or result.skipped or verbosity > 0:
        from secopskit.report.interface import RenderOptions
        from secopskit.report.plain import REPORTER

        shown = _colored(session) if color is None else color
        sys.stdout.write(REPORTER.render(result, RenderOptions(color=shown, verbosity=verbosity)))
    return ExitCode.FINDINGS if result.findings else ExitCode.OK


def _source(session: ScanSession, files: Sequence[str]) -> Source:
    repository = session.require_repository("a commit hook")
    staged = StagedSource(repository, limit=session.limit)
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


def _colored(session: ScanSession) -> bool:
    surroundings = session.environment
    if surroundings.no_color or surroundings.dumb_terminal:
        return False
    return surroundings.force_color or sys.stdout.isatty()
