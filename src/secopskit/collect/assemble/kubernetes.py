"""Stacks of Kubernetes: what several files of a directory start together, in one namespace."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from secopskit.collect.facts import (
    FileRole,
    ProjectFacts,
    Service,
    SettingKind,
    Stack,
    StackKind,
    VariableSetting,
)
from secopskit.collect.roles import role_of

_TOO_MANY: Final = "some containers take more from maps and secrets than is read"
_MOST_TAKEN: Final = 100_000
"""Entries that all containers of a project take from maps and secrets."""


@dataclass(slots=True)
class _MapEntries:
    """The entries of maps and secrets by the directory of their file and their name, given so many times."""

    by_name: dict[tuple[str, str], list[VariableSetting]]
    left: int = _MOST_TAKEN

    def of(self, directory: str, sources: Sequence[str]) -> list[VariableSetting]:
        """The entries of these; none once there are too many."""
        found = [entry for source in sources for entry in self.by_name.get((directory, source), ())]
        self.left -= len(found)
        return found if self.left >= 0 else []


def joined_stacks(stacks: Sequence[Stack], project: ProjectFacts) -> tuple[Stack, ...]:
    """The stacks, those of Kubernetes put together by directory, with what containers take from maps."""
    together: dict[tuple[str, str], list[Stack]] = {}
    for stack in stacks:
        if stack.kind is StackKind.KUBERNETES:
            together.setdefault((stack.directory, stack.name), []).append(stack)
    others = (stack for stack in stacks if stack.kind is not StackKind.KUBERNETES)
    entries = _MapEntries(_entries(project))
    found = [_joined(parts, entries, project.name) for _, parts in sorted(together.items())]
    return tuple(_with_role(stack) for stack in (*found, *others))


def _with_role(stack: Stack) -> Stack:
    role = role_of(stack.files[0])
    if role is FileRole.PRODUCT:
        return stack
    services = (
        replace(service, environment=tuple(each._replace(role=role) for each in service.environment))
        for service in stack.services
    )
    return replace(stack, role=role, services=tuple(services))


def _entries(project: ProjectFacts) -> dict[tuple[str, str], list[VariableSetting]]:
    """The entries of maps and secrets by the directory of their file and their name."""
    found: dict[tuple[str, str], list[VariableSetting]] = {}
    for setting in project.settings:
        if setting.kind is SettingKind.KUBERNETES and setting.scope.startswith(("ConfigMap/", "Secret/")):
            key = (posixpath.dirname(setting.place.path), setting.scope)
            found.setdefault(key, []).append(setting)
    return found


def _joined(parts: Sequence[Stack], entries: _MapEntries, project: str) -> Stack:
    first = parts[0]
    services = tuple(_given(service, first.directory, entries) for part in parts for service in part.services)
    return replace(
        first,
        name=first.name or posixpath.basename(first.directory) or project,
        files=tuple(path for part in parts for path in part.files),
        services=services,
        development=all(part.development for part in parts),
        limits=(*first.limits, *([_TOO_MANY] if entries.left < 0 else [])),
    )


def _given(service: Service, directory: str, entries: _MapEntries) -> Service:
    taken = [
        setting._replace(scope=service.name) for setting in entries.of(directory, service.environment_from)
    ]
    own = {setting.name: setting for setting in (*taken, *service.environment)}
    return replace(service, environment=tuple(own.values())) if taken else service
