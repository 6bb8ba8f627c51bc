"""Ports of a service, in short and long form: https://docs.docker.com/reference/compose-file/services/#ports.

Both are merged by what makes a port one: a later one with the same address, numbers and protocol replaces it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from secopskit.collect.assemble.compose.tree import ComposeMap, ComposeNode, ComposeText, items, text
from secopskit.collect.facts import FactPlace, PublishedPort
from secopskit.lazy_regex import LazyRegex

_MOST: Final = 128
_HIGHEST: Final = 65535
_RANGE: Final = LazyRegex(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")
_KEYS: Final = ("host_ip", "published", "target", "protocol")
_EVERYWHERE: Final = frozenset({"0.0.0.0", "::", "*"})  # noqa: S104 - what is read, not what is bound
_ADDRESS: Final = LazyRegex(r"\[([^\]]{1,60})\]:?(.*)")


class _Written(NamedTuple):
    address: str
    host: str
    container: str
    protocol: str
    place: FactPlace


def published_ports(node: ComposeNode) -> tuple[PublishedPort, ...]:
    """The ports, in order."""
    found: dict[tuple[str, int | None, int | None, str], PublishedPort] = {}
    for item in items(node):
        written = _written(item)
        for port in _each(written) if written else ():
            found[port[:4]] = port
    return tuple(found.values())


def published_port(written: str, place: FactPlace) -> tuple[PublishedPort, ...]:
    """The ports of one text in the short form."""
    rest, _, protocol = written.partition("/")
    return tuple(_each(_short(rest, protocol or "tcp", place)))


def exposed_ports(node: ComposeNode) -> tuple[int, ...]:
    """The ports that `expose` names."""
    found = set[int]()
    for item in items(node):
        numbers = _numbers(text(item).partition("/")[0])
        found.update(number for number in numbers if number is not None)
    return tuple(sorted(found))


def _written(item: ComposeNode) -> _Written | None:
    if isinstance(item, ComposeMap):
        target = item.entries.get("target")
        if target is None:
            return None
        place = target.place
        address, host, container, protocol = (text(item.get(key)) for key in _KEYS)
        return _Written(address, host, container, protocol.lower() or "tcp", place)
    if not isinstance(item, ComposeText) or item.null:
        return None
    rest, _, protocol = item.text.partition("/")
    return _short(rest, protocol or "tcp", item.place)


def _short(text: str, protocol: str, place: FactPlace) -> _Written:
    """`[[ADDRESS:]HOST:]CONTAINER`; an IPv6 address stands in brackets."""
    address = ""
    bracketed = _ADDRESS.fullmatch(text)
    if bracketed:
        address, text = bracketed[1], bracketed[2]
    before, _, container = text.rpartition(":")
    if not bracketed and ":" in before:
        address, _, before = before.rpartition(":")
    return _Written(address, before, container, protocol.lower(), place)


def _each(port: _Written) -> Iterator[PublishedPort]:
    hosts, containers = _numbers(port.host), _numbers(port.container)
    if len(hosts) == 1 and len(containers) > 1:
        hosts = hosts * len(containers)
    elif len(containers) == 1 and len(hosts) > 1:  # Docker takes one of them
        hosts = [None]
    computed = "${" in port.address
    address = "" if computed or port.address in _EVERYWHERE else port.address
    for host, container in zip(hosts, containers, strict=False):
        if container is not None or host is not None:
            yield PublishedPort(address, host, container, port.protocol, port.place, computed)


def _numbers(text: str) -> list[int | None]:
    found = _RANGE.fullmatch(text.strip())
    if found is None:
        return [None]
    first, last = int(found[1]), int(found[2] or found[1])
    if not 0 < first <= last <= _HIGHEST:
        return [None]
    return list(range(first, min(last, first + _MOST - 1) + 1))
