"""The lock of an open file, which the system takes back when its holder dies."""

from __future__ import annotations

import sys
from contextlib import suppress


def take_lock(descriptor: int) -> bool:
    """Take the lock if nobody has it. Closing the descriptor drops it."""
    with suppress(OSError):
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
