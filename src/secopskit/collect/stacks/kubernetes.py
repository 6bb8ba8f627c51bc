"""Kubernetes manifests: containers and services as a stack, entries of ConfigMaps and Secrets as settings.

A container is a `Service` without a name for others; a manifest of kind Service is one with names and ports.
Values of Helm charts are settings where they are plainly variables; templates are not read, and said.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Final

from secopskit.collect.facts import (
    Fact,
    FactPlace,
    MountedVolume,
    PublishedPort,
    Service,
    SettingKind,
    Stack,
    StackKind,
    VariableSetting,
)
from secopskit.collect.image import image_name
from secopskit.collect.interface import Collector
from secopskit.collect.place import FilePlaces
from secopskit.collect.stacks.short_forms import docker_socket
from secopskit.collect.value import ConfigValue
from secopskit.findings import Blob, Skipped, SkipReason
from secopskit.formats.encoding import from_base64
from secopskit.formats.setting import Setting, numbered
from secopskit.formats.stacks.kubernetes_pods import (
    Manifested,
    Pod,
    PodContainer,
    below,
    manifests,
    named_pairs,
    plain_text,
    pod,
    sequence,
)
from secopskit.formats.trees.environment import text_of, variables
from secopskit.formats.trees.yaml_tree import Mapping, Node, Scalar, documents
from secopskit.lazy_regex import LazyRegex

_KIND: Final = LazyRegex(rb"(?m)^(?:- )?[ \t]{0,4}kind:[ \t]")
_VERSION: Final = LazyRegex(rb"(?m)^(?:- )?[ \t]{0,4}apiVersion:[ \t]")
_TEMPLATE: Final = LazyRegex(
    rb"\{\{-?[ \t]{0,8}(?:/\*|\$?\.|\$\w|(?:include|template|if|range|with|end|define|toYaml|printf|tpl)\b)"
)
_OF_A_CHART: Final = LazyRegex(rb"\{\{[^\n{}]{0,80}(?:\.Values|\.Release|\.Chart|include)\b")
_VALUES: Final = LazyRegex(r"(?:^|/)values[\w.-]{0,60}\.ya?ml$")
_NAME: Final = LazyRegex(r"[A-Z][A-Z0-9_]{1,120}")
_ENVIRONMENT: Final = frozenset(
    {b"env", b"extraEnv", b"environment", b"envVars", b"extraEnvVars", b"environmentVariables"}
)
_OPEN: Final = frozenset({"LoadBalancer", "NodePort"})
_DEVELOPMENT: Final = LazyRegex(
    r"(?i)(?:^|[/._-])(?:dev|development|local|test|tests|testing|ci|e2e|kind|minikube)(?:[/._-]|$)"
)
_MOST_NODES: Final = 20_000


def _wants(path: str) -> bool:
    return path.endswith((".yml", ".yaml"))


def _collect(blob: Blob) -> Iterator[Fact]:
    if _VALUES.search(blob.path):
        yield from _values(blob)
        return
    if _KIND.search(blob.data) is None or _VERSION.search(blob.data) is None:
        return
    found = manifests(blob.data)
    if _OF_A_CHART.search(blob.data) or (not found and _TEMPLATE.search(blob.data)):
        yield Skipped(blob.path, SkipReason.TOO_COMPLEX, "a template of Helm")
        return
    if not found and documents(blob.data, expand=True) is None:
        yield Skipped(blob.path, SkipReason.TOO_COMPLEX, "no YAML that can be read")
        return
    reader = _ManifestReader(blob)
    services = [service for manifest in found for service in reader.services(manifest)]
    for manifest in found:
        yield from reader.entries(manifest)
    for service in services:
        yield from service.environment
    if services:
        yield Stack(
            name=next((each.namespace for each in found if each.namespace), ""),
            kind=StackKind.KUBERNETES,
            files=(blob.path,),
            services=tuple(services),
            directory=posixpath.dirname(blob.path),
            development=_DEVELOPMENT.search(blob.path) is not None,
        )


class _ManifestReader:
    """Makes facts of the manifests of one file."""

    def __init__(self, blob: Blob) -> None:
        self._places = FilePlaces(blob.path, blob.data)

    def entries(self, manifest: Manifested) -> Iterator[VariableSetting]:
        """The entries of a ConfigMap or Secret whose names are those of variables."""
        if manifest.kind not in ("ConfigMap", "Secret"):
            return
        scope = f"{manifest.kind}/{manifest.name}"
        for block in ("data", "stringData"):
            for key, value in named_pairs(manifest.body.get(block)):
                if isinstance(value, Scalar) and _NAME.fullmatch(text_of(key)):
                    coded = manifest.kind == "Secret" and block == "data"
                    plain = from_base64(value.value) if coded else None
                    given = ConfigValue(value.value if plain is None else plain)
                    place = self._places.at(key.start)
                    yield VariableSetting(text_of(key), given, place, SettingKind.KUBERNETES, scope)

    def services(self, manifest: Manifested) -> Iterator[Service]:
        """The containers of a workload, or the one service that a Service is."""
        if manifest.kind == "Service" and manifest.name:
            yield self._service(manifest)
        started = pod(manifest)
        if started is not None:
            for container in started.containers:
                yield self._container(manifest, started, container)

    def _service(self, manifest: Manifested) -> Service:
        name, namespace = manifest.name, manifest.namespace
        full = f"{name}.{namespace or 'default'}"
        found = [
            each for each in sequence(below(manifest.body, "spec", "ports")) if isinstance(each, Mapping)
        ]
        is_open = plain_text(manifest.body, "spec", "type") in _OPEN
        ports = [(each, _number(plain_text(each, "port"))) for each in found]
        return Service(
            name=name,
            place=self._places.at(manifest.place.start),
            ports=tuple(self._port(each, port) for each, port in ports if port and is_open),
            exposed=tuple(sorted({port for _, port in ports if port})),
            names=(name, full, f"{full}.svc", f"{full}.svc.cluster.local"),
        )

    def _port(self, node: Mapping, port: int) -> PublishedPort:
        written = node.get("port")
        place = self._places.at(written.start if isinstance(written, Scalar) else 0)
        host = _number(plain_text(node, "nodePort")) or port
        protocol = plain_text(node, "protocol").lower() or "tcp"
        return PublishedPort("", host, port, protocol, place)

    # --- containers ---------------------------------------------------------------------------

    def _container(self, manifest: Manifested, started: Pod, container: PodContainer) -> Service:
        name, body = text_of(container.name), container.body
        image = plain_text(body, "image")
        ports = [_number(plain_text(each, "containerPort")) for each in sequence(body.get("ports"))]
        volumes = tuple(self._mounts(manifest, started.spec, body))
        words = (*sequence(body.get("command")), *sequence(body.get("args")))
        return Service(
            name=name,
            place=self._places.at(container.name.start),
            image=image_name(image) if image else None,
            environment=tuple(self._environment(name, body.get("env"))),
            environment_from=tuple(_sources(body.get("envFrom"))),
            exposed=tuple(sorted({port for port in ports if port})),
            volumes=volumes,
            command=" ".join(text_of(word) for word in words if isinstance(word, Scalar)),
            health_check=True if body.get("livenessProbe") or body.get("readinessProbe") else None,
            privileged=self._privileged(body),
            docker_socket=docker_socket(volumes),
            host_network=plain_text(started.spec, "hostNetwork") == "true",
        )

    def _environment(self, scope: str, node: Node) -> Iterator[VariableSetting]:
        """What `env` gives; the value is None where it is kept elsewhere."""
        for item in sequence(node):
            name, value = below(item, "name"), below(item, "value")
            if isinstance(name, Scalar) and name.value:
                given = ConfigValue(value.value) if isinstance(value, Scalar) else None
                place = self._places.at(name.start)
                yield VariableSetting(text_of(name), given, place, SettingKind.KUBERNETES, scope)

    def _mounts(self, manifest: Manifested, spec: Mapping, body: Mapping) -> Iterator[MountedVolume]:
        """What is mounted: a claim by its name, a path of the host, or nothing that lasts."""
        kept = {plain_text(each, "name"): _source(each) for each in sequence(spec.get("volumes"))}
        for claim in sequence(below(manifest.body, "spec", "volumeClaimTemplates")):
            kept[plain_text(claim, "metadata", "name")] = plain_text(claim, "metadata", "name")
        for mount in sequence(body.get("volumeMounts")):
            path = below(mount, "mountPath")
            if isinstance(path, Scalar):
                source = kept.get(plain_text(mount, "name"), "")
                read_only = plain_text(mount, "readOnly") == "true"
                yield MountedVolume(source, text_of(path), read_only, self._places.at(path.start))

    def _privileged(self, body: Mapping) -> FactPlace | None:
        value = below(body, "securityContext", "privileged")
        is_true = isinstance(value, Scalar) and value.value == b"true"
        return self._places.at(value.start) if is_true and isinstance(value, Scalar) else None


def _source(volume: Node) -> str:
    return plain_text(volume, "persistentVolumeClaim", "claimName") or plain_text(volume, "hostPath", "path")


def _sources(node: Node) -> Iterator[str]:
    """The ConfigMaps and Secrets that all variables are taken from."""
    for item in sequence(node):
        for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            name = plain_text(item, key, "name")
            if name:
                yield f"{kind}/{name}"


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65536 else None


# --- values of charts -------------------------------------------------------------------------


def _values(blob: Blob) -> Iterator[Fact]:
    """The variables in the values of a Helm chart: blocks named as environments are."""
    roots = documents(blob.data)
    if roots is None:
        yield Skipped(blob.path, SkipReason.TOO_COMPLEX, "no YAML that can be read")
        return
    found, waiting = list[Setting](), list[Node](roots)
    for _ in range(_MOST_NODES):
        if not waiting:
            break
        node = waiting.pop()
        for key, value in node.pairs if isinstance(node, Mapping) else ():
            if key.value in _ENVIRONMENT:
                found += [each for each in variables(value) if _NAME.fullmatch(each.key)]
            else:
                waiting.append(value)
    for line, setting in numbered(blob.data, found):
        place = FactPlace(blob.path, line)
        yield VariableSetting(setting.key, ConfigValue(setting.value), place, SettingKind.KUBERNETES)


COLLECTOR: Final = Collector("kubernetes", _wants, _collect)
