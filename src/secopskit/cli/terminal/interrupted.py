"""What is said to a person who stops a command half-way: how it is gone on with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from secopskit.cli.terminal.voice import Voice


@contextmanager
def saying_how_to_go_on(voice: Voice, unfinished: Callable[[], bool], advice: str) -> Iterator[None]:
    """Say `advice` when the block is interrupted, if by then something is `unfinished`."""
    try:
        yield
    except (KeyboardInterrupt, click.Abort):
        if unfinished():
            voice.note(f"Stopped half-way. {advice}")
        raise
