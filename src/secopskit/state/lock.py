"""One run at a time: a lock on a file, which the system takes back when its holder dies."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from secopskit.errors import RefusedError
from secopskit.state.descriptor_lock import take_lock
from secopskit.state.private import open_lasting

LOCK_NAME: Final = "lock"
_PAUSE: Final = 0.1
GRACE: Final = 0.5
"""Seconds that a command waits in any case.

Of one that was killed while it started a program, a copy is left, which has the lock until that program runs.
"""


@contextmanager
def held(
    directory: str,
    *,
    running: str,
    advice: str = "Let it finish.",
    name: str = LOCK_NAME,
    wait: float = 0.0,
) -> Iterator[int]:
    """Hold the lock `name` in `directory`; yields its descriptor, which a child may inherit to hold it on.

    Waits at most `wait` seconds for who holds it. Raises RefusedError if that still runs: `running`
    says what it is (`another purge of this repository`), `advice` what to do.
    """
    descriptor = open_lasting(os.path.join(directory, name))
    try:
        until = time.monotonic() + wait
        while not take_lock(descriptor):
            if time.monotonic() >= until:
                raise RefusedError(f"{running} is running", advice=advice)
            time.sleep(_PAUSE)
        yield descriptor
    finally:
        # Closing drops the lock, unless a child has inherited the descriptor and is still at work.
        os.close(descriptor)


def is_held(directory: str, *, wait: float = 0.0) -> bool:
    """Whether somebody holds the lock in `directory`, and still does after `wait` seconds."""
    try:
        with held(directory, running="", wait=wait):
            return False
    except RefusedError:
        return True
    except OSError:  # there is no such directory: nothing has ever run here
        return False
