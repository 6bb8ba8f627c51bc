"""Repeats: a password that stands a second time beside the variable that holds it.

Who changes only the variable breaks whatever repeats the old value: a URL with the password in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from secopskit.collect.assemble.sources import NameSources, name_sources
from secopskit.collect.facts import (
    FactPlace,
    FileRole,
    ProjectFacts,
    Service,
    Stack,
    StackKind,
    VariableSetting,
)
from secopskit.collect.value import ConfigValue, UrlLogin
from secopskit.detect.name.keys import KeyKind, sensitive_key, words
from secopskit.named_tuple import NamedTuple

# What names of one kind of server speak of; the schemes of its URLs are among the words.
_SERVERS: Final = (
    frozenset({"postgres", "postgresql", "postgis", "pg", "db", "database", "sql", "supabase"}),
    frozenset({"mysql", "mariadb", "db", "database", "sql"}),
    frozenset({"mongodb", "mongo", "db", "database"}),
    frozenset({"redis", "rediss", "valkey", "cache"}),
    frozenset({"amqp", "amqps", "rabbitmq", "rabbit", "mq", "queue", "broker"}),
    frozenset({"clickhouse"}),
    frozenset({"smtp", "smtps", "mail", "email"}),
)
_COMMON: Final = frozenset(
    {"url", "uri", "dsn", "password", "pass", "pwd", "secret", "user", "private", "public", "next"}
    | {"app", "default", "my", "the", "key"}
)

_MOST_HOMES: Final = 100
"""Variables that hold one password."""


_LEAST: Final = 8
_MOST: Final = 1000
"""Settings of one env_file that are compared."""


class _Home(NamedTuple):
    """Where a password has its variable: `setting` holds it by itself."""

    variable: str
    setting: VariableSetting
    password: ConfigValue
    service: str
    interpolated: bool


class RepeatedPassword(NamedTuple):
    """A password that is written twice.

    `variable` holds it at `home`; `key` repeats it at `place`, inside a URL. `override` is the variable whose
    default repeats it, empty where it is a literal. `interpolated` tells that `variable` is set from outside
    (`${X:-…}`, a dotenv file). `stack` and `service` are those of `place`, empty in a dotenv file. `bare`
    tells that `key` holds the password by itself, in the env_file of another service than `variable`'s.
    """

    variable: str
    home: FactPlace
    key: str
    place: FactPlace
    override: str
    interpolated: bool
    stack: str = ""
    service: str = ""
    development: bool = False
    bare: bool = False


def repeated_passwords(
    project: ProjectFacts, sources: NameSources | None = None
) -> tuple[RepeatedPassword, ...]:
    """The places where a URL or another service's env_file repeats the password of a variable, sorted."""
    told = sources or name_sources(project)
    found = dict[tuple[FactPlace, str, str], RepeatedPassword]()
    for stack in project.stacks:
        if stack.kind is StackKind.COMPOSE and stack.role in (FileRole.PRODUCT, FileRole.EXAMPLE):
            for repeat in (*_of_stack(stack), *_of_env_files(stack, told)):
                found.setdefault((repeat.place, repeat.key, repeat.variable), repeat)
    for settings in told.files.values():
        for repeat in _of_file(settings):
            found.setdefault((repeat.place, repeat.key, repeat.variable), repeat)
    return tuple(sorted(found.values(), key=lambda repeat: (repeat.place, repeat.key, repeat.variable)))


def _of_stack(stack: Stack) -> Iterator[RepeatedPassword]:
    homes = _homes_in(stack)
    hosts = {service.name: {service.name, *service.names} for service in stack.services}
    # A service with a password of its own does not take that of another one.
    holders = {home.service for found in homes.values() for home in found}
    servers = [each for each in stack.services if each.name in holders and _is_server(each)]
    protected = {name for service in servers for name in hosts[service.name]}
    for service in stack.services:
        for setting in service.environment:
            for value, override in _texts(setting):
                login = value.login
                if login is None:
                    continue
                same = homes.get(login.password, ())
                at_host = [home for home in same if login.host in hosts.get(home.service, ())]
                beside = [
                    home
                    for home in same
                    if home.service == service.name and _are_related(home.setting.name, setting.name, login)
                ]
                held = _chosen(at_host, setting.name, override)
                if held is None and not at_host and login.host not in protected:
                    held = _chosen(beside, setting.name, override)
                if held is not None:
                    yield RepeatedPassword(
                        held.variable,
                        held.setting.place,
                        setting.name,
                        setting.place,
                        override,
                        held.interpolated,
                        stack.name,
                        service.name,
                        stack.development,
                    )


def _of_env_files(stack: Stack, told: NameSources) -> Iterator[RepeatedPassword]:
    """A password in the env_files of two services, one of which starts after the other."""
    passwords = {service.name: tuple(_in_env_files(service, told)) for service in stack.services}
    for service in stack.services:
        for setting in passwords[service.name]:
            for server in service.depends_on:
                home = next((each for each in passwords.get(server, ()) if _is_same(setting, each)), None)
                if home is not None:
                    yield RepeatedPassword(
                        home.name,
                        home.place,
                        setting.name,
                        setting.place,
                        "",
                        True,
                        stack.name,
                        service.name,
                        stack.development,
                        bare=True,
                    )


def _in_env_files(service: Service, told: NameSources) -> Iterator[VariableSetting]:
    """The passwords in its env_files that are no words, so that they are not the same by chance."""
    own = {each.name for each in service.environment}
    for file in service.env_files:
        for setting in told.files.get(file.path, ())[:_MOST]:
            value = None if setting.commented or setting.name in own else setting.value
            if value is None or sensitive_key(setting.name) is not KeyKind.PASSWORD:
                continue
            if value.is_literal and len(value) >= _LEAST and not value.is_weak and not value.is_placeholder:
                yield setting


def _is_same(one: VariableSetting, other: VariableSetting) -> bool:
    return one.value == other.value and one.place.path != other.place.path


def _homes_in(stack: Stack) -> dict[ConfigValue, list[_Home]]:
    homes = defaultdict[ConfigValue, list[_Home]](list)
    for service in stack.services:
        for setting in service.environment:
            for home in _homes(setting, service.name):
                if len(homes[home.password]) < _MOST_HOMES:
                    homes[home.password].append(home)
    return homes


def _are_related(holder: str, key: str, login: UrlLogin) -> bool:
    """Whether a weak password is no coincidence: both names speak of one server."""
    if not login.password.is_weak and not login.password.is_placeholder:
        return True
    scheme = login.scheme.partition("+")[0]
    served = next((kind for kind in _SERVERS if scheme in kind), frozenset[str]())
    return bool(served & set(words(holder))) or bool((set(words(holder)) & set(words(key))) - _COMMON)


def _is_server(service: Service) -> bool:
    """Whether a password in it is the server's own: nothing in the service connects elsewhere with it."""
    return all(value.login is None for setting in service.environment for value, _ in _texts(setting))


def _chosen(homes: Iterable[_Home], key: str, override: str) -> _Home | None:
    """The home that another variable holds; one that is set from outside first."""
    others = [home for home in homes if home.variable not in (key, override) or not home.interpolated]
    others = [home for home in others if home.setting.name != key]
    return min(others, key=lambda home: (not home.interpolated, home.setting.place), default=None)


def _homes(setting: VariableSetting, service: str) -> Iterator[_Home]:
    if sensitive_key(setting.name) not in (KeyKind.PASSWORD, KeyKind.SECRET, KeyKind.CREDENTIALS):
        return
    for value, variable in _texts(setting):
        if value.login is None:
            yield _Home(variable or setting.name, setting, value, service, bool(variable))


def _texts(setting: VariableSetting) -> Iterator[tuple[ConfigValue, str]]:
    """The literal value, or the defaults in it with the variables that they stand for."""
    if setting.value is None:
        return
    if setting.value.is_literal:
        yield setting.value, ""
    for reference in setting.value.references:
        if reference.default is not None and len(reference.default):
            yield reference.default, reference.name


def _of_file(settings: tuple[VariableSetting, ...]) -> Iterator[RepeatedPassword]:
    homes = defaultdict[ConfigValue, list[VariableSetting]](list)
    for setting in settings:
        value = None if setting.commented else setting.value
        if value is None or not value.is_literal or value.login is not None:
            continue
        if sensitive_key(setting.name) is KeyKind.PASSWORD and len(homes[value]) < _MOST_HOMES:
            homes[value].append(setting)
    for setting in settings:
        login = setting.value.login if setting.value is not None and not setting.commented else None
        same = homes.get(login.password, ()) if login else ()
        related = (each for each in same if login and _are_related(each.name, setting.name, login))
        if home := next(related, None):
            yield RepeatedPassword(home.name, home.place, setting.name, setting.place, "", True)
