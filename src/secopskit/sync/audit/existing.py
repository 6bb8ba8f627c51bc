"""Names that are there and that nobody reads: unused ones, and those that another level hides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from secopskit.formats.workflows.context_uses import ContextUse
from secopskit.sync.audit.missing import KNOWN_TO_RUNNERS
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
    Shelf,
)
from secopskit.sync.audit.reach import ReachedUse


@dataclass(slots=True)
class Readers:
    """Who reads what. `open` are the places by which any name of a kind (secrets, variables) may be read."""

    inventory: AuditInventory
    by_name: dict[tuple[bool, str], list[ReachedUse]] = field(default_factory=lambda: defaultdict(list))
    dependabot: set[str] = field(default_factory=set)
    open: dict[bool, list[AuditPlace]] = field(default_factory=lambda: defaultdict(list))

    def add(self, uses: Iterable[ReachedUse], dependabot: Iterable[ContextUse]) -> None:
        """Take in look-ups."""
        for use in uses:
            for name in use.names:
                self.by_name[use.use.variable, name].append(use)
            if not use.names and not use.use.refused:
                self.open[use.use.variable].append(AuditPlace(use.path, use.use.line))
        self.dependabot |= {use.name.upper() for use in dependabot if not use.variable}

    def of(self, shelf: Shelf, name: str) -> Sequence[ReachedUse]:
        """The look-ups of `name` that may be answered from the shelf."""
        found = self.by_name.get((shelf.variables, name), [])
        if shelf.level.kind is LevelKind.ENVIRONMENT:
            return [use for use in found if self._may_have(use, shelf.level)]
        return found

    def _may_have(self, use: ReachedUse, environment: Level) -> bool:
        if use.use.early:
            return False
        names = {self.inventory.environment(name) for name in use.environments if name}
        return use.computed or use.abroad or environment in names


def unused(readers: Readers) -> Iterator[AuditFinding]:
    """What is kept at the repository, its environments or for Dependabot, and is looked up nowhere.

    What an organisation has is for other repositories too, so it is nobody's finding here.
    """
    inventory = readers.inventory
    for shelf, names in inventory.names.items():
        if shelf.level == ORGANISATION:
            continue
        for name in sorted(names - KNOWN_TO_RUNNERS):
            if not readers.of(shelf, name) and not (
                shelf.level.kind is LevelKind.DEPENDABOT and name in readers.dependabot
            ):
                yield _unused(shelf, name, readers)


def _unused(shelf: Shelf, name: str, readers: Readers) -> AuditFinding:
    word = "exists" if readers.inventory.live else "is declared"
    others = readers.by_name.get((shelf.variables, name), [])
    opened = readers.open[shelf.variables]
    message = f"it {word} in {shelf.level}, and no workflow looks it up"
    advice = "Remove it, or the workflow that was to use it is missing."
    if others:
        message = f"it {word} in {shelf.level}, which no job names that looks it up"
        advice = "Name the environment in the job, or remove it from there."
    if opened:
        first = opened[0]
        advice = f"{first.path}:{first.line} may look up any name: see whether it needs this one. {advice}"
    return AuditFinding(
        kind=AuditKind.UNUSED,
        severity=AuditSeverity.NOTICE if opened else AuditSeverity.WARNING,
        subject=f"{'vars' if shelf.variables else 'secrets'}.{name}",
        message=message,
        advice=advice,
        levels=(shelf.level,),
        places=_places(others),
    )


def shadowed(readers: Readers) -> Iterator[AuditFinding]:
    """Names that jobs look up and that are kept at several of the levels which they see."""
    inventory = readers.inventory
    for (variable, name), uses in sorted(readers.by_name.items()):
        levels = inventory.levels_with(name, variable=variable)
        environments = [level for level in levels if level.kind is LevelKind.ENVIRONMENT]
        general = [level for level in (REPOSITORY, ORGANISATION) if level in levels]
        if len(general) + bool(environments) < 2:
            continue
        yield _shadowed(variable, name, uses, environments, general)


def _shadowed(
    variable: bool,
    name: str,
    uses: Sequence[ReachedUse],
    environments: Sequence[Level],
    general: Sequence[Level],
) -> AuditFinding:
    held = {level.name.lower() for level in environments}
    hidden = all(
        not use.use.early and not use.computed and {each.lower() for each in use.environments} <= held
        for use in uses
    )
    parts = []
    if environments:
        parts.append(f"jobs in {', '.join(map(str, environments))} read that one's")
        rest = "no job reads that of the" if hidden else "all other jobs read that of the"
        parts.append(f"{rest} {general[0]}")
    if len(general) > 1:
        parts.append(f"the {general[0]}'s hides the {general[1]}'s")
    dead = bool(environments) and hidden
    return AuditFinding(
        kind=AuditKind.SHADOWED,
        severity=AuditSeverity.WARNING if dead else AuditSeverity.NOTICE,
        subject=f"{'vars' if variable else 'secrets'}.{name}",
        message="; ".join(parts),
        advice="Remove the one that nobody reads." if dead else "Keep both only if they are to differ.",
        levels=(*environments, *general),
        places=_places(uses),
    )


def _places(uses: Iterable[ReachedUse]) -> tuple[AuditPlace, ...]:
    return tuple(dict.fromkeys(AuditPlace(use.path, use.use.line) for use in uses))
