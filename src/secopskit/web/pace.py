"""The pace of requests: a burst, then so many a second, and a stop for all when the host asks for one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from math import inf

from secopskit.web.pause import pause


class Pace:
    """A bucket of tokens that threads share: each write takes one, reading takes none.

    `burst` writes may go at once, then `per_second`; None for no limit. All requests, of all threads,
    wait for the end of a `hold`.
    """

    def __init__(
        self,
        *,
        burst: int = 60,
        per_second: float | None = 1.0,
        sleep: Callable[[float], None] = pause,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst, self._per_second = burst, per_second
        self._sleep, self._now = sleep, now
        self._lock = threading.Lock()
        self._tokens, self._filled = float(burst), now()
        self._held_until = 0.0

    def turn(self, *, write: bool, longest: float = inf) -> float:
        """Wait until the next request may go: 0 then.

        Nobody waits for a `hold` that lasts longer than `longest`: that is how long it still does.
        """
        wait = self._reserve() if write else 0.0
        served = 0.0
        while True:
            with self._lock:
                held_until, now = self._held_until, self._now()
            if held_until > served:
                if held_until - now > longest:
                    return held_until - now
                wait = max(wait, held_until - now)
            if wait <= 0:
                return 0.0
            self._sleep(wait)
            # Only a later hold, which came meanwhile, is waited for once more.
            wait, served = 0.0, held_until

    def hold(self, seconds: float) -> None:
        """Let nobody go for so long."""
        with self._lock:
            self._held_until = max(self._held_until, self._now() + seconds)

    def _reserve(self) -> float:
        """Take a token, of those to come if there is none now: how long until it is there."""
        if self._per_second is None:
            return 0.0
        with self._lock:
            now = self._now()
            self._tokens = min(float(self._burst), self._tokens + (now - self._filled) * self._per_second)
            self._filled = now
            self._tokens -= 1
            return max(0.0, -self._tokens / self._per_second)
