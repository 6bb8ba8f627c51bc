"""Names that workflows look up and that no level has which the job sees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Final

from secopskit.named_tuple import NamedTuple
from secopskit.sync.audit.model import (
    ORGANISATION,
    REPOSITORY,
    AuditFinding,
    AuditInventory,
    AuditKind,
    AuditPlace,
    AuditSeverity,
    Level,
    LevelKind,
    Presence,
)
from secopskit.sync.audit.reach import ReachedUse

BUILT_IN: Final = frozenset({"GITHUB_TOKEN"})
"""Secrets that GitHub makes for each job."""
KNOWN_TO_RUNNERS: Final = frozenset({"ACTIONS_STEP_DEBUG", "ACTIONS_RUNNER_DEBUG"})
"""Names that runners themselves look for."""
_NO_ENVIRONMENT: Final = ""


class _Sight(NamedTuple):
    """What a look-up sees: whether the name is there, in which environments it is not, what is unseen."""

    presence: Presence
    lacking: tuple[str, ...] = ()
    unseen: tuple[Level, ...] = ()


def missing(uses: Iterable[ReachedUse], inventory: AuditInventory) -> Iterator[AuditFinding]:
    """A finding for each name and each reason: the places of the same reason together."""
    groups: dict[tuple[bool, str], list[ReachedUse]] = defaultdict(list)
    for use in uses:
        if use.use.refused or use.abroad:
            continue
        for name in use.names:
            if use.use.variable or name not in BUILT_IN:
                groups[use.use.variable, name].append(use)
    for (variable, name), found in sorted(groups.items()):
        yield from _of_name(name, variable, _without_shared(name, found, inventory), inventory)


def _without_shared(
    name: str, uses: Sequence[ReachedUse], inventory: AuditInventory
) -> Iterator[tuple[ReachedUse, _Sight]]:
    """The look-ups with what they see.

    What stands above all jobs need be there for one of them only, and is told once.
    """
    seen = [(use, _sight(name, use, inventory)) for use in uses]
    done = {
        (use.path, use.use.line) for use, sight in seen if use.shared and sight.presence is Presence.THERE
    }
    for use, sight in seen:
        place = (use.path, use.use.line)
        if use.shared and place in done:
            continue
        if use.shared:
            done.add(place)
        yield use, sight


def _sight(name: str, use: ReachedUse, inventory: AuditInventory) -> _Sight:
    if use.passed is not None and name in use.passed:
        return _Sight(Presence.THERE)
    if use.computed:
        return _computed_sight(name, use, inventory)
    lacking, unseen = list[str](), list[Level]()
    for environment in use.environments:
        presences = {
            level: inventory.presence(level, name, variable=use.use.variable)
            for level in _levels(use, environment, inventory)
        }
        if Presence.THERE not in presences.values():
            hidden = [level for level, presence in presences.items() if presence is Presence.UNSEEN]
            unseen += hidden
            if not hidden:
                lacking.append(environment)
    if lacking:
        return _Sight(Presence.ABSENT, tuple(lacking))
    return _Sight(Presence.UNSEEN, (), tuple(unseen)) if unseen else _Sight(Presence.THERE)


def _computed_sight(name: str, use: ReachedUse, inventory: AuditInventory) -> _Sight:
    """As in `_sight`, where only the run knows the environment: it may be any."""
    fixed = [inventory.presence(at, name, variable=use.use.variable) for at in _levels(use, "", inventory)]
    if Presence.THERE in fixed:
        return _Sight(Presence.THERE)
    environments = () if use.use.early else inventory.environments()
    each = [inventory.presence(level, name, variable=use.use.variable) for level in environments]
    if each and all(presence is Presence.THERE for presence in each):
        return _Sight(Presence.THERE)
    unseen = Presence.UNSEEN in (*fixed, *each) or bool(inventory.environments_unlisted)
    if unseen or Presence.THERE in each:
        absent = [
            level
            for level, presence in zip(environments, each, strict=True)
            if presence is not Presence.THERE
        ]
        return _Sight(Presence.UNSEEN, (), tuple(absent))
    return _Sight(Presence.ABSENT)


def _levels(use: ReachedUse, environment: str, inventory: AuditInventory) -> Iterator[Level]:
    """The levels that the look-up sees, the first of them winning."""
    if environment and not use.use.early:
        yield inventory.environment(environment)
    if use.passed is None:
        yield REPOSITORY
        yield ORGANISATION


# --- findings ---------------------------------------------------------------------------------


def _of_name(
    name: str, variable: bool, seen: Iterable[tuple[ReachedUse, _Sight]], inventory: AuditInventory
) -> Iterator[AuditFinding]:
    subject = f"{'vars' if variable else 'secrets'}.{name}"
    by_reason: dict[tuple[AuditKind, AuditSeverity, str, str], list[AuditPlace]] = defaultdict(list)
    levels = inventory.levels_with(name, variable=variable)
    for use, sight in seen:
        if sight.presence is Presence.THERE:
            continue
        if sight.presence is Presence.UNSEEN:
            reason = _unseen(sight, use)
        else:
            reason = _absent(name, use, sight, levels, inventory)
        by_reason[reason].append(AuditPlace(use.path, use.use.line))
    for (kind, severity, message, advice), places in by_reason.items():
        yield AuditFinding(
            kind=kind,
            severity=severity,
            subject=subject,
            message=message,
            advice=advice,
            levels=levels,
            places=tuple(dict.fromkeys(places)),
        )


_Reason = tuple[AuditKind, AuditSeverity, str, str]


def _unseen(sight: _Sight, use: ReachedUse) -> _Reason:
    where = ", ".join(dict.fromkeys(map(str, sight.unseen))) or "environments"
    if use.computed:
        message = f"only the run knows the job's environment, and not every one is seen to have it ({where})"
    else:
        message = f"no level that could be listed has it, and this could not be: {where}"
    return (
        AuditKind.UNKNOWN,
        AuditSeverity.WARNING,
        message,
        "Look there yourself, or use a token that may list it.",
    )


def _absent(
    name: str, use: ReachedUse, sight: _Sight, levels: Sequence[Level], inventory: AuditInventory
) -> _Reason:
    severity = AuditSeverity.NOTICE if use.tested else AuditSeverity.ERROR
    if use.passed is not None:
        return (
            AuditKind.MISSING,
            severity,
            "a caller does not pass it on, and the job has no environment that holds it",
            "The workflow reckons with that; pass it on if it should be there."
            if use.tested
            else "Pass it under `secrets:` of the calling job, and declare it under "
            "`on.workflow_call.secrets`.",
        )
    environments = [level for level in levels if level.kind is LevelKind.ENVIRONMENT]
    word = "exists" if inventory.live else "is declared"
    if environments and (_NO_ENVIRONMENT in sight.lacking or use.use.early):
        held = ", ".join(map(str, environments))
        return _only_in_environments(held, use, severity, word)
    where = _where(sight, inventory)
    return AuditKind.MISSING, severity, f"nothing of that name {word} {where}", _advice(name, use, inventory)


def _only_in_environments(held: str, use: ReachedUse, severity: AuditSeverity, word: str) -> _Reason:
    if use.use.early:
        message = f"it {word} in {held} only, and this is evaluated before the job has its environment"
        advice = "Keep it at the repository, or use it in a step."
    else:
        message = f"it {word} in {held} only, and the job has no environment"
        advice = "Give the job its `environment:`, or keep the name at the repository."
    return AuditKind.MISPLACED, severity, message, advice


def _where(sight: _Sight, inventory: AuditInventory) -> str:
    names = ", ".join(str(inventory.environment(name)) for name in sight.lacking if name)
    if inventory.live:
        return f"{f'in {names}, ' if names else ''}at the repository or its organisation"
    return f"for {names} or the repository" if names else "for the repository"


def _advice(name: str, use: ReachedUse, inventory: AuditInventory) -> str:
    variable = use.use.variable
    other = "secrets" if variable else "vars"
    if inventory.levels_with(name, variable=not variable):
        return f"There is a {'secret' if variable else 'variable'} of that name: write `{other}.{name}`."
    elsewhere = inventory.levels_with(name, variable=variable)
    if elsewhere:
        return f"It is in {', '.join(map(str, elsewhere))}: add it where this job reads it."
    known = {one for shelf, names in inventory.names.items() if shelf.variables == variable for one in names}
    close = get_close_matches(name, known, n=1, cutoff=0.85)
    if close:
        return f"Is {close[0]} meant?"
    if use.tested:
        return "The workflow reckons with that; declare it if it should be there."
    return "Declare it in .secops.yaml and run `secops sync-secrets`, or take it out of the workflow."
