"""The server's own log: lines on standard error, without a value that a client sent."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from secopskit.report.text import visible

Log = Callable[[str], None]


def to_stderr(text: str) -> None:
    """Write a line, with the time, as far as anybody takes it."""
    line = visible(text)
    with suppress(OSError, ValueError):
        print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {line}", file=sys.stderr, flush=True)  # noqa: T201 - the log


def silent(text: str) -> None:
    """Write nothing."""


def places(error: BaseException) -> str:
    """The type of an unforeseen error and where it came from, innermost first; not what it says."""
    steps: list[str] = []
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        steps.append(f"{code.co_filename.replace(chr(92), '/').rpartition('/')[2]}:{step.tb_lineno}")
        step = step.tb_next
    return f"{type(error).__module__}.{type(error).__qualname__} at {' < '.join(reversed(steps[-6:]))}"
