"""What is declared in `.secops.yaml`: the names that a sync would bring to a repository, level by level."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from secopskit.settings.declaration import DeclaredValue, SinkChoice
from secopskit.settings.sync import SyncConfig
from secopskit.sync.audit.model import (
    DEPENDABOT,
    ORGANISATION,
    REPOSITORY,
    AuditInventory,
    Level,
    LevelKind,
    Shelf,
)

_LEVELS: Final = {
    "repository": REPOSITORY,
    "organization": ORGANISATION,
    "dependabot": DEPENDABOT,
    "dependabot-organization": DEPENDABOT,
}
_ENVIRONMENT: Final = "environment"


def declared(config: SyncConfig, repository: str = "") -> AuditInventory:
    """What is declared for `repository` (`owner/name`; empty for whichever).

    Without any declaration nothing is known of any level.
    """
    names: dict[Shelf, set[str]] = {}
    for environment in config.environments:
        for value in environment.values:
            if (
                repository
                and value.repositories
                and repository.lower() not in map(str.lower, value.repositories)
            ):
                continue
            for level in _levels(environment.name, value):
                names.setdefault(Shelf(level, value.variable), set()).add(value.name.upper())
    for level in {shelf.level for shelf in names}:
        for variables in (False, True):
            names.setdefault(Shelf(level, variables), set())
    everything = (Shelf(level, kind) for level in (REPOSITORY, ORGANISATION) for kind in (False, True))
    missing = "nothing is declared" if not config.environments else ""
    return AuditInventory(
        source=os.path.basename(config.file) if config.file else "no declaration",
        live=False,
        names={shelf: frozenset(found) for shelf, found in names.items()},
        unlisted=dict.fromkeys(everything, missing) if missing else {},
        environments_unlisted=missing,
    )


def _levels(environment: str, value: DeclaredValue) -> Iterator[Level]:
    """Where a value goes; a file or a Codespace is nothing that a workflow sees."""
    for sink in value.sinks:
        if sink.kind == _ENVIRONMENT:
            yield Level(LevelKind.ENVIRONMENT, sink.name or environment)
        elif (level := _level(sink)) is not None:
            yield level


def _level(sink: SinkChoice) -> Level | None:
    return _LEVELS.get(sink.kind)
