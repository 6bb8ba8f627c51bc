"""Ports of a service, in short and long form: https://docs.docker.com/reference/compose-file/services/#ports.

Both are merged by what makes a port one: a later one with the same address, numbers and protocol replaces it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.collect.assemble.compose.tree import ComposeMap, ComposeNode, ComposeText, items, text
from secopskit.collect.facts import PublishedPort
from secopskit.collect.stacks.short_forms import (
    PortParts,
    bounded,
    each_port,
    numbers,
    published_port,
)

_KEYS: Final = ("host_ip", "published", "target", "protocol")


def published_ports(node: ComposeNode) -> tuple[PublishedPort, ...]:
    """The ports, in order."""
    found: dict[tuple[str, int | None, int | None, str], PublishedPort] = {}
    for port in bounded(map(_ports, items(node))):
        found[port[:4]] = port
    return tuple(found.values())


def _ports(item: ComposeNode) -> Iterator[PublishedPort]:
    target = item.entries.get("target") if isinstance(item, ComposeMap) else None
    if isinstance(item, ComposeText) and not item.null:
        yield from published_port(item.text, item.place)
    elif isinstance(item, ComposeMap) and target is not None:
        address, host, container, protocol = (text(item.get(key)) for key in _KEYS)
        yield from each_port(PortParts(address, host, container, protocol or "tcp", target.place))


def exposed_ports(node: ComposeNode) -> tuple[int, ...]:
    """The ports that `expose` names."""
    found = bounded(numbers(text(item).partition("/")[0]) for item in items(node))
    return tuple(sorted({number for number in found if number is not None}))
