"""Endpoints: where the settings of a project point at, by a URL, a connection string or sibling names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from secopskit.collect.assemble.address import Address, host_and_port, is_pair, of_parts, read_address
from secopskit.collect.assemble.naming import (
    USUAL_PORTS,
    PartName,
    kind_of_name,
    kind_of_port,
    names_address,
    part_name,
    plain_name,
)
from secopskit.collect.assemble.odoo import ODOO_VARIABLES, is_odoo_file, is_odoo_service
from secopskit.collect.assemble.resolve import UNKNOWN, ValueLookup, resolved
from secopskit.collect.assemble.templates import template_of
from secopskit.collect.facts import (
    Endpoint,
    EndpointKind,
    JobFacts,
    ProjectFacts,
    SettingKind,
    VariableSetting,
)
from secopskit.collect.value import ConfigValue
from secopskit.named_tuple import NamedTuple

_LISTENS_ANYWHERE: Final = frozenset({"0.0.0.0", "::", "true", "false", "yes", "no", "none"})  # noqa: S104 - looked for, not listened on
_DATABASE_URL: Final = re.compile(r"(?i)\b(?:postgres(?:ql)?|mysql|mongodb)://[^\s\"'`<>|;]{3,400}")
_LONGEST_COMMAND: Final = 20_000
_ENGINES: Final = (
    ("postg", EndpointKind.POSTGRES),
    ("pgsql", EndpointKind.POSTGRES),
    ("psycopg", EndpointKind.POSTGRES),
    ("mysql", EndpointKind.MYSQL),
    ("maria", EndpointKind.MYSQL),
    ("mongo", EndpointKind.MONGODB),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReaderGroup:
    """Settings that one reader gets, with the way to look up what they refer to."""

    settings: Sequence[VariableSetting]
    look: ValueLookup
    stack: tuple[str, ...] = ()
    scope: str = ""
    odoo: bool = False


class _Part(NamedTuple):
    setting: VariableSetting
    name: PartName
    text: str


def endpoints(project: ProjectFacts) -> tuple[Endpoint, ...]:
    """The endpoints that settings name, in the order of their places.

    Lines that are commented out name none. What only differs in nothing is told once.
    """
    found = dict.fromkeys(endpoint for group in _groups(project) for endpoint in _of_group(group))
    found |= dict.fromkeys(endpoint for job in project.jobs for endpoint in _of_commands(job))
    return tuple(sorted(found, key=lambda each: (each.place, each.scope, each.key, each.stack)))


# --- who gets which settings ------------------------------------------------------------------


def _groups(project: ProjectFacts) -> Iterator[_ReaderGroup]:
    files = defaultdict[str, list[VariableSetting]](list)
    for setting in project.settings:
        if not setting.commented:
            files[setting.place.path].append(setting)
    taken = set[tuple[object, str]]()
    for stack in project.stacks:
        look = _of_environment(stack.env_file, files)
        for service in stack.services:
            taken.update((setting.place, setting.name) for setting in service.environment)
            odoo = is_odoo_service(service, project.dockerfiles)
            yield _ReaderGroup(
                settings=service.environment, look=look, stack=stack.files, scope=service.name, odoo=odoo
            )
    for job in project.jobs:
        taken.update((setting.place, setting.name) for setting in job.settings)
        yield from _by_scope(job.settings, _of_settings(job.settings))
    for settings in files.values():
        left = [each for each in settings if (each.place, each.name) not in taken]
        yield from _by_scope(left, _of_settings(settings))


def _by_scope(settings: Iterable[VariableSetting], look: ValueLookup) -> Iterator[_ReaderGroup]:
    groups = defaultdict[str, list[VariableSetting]](list)
    for setting in settings:
        groups[setting.scope].append(setting)
    for scope, each in groups.items():
        yield _ReaderGroup(settings=each, look=look, scope=scope, odoo=is_odoo_file(scope, each))


def _of_settings(settings: Iterable[VariableSetting]) -> ValueLookup:
    """Looks names up among settings of the same file; the last one counts."""
    known = {setting.name: setting.value for setting in settings if setting.value}
    return known.get


def _of_environment(env_file: str, files: Mapping[str, Sequence[VariableSetting]]) -> ValueLookup:
    """Looks names up in the dotenv file of a stack, then in the templates that become it."""
    known = dict[str, ConfigValue]()
    for path in (template_of(env_file, files), env_file):
        known |= {each.name: each.value for each in files.get(path, ()) if each.value}
    return known.get


def _of_commands(job: JobFacts) -> Iterator[Endpoint]:
    """The databases whose URLs the commands of a job hold; their key is `run`."""
    look = _of_settings(job.settings)
    for command in job.commands:
        for word in _DATABASE_URL.findall(command.text[:_LONGEST_COMMAND]):
            address = read_address(resolved(ConfigValue(word.encode()), look))
            if address is not None:
                group = _ReaderGroup(settings=(), look=look, scope=job.name)
                setting = VariableSetting("run", None, command.place, SettingKind.WORKFLOW)
                yield _endpoint(address, setting, group, ())._replace(setting=None)


# --- what they say ----------------------------------------------------------------------------


def _of_group(group: _ReaderGroup) -> Iterator[Endpoint]:
    parts = defaultdict[str, list[_Part]](list)
    for setting in group.settings:
        if setting.value is None or setting.commented:
            continue
        text = resolved(setting.value, group.look).strip().strip("\"'")
        if address := _whole(setting.name, text):
            yield _endpoint(address, setting, group, (setting.name,))
        elif name := _part_name(setting.name, odoo=group.odoo):
            parts[name.prefix].append(_Part(setting, name, text))
    for each in parts.values():
        yield from _of_parts(each, group)


def _whole(name: str, text: str) -> Address | None:
    """The address that one setting is by itself."""
    if "://" in text or "=" in text or "@tcp(" in text:
        return read_address(text)
    if not is_pair(text) or not names_address(name):
        return None
    host, port = host_and_port(text)
    part = part_name(name)
    kind = part.kind if part else kind_of_name(plain_name(name).rpartition("_")[0]) or EndpointKind.OTHER
    if part and part.field == "host":
        return None  # siblings say the rest
    return of_parts(kind, {"host": host, "port": port})


def _part_name(name: str, *, odoo: bool) -> PartName | None:
    if odoo and name in ODOO_VARIABLES:
        return PartName("", ODOO_VARIABLES[name], EndpointKind.POSTGRES)
    return part_name(name)


def _of_parts(parts: Sequence[_Part], group: _ReaderGroup) -> Iterator[Endpoint]:
    by_field = {part.name.field: part for part in reversed(parts)}
    host = by_field.get("host")
    if host is None or not host.text or host.text.lower() in _LISTENS_ANYWHERE or host.text.isdigit():
        return
    texts = {field: part.text for field, part in by_field.items()}
    texts["host"], own_port = host_and_port(host.text)
    if own_port or not texts.get("port"):
        texts["port"] = own_port
    kind = _kind(host.name.kind, texts, odoo=group.odoo)
    address = of_parts(kind, texts, usual=USUAL_PORTS.get(kind))
    if address is None or (not address.host and UNKNOWN not in texts["host"]):
        return
    keys = tuple(part.setting.name for part in parts if by_field.get(part.name.field) is part)
    yield _endpoint(address, host.setting, group, keys)


def _kind(kind: EndpointKind, texts: Mapping[str, str], *, odoo: bool) -> EndpointKind:
    """The kind of server behind sibling names; what they call it counts before the port."""
    if odoo:
        return EndpointKind.POSTGRES
    if kind is not EndpointKind.OTHER:
        return kind
    engine = texts.get("type", "").lower()
    named = next((known for word, known in _ENGINES if word in engine), None)
    port = texts.get("port", "")
    return named or kind_of_port(int(port) if port.isascii() and port.isdigit() else None)


def _endpoint(
    address: Address, setting: VariableSetting, group: _ReaderGroup, keys: tuple[str, ...]
) -> Endpoint:
    return Endpoint(
        kind=address.kind,
        host=address.host,
        port=address.port,
        database=address.database,
        user=address.user,
        password=ConfigValue(address.password.encode()) if address.password else None,
        tls=address.tls,
        key=setting.name,
        scope=group.scope or setting.scope,
        place=setting.place,
        keys=keys,
        odoo=group.odoo and address.kind is EndpointKind.POSTGRES,
        setting=setting.kind,
        role=setting.role,
        stack=group.stack,
        assumed=address.assumed,
    )
