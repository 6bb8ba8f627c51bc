"""The reconciliation plan: what to do about the mismatches, in an order that breaks nothing that runs.

What is open is closed first; a new value exists, and everybody has it, before the old one ends; a name is
given before anybody counts on it, and taken away when nobody reads it any more.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from secopskit.audit.model import FixStage
from secopskit.audit.outcome import AuditOutcome, RankedLine
from secopskit.audit.rank import severity_of
from secopskit.findings import Severity
from secopskit.named_tuple import NamedTuple

_PATHS_MOST: Final = 5


class PlanStep(NamedTuple):
    """A step. `how` is a sentence about what to see to; `commands` are to be typed in that order."""

    title: str
    how: str
    commands: tuple[str, ...]
    lines: tuple[RankedLine, ...] = ()


_HOW: Final[Mapping[FixStage, str]] = {
    FixStage.CLOSE: "Look first who connects from outside: close what nobody needs, bind the rest to "
    "127.0.0.1 or to the internal network, and start the stack again.",
    FixStage.JOIN: "Before anything is replaced: a password that is written out a second time keeps its old "
    "value, and what reads it there fails.",
    FixStage.REPLACE: "Whoever has read the files, or can guess, has these values. Change the files as each "
    "mismatch says; where such a value is in use, the new one is created, checked and given to everybody who "
    "reads it before the old one ends.",
    FixStage.UNTRACK: "Replace first what stands in them. The files stay on the disk; what was committed "
    "stays in the history until it is purged, which ends nothing for a value that still works.",
    FixStage.POINT: "Compare each address with the table of databases, correct it in staging first, and let "
    "no migration run in between.",
    FixStage.GIVE: "Add names and values first, then start the programs that read them. Nothing that runs "
    "notices a name too many.",
    FixStage.AGREE: "Decide which file is right, and make the others say the same. What runs keeps its value "
    "until it is started again.",
    FixStage.DROP: "Last among the settings: remove a name only when the steps before have gone out, in case "
    "somebody was meant to read it.",
    FixStage.LAST: "Nothing is wrong today. Health checks, volumes and pinned images decide how the next "
    "outage goes.",
}


def plan_of(outcome: AuditOutcome) -> tuple[PlanStep, ...]:
    """The steps that have something to do, and the one that keeps it so."""
    stages: dict[FixStage, list[RankedLine]] = {stage: [] for stage in FixStage}
    for line in outcome.lines:
        stages[line.rule.stage].append(line)
    steps = [_step(stage, lines) for stage, lines in stages.items() if lines]
    return (*steps, _KEEP) if steps else ()


def _step(stage: FixStage, lines: list[RankedLine]) -> PlanStep:
    made = _COMMANDS.get(stage)
    own = made(lines) if made else ()
    rules = dict.fromkeys(line.rule.id for line in lines)
    check = " ".join(f"--rule {name}" for name in rules)
    return PlanStep(stage.value, _HOW[stage], (*own, f"secops audit {check}"), tuple(lines))


def _replace(_lines: Iterable[RankedLine]) -> tuple[str, ...]:
    return (
        "secops scan --history -f json -o findings.json",
        "secops rotate plan --from-findings findings.json",
        "secops rotate apply",
        "secops sync-secrets",
    )


def _untrack(lines: Iterable[RankedLine]) -> tuple[str, ...]:
    """A file without a secret in it may stay in the history."""
    paths = dict.fromkeys(
        mismatch.evidence[0].place.path
        for line in lines
        for mismatch in line.mismatches
        if severity_of(line.rule, mismatch) > Severity.LOW
    )
    if not paths:
        return ("secops init",)
    plain = [path for path in paths if path.isprintable()]
    few = plain if len(plain) <= _PATHS_MOST else []
    named = " ".join(f"--path={shlex.quote(path)}" for path in few)
    purge = f"secops purge-history {named}".rstrip()
    return ("secops init", purge, f"{purge} --apply --rotated")


def _give(lines: Iterable[RankedLine]) -> tuple[str, ...]:
    """GitHub is asked only where a workflow lacks something."""
    paths = {one.evidence[0].place.path for line in lines for one in line.mismatches}
    ours = any(path.startswith(".github/") for path in paths)
    return ("secops sync-secrets audit", "secops sync-secrets") if ours else ()


_COMMANDS: Final[Mapping[FixStage, Callable[[list[RankedLine]], tuple[str, ...]]]] = {
    FixStage.REPLACE: _replace,
    FixStage.UNTRACK: _untrack,
    FixStage.GIVE: _give,
}
_KEEP: Final = PlanStep(
    "Keep it so",
    "Accept what is left, each with a reason, and let CI fail for what is new.",
    (
        'secops audit --update-baseline --reason "known, see the report"',
        "secops audit --check",
        "secops hook install",
    ),
)
