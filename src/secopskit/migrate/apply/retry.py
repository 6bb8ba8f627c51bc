"""When and how long to wait before a file is tried again: only for what passes by itself."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

LOCK_NOT_AVAILABLE: Final = "55P03"
# Lock not available, deadlock detected, serialization failure: another session was in the way.
TRANSIENT: Final = frozenset({LOCK_NOT_AVAILABLE, "40P01", "40001"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to go on trying: waits grow from `first` to `longest` seconds, `total` in all.

    Each wait is drawn from the upper half of its size, so that runners that met once do not
    meet again; between tries no lock is held, and whoever queued behind us goes on.
    """

    first: float = 0.1
    longest: float = 5.0
    total: float = 60.0

    def waits(self) -> Iterator[float]:
        """Seconds to wait before each further try; ends when the patience does."""
        deadline = time.monotonic() + self.total
        size = self.first
        while (left := deadline - time.monotonic()) > 0:
            yield min(random.uniform(size / 2, size), left)  # noqa: S311 - no secret: spreads load
            size = min(size * 2, self.longest)


def is_transient(sqlstate: str | None) -> bool:
    """Whether the same statement may well succeed later, unchanged."""
    return sqlstate in TRANSIENT
