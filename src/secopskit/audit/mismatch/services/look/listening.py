"""Where a service listens: by its image, its Dockerfile, its command and its variables."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from secopskit.audit.mismatch.services.look.servers import RunningService

_OPTION: Final = re.compile(
    r"(?:--(?:http-|server-|listen-)?port|--listen|--bind|--host|-p|-b|--addr(?:ess)?|--proxy-to)[= ]{1,2}"
    r"(?:[A-Za-z0-9_.\[\]*-]{0,60}:)?(\d{2,5})\b"
)
_ANY_NUMBER: Final = re.compile(r"(?<!\d)(\d{2,5})(?!\d)")
_PORT_VARIABLE: Final = re.compile(r"(?:[A-Za-z0-9_.]{0,60}[_.])?port", re.IGNORECASE)


class ListeningPorts(NamedTuple):
    """Ports that a service is known to listen on. `sure` tells that it listens on no other.

    `mentioned` are all numbers that its command, variables and Dockerfile hold: it may listen on them.
    """

    ports: frozenset[int]
    sure: bool
    mentioned: frozenset[int]


def listening(each: RunningService) -> ListeningPorts:
    """Where a service listens.

    An image that is known for its server listens where it always does, unless something else is written. For
    any other it takes two that agree: its Dockerfile's EXPOSE, and a port in its command or variables.
    """
    mentioned = _mentioned(each)
    told = _told(each)
    server = each.server
    if server is not None and each.service.build is None:
        return ListeningPorts(frozenset(server.ports) | told | mentioned, True, mentioned)
    exposed = frozenset(each.dockerfile.exposed) if each.dockerfile else frozenset()
    if exposed and told and told <= exposed:
        return ListeningPorts(exposed | mentioned, True, mentioned)
    return ListeningPorts(exposed | told, False, mentioned)


def _told(each: RunningService) -> frozenset[int]:
    """Ports that a command's options, or variables called so, say."""
    commands = [each.service.command] + ([each.dockerfile.command] if each.dockerfile else [])
    numbers = [int(found) for command in commands for found in _OPTION.findall(command[:4000])]
    for setting in (*each.service.environment, *(each.dockerfile.variables if each.dockerfile else ())):
        if setting.value is not None and setting.name.upper() in (
            "PORT",
            "HTTP_PORT",
            "SERVER_PORT",
            "LISTEN_PORT",
        ):
            shown = setting.value.shown
            numbers += [int(shown)] if shown.isdigit() else []
    return frozenset(number for number in numbers if 0 < number < 65536)


def _mentioned(each: RunningService) -> frozenset[int]:
    """All numbers that could be a port, wherever the service is configured."""
    file = each.dockerfile
    texts = [each.service.command, file.command if file else ""]
    numbers = {int(found) for text in texts for found in _ANY_NUMBER.findall(text[:4000])}
    numbers |= set(each.service.exposed) | set(file.exposed if file else ())
    for setting in (*each.service.environment, *(file.variables if file else ())):
        value = setting.value
        if value is None:
            continue
        known = [
            value.shown,
            *(reference.default.shown for reference in value.references if reference.default),
        ]
        numbers |= {int(text) for text in known if text.isdigit()}
    return frozenset(numbers)


def may_be_configured(each: RunningService) -> bool:
    """Whether something that is not read here may say where it listens: a file that it is given."""
    return bool(each.service.env_files) or any(
        volume.target.endswith((".conf", ".cnf", ".toml", ".yml", ".yaml", ".ini", ".d", ".xml"))
        for volume in each.service.volumes
    )
