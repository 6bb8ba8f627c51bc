"""The log of a CI runner: what we print there is obeyed where it reads as a command of the runner.

A file, an author or a branch may be named like one. So nothing that leaves for standard output or standard
error reads as a command, but what is printed within `our_commands`.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import BinaryIO, Final, TextIO, cast

from secopskit.report.annotation import without_commands

_LONGEST: Final = len("##teamcity[")
_BREAKS: Final = ("\r", "\n")


class _RunnerLog(io.RawIOBase):
    """A stream of bytes before another, which takes the commands out, however the writes are cut.

    An escape takes the place of a command's last character, so nothing has to wait for what follows.
    """

    ours: bool = False

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._before = "\n"  # what the text written last means for the one to come

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    def flush(self) -> None:
        self._stream.flush()

    def write(self, data: object) -> int:
        written = bytes(data)  # type: ignore[call-overload]  # a buffer, as the interface says
        text = self._before + written.decode("latin-1")  # a character a byte, whatever the encoding
        if not _RunnerLog.ours:
            text = without_commands(text)
        self._stream.write(text[len(self._before) :].encode("latin-1"))
        self._before = _meaning(text)
        return len(written)


def _meaning(text: str) -> str:
    """As little of `text` as tells whether what follows ends a command: how its last line begins and ends."""
    line = text[max(text.rfind(mark) for mark in _BREAKS) + 1 :]
    if any(" " < character < "\x7f" for character in line.removesuffix(":")):
        return f"-{line.rpartition('[')[2][-_LONGEST:]}"
    return "\n:" if line.endswith(":") else "\n"


@contextmanager
def guarded() -> Iterator[None]:
    """Standard output and standard error as a runner may read them."""
    with ExitStack() as stack:
        for name in ("stdout", "stderr"):
            stack.enter_context(_guarded(name))
        yield


@contextmanager
def _guarded(name: str) -> Iterator[None]:
    stream: TextIO | None = getattr(sys, name)
    if stream is None or not hasattr(stream, "buffer"):
        yield
        return
    with suppress(OSError, ValueError):
        stream.flush()
    log = io.TextIOWrapper(
        cast("BinaryIO", _RunnerLog(stream.buffer)),  # all of it that a wrapper asks for
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=getattr(stream, "line_buffering", False),
        write_through=True,
    )
    setattr(sys, name, log)
    try:
        yield
    finally:
        setattr(sys, name, stream)
        with suppress(OSError, ValueError):
            log.detach()


@contextmanager
def our_commands() -> Iterator[None]:
    """What is printed within is meant: annotations, each line of which is made to be safe."""
    _RunnerLog.ours = True
    try:
        yield
    finally:
        _RunnerLog.ours = False
