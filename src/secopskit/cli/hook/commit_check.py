"""What runs at every commit: the staged changes, or the files that pre-commit names.

Imports neither click nor anything else that a clean commit does not need; see `secopskit.__main__`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from secopskit.cli.hook.outcome import told
from secopskit.errors import ExitCode
from secopskit.scan.hook import choose_for_commit
from secopskit.scan.session import Overrides, ScanSession


def check_commit(
    files: Sequence[str],
    *,
    color: bool | None = None,
    verbosity: int = 0,
    suppressions_from: str | None = None,
) -> ExitCode:
    """Scan what is about to be committed and tell about it. Raises SecopsError.

    Which content is judged for which `files` says `secopskit.scan.hook.choose_for_commit`.
    """
    overrides = Overrides(suppressions_from=suppressions_from)
    session = ScanSession(".", overrides, hook=True, notice=_tell, prepare=_load_report)
    result = session.scan(choose_for_commit(session, files))
    return told(
        result,
        color=lambda: _colored(session) if color is None else color,
        verbosity=verbosity,
        comments=not session.judged_from_elsewhere,
        strict=session.config.scan.strict,
    )


def _tell(notice: str) -> None:
    from secopskit.cli.terminal.progress import tell  # only when the first commit has to wait

    tell(notice)


def _load_report() -> None:
    """Load what a finding is told by."""
    import secopskit.redaction
    import secopskit.report.terminal.plain  # noqa: F401 - to be there when it is wanted


def _colored(session: ScanSession) -> bool:
    surroundings = session.environment
    if surroundings.no_color or surroundings.dumb_terminal:
        return False
    return surroundings.force_color or sys.stdout.isatty()
