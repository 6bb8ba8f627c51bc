"""Compose files: each to be merged, the variables it takes in, and what it gives its services and builds.

What an anchor names counts in each service that takes it in.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from secopskit.collect.facts import (
    ComposeFile,
    Fact,
    SettingKind,
    UseKind,
    VariableSetting,
    VariableUse,
)
from secopskit.collect.interface import Collector
from secopskit.collect.place import FilePlaces
from secopskit.collect.value import ConfigValue
from secopskit.findings import Blob, Skipped, SkipReason
from secopskit.formats.stacks.compose import is_compose
from secopskit.formats.stacks.interpolation import interpolations
from secopskit.formats.trees.environment import text_of
from secopskit.formats.trees.yaml_tree import Mapping, Node, Scalar, Sequence, documents, merged_pairs, within
from secopskit.lazy_regex import LazyRegex

_NAMED: Final = LazyRegex(r"(?i)(?:^|[/._-])(?:docker-?)?compose(?:[._-][^/]{0,100})?\.ya?ml$")
_SIGN: Final = LazyRegex(rb"(?m)^(?:services|include)[ \t]{0,8}:")
_BLOCKS: Final = ("configs", "secrets")
_MAX_NODES: Final = 20_000
_MOST_SETTINGS: Final = 10_000
_MOST_SERVICES: Final = 1000


def is_compose_name(path: str) -> bool:
    """Whether a file is a Compose file by its name."""
    return _NAMED.search(path) is not None


def _wants(path: str) -> bool:
    return path.endswith((".yml", ".yaml")) and "/workflows/" not in path


def _collect(blob: Blob) -> Iterator[Fact]:
    if _SIGN.search(blob.data) is None:
        return
    roots = documents(blob.data, expand=True)
    if roots is None:
        yield Skipped(blob.path, SkipReason.TOO_COMPLEX, "no YAML that can be read")
    root = next((each for each in roots or () if isinstance(each, Mapping)), None)
    if root is None or not _is_one(root, blob.path):
        return
    yield ComposeFile(blob.path, blob.data, root)
    places = FilePlaces(blob.path, blob.data)
    yield from _Uses(places).all(root)
    given = (each for name, service in _services(root) for each in service_settings(name, service, places))
    yield from islice(given, _MOST_SETTINGS)


def _is_one(root: Mapping, path: str) -> bool:
    if is_compose(root):
        return True
    there = root.get("services"), root.get("include")
    return is_compose_name(path) and (isinstance(there[0], Mapping) or isinstance(there[1], Sequence))


def _services(root: Mapping) -> Iterator[tuple[str, Mapping]]:
    services = root.get("services")
    for key, node in merged_pairs(services)[:_MOST_SERVICES] if isinstance(services, Mapping) else ():
        if isinstance(node, Mapping):
            yield text_of(key), node


# --- what is given ----------------------------------------------------------------------------


def service_settings(name: str, service: Mapping, places: FilePlaces) -> Iterator[VariableSetting]:
    """The environment and the build arguments of a service as one file has them."""
    pairs = {text_of(key): node for key, node in merged_pairs(service)}
    yield from _variables(pairs.get("environment"), SettingKind.COMPOSE, name, places)
    build = pairs.get("build")
    if isinstance(build, Mapping):
        inner = {text_of(key): node for key, node in merged_pairs(build)}
        yield from _variables(inner.get("args"), SettingKind.BUILD_ARG, name, places)


def _variables(node: Node, kind: SettingKind, scope: str, places: FilePlaces) -> Iterator[VariableSetting]:
    if isinstance(node, Mapping):
        for key, value in merged_pairs(node):
            if value is None or isinstance(value, Scalar):
                given = None if value is None or is_null(value) else ConfigValue(value.value)
                yield VariableSetting(text_of(key), given, places.at(key.start), kind, scope)
    for item in node.items if isinstance(node, Sequence) else ():
        if isinstance(item, Scalar) and item.value:
            name, sign, text = item.value.partition(b"=")
            given = ConfigValue(text) if sign else None
            yield VariableSetting(
                name.decode("utf-8", "replace").strip(), given, places.at(item.start), kind, scope
            )


def is_null(scalar: Scalar) -> bool:
    """Whether a scalar is YAML's null."""
    return not scalar.style and scalar.value in (b"", b"~", b"null", b"Null", b"NULL")


# --- what is taken in -------------------------------------------------------------------------


class _Uses:
    """Walks a document for interpolations. Aliases may repeat what they name, so nodes are counted."""

    def __init__(self, places: FilePlaces) -> None:
        self._places = places
        self._left = _MAX_NODES
        self._seen = set[int]()

    def all(self, root: Mapping) -> Iterator[VariableUse]:
        """The uses of services first: what they take in from elsewhere in the file has their scope."""
        for name, service in _services(root):
            yield from self._below(service, name)
        yield from self._from_environment(root)
        taken = frozenset(self._seen)
        for key, node in root.pairs:
            if key.value != b"services":
                yield from self._below(node, "", taken)

    def _below(self, node: Node, scope: str, taken: frozenset[int] = frozenset()) -> Iterator[VariableUse]:
        stack = [node]
        while stack and self._left > 0:
            here = stack.pop()
            if isinstance(here, Scalar):
                yield from () if here.start in taken else self._in_text(here, scope)
            elif isinstance(here, Sequence):
                self._left -= len(here.items)
                stack += reversed(here.items)
            elif isinstance(here, Mapping):
                pairs = merged_pairs(here)
                self._left -= len(pairs)
                stack += [value for _, value in reversed(pairs)]

    def _in_text(self, scalar: Scalar, scope: str) -> Iterator[VariableUse]:
        self._seen.add(scalar.start)
        for found in interpolations(scalar.value):
            at = within(scalar, found.span.start, scalar.value[found.span.start : found.span.end]).start
            yield VariableUse(
                name=found.name,
                place=self._places.at(at),
                kind=UseKind.COMPOSE,
                language="compose",
                default=None if found.default is None else ConfigValue(found.default),
                required=found.required,
                scope=scope,
            )

    def _from_environment(self, root: Mapping) -> Iterator[VariableUse]:
        """`secrets: {db: {environment: DB_PASSWORD}}` takes in a variable, too."""
        for block in _BLOCKS:
            entries = root.get(block)
            for _, entry in entries.pairs if isinstance(entries, Mapping) else ():
                name = entry.get("environment") if isinstance(entry, Mapping) else None
                if isinstance(name, Scalar) and name.value:
                    place = self._places.at(name.start)
                    yield VariableUse(text_of(name), place, UseKind.COMPOSE, "compose", required=True)


COLLECTOR: Final = Collector("compose", _wants, _collect)
