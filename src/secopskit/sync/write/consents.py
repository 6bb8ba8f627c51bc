"""The consents that a sync needs: one for what it writes, and one for what it removes."""

from __future__ import annotations

from collections.abc import Iterator

from secopskit.conduct.consent import NeededConsent, TypedName, YesNo
from secopskit.report.text import count, listed
from secopskit.sink.interface import EntryKind
from secopskit.sync.model import SyncItem, SyncPlan, SyncState

_FEW = 6


def needed_consents(plan: SyncPlan) -> Iterator[NeededConsent]:
    """What must be asked before the plan is applied."""
    if plan.writes:
        yield YesNo(question="\n".join([*_warnings(plan), _question(plan)]))
    if plan.removals:
        yield _removal(plan.removals)


def _warnings(plan: SyncPlan) -> Iterator[str]:
    """What would be overwritten that may be somebody else's."""
    for state, what in (
        (SyncState.DRIFTED, "changed there by somebody else, and will be overwritten"),
        (SyncState.UNKNOWN, "not on record here; whatever is there will be overwritten"),
    ):
        names = [item.name for item in plan.writes if item.state is state]
        if names:
            yield f"{count(len(names), 'name')} {what}: {listed(names, _FEW)}."


def _question(plan: SyncPlan) -> str:
    kinds = [item.kind for item in plan.writes]
    parts = [
        count(number, noun)
        for kind, noun in ((EntryKind.SECRET, "secret"), (EntryKind.VARIABLE, "variable"))
        if (number := kinds.count(kind))
    ]
    sinks = dict.fromkeys(item.sink.address for item in plan.writes)
    where = next(iter(sinks)) if len(sinks) == 1 else count(len(sinks), "sink")
    made = f", and make {listed([sink.address for sink in plan.makes], _FEW)}" if plan.makes else ""
    return f"Write {' and '.join(parts)} to {where}{made}?"


def _removal(removals: tuple[SyncItem, ...]) -> TypedName:
    repositories = {item.repository for item in removals}
    (repository,) = repositories if len(repositories) == 1 else ("",)
    name = repository or str(len(removals))
    return TypedName(
        name=name,
        warning=f"{count(len(removals), 'name')} will be removed, and nobody can bring back what they held: "
        f"{listed([item.name for item in removals], _FEW)}.",
        prompt=f"Type {name} to remove {'it' if len(removals) == 1 else 'them'}",
    )
