"""A plan as annotations of a workflow run at GitHub: one command a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.report.annotation import without_commands, workflow_command
from secopskit.sync.model import SyncState
from secopskit.sync.tell.facts import SyncPlanFacts

_LEVEL: Final = {
    SyncState.CREATE.value: "warning",
    SyncState.UPDATE.value: "warning",
    SyncState.DRIFTED.value: "error",
    SyncState.STALE.value: "error",
    SyncState.MISSING.value: "error",
    SyncState.UNKNOWN.value: "warning",
}


def plan_annotations(facts: SyncPlanFacts) -> Iterator[str]:
    """The lines. What is as declared has none; what is not declared has one for each sink."""
    for problem in facts.unreachable:
        yield workflow_command(
            "error", {"title": "secops: not looked at"}, f"{problem.sink}: {problem.error}"
        )
    for item in facts.items:
        if level := _LEVEL.get(item.state):
            title = {"title": f"secops: {item.state}"}
            yield workflow_command(level, title, f"{item.name} in {item.sink}: {item.reason}")
    unmanaged: dict[str, list[str]] = {}
    for item in facts.items:
        if item.state == SyncState.UNMANAGED.value:
            unmanaged.setdefault(item.sink, []).append(item.name)
    for sink, names in unmanaged.items():
        yield workflow_command("notice", {"title": "secops: unmanaged"}, f"{sink}: {', '.join(names)}")
    for limit in facts.limits:
        yield workflow_command("notice", {"title": "secops: not known"}, limit)
    counts = ", ".join(f"{number} {state}" for state, number in facts.counts.items())
    yield without_commands(f"secops sync-secrets: {counts or 'nothing declared'}")
