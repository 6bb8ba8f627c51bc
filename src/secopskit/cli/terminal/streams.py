"""Standard streams that lose nothing, however the program was started."""

from __future__ import annotations

import io
import os
import sys
from typing import Final, TextIO, cast

_NAMES: Final = ("stdout", "stderr")


def settle_streams() -> None:
    """See to it that standard output and standard error take all that is written, or raise OSError.

    Without a buffer (`PYTHONUNBUFFERED`), what a call to the system leaves over would be lost without a word.
    A stream that is closed takes everything and keeps nothing; `output_is_closed` tells of it.
    """
    for name in _NAMES:
        stream: TextIO | None = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - as long as the program
        elif isinstance(raw := getattr(stream, "buffer", None), io.RawIOBase):
            setattr(sys, name, _buffered(stream, raw))


def output_is_closed() -> bool:
    """Whether the program was started with its standard output closed."""
    return cast("TextIO | None", sys.__stdout__) is None


def _buffered(stream: TextIO, raw: io.RawIOBase) -> TextIO:
    return io.TextIOWrapper(
        io.BufferedWriter(raw), encoding=stream.encoding, errors=stream.errors, line_buffering=True
    )
