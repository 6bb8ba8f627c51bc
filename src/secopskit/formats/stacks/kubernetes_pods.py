"""Kubernetes manifests as maps: what kind they are, and the pods in them.

https://kubernetes.io/docs/reference/kubernetes-api/ has the shapes. Templates of Helm are no YAML.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.formats.trees.environment import text_of
from secopskit.formats.trees.yaml_tree import Mapping, Node, Scalar, Sequence, documents, merged_pairs
from secopskit.named_tuple import NamedTuple

_PODS: Final = frozenset(
    {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod", "ReplicationController"}
)
_MOST: Final = 2000


class Manifested(NamedTuple):
    """A manifest: its kind and name, where the name stands, and all of it."""

    kind: str
    name: str
    namespace: str
    place: Scalar
    body: Mapping


class PodContainer(NamedTuple):
    """A container of a pod."""

    name: Scalar
    body: Mapping


class Pod(NamedTuple):
    """A pod: its containers, and its specification."""

    spec: Mapping
    containers: tuple[PodContainer, ...]


def manifests(data: bytes) -> list[Manifested]:
    """The manifests of a file, those in lists among them; none for what is no YAML."""
    found = list[Manifested]()
    waiting: list[Node] = list(reversed(documents(data, expand=True) or []))
    while waiting and len(found) < _MOST:
        node = waiting.pop()
        if not isinstance(node, Mapping):
            continue
        kind, items = node.get("kind"), node.get("items")
        if not isinstance(kind, Scalar) or node.get("apiVersion") is None:
            continue
        if text_of(kind) == "List" and isinstance(items, Sequence):
            waiting += list(reversed(items.items))
            continue
        found.append(_manifest(node, kind))
    return found


def _manifest(node: Mapping, kind: Scalar) -> Manifested:
    name, namespace = below(node, "metadata", "name"), below(node, "metadata", "namespace")
    place = name if isinstance(name, Scalar) else kind
    return Manifested(
        kind=text_of(kind),
        name=text_of(name) if isinstance(name, Scalar) else "",
        namespace=text_of(namespace) if isinstance(namespace, Scalar) else "",
        place=place,
        body=node,
    )


def pod(manifest: Manifested) -> Pod | None:
    """The pod that a workload starts; None for what starts none."""
    if manifest.kind not in _PODS:
        return None
    spec = below(manifest.body, "spec")
    if manifest.kind == "CronJob":
        spec = below(spec, "jobTemplate", "spec")
    if manifest.kind != "Pod":
        spec = below(spec, "template", "spec")
    if not isinstance(spec, Mapping):
        return None
    found = [
        PodContainer(name, item)
        for block in ("initContainers", "containers")
        for item in sequence(spec.get(block))
        if isinstance(item, Mapping) and isinstance(name := item.get("name"), Scalar)
    ]
    return Pod(spec, tuple(found))


def below(node: Node, *keys: str) -> Node:
    """What stands under `keys`, one within the other; None where there is nothing."""
    for key in keys:
        node = node.get(key) if isinstance(node, Mapping) else None
    return node


def sequence(node: Node) -> list[Node]:
    """The items of a list, none for anything else."""
    return node.items if isinstance(node, Sequence) else []


def plain_text(node: Node, *keys: str) -> str:
    """The text under `keys`, empty where there is none."""
    found = below(node, *keys)
    return text_of(found) if isinstance(found, Scalar) else ""


def named_pairs(node: Node) -> Iterator[tuple[Scalar, Node]]:
    """The pairs of a map, none for anything else."""
    yield from merged_pairs(node) if isinstance(node, Mapping) else ()
