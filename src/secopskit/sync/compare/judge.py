"""The judgement of one name in one sink: what state it is in, and what cannot be known about it. Pure.

A sink that shows what it holds is compared with the source. Of one that does not, three things are
known: what our record says that we wrote, when the host says that the name was last written, and when
the value that we wrote was rotated.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from secopskit.named_tuple import NamedTuple
from secopskit.secret import SecretValue
from secopskit.sink.interface import SinkEntry
from secopskit.sync.compare.records import KnownWrite
from secopskit.sync.model import SyncState

TOLERANCE: Final = timedelta(seconds=5)
"""Hosts tell times to the second, and the answer to a write and the list need not agree on it."""


_INTERRUPTED: Final = "a run that did not end was about to write it"
_UNKNOWN: Final = "there, and no record here says what was written: nobody can compare"


class SyncEvidence(NamedTuple):
    """All that is known of a declared name in a sink.

    `entry` is what the sink tells of it, None where it is not there. `value` is what the source has.
    `unavailable` says why the source could not be read, empty where it was; `looked` where it was
    looked for. `value_rotated` and `entry_rotated` are when the source's value and the one that the sink
    shows were rotated. `interrupted` tells that a run which did not end was about to write it.
    """

    entry: SinkEntry | None
    value: SecretValue | None
    known: KnownWrite | None
    unavailable: str = ""
    looked: str = ""
    value_rotated: datetime | None = None
    entry_rotated: datetime | None = None
    interrupted: bool = False


class SyncVerdict(NamedTuple):
    """The state, a sentence that gives the reason, and whether the source's value may be written."""

    state: SyncState
    reason: str
    writable: bool = True


def judge(evidence: SyncEvidence) -> SyncVerdict:
    """The state of a declared name."""
    if evidence.value is not None and evidence.value_rotated is not None:
        return SyncVerdict(
            SyncState.STALE,
            f"the source itself still has a value that was rotated {_day(evidence.value_rotated)}",
            writable=False,
        )
    if evidence.entry is None:
        return _absent(evidence)
    if evidence.value is None and not evidence.unavailable and not _rotation(evidence, evidence.entry):
        return SyncVerdict(SyncState.MISSING, f"{evidence.looked}; the sink has one", writable=False)
    if evidence.entry.value is not None:
        return _shown(evidence, evidence.entry, evidence.entry.value)
    return _unseen(evidence, evidence.entry)


def is_as_we_left_it(entry: SinkEntry, known: KnownWrite) -> bool:
    """Whether nobody is seen to have written an entry of ours since we did: else it is not ours to remove."""
    if entry.value is not None and known.same(entry.value) is False:
        return False
    return not _drift(entry, known)


def _absent(evidence: SyncEvidence) -> SyncVerdict:
    if evidence.value is None and not evidence.unavailable:
        return SyncVerdict(SyncState.MISSING, evidence.looked, writable=False)
    reason = "not there" if evidence.known is None else "not there any more, though we wrote it"
    return _verdict(SyncState.CREATE, reason, evidence)


def _shown(evidence: SyncEvidence, entry: SinkEntry, shown: SecretValue) -> SyncVerdict:
    """A sink that can be read: its value is known for sure."""
    if evidence.entry_rotated is not None:
        reason = f"holds a value that was rotated {_day(evidence.entry_rotated)}"
        return _verdict(SyncState.STALE, reason, evidence)
    if evidence.value == shown:
        return SyncVerdict(SyncState.UNCHANGED, "read there and compared")
    if evidence.interrupted and evidence.value is not None:
        return SyncVerdict(SyncState.UPDATE, _INTERRUPTED)
    if evidence.known is None:
        return _shown_unknown(evidence)
    return _shown_known(evidence, entry, shown, evidence.known)


def _shown_unknown(evidence: SyncEvidence) -> SyncVerdict:
    """A value that is not on record. It is not the source's, if that has one."""
    if evidence.value is None:
        return _verdict(SyncState.UNKNOWN, "no record here says who wrote it", evidence)
    return SyncVerdict(SyncState.DRIFTED, "holds another value, and no record here says that we wrote it")


def _shown_known(
    evidence: SyncEvidence, entry: SinkEntry, shown: SecretValue, known: KnownWrite
) -> SyncVerdict:
    """A value that is on record. It is not the source's, if that has one."""
    if known.same(shown) is False or _is_later(entry, known):
        return _verdict(SyncState.DRIFTED, "was changed there since we wrote it", evidence)
    if evidence.value is None:
        return _verdict(SyncState.UNCHANGED, "as we wrote it", evidence)
    return SyncVerdict(SyncState.UPDATE, "the source has another value now")


def _unseen(evidence: SyncEvidence, entry: SinkEntry) -> SyncVerdict:
    """A sink that shows no value."""
    if when := _rotation(evidence, entry):
        return _verdict(SyncState.STALE, f"not written since its value was rotated {_day(when)}", evidence)
    if evidence.interrupted and evidence.value is not None:
        return SyncVerdict(SyncState.UPDATE, _INTERRUPTED)
    if evidence.known is None:
        return _verdict(SyncState.UNKNOWN, _UNKNOWN, evidence)
    return _unseen_known(evidence, entry, evidence.known)


def _unseen_known(evidence: SyncEvidence, entry: SinkEntry, known: KnownWrite) -> SyncVerdict:
    if drift := _drift(entry, known):
        return _verdict(SyncState.DRIFTED, drift, evidence)
    if evidence.value is None:
        return _verdict(SyncState.UNCHANGED, "not written since we did", evidence)
    return _compared(known, evidence.value)


def _drift(entry: SinkEntry, known: KnownWrite) -> str:
    """Why the sink's time tells that what is there is not what we wrote; empty if it does not."""
    if _is_later(entry, known):
        return "written there, or its access changed, since we wrote it"
    if entry.updated_at is not None and known.at is not None and entry.updated_at < known.at - TOLERANCE:
        return "the host says that it was last written before we did: was it brought back from a backup?"
    return ""


def _compared(known: KnownWrite, value: SecretValue) -> SyncVerdict:
    match known.same(value):
        case True:
            return SyncVerdict(SyncState.UNCHANGED, "as we wrote it, by our record and the host's time")
        case False:
            return SyncVerdict(SyncState.UPDATE, "the source has another value than we wrote")
        case None:
            return SyncVerdict(
                SyncState.UNCHANGED, "not written since we did; the record does not tell which value that was"
            )


def _rotation(evidence: SyncEvidence, entry: SinkEntry) -> datetime | None:
    """When the value that is there was rotated, if it is on record as rotated."""
    known = evidence.known
    if entry.value is not None:
        return evidence.entry_rotated
    if known is None or known.rotated is None:
        return None
    replaced = _is_later(entry, known) and entry.updated_at is not None and entry.updated_at > known.rotated
    return None if replaced else known.rotated


def _is_later(entry: SinkEntry, known: KnownWrite) -> bool:
    """Whether the sink was written after what is on record."""
    return entry.updated_at is not None and known.at is not None and entry.updated_at > known.at + TOLERANCE


def _verdict(state: SyncState, reason: str, evidence: SyncEvidence) -> SyncVerdict:
    """A verdict whose reason says, too, why there is no value, if there is none."""
    return SyncVerdict(state, _with_source(reason, evidence))


def _with_source(reason: str, evidence: SyncEvidence) -> str:
    if evidence.value is not None:
        return reason
    return f"{reason}; {evidence.unavailable or evidence.looked}"


def _day(when: datetime) -> str:
    return f"on {when:%Y-%m-%d}"
