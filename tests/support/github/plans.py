"""What can go wrong while secrets are written, as plans with a name: for tests and for the benchmark."""

from __future__ import annotations

from collections.abc import Container
from typing import Final, NamedTuple

from support.github import faults
from support.github.faults import Fault
from support.github.server import ContractServer

_SECRET: Final = "/secrets/(?!public-key)"
_KEY: Final = "/public-key$"


class Mishap(NamedTuple):
    """A fault, and which of the requests of a method to a path meet it."""

    fault: Fault
    nth: Container[int] | None = (3,)
    method: str = "PUT"
    path: str = _SECRET


class FaultPlan(NamedTuple):
    """Mishaps that pass: whoever waits and tries again gets everything through.

    `extra` is how many requests it costs at least, `waits` the seconds that have to go by.
    """

    name: str
    mishaps: tuple[Mishap, ...]
    extra: int
    waits: float = 0.0

    def __str__(self) -> str:
        return self.name

    def inject(self, server: ContractServer) -> None:
        """Let it happen from now on."""
        for each in self.mishaps:
            server.faults.add(each.fault, method=each.method, path=each.path, nth=each.nth)


PASSING: Final = (
    FaultPlan("403, Retry-After: 1, three times", (Mishap(faults.secondary_limit(1), (3, 4, 5)),), 3, 3),
    FaultPlan("403, secondary limit, no Retry-After", (Mishap(faults.secondary_limit()),), 1, 60),
    FaultPlan(
        "429, Retry-After: 1, three times",
        (Mishap(faults.secondary_limit(1, status=429), (2, 3, 4)),),
        3,
        3,
    ),
    FaultPlan("429, no Retry-After", (Mishap(faults.answered(429, "Too many requests"), (3, 4)),), 2),
    FaultPlan("primary limit, over in 2 s", (Mishap(faults.primary_limit(2)),), 1, 2),
    FaultPlan("500, once", (Mishap(faults.failing(500)),), 1),
    FaultPlan("502, twice, though it was done", (Mishap(faults.failing(502, done=True), (3, 4)),), 2),
    FaultPlan("503, Retry-After: 1", (Mishap(faults.failing(503, retry_after=1)),), 1, 1),
    FaultPlan("connection dropped, twice", (Mishap(faults.dropped(), (2, 5)),), 2),
    FaultPlan("answer lost, twice", (Mishap(faults.lost_answer(), (2, 5)),), 2),
    FaultPlan("keys renewed in mid-run", (Mishap(faults.rotated_keys(), (5,)),), 2),
    FaultPlan("key not to be had, twice", (Mishap(faults.failing(502), (1, 2), "GET", _KEY),), 2),
    FaultPlan("slow answers", (Mishap(faults.slow(0.2), range(1, 4)),), 0),
    FaultPlan(
        "all of it",
        (
            Mishap(faults.failing(502), (1,), "GET", _KEY),
            Mishap(faults.lost_answer(), (2, 9)),
            Mishap(faults.secondary_limit(1), (4,)),
            Mishap(faults.rotated_keys(), (7,)),
            Mishap(faults.dropped(), (8,)),
            Mishap(faults.failing(500), (11, 12)),
            Mishap(faults.primary_limit(1), (13,)),
        ),
        10,
        2,
    ),
)
