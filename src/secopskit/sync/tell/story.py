"""The pages of a sync for people: the plan by environment and sink, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from secopskit.errors import ExitCode
from secopskit.report.page import Block, Items, Para, Rows, TextStyle, Title
from secopskit.report.text import count, listed
from secopskit.sync.model import SyncState
from secopskit.sync.tell.facts import SyncItemFacts, SyncOutcomeFacts, SyncPlanFacts, SyncProblemFacts

_FEW = 8
_QUIET = (SyncState.UNCHANGED.value, SyncState.UNMANAGED.value)


def plan_story(facts: SyncPlanFacts, *, everything: bool = False) -> Iterator[Block]:
    """A plan. Names about which nothing is to be done are put together, unless `everything` is asked for."""
    groups: dict[tuple[str, str], list[SyncItemFacts]] = {}
    for item in facts.items:
        groups.setdefault((item.environment, item.sink), []).append(item)
    for (environment, sink), items in groups.items():
        made = " (will be made)" if sink in facts.makes else ""
        yield Title(f"{environment}: {sink}{made}" if environment else f"{sink}{made}")
        yield Rows(tuple(_rows(items, everything=everything)))
    if facts.unreachable:
        yield Title("Not looked at")
        yield from _problems(facts.unreachable)
    if facts.limits:
        yield Title("To be known")
        yield Items(facts.limits)
    yield Title("Plan")
    yield Para(_summary(facts), _style(facts))


def outcome_story(facts: SyncOutcomeFacts) -> Iterator[Block]:
    """What became of a plan."""
    yield Title("Outcome")
    yield Rows(
        (
            ("made", ", ".join(facts.made)),
            ("written", _by_sink(facts.written)),
            ("removed", _by_sink(facts.removed)),
            ("seen there", _confirmed(facts)),
            ("not tried", _by_sink(facts.untried)),
        )
    )
    if facts.failures:
        yield Title("Failed")
        yield from _problems(facts.failures)
    if facts.left:
        yield Title("Left as it is")
        yield Items(tuple(f"{item.name} in {item.sink}: {item.state}, {item.reason}" for item in facts.left))
    if facts.remarks:
        yield Title("To be known")
        yield Items(facts.remarks)
    yield Para(_conclusion(facts), TextStyle.GOOD if facts.code == ExitCode.OK else TextStyle.CAUTION)


def _rows(items: list[SyncItemFacts], *, everything: bool) -> Iterator[tuple[str, str]]:
    for item in items:
        if everything or item.state not in _QUIET or item.action != "none":
            yield _row(item)
    for state in () if everything else _QUIET:
        names = [item.name for item in items if item.state == state and item.action == "none"]
        if names:
            ours = sum(item.owned for item in items if item.state == state and item.action == "none")
            hint = f"; {ours} of them ours, --prune removes these" if ours and state == _QUIET[1] else ""
            yield state, f"{listed(names, _FEW)}{hint}"


def _row(item: SyncItemFacts) -> tuple[str, str]:
    action = "remove" if item.action == "remove" else item.state
    where = f" from {item.source}" if item.source and item.action == "write" else ""
    scope = f" [{item.scope}]" if item.scope else ""
    when = f"; last written there {item.updated_at}" if item.updated_at else ""
    return action, f"{item.name}{scope}{where}: {item.reason}{when}"


def _summary(facts: SyncPlanFacts) -> str:
    words = ", ".join(f"{number} {state}" for state, number in facts.counts.items())
    return f"{words}." if words else "Nothing is declared here with a sink to go to, and nothing is there."


def _style(facts: SyncPlanFacts) -> TextStyle:
    clean = facts.counts.keys() <= {SyncState.UNCHANGED.value, SyncState.UNMANAGED.value}
    return TextStyle.GOOD if clean and not facts.unreachable else TextStyle.CAUTION


def _problems(problems: Iterable[SyncProblemFacts]) -> Iterator[Block]:
    yield Items(
        tuple(
            f"{f'{problem.name} in ' if problem.name else ''}{problem.sink}: {problem.error}."
            f"{f' {problem.advice}' if problem.advice else ''}"
            for problem in problems
        )
    )


def _by_sink(items: Iterable[SyncItemFacts]) -> str:
    sinks: dict[str, list[str]] = {}
    for item in items:
        sinks.setdefault(item.sink, []).append(item.name)
    return "; ".join(f"{listed(names, _FEW)} in {sink}" for sink, names in sinks.items())


def _confirmed(facts: SyncOutcomeFacts) -> str:
    done = len(facts.written) + len(facts.removed)
    return f"{facts.confirmed} of {done}, by listing each sink once more" if done else ""


def _conclusion(facts: SyncOutcomeFacts) -> str:
    if facts.resumable:
        return "Not all was done. Finish it with --resume and the options it had, or forget it with --abort."
    if facts.failures or facts.untried:
        return "Not all was done. Run it again."
    if facts.left:
        return f"Done, but for {count(len(facts.left), 'name')} that no source has a value for."
    done = len(facts.written) + len(facts.removed)
    if facts.confirmed < done:
        return "Done, as the hosts say; not all of it was seen there afterwards."
    return "Done." if done else "There was nothing to do."
