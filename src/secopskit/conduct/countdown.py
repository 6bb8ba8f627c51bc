"""The countdown before a guarded plan is carried out: a last moment to stop it."""

from __future__ import annotations

import time
from collections.abc import Callable


def count_down(
    seconds: int, tick: Callable[[int], None], *, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Wait for `seconds`, telling `tick` at the beginning of each how many are left.

    Whoever wants to stop it raises from outside (Ctrl-C) or from `tick`.
    """
    for left in range(seconds, 0, -1):
        tick(left)
        sleep(1)
