"""Facts about services, made by hand: short for tests that need a project but no files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from secopskit.collect.assemble.endpoints import endpoints
from secopskit.collect.facts import (
    EnvFileUse,
    FactPlace,
    FileRole,
    ImageName,
    JobCommand,
    JobFacts,
    MountedVolume,
    ProjectFacts,
    PublishedPort,
    Service,
    SettingKind,
    Stack,
    StackKind,
    VariableSetting,
)
from secopskit.collect.value import ConfigValue

COMPOSE_FILE = "compose.yml"


def setting(
    name: str,
    value: str | None,
    path: str = ".env",
    line: int = 1,
    kind: SettingKind = SettingKind.DOTENV,
    *,
    scope: str = "",
    commented: bool = False,
    role: FileRole = FileRole.PRODUCT,
) -> VariableSetting:
    written = None if value is None else ConfigValue(value.encode())
    return VariableSetting(name, written, FactPlace(path, line), kind, scope, commented, role)


def template(path: str = ".env.example", **values: str) -> tuple[VariableSetting, ...]:
    return tuple(
        setting(name, value, path, number, SettingKind.TEMPLATE)
        for number, (name, value) in enumerate(values.items(), 1)
    )


def ini(path: str, scope: str = "options", **values: str) -> tuple[VariableSetting, ...]:
    return tuple(
        setting(name, value, path, number, SettingKind.INI, scope=scope)
        for number, (name, value) in enumerate(values.items(), 2)
    )


def image(text: str) -> ImageName:
    name, _, tag = text.partition(":")
    registry, _, rest = name.rpartition("/") if "." in name.partition("/")[0] else ("", "", name)
    return ImageName(rest, tag, registry=registry)


def port(text: str, line: int = 20, path: str = COMPOSE_FILE) -> PublishedPort:
    """A port as Compose's short syntax has it."""
    *before, container = text.split(":")
    address = before[0] if len(before) > 1 else ""
    host = before[-1] if before else ""
    return PublishedPort(address, int(host) if host else None, int(container), "tcp", FactPlace(path, line))


def mount(text: str, line: int = 30) -> MountedVolume:
    """A volume as Compose's short syntax has it."""
    source, target, mode = (["", text, ""] if ":" not in text else [*text.split(":"), ""])[:3]
    return MountedVolume(source, target, mode == "ro", FactPlace(COMPOSE_FILE, line))


def service(
    name: str,
    of: str | None = None,
    *,
    env: Mapping[str, str | None] | None = None,
    ports: Iterable[str] = (),
    volumes: Iterable[str] = (),
    env_files: Iterable[str] = (),
    line: int = 2,
    path: str = COMPOSE_FILE,
    **more: Any,
) -> Service:
    given = tuple(
        setting(key, value, path, line + number, SettingKind.COMPOSE, scope=name)
        for number, (key, value) in enumerate((env or {}).items(), 1)
    )
    more.setdefault("names", (name,))
    more.setdefault("networks", ("default",))
    return Service(
        name=name,
        place=FactPlace(path, line),
        image=image(of) if of else None,
        environment=given,
        ports=tuple(port(each, path=path) for each in ports),
        volumes=tuple(mount(each) for each in volumes),
        env_files=tuple(EnvFileUse(each, True, FactPlace(path, line)) for each in env_files),
        **more,
    )


def stack(*services: Service, files: tuple[str, ...] = (COMPOSE_FILE,), **more: Any) -> Stack:
    more.setdefault("name", "shop")
    more.setdefault("kind", StackKind.COMPOSE)
    return Stack(files=files, services=services, env_file=more.pop("env_file", ".env"), **more)


def job(*commands: str, env: Mapping[str, str] | None = None, name: str = "migrate", **more: Any) -> JobFacts:
    path = more.pop("path", ".github/workflows/deploy.yml")
    return JobFacts(
        system="github",
        name=name,
        place=FactPlace(path, 5),
        settings=tuple(
            setting(key, value, path, number, SettingKind.WORKFLOW, scope=name)
            for number, (key, value) in enumerate((env or {}).items(), 8)
        ),
        commands=tuple(JobCommand(text, FactPlace(path, number)) for number, text in enumerate(commands, 20)),
        **more,
    )


def project(*stacks: Stack, settings: Iterable[VariableSetting] = (), **more: Any) -> ProjectFacts:
    """A project with the endpoints that its settings name."""
    facts = ProjectFacts(name="shop", stacks=stacks, settings=tuple(settings), **more)
    return replace(facts, endpoints=(*facts.endpoints, *endpoints(facts)))
