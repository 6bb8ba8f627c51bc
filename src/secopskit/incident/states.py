"""The state that evidence proves: one pure function, whose table is in docs/INCIDENT.md."""

from __future__ import annotations

from secopskit.incident.model import IncidentEvidence, IncidentState, SinkState

_FOLLOWED = frozenset({SinkState.NONE, SinkState.FOLLOWED})


def state_of(evidence: IncidentEvidence) -> IncidentState:
    """The furthest state that is proved, each on top of the one before.

    What is not known counts as not done. A secret whose owner has accepted that it stays in the history is
    closed without a purge once it is dead, its places have followed, and the whole history was looked at.
    """
    if evidence.value:
        if not evidence.dead:
            return IncidentState.ACCEPTED if evidence.accepted else IncidentState.FOUND
        if evidence.sinks not in _FOLLOWED:
            return IncidentState.ROTATED
        if evidence.accepted and evidence.complete:
            return IncidentState.CLOSED
    if not evidence.purged or evidence.found:
        return _of_what_is_there(evidence)
    if not (evidence.proved and evidence.complete) or evidence.returned:
        return IncidentState.PURGED
    return IncidentState.VERIFIED if evidence.unpushed else IncidentState.CLOSED


def _of_what_is_there(evidence: IncidentEvidence) -> IncidentState:
    """The state of what the history holds, or what has vanished without anybody saying how."""
    if evidence.value:
        return IncidentState.SYNCED
    return IncidentState.ACCEPTED if evidence.accepted else IncidentState.FOUND
