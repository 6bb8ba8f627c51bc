"""The owners of sinks: who could read and use what is written there.

A declaration comes with the repository, and may name sinks of anybody. Those of the owners of its remotes are
its own; to write to others takes the user's word (`secopskit.origin.trust`).
"""

from __future__ import annotations

from collections.abc import Iterable

from secopskit.origin.interface import OriginSurroundings, SourceReach
from secopskit.origin.trust import OWNER, require_trust
from secopskit.sink.interface import Sink


def require_owners(origins: OriginSurroundings, sinks: Iterable[Sink]) -> None:
    """Return if values may be written to the owners of these sinks. Raises RefusedError."""
    for reach in _reaches(sinks):
        require_trust(origins, reach)


def strange_owners(origins: OriginSurroundings, sinks: Iterable[Sink]) -> tuple[str, ...]:
    """The owners for whom there is no word of the user yet. Asks nobody."""
    trust = origins.trust
    return tuple(reach.words[0] for reach in _reaches(sinks) if trust is None or not trust.knows(reach))


def _reaches(sinks: Iterable[Sink]) -> Iterable[SourceReach]:
    for owner in dict.fromkeys(sink.owner for sink in sinks if sink.owner):
        danger = f"send values to {owner}, who owns no remote of this repository"
        yield SourceReach(OWNER, (owner,), danger, subject="a declared sink")
