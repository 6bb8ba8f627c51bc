"""Where a service listens: by its image, its Dockerfile, its command and its variables."""

from __future__ import annotations

import re
from typing import Final

from secopskit.audit.mismatch.services.look.images import application_of
from secopskit.audit.mismatch.services.look.servers import RunningService
from secopskit.collect.facts import ProjectFacts, SettingKind
from secopskit.named_tuple import NamedTuple

_OPTION: Final = re.compile(
    r"(?:--(?:http-|server-|listen-)?port|--listen|--bind|--host|-p|-b|--addr(?:ess)?|--proxy-to)[= ]{1,2}"
    r"(?:[A-Za-z0-9_.\[\]*-]{0,60}:)?(\d{2,5})\b"
)
_OWN_URL: Final = re.compile(r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\]):(\d{2,5})\b")
_ANY_NUMBER: Final = re.compile(r"(?<!\d)(\d{2,5})(?!\d)")
_FILES: Final = frozenset({SettingKind.DOTENV, SettingKind.TEMPLATE})
_TELLING: Final = frozenset(
    {"PORT", "PGPORT", "POSTGRESQL_PORT_NUMBER", "MYSQL_TCP_PORT", "REDIS_PORT_NUMBER"}
)
_CONFIGURATIONS: Final = (".conf", ".cnf", ".toml", ".yml", ".yaml", ".ini", ".d", ".xml")
_PORT_VARIABLE: Final = re.compile(r"(?:[A-Za-z0-9_.]{0,60}[_.])?port", re.IGNORECASE)
# Where a program connects to says nothing of where one listens.
_CLIENT_VARIABLE: Final = re.compile(
    r"(?:[A-Za-z0-9_.]{0,60}[_.])?"
    r"(?:db|database|datasource|postgres(?:ql)?|pg|mysql|redis|mongo(?:db)?|amqp|rabbitmq|smtp|mail)[_.]port",
    re.IGNORECASE,
)


class ListeningPorts(NamedTuple):
    """Ports that a service is known to listen on. `sure` tells that it listens on no other.

    `mentioned` are all numbers that its command, variables and Dockerfile hold: it may listen on them.
    `usual` is the first port of the program called `label`, 0 where none is known.
    """

    ports: frozenset[int]
    sure: bool
    mentioned: frozenset[int]
    usual: int = 0
    label: str = ""


def listening(each: RunningService) -> ListeningPorts:
    """Where a service listens.

    An image that is known for its server listens where it always does, unless something else is written.
    For any other it takes two that agree: its Dockerfile's EXPOSE, or for a finished image what is published
    of it, and a port in its command, its variables or its health check.
    """
    mentioned = _mentioned(each)
    told = _told(each)
    known = application_of(each.image)
    file = each.dockerfile
    if known is not None and (file is None or not (file.exposed or file.command)):
        ports = frozenset(known.ports) | told | mentioned
        return ListeningPorts(ports, True, mentioned, known.ports[0], known.label)
    exposed = frozenset(file.exposed) if file else frozenset()
    if exposed and told and told <= exposed:
        return ListeningPorts(exposed | mentioned, True, mentioned, min(told), each.service.name)
    published = frozenset(port.container for port in each.service.ports if port.container)
    if not exposed and told and told <= published:
        return ListeningPorts(published | mentioned, True, mentioned, min(told), each.service.name)
    return ListeningPorts(exposed | told, False, mentioned)


def _told(each: RunningService) -> frozenset[int]:
    """Ports that a command's options, its health check, or variables called so, say."""
    commands = [each.service.command] + ([each.dockerfile.command] if each.dockerfile else [])
    numbers = [int(found) for command in commands for found in _OPTION.findall(command[:4000])]
    numbers += [int(found) for found in _OWN_URL.findall(each.service.health_command[:4000])]
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
    texts = [each.service.command, each.service.health_command, file.command if file else ""]
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


class ConfiguredPorts(NamedTuple):
    """What the files of a project say of ports.

    `ports` are all that configuration files name, but for those that a program connects to: a server may
    be told by one of them. `harmless` are the environment files that were read and that tell no server
    where to listen.
    """

    ports: frozenset[int]
    harmless: frozenset[str]

    @classmethod
    def of(cls, project: ProjectFacts) -> ConfiguredPorts:
        """What those of a project say."""
        files = [setting for setting in project.settings if setting.kind in _FILES]
        telling = {setting.place.path for setting in files if setting.name.upper() in _TELLING}
        ports = frozenset(
            int(setting.value.shown)
            for setting in project.settings
            if setting.kind is SettingKind.INI and setting.value is not None and setting.value.shown.isdigit()
            if _PORT_VARIABLE.fullmatch(setting.name) and not _CLIENT_VARIABLE.fullmatch(setting.name)
        )
        return cls(ports, frozenset(setting.place.path for setting in files) - telling)

    def may_tell(self, each: RunningService) -> bool:
        """Whether something that is not known may say where a service listens: a file that it is given."""
        if any(use.path not in self.harmless for use in each.service.env_files):
            return True
        return any(volume.target.endswith(_CONFIGURATIONS) for volume in each.service.volumes)
