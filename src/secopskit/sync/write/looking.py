"""The looks before and after a sync: nobody else has written there, and what was written is there.

As far as a sink shows it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from secopskit.conduct.tell import Tell
from secopskit.errors import RefusedError, SecopsError
from secopskit.report.text import count, listed
from secopskit.sink.interface import SinkEntry
from secopskit.state.published import PublishedName, PublishedValue
from secopskit.sync.compare.judge import TOLERANCE
from secopskit.sync.compare.listing import list_sinks
from secopskit.sync.model import SyncItem, SyncPlan, SyncState
from secopskit.sync.outcome import SyncFailure
from secopskit.sync.write.writing import WriteLog, WrittenItem, name_of

_AGAIN = "Run it again, and look there if this stays."
_FEW = 6


@dataclass(slots=True)
class LookResult:
    """What was seen. `confirmed` counts what is as it was left."""

    confirmed: int = 0
    failures: list[SyncFailure] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def require_unchanged(plan: SyncPlan, tell: Tell) -> None:
    """Return if what the plan writes and removes is as the plan found it.

    Raises RefusedError where it is not, SecopsError where a sink cannot be looked at.
    """
    sinks = {item.sink.address: (item.repository, item.sink) for item in plan.work}
    found = list_sinks(sinks, tell)
    for sink in found.values():
        if sink.error is not None:
            raise sink.error
    changed = [
        item.name
        for item in plan.work
        if found[item.sink.address].entries.get(name_of(item)[1]) != item.entry
    ]
    if changed:
        raise RefusedError(
            f"somebody else has written {count(len(changed), 'name')} while you were asked: "
            f"{listed(changed, _FEW)}",
            advice="Nothing was changed. Run it again: the plan says what is there now.",
        )


def look_after(log: WriteLog, tell: Tell) -> LookResult:
    """List each sink once more. The records get the times that the lists tell. Raises SecopsError."""
    result = LookResult()
    sinks = {one.item.sink.address: (one.item.repository, one.item.sink) for one in log.done}
    found = list_sinks(sinks, tell)
    for address, sink in found.items():
        if sink.error is not None:
            result.remarks.append(f"{address}: written, and could not be looked at afterwards: {sink.error}.")
    times: dict[PublishedName, PublishedValue] = {}
    items = list[SyncItem]()
    for one in log.done:
        sink = found[one.item.sink.address]
        if sink.error is None:
            entry = sink.entries.get(name_of(one.item)[1])
            if _is_seen(one, entry, result) and (exact := _correction(one, entry, log)) is not None:
                times[name_of(one.item)] = exact
                items.append(one.item)
    if times:
        log.put_down(times, items)
    return result


def _is_seen(one: WrittenItem, entry: SinkEntry | None, result: LookResult) -> bool:
    """Whether the name is as it was left, which is counted; what is not is told."""
    problem, remark = _problem(one, entry), _remark(one, entry)
    if problem:
        result.failures.append(SyncFailure(one.item, SecopsError(problem, advice=_AGAIN)))
    elif remark:
        result.remarks.append(f"{one.item.name} in {one.item.sink.address}: {remark}")
    else:
        result.confirmed += 1
    return not problem and not remark


def _problem(one: WrittenItem, entry: SinkEntry | None) -> str:
    if one.item.state is SyncState.UNMANAGED:
        return "it was removed, and the sink still lists it" if entry is not None else ""
    if entry is None:
        return "it was written, and the sink does not list it"
    if entry.value is not None and entry.value != one.item.value:
        return "it was written, and the sink holds another value"
    return ""


def _remark(one: WrittenItem, entry: SinkEntry | None) -> str:
    if entry is None or entry.updated_at is None or one.at is None:
        return ""
    if entry.updated_at > one.at + TOLERANCE:
        return "somebody has written it again since we did."
    if entry.updated_at < one.at - TOLERANCE:
        return "the sink took it, and still tells the time of an earlier write."
    return ""


def _correction(one: WrittenItem, entry: SinkEntry | None, log: WriteLog) -> PublishedValue | None:
    """What to put down, if the sink tells another time of our write than the one on record."""
    if entry is None or entry.updated_at is None or one.item.value is None or entry.updated_at == one.at:
        return None
    return PublishedValue(one.item.value, entry.updated_at, log.records.declaration)
