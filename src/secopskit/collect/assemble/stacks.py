"""Stacks: Compose files merged as `docker compose` does."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import Final

from secopskit.collect.assemble.compose.choose import StackPlan, is_base, plans
from secopskit.collect.assemble.compose.load import ComposeLoader
from secopskit.collect.assemble.compose.merge import LoadBudget
from secopskit.collect.assemble.compose.service import service
from secopskit.collect.assemble.compose.tree import ComposeMap, ComposeText, entries, text
from secopskit.collect.facts import (
    ComposeFile,
    FileRole,
    ProjectFacts,
    SecretFile,
    Service,
    SettingKind,
    Stack,
    StackKind,
)
from secopskit.collect.paths import directory_of, joined
from secopskit.formats.stacks.interpolation import resolved

_ENV_FILE: Final = ".env"
_LONGEST: Final = 1024  # of a value of `.env` that refers to others
_MOST: Final = 10_000
"""Facts of one stack: aliases may repeat what they name."""


def stacks(files: Sequence[ComposeFile], project: ProjectFacts) -> tuple[Stack, ...]:
    """The stacks that the Compose files of a project make; what others only include is none."""
    known = {file.path: file for file in files}
    variables = _variables(project)
    budget = LoadBudget()
    found, parts = list[Stack](), set[str]()
    for plan in plans(known):
        directory = directory_of(plan.files[0])
        given = variables.get(posixpath.join(directory, _ENV_FILE), {})
        loader = ComposeLoader(known, given, budget)
        document = loader.load(plan.files, directory)
        parts |= loader.included | {path for path in loader.extended if not is_base(path)}
        found.append(_stack(plan, document, loader.limits, known, project.name))
    kept = [stack for stack in found if stack.services and stack.files[0] not in parts]
    return tuple(sorted(kept, key=lambda stack: (stack.directory, stack.files[0], stack.files)))


def _variables(project: ProjectFacts) -> dict[str, dict[str, bytes]]:
    """What each `.env` file sets. Compose puts it into images, ports, paths and names.

    A value may refer to those above it, as https://docs.docker.com/compose/how-tos/environment-variables/
    tells; what becomes too long by that stays as it is written.
    """
    found: dict[str, dict[str, bytes]] = {}
    for setting in project.settings:
        path = setting.place.path
        is_one = setting.kind is SettingKind.DOTENV and posixpath.basename(path) == _ENV_FILE
        if is_one and setting.value is not None and not setting.commented:
            above = found.setdefault(path, {})
            above[setting.name] = _expanded(setting.value.secret.reveal(), above)
    return found


def _expanded(value: bytes, above: dict[str, bytes]) -> bytes:
    if b"$" not in value or len(value) > _LONGEST:
        return value
    text = resolved(value, above).encode("utf-8", "surrogateescape")
    return text if len(text) <= _LONGEST else value


def _stack(
    plan: StackPlan,
    document: ComposeMap,
    limits: Sequence[str],
    known: dict[str, ComposeFile],
    project: str,
) -> Stack:
    directory = directory_of(plan.files[0])
    role = known[plan.files[-1]].role
    services = tuple(_services(document, role))
    short = [] if len(services) == len(entries(document.get("services"))) else [_TOO_MANY]
    written = text(document.get("name"))
    return Stack(
        name=written if written and "${" not in written else posixpath.basename(directory) or project,
        kind=StackKind.COMPOSE,
        files=plan.files,
        services=services,
        directory=directory,
        variant=plan.variant,
        env_file=posixpath.join(directory, _ENV_FILE),
        development=plan.development,
        role=role,
        external=frozenset(_external(document)),
        limits=(*dict.fromkeys(limits), *short),
        secret_files=tuple(_secret_files(document)),
    )


def _secret_files(document: ComposeMap) -> Iterator[SecretFile]:
    """The secrets that are read from a file of this project."""
    for name, entry in entries(document.get("secrets")).items():
        file = entry.node.get("file") if isinstance(entry.node, ComposeMap) else None
        if isinstance(file, ComposeText) and (path := joined(file.base, file.text)):
            yield SecretFile(name, path, file.place)


def _external(document: ComposeMap) -> Iterator[str]:
    """The networks that something else makes."""
    for name, entry in entries(document.get("networks")).items():
        node = entry.node
        if isinstance(node, ComposeMap) and "external" in node.entries:
            written = node.get("external")
            if isinstance(written, ComposeMap) or text(written).lower() in _YES:
                yield name


_YES: Final = frozenset({"true", "yes", "on"})
_TOO_MANY: Final = "some of its services could not be read"


def _services(document: ComposeMap, role: FileRole) -> Iterator[Service]:
    left = _MOST
    for name, entry in entries(document.get("services")).items():
        found = service(name, entry, role)
        if found is None:
            continue
        left -= 1 + len(found.environment) + len(found.volumes) + len(found.ports)
        if left < 0:
            return
        yield found
