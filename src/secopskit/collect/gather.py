"""All facts of a project: of each file by itself, then what several files say together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final, NamedTuple, TypeVar

from secopskit.collect.assemble.endpoints import endpoints
from secopskit.collect.assemble.kubernetes import joined_stacks
from secopskit.collect.assemble.stacks import stacks
from secopskit.collect.facts import (
    ComposeFile,
    DockerfileFacts,
    DocumentedName,
    DynamicLookup,
    Endpoint,
    Fact,
    JobFacts,
    Manifest,
    MentionedNames,
    ProjectFacts,
    Stack,
    Upstream,
    VariableSetting,
    VariableUse,
)
from secopskit.collect.registry import collectors
from secopskit.findings import Blob, Skipped

MAX_SIZE: Final = 1024 * 1024
"""Bytes of the largest file that is read for facts."""
_Kind = TypeVar("_Kind")


class ProjectIndex(NamedTuple):
    """What git knows of a project: the files in its index, and those of them that it is to ignore."""

    name: str
    tracked: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()


def gather(content: Iterable[Blob | Skipped], index: ProjectIndex) -> ProjectFacts:
    """The facts of all `content`, in its order."""
    found, paths, skipped = list[Fact](), list[str](), list[Skipped]()
    for item in content:
        paths.append(item.path)
        if isinstance(item, Skipped):
            skipped.append(item)
        else:
            found += facts_of(item)
    first = ProjectFacts(
        name=index.name,
        paths=frozenset(paths),
        tracked=index.tracked,
        ignored=index.ignored,
        uses=_of(found, VariableUse),
        settings=_of(found, VariableSetting),
        dynamic=_of(found, DynamicLookup),
        documented=_of(found, DocumentedName),
        stacks=_of(found, Stack),
        dockerfiles=_of(found, DockerfileFacts),
        upstreams=_of(found, Upstream),
        jobs=_of(found, JobFacts),
        manifests=_of(found, Manifest),
        endpoints=_of(found, Endpoint),
        skipped=(*skipped, *_of(found, Skipped)),
        mentions=_of(found, MentionedNames),
    )
    composed = stacks(_of(found, ComposeFile), first)
    merged = replace(first, stacks=(*joined_stacks(first.stacks, first), *composed))
    return replace(merged, endpoints=(*merged.endpoints, *endpoints(merged)))


def facts_of(blob: Blob) -> Iterator[Fact]:
    """The facts of one file."""
    for collector in collectors():
        if collector.wants(blob.path):
            yield from collector.collect(blob)


def _of(facts: list[Fact], kind: type[_Kind]) -> tuple[_Kind, ...]:
    return tuple(fact for fact in facts if isinstance(fact, kind))
