"""What runs at every commit: the staged changes, or the files that pre-commit names.

Imports neither click nor anything else that a clean commit does not need; see `secops.door`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from secops.cli.session import Overrides, Session
from secops.errors import ExitCode
from secops.scan.run import scan
from secops.sources.interface import Source
from secops.sources.staged import StagedSource


def check_commit(files: Sequence[str], *, color: bool | None = None, verbosity: int = 0) -> ExitCode:
    """Scan what is about to be committed and tell about it. Raises SecopsError.

    Without `files`, or where all of them are staged, the index is judged by the lines that
    the commit adds; else (`pre-commit run --all-files`) the files are, whole, as on disk.
    """
    session = Session(".", Overrides(), hook=True)
    result = scan(_source(session, files), session.detectors, session.sieve(), key=session.fingerprint_key)
    if result.findings or result.skipped or verbosity > 0:
        from secops.report.interface import RenderOptions
        from secops.report.plain import REPORTER

        shown = _colored(session) if color is None else color
        sys.stdout.write(REPORTER.render(result, RenderOptions(color=shown, verbosity=verbosity)))
    return ExitCode.FINDINGS if result.findings else ExitCode.OK


def _source(session: Session, files: Sequence[str]) -> Source:
    staged = StagedSource(session.require_repository("a commit hook"), limit=session.limit)
    names = [_name(file, str(session.root)) for file in files]
    if all(name in staged.changes for name in names):
        staged.restrict(names)
        return staged
    from secops.sources.files import FilesSource

    return FilesSource(files, root=str(session.root), limit=session.limit)


def _name(file: str, root: str) -> str:
    return os.path.relpath(os.path.abspath(file), root).replace(os.sep, "/")


def _colored(session: Session) -> bool:
    surroundings = session.environment
    if surroundings.no_color or surroundings.dumb_terminal:
        return False
    return surroundings.force_color or sys.stdout.isatty()
