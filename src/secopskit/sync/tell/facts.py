"""The facts of a sync, fit to be printed and serialised: names, places, states and times, no value."""

from __future__ import annotations

from dataclasses import dataclass

from secopskit.report.text import visible
from secopskit.sync.model import SyncItem, SyncPlan, SyncState, UnreachableSink
from secopskit.sync.outcome import SyncOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncItemFacts:
    """One name in one sink. `action` is `write`, `remove` or `none`; `updated_at` is the host's, or empty."""

    environment: str
    repository: str
    sink: str
    name: str
    kind: str
    state: str
    action: str
    reason: str
    source: str
    updated_at: str
    scope: str
    owned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncProblemFacts:
    """What failed: a name in a sink, or a whole sink where `name` is empty."""

    sink: str
    name: str
    error: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPlanFacts:
    """A plan. `counts` says how many names are in each state."""

    counts: dict[str, int]
    items: tuple[SyncItemFacts, ...]
    makes: tuple[str, ...]
    unreachable: tuple[SyncProblemFacts, ...]
    limits: tuple[str, ...]
    empty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncOutcomeFacts:
    """An outcome. `code` is the exit code; see `SyncOutcome`."""

    code: int
    written: tuple[SyncItemFacts, ...]
    removed: tuple[SyncItemFacts, ...]
    made: tuple[str, ...]
    confirmed: int
    failures: tuple[SyncProblemFacts, ...]
    untried: tuple[SyncItemFacts, ...]
    left: tuple[SyncItemFacts, ...]
    remarks: tuple[str, ...]
    resumable: bool


def plan_facts(plan: SyncPlan) -> SyncPlanFacts:
    """The facts of a plan."""
    states = [item.state for item in plan.items]
    return SyncPlanFacts(
        counts={state.value: states.count(state) for state in SyncState if state in states},
        items=tuple(_item(item, _action(plan, item)) for item in plan.items),
        makes=tuple(visible(sink.address) for sink in plan.makes),
        unreachable=tuple(map(_unreachable, plan.unreachable)),
        limits=tuple(map(visible, plan.limits)),
        empty=plan.empty,
    )


def outcome_facts(outcome: SyncOutcome) -> SyncOutcomeFacts:
    """The facts of an outcome."""
    failures = [
        SyncProblemFacts(
            sink=visible(failure.item.sink.address),
            name=visible(failure.item.name),
            error=visible(str(failure.error)),
            advice=visible(failure.error.advice),
        )
        for failure in outcome.failures
    ]
    return SyncOutcomeFacts(
        code=int(outcome.code),
        written=tuple(_item(item, "write") for item in outcome.written),
        removed=tuple(_item(item, "remove") for item in outcome.removed),
        made=tuple(map(visible, outcome.made)),
        confirmed=outcome.confirmed,
        failures=(*failures, *map(_unreachable, outcome.unreachable)),
        untried=tuple(_item(item, "none") for item in outcome.untried),
        left=tuple(_item(item, "none") for item in outcome.left),
        remarks=tuple(map(visible, outcome.remarks)),
        resumable=outcome.resumable,
    )


def _action(plan: SyncPlan, item: SyncItem) -> str:
    if not plan.is_work(item):
        return "none"
    return "remove" if item.state is SyncState.UNMANAGED else "write"


def _item(item: SyncItem, action: str) -> SyncItemFacts:
    return SyncItemFacts(
        environment=visible(item.environment),
        repository=visible(item.repository),
        sink=visible(item.sink.address),
        name=visible(item.name),
        kind=item.kind.value,
        state=item.state.value,
        action=action,
        reason=visible(item.reason),
        source=visible(item.place),
        updated_at=item.updated_at.isoformat(timespec="seconds") if item.updated_at else "",
        scope=visible(item.scope),
        owned=item.owned,
    )


def _unreachable(sink: UnreachableSink) -> SyncProblemFacts:
    return SyncProblemFacts(
        sink=visible(sink.address), name="", error=visible(str(sink.error)), advice=visible(sink.error.advice)
    )
