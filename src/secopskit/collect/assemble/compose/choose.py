"""Which Compose files are started together, and what for.

By its name a file is a base (`compose.yml`), its override, or a variant (`compose.prod.yml`). A variant that
does not stand alone is an overlay: it has services without an image, or needs services, networks or volumes
that another file of its directory (or the nearest one above) defines.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

from secopskit.collect.facts import ComposeFile
from secopskit.collect.paths import directory_of
from secopskit.formats.trees.environment import text_of
from secopskit.formats.trees.yaml_tree import Mapping as YamlMapping
from secopskit.formats.trees.yaml_tree import Node, Scalar, Sequence, merged_pairs
from secopskit.lazy_regex import LazyRegex
from secopskit.named_tuple import NamedTuple

_BASES: Final = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
"""The names that Compose looks for by itself, in its order."""
_MOST_SERVICES: Final = 1000
_STEM: Final = LazyRegex(r"(?i)(?:docker-?|podman-)?compose|ya?ml")
_WORD: Final = LazyRegex(r"[._-]")
_DEVELOPMENT: Final = frozenset(
    {"dev", "devel", "development", "local", "test", "tests", "testing", "ci", "e2e", "debug", "devcontainer"}
    | {"override", "integration", "cypress", "playwright", "sandbox", "demo", "bench", "benchmark"}
)
_MAKES: Final = frozenset({"image", "build", "extends", "provider"})

_OF_PIPELINES: Final = frozenset({".github", ".gitlab", ".circleci", ".buildkite", ".woodpecker"})


class StackPlan(NamedTuple):
    """Files that are merged in that order. `variant` is what the last one is for."""

    files: tuple[str, ...]
    variant: str
    development: bool


class _File(NamedTuple):
    path: str
    services: frozenset[str]
    incomplete: frozenset[str]
    needs: frozenset[str]
    """What it refers to and does not define: names of services, networks and volumes, with their kind."""
    offers: frozenset[str]


def plans(files: Mapping[str, ComposeFile]) -> Iterator[StackPlan]:
    """What is started; files that others only include or extend are among it."""
    known = {path: _look(file) for path, file in sorted(files.items())}
    for path, file in known.items():
        over = base_of(file, known)
        words = variant_words(path)
        if over is None:
            yield StackPlan((path,), " ".join(words), is_development(path))
            continue
        names = (*base_chain(over, known), path)
        yield StackPlan(names, " ".join(words) or directory_of(path), is_development(path))


def base_chain(path: str, known: Mapping[str, _File]) -> tuple[str, ...]:
    """A file with those that it is put on."""
    chain = [path]
    while len(chain) < 4 and (below := base_of(known[chain[0]], known)) and below not in chain:
        chain.insert(0, below)
    return tuple(chain)


def base_of(file: _File, known: Mapping[str, _File]) -> str | None:
    """The file that `file` is put on; None for one that stands alone."""
    for candidate in _candidates(file.path, known):
        other = known[candidate]
        if _is_override(file.path) or _is_overlay(file, other):
            return candidate
    return None


def _is_overlay(file: _File, other: _File) -> bool:
    if file.incomplete:
        return bool(file.incomplete & other.services)
    return bool(file.needs & other.offers)


def _candidates(path: str, known: Mapping[str, _File]) -> Iterator[str]:
    """Files it may be put on: `x.test.yml` for `x.test.override.yml`, then the bases here and above."""
    directory, name = posixpath.split(path)
    parts = name.split(".")
    for cut in range(len(parts) - 2, 0, -1):
        for end in ("yml", "yaml"):
            shorter = posixpath.join(directory, ".".join((*parts[:cut], end)))
            if shorter in known and shorter != path:
                yield shorter
    while True:
        for base in _BASES:
            there = posixpath.join(directory, base)
            if there in known and there != path:
                yield there
        if not directory:
            return
        directory = directory_of(directory)


# --- names ------------------------------------------------------------------------------------


def variant_words(path: str) -> tuple[str, ...]:
    """What a file's name says beside that it is a Compose file: `prod` of `compose.prod.yml`."""
    words = _WORD.split(posixpath.basename(path))
    return tuple(word for word in words if word and _STEM.fullmatch(word) is None and word != "docker")


def is_base(path: str) -> bool:
    """Whether Compose looks for a file of that name by itself."""
    return posixpath.basename(path) in _BASES


def is_development(path: str) -> bool:
    """Whether the name or the directory of a file says that it is for development or tests."""
    words = {word.lower() for word in variant_words(path)}
    directories = directory_of(path).lower().split("/")
    for directory in directories:
        words.update(_WORD.split(directory))
    return bool(words & _DEVELOPMENT) or not _OF_PIPELINES.isdisjoint(directories)


def _is_override(path: str) -> bool:
    return variant_words(path)[-1:] == ("override",)


# --- what a file has --------------------------------------------------------------------------


def _look(file: ComposeFile) -> _File:
    root = file.document
    blocks = {text_of(key): node for key, node in merged_pairs(root)} if isinstance(root, YamlMapping) else {}
    services = _pairs(blocks.get("services"))
    incomplete, needs = set[str](), set[str]()
    for name, node in islice(services.items(), _MOST_SERVICES):
        keys = _pairs(node)
        if not keys.keys() & _MAKES:
            incomplete.add(name)
        needs.update(f"services:{each}" for each in _named(keys.get("depends_on")))
        needs.update(f"networks:{each}" for each in _named(keys.get("networks")))
        needs.update(f"volumes:{each}" for each in _named_volumes(keys.get("volumes")))
    offers = {
        f"{block}:{each}"
        for block in ("services", "networks", "volumes")
        for each in _pairs(blocks.get(block))
    }
    return _File(
        path=file.path,
        services=frozenset(services),
        incomplete=frozenset(incomplete),
        needs=frozenset(needs - offers - {"networks:default"}),
        offers=frozenset(offers),
    )


def _pairs(node: Node) -> dict[str, Node]:
    return {text_of(key): value for key, value in merged_pairs(node)} if isinstance(node, YamlMapping) else {}


def _named(node: Node) -> list[str]:
    if isinstance(node, Sequence):
        return [text_of(item) for item in node.items if isinstance(item, Scalar)]
    return list(_pairs(node))


def _named_volumes(node: Node) -> Iterator[str]:
    for item in node.items if isinstance(node, Sequence) else ():
        if isinstance(item, Scalar):
            source, colon, _ = text_of(item).partition(":")
            if colon and not source.startswith((".", "/", "~", "$")):
                yield source
