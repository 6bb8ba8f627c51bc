"""The picture of a project's facts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.services.look.images import server_of
from secopskit.audit.picture.collapse import collapsed
from secopskit.audit.picture.find import (
    StackGroup,
    is_here,
    is_known,
    shown_host,
    source_group,
    stack_groups,
    target_of,
)
from secopskit.audit.picture.model import NodeKind, Picture, PictureBox, PictureLine, PictureNode
from secopskit.collect.facts import (
    Endpoint,
    EndpointKind,
    FileRole,
    ImageName,
    ProjectFacts,
    Service,
    SettingKind,
    Upstream,
)
from secopskit.report.text import count

DATA_KINDS: Final = frozenset(
    {
        EndpointKind.POSTGRES,
        EndpointKind.MYSQL,
        EndpointKind.REDIS,
        EndpointKind.MONGODB,
        EndpointKind.AMQP,
    }
)
# What keeps data though it is no server that rules know.
_STORES: Final = frozenset({"minio", "kafka", "cp-kafka", "seaweedfs"})
_PROXIES: Final = frozenset({"nginx", "traefik", "caddy", "haproxy", "kong", "envoy", "httpd", "openresty"})
_LOOPBACK: Final = ("127.", "localhost", "::1", "[::1]")
_MOST_BOXES: Final = 16
_MOST_NODES: Final = 150
_MOST_LOOSE: Final = 24


def picture_of(facts: ProjectFacts) -> Picture:
    """The picture: stacks as boxes, what they and the workflows point at, and what nobody here defines."""
    groups = stack_groups(facts)
    return _Drawing(facts, groups).picture()


class _Drawing:
    """Nodes and lines of a picture that is being made."""

    def __init__(self, facts: ProjectFacts, groups: tuple[StackGroup, ...]) -> None:
        self._facts = facts
        self._groups = groups
        self._drawn = groups[:_MOST_BOXES]
        self._loose: dict[tuple[NodeKind, str], PictureNode] = {}
        self._lines: dict[tuple[str, str], PictureLine] = {}
        self._unknown = 0
        self._ids = {
            (number, service.name): f"s{number}_{place}"
            for number, group in enumerate(groups)
            for place, service in enumerate(group.services)
        }

        self._mounted: dict[str, list[str]] = {}
        self._proxies: list[list[str]] = []
        for number, group in enumerate(groups):
            for service in group.services:
                for path in _sources(service, group.directory):
                    self._mounted.setdefault(path, []).append(self._ids[number, service.name])
            proxies = [one.name for one in group.services if kind_of_service(one) is NodeKind.PROXY]
            self._proxies.append([self._ids[number, name] for name in proxies])

    def picture(self) -> Picture:
        """All of it, as far as it can be drawn."""
        for endpoint in self._facts.endpoints:
            if endpoint.role is FileRole.PRODUCT:
                self._point(endpoint)
        for upstream in self._facts.upstreams:
            self._pass_on(upstream)
        for number, group in enumerate(self._groups):
            self._start_order(number, group)
        boxes = tuple(
            PictureBox(
                group.name,
                tuple(self._node(number, service) for service in group.services[:_MOST_NODES]),
                group.development,
            )
            for number, group in enumerate(self._drawn)
        )
        return collapsed(self._within(boxes))

    def _within(self, boxes: tuple[PictureBox, ...]) -> Picture:
        """What fits: lines between nodes that are drawn, loose nodes that have a line."""
        loose = list(self._loose.values())
        ids = {node.id for box in boxes for node in box.nodes} | {node.id for node in loose[:_MOST_LOOSE]}
        lines = [line for line in self._lines.values() if line.start in ids and line.end in ids]
        ends = {end for line in lines for end in (line.start, line.end)}
        left_out = []
        if more := sum(max(len(group.services) - _MOST_NODES, 0) for group in self._drawn):
            left_out.append(f"{count(more, 'more service')} not drawn")
        if more := len(self._groups) - len(boxes):
            left_out.append(f"{count(more, 'more stack')} not drawn")
        if more := len(loose) - len(loose[:_MOST_LOOSE]):
            left_out.append(f"{count(more, 'more file or host', 'more files and hosts')} not drawn")
        if self._unknown:
            left_out.append(f"{count(self._unknown, 'setting')} whose host is not known from here")
        return Picture(
            boxes=boxes,
            loose=tuple(node for node in loose[:_MOST_LOOSE] if node.id in ends),
            lines=tuple(lines),
            left_out=tuple(left_out),
        )

    def _node(self, number: int, service: Service) -> PictureNode:
        ports = {
            port.host
            for port in service.ports
            if port.host is not None and not port.address.startswith(_LOOPBACK)
        }
        return PictureNode(
            id=self._ids[number, service.name],
            kind=kind_of_service(service),
            names=(service.name,),
            under=_image(service),
            open=tuple(sorted(ports)),
        )

    def _point(self, endpoint: Endpoint) -> None:
        if not is_known(endpoint.host):
            self._unknown += 1
            return
        start = self._source(endpoint)
        if start is None:
            return
        target = target_of(endpoint, self._groups)
        if target.service is None and is_here(target.host) and endpoint.kind not in DATA_KINDS:
            return  # its own address, for links
        end = self._id_of(target.group, target.service) or self._add(
            NodeKind.OUTSIDE, shown_host(target.host), _outside(endpoint)
        )
        self._line(start, end, endpoint.kind, endpoint.key)

    def _source(self, endpoint: Endpoint) -> str | None:
        """Who is given the endpoint: a service, a job; a file by itself only if it names where data lies."""
        group = source_group(endpoint, self._groups)
        if group is not None:
            return self._ids.get((self._groups.index(group), endpoint.scope))
        if endpoint.setting is SettingKind.WORKFLOW or endpoint.place.path.startswith(".github/workflows/"):
            return self._add(
                NodeKind.JOB, endpoint.scope.partition("/")[0] or "workflow", endpoint.place.path
            )
        if readers := self._readers(endpoint.place.path):
            return readers[0]
        if endpoint.kind not in DATA_KINDS or endpoint.setting is SettingKind.TEMPLATE:
            return None
        return self._add(NodeKind.FILE, endpoint.place.path)

    def _readers(self, path: str) -> list[str]:
        """The services that take their environment from a file, or mount it or a directory above it."""
        found, place = list[str](), path
        while place:
            found += self._mounted.get(place, ())
            place = place.rpartition("/")[0]
        return found

    def _pass_on(self, upstream: Upstream) -> None:
        """A proxy's line to whom it passes requests to."""
        if upstream.listens or not upstream.host:
            return
        for number, group in enumerate(self._groups):
            service = group.by_name(upstream.host)
            if service is None:
                continue
            readers = [one for one in self._readers(upstream.place.path) if one.startswith(f"s{number}_")]
            proxies = list(dict.fromkeys(readers)) or self._proxies[number]
            if len(proxies) == 1:
                self._line(proxies[0], self._ids[number, service.name], EndpointKind.HTTP, "")
                return

    def _start_order(self, number: int, group: StackGroup) -> None:
        """What is started after what, where nothing else is known between the two."""
        for service in group.services:
            for name in service.depends_on:
                start, end = self._ids[number, service.name], self._ids.get((number, name))
                if end and (start, end) not in self._lines and (end, start) not in self._lines:
                    self._line(start, end, None, "")

    def _id_of(self, group: StackGroup | None, service: Service | None) -> str | None:
        if group is None or service is None:
            return None
        return self._ids[self._groups.index(group), service.name]

    def _add(self, kind: NodeKind, name: str, under: str = "") -> str:
        node = self._loose.get((kind, name))
        if node is None:
            node = PictureNode(f"x{len(self._loose)}", kind, (name,), under)
            self._loose[kind, name] = node
        return node.id

    def _line(self, start: str, end: str, kind: EndpointKind | None, key: str) -> None:
        if start == end:
            return
        known = self._lines.get((start, end))
        keys = dict.fromkeys((*(known.keys if known else ()), *((key,) if key else ())))
        self._lines[start, end] = PictureLine(start, end, known.kind if known else kind, tuple(keys))


def kind_of_service(service: Service) -> NodeKind:
    """What a service is, by its image."""
    server = server_of(service.image)
    base = service.image.base.lower() if service.image else ""
    if base in _STORES or (server is not None and not server.admin):
        return NodeKind.DATABASE
    return NodeKind.PROXY if base.partition("-")[0] in _PROXIES else NodeKind.SERVICE


def _image(service: Service) -> str:
    if service.image is not None and service.image.name:
        return _short(service.image)
    if service.build is not None and service.build.context is not None:
        return f"built from {service.build.context or '.'}"
    return ""


def _short(image: ImageName) -> str:
    return f"{image.name}:{image.tag}" if image.tag else image.name


def _outside(endpoint: Endpoint) -> str:
    return "" if endpoint.kind is EndpointKind.OTHER else endpoint.kind.value


def _sources(service: Service, directory: str) -> Iterator[str]:
    """The files and directories of the project that a service reads: its env_files, what it mounts."""
    yield from (each.path for each in service.env_files)
    for volume in service.volumes:
        if "/" in volume.source:
            yield from _spellings(volume.source, directory)


def _spellings(source: str, directory: str) -> Iterator[str]:
    """How a mounted path may be meant: from the top, or from the stack's directory."""
    plain = source.removeprefix("./").rstrip("/")
    if plain and not plain.startswith(("/", "..", "~", "$")):
        yield plain
        if directory:
            yield f"{directory}/{plain}"
