"""What a hook prints: nothing of a clean scan, a line where something was held back, else the report.

Imports neither click nor anything else that a clean commit does not need.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from secopskit.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from secopskit.findings import ScanResult


def told(
    result: ScanResult,
    *,
    color: Callable[[], bool],
    verbosity: int = 0,
    skip: tuple[str, ...] | None = None,
    comments: bool = True,
    strict: bool = False,
) -> ExitCode:
    """Print what there is to tell, and whether the hook lets go on. `color` is asked if anything is shown.

    `skip` and `comments` are as in `RenderOptions`; without `skip`, the hook is that of a commit.

    What was suppressed is told with `verbosity` -1 too, in a line: a change that brings its own
    permission is not stopped, and not passed over in silence either.
    """
    if result.findings or result.suppressed:
        from secopskit.redaction import redacted_result

        result = redacted_result(result)
    if len(result.findings) > 1:
        from secopskit.scan.spellings import joined

        result = joined(result)
    if result.findings or verbosity > 0 or (verbosity == 0 and (result.skipped or result.limits)):
        from secopskit.report.interface import RenderOptions
        from secopskit.report.terminal.plain import REPORTER

        options = RenderOptions(color=color(), verbosity=verbosity)
        options = options._replace(skip=options.skip if skip is None else skip, comments=comments)
        sys.stdout.write(REPORTER.render(result, options))
    elif result.suppressed or result.skipped or result.limits:
        _write_lines(result)
    if not strict and not result.skipped:  # nothing for a verdict to weigh: most commits need no such module
        return ExitCode.FINDINGS if result.findings else ExitCode.OK
    from secopskit.scan.verdict import judge

    verdict = judge(result, strict=strict)
    sys.stdout.write("".join(f"secops: {line}\n" for line in verdict.why))
    return verdict.code


def _write_lines(result: ScanResult) -> None:
    from secopskit.report.facts.summary import asides, held_back

    lines = [*asides(result._replace(suppressed=()), counts=False), held_back(result)]
    sys.stdout.write("".join(f"secops: {line}\n" for line in lines if line))
