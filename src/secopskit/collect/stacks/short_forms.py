"""Docker's short forms of ports and mounts: `127.0.0.1:8080:80/tcp`, `./data:/data:ro`.

https://docs.docker.com/reference/compose-file/services/ has both, under `ports` and `volumes`. `${X}` in a
text is a part that is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, repeat
from typing import Final, TypeVar

from secopskit.collect.facts import FactPlace, MountedVolume, PublishedPort
from secopskit.lazy_regex import LazyRegex
from secopskit.named_tuple import NamedTuple

MOST_PORTS: Final = 4096
"""Of a service; ranges may have more, and of each the first one counts in any case."""
_Item = TypeVar("_Item")
_HIGHEST: Final = 65535
_RANGE: Final = LazyRegex(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")
_EVERYWHERE: Final = frozenset({"0.0.0.0", "::", "*"})  # noqa: S104 - what is read, not what is bound
_ADDRESS: Final = LazyRegex(r"\[([^\]]{1,60})\]:?(.*)")
_SOCKETS: Final = ("docker.sock", "docker_engine")
_BRACES: Final = LazyRegex(r"\$\{[^{}]{0,400}\}")
# A drive's colon is none that separates: `C:\data:/data`.
_PARTS: Final = LazyRegex(r"(?<!^[A-Za-z]):|(?<=^[A-Za-z]):(?![\\/])")


class PortParts(NamedTuple):
    """A port as it is written, in its parts; numbers may be ranges."""

    address: str
    host: str
    container: str
    protocol: str
    place: FactPlace


def published_port(written: str, place: FactPlace) -> Iterator[PublishedPort]:
    """The ports of `[[ADDRESS:]HOST:]CONTAINER[/PROTOCOL]`; an IPv6 address stands in brackets."""
    text, _, protocol = written.partition("/")
    address = ""
    bracketed = _ADDRESS.fullmatch(text)
    if bracketed:
        address, text = bracketed[1], bracketed[2]
    before, _, container = text.rpartition(":")
    if not bracketed and ":" in before:
        address, _, before = before.rpartition(":")
    return each_port(PortParts(address, before, container, protocol or "tcp", place))


def each_port(port: PortParts) -> Iterator[PublishedPort]:
    """The ports that the parts make, one for each number of a range."""
    hosts, containers = numbers(port.host), numbers(port.container)
    pairs: Iterable[tuple[int | None, int | None]] = zip(hosts, containers, strict=False)
    if len(hosts) == 1:
        pairs = zip(repeat(hosts[0]), containers, strict=False)
    elif len(containers) == 1:  # Docker takes one of them
        pairs = [(None, containers[0])]
    computed = "${" in port.address
    address = "" if computed or port.address in _EVERYWHERE else port.address
    for host, container in pairs:
        if container is not None or host is not None:
            yield PublishedPort(address, host, container, port.protocol.lower(), port.place, computed)


def numbers(text: str) -> Sequence[int | None]:
    """The numbers of a range or of one port; one None for what is none."""
    found = _RANGE.fullmatch(text.strip())
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    return range(first, last + 1) if 0 < first <= last <= _HIGHEST else (None,)


def bounded(items: Iterable[Iterable[_Item]]) -> Iterator[_Item]:
    """What all of `items` have, but of no more than `MOST_PORTS` together only the first of each."""
    left = MOST_PORTS
    for item in items:
        for one in islice(item, max(left, 1)):
            left -= 1
            yield one


def short_mount(written: str, place: FactPlace) -> MountedVolume:
    """The mount of `[SOURCE:]TARGET[:MODE]`, its path as written."""
    parts = _split(written)
    if len(parts) == 1:
        return MountedVolume("", parts[0], False, place)
    modes = parts[2].split(",") if len(parts) > 2 else []
    return MountedVolume(parts[0], parts[1], "ro" in modes, place)


def _split(written: str) -> list[str]:
    """The parts between colons; those in the braces of `${X:-/data}` separate nothing."""
    bare = _BRACES.sub(lambda found: "x" * len(found[0]), written)
    parts, at = list[str](), 0
    for colon in _PARTS.finditer(bare):
        parts.append(written[at : colon.start()])
        at = colon.end()
    return [*parts, written[at:]]


def docker_socket(volumes: tuple[MountedVolume, ...]) -> FactPlace | None:
    """Where the socket of the Docker daemon is mounted."""
    for volume in volumes:
        if volume.source.endswith(_SOCKETS) or volume.target.endswith(_SOCKETS):
            return volume.place
    return None
