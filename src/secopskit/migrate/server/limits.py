"""How often a client may call, and when it is locked out. Counts are kept for a bounded number of clients.

Only who has no valid token is locked out: others may share the address (users of one machine, those
behind a proxy), and none of them can keep out who has one. What can be attacked by guessing is bounded
by that lock, and by the tokens themselves, which are too long to be guessed.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from secopskit.migrate.server.settings import Limits

_MOST_CLIENTS = 10_000


@dataclass(slots=True)
class _Client:
    tokens: float
    seen: float
    failures: int = 0
    failed: float = 0.0
    locked_until: float = 0.0


class CallLimiter:
    """Counts calls and wrong tokens of every client. Used from one thread: the event loop's."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._clients: OrderedDict[str, _Client] = OrderedDict()

    def locked(self, client: str) -> int:
        """For how many more seconds (rounded up) the client is locked out; 0 if it is not."""
        known = self._clients.get(client)
        return max(0, math.ceil(known.locked_until - self._clock())) if known else 0

    def admit(self, client: str) -> int:
        """Count a call: 0 if it may go on, else after how many seconds to come again."""
        known, now = self._of(client), self._clock()
        rate = self._limits.per_minute / 60
        known.tokens = min(float(self._limits.burst), known.tokens + (now - known.seen) * rate)
        known.seen = now
        if known.tokens < 1:
            return math.ceil((1 - known.tokens) / rate)
        known.tokens -= 1
        return 0

    def wrong(self, client: str) -> bool:
        """Count a wrong token; whether the client is now locked out. Old ones are forgotten in time."""
        known, now = self._of(client), self._clock()
        if now - known.failed >= self._limits.lock_out_s:
            known.failures = 0
        known.failures += 1
        known.failed = now
        if known.failures < self._limits.failures:
            return False
        known.failures = 0
        known.locked_until = now + self._limits.lock_out_s
        return True

    def _of(self, client: str) -> _Client:
        known = self._clients.get(client)
        if known is None:
            known = self._clients[client] = _Client(float(self._limits.burst), self._clock())
            if len(self._clients) > _MOST_CLIENTS:
                self._forget()
        self._clients.move_to_end(client)
        return known

    def _forget(self) -> None:
        """Drop the client that was not seen for the longest time; one that is locked out, last."""
        now = self._clock()
        oldest = next((name for name, item in self._clients.items() if item.locked_until <= now), None)
        if oldest is None:
            self._clients.popitem(last=False)
        else:
            del self._clients[oldest]


def client_of(peer: str, forwarded: Iterable[bytes], proxies: frozenset[str]) -> str:
    """Who counts as one client: an IPv4 address, or an IPv6 network of 64 bits, that one house has.

    What X-Forwarded-For says is believed of our own proxies only, and only as far as they wrote it.
    """
    hops = [hop.strip() for line in forwarded for hop in line.decode("latin-1").split(",")]
    while peer in proxies and hops:
        peer = hops.pop()
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(address) if address.is_loopback else str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
