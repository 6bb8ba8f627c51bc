"""All facts of a project: of each file by itself, then what several files say together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Final, TypeVar

from secopskit.collect.assemble.endpoints import endpoints
from secopskit.collect.assemble.kubernetes import joined_stacks
from secopskit.collect.assemble.modules import from_environment
from secopskit.collect.assemble.reach import MOST_BUILT, unreached
from secopskit.collect.assemble.scripts import from_outside
from secopskit.collect.assemble.stacks import stacks
from secopskit.collect.facts import (
    ComposeFile,
    DockerfileFacts,
    DocumentedName,
    DynamicLookup,
    Endpoint,
    EnvironmentModule,
    Fact,
    FileRole,
    JobFacts,
    Manifest,
    MentionedNames,
    ProjectFacts,
    Stack,
    Upstream,
    VariableSetting,
    VariableUse,
)
from secopskit.collect.interface import Collector
from secopskit.collect.own import is_own_report
from secopskit.collect.registry import collectors
from secopskit.collect.roles import is_read, role_of
from secopskit.findings import Blob, Skipped
from secopskit.named_tuple import NamedTuple

MAX_SIZE: Final = 1024 * 1024
"""Bytes of the largest file that is read for facts."""
_Kind = TypeVar("_Kind")


class ProjectIndex(NamedTuple):
    """What git knows of a project: the files in its index, and those of them that it is to ignore."""

    name: str
    tracked: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()


def is_wanted(path: str) -> bool:
    """Whether any collector wants the file; what others wrote or a program made is wanted by none."""
    return bool(_collectors_for(path)) and is_read(path)


def gather(
    content: Iterable[Blob | Skipped], index: ProjectIndex, *, others: Iterable[str] = ()
) -> ProjectFacts:
    """The facts of all `content`, in its order. `others` are the paths of files that nobody wants.

    `others` is read after `content`.
    """
    found, paths, skipped, own = _FactsByKind(), list[str](), list[Skipped](), 0
    for item in content:
        paths.append(item.path)
        if isinstance(item, Skipped):
            if is_wanted(item.path):
                skipped.append(item)
        elif is_wanted(item.path):
            if is_own_report(item):
                own += 1
            else:
                found.add(facts_of(item))
    paths += others
    settings = found.of(VariableSetting)
    first = ProjectFacts(
        name=index.name,
        paths=frozenset(paths),
        tracked=index.tracked,
        ignored=index.ignored,
        uses=tuple(
            from_outside(from_environment(found.of(VariableUse), found.of(EnvironmentModule)), settings)
        ),
        settings=settings,
        dynamic=found.of(DynamicLookup),
        documented=found.of(DocumentedName),
        stacks=found.of(Stack),
        dockerfiles=found.of(DockerfileFacts),
        upstreams=found.of(Upstream),
        jobs=found.of(JobFacts),
        manifests=found.of(Manifest),
        endpoints=found.of(Endpoint),
        skipped=(*skipped, *found.of(Skipped)),
        mentions=found.of(MentionedNames),
        limits=tuple(_passed_over(paths, own)),
    )
    composed = stacks(found.of(ComposeFile), first)
    merged = replace(first, stacks=(*joined_stacks(first.stacks, first), *composed))
    return replace(
        merged,
        endpoints=(*merged.endpoints, *endpoints(merged)),
        limits=(*merged.limits, *_beyond_reach(merged)),
    )


def facts_of(blob: Blob) -> Iterator[Fact]:
    """The facts of one file, each with the role of the file."""
    role = role_of(blob.path)
    for collector in _collectors_for(blob.path):
        for fact in collector.collect(blob):
            yield _with_role(fact, role)


@lru_cache(maxsize=1 << 15)
def _collectors_for(path: str) -> tuple[Collector, ...]:
    return tuple(collector for collector in collectors() if collector.wants(path))


def _with_role(fact: Fact, role: FileRole) -> Fact:
    """`fact` with the role of its file, where it has one and says nothing else."""
    if role is FileRole.PRODUCT or not isinstance(
        fact, VariableUse | VariableSetting | DynamicLookup | ComposeFile
    ):
        return fact
    return fact._replace(role=role) if fact.role is FileRole.PRODUCT else fact


def _beyond_reach(project: ProjectFacts) -> Iterator[str]:
    """What is said of services of which is not asked what they read and are given."""
    if count := unreached(project):
        yield f"{count} more than {MOST_BUILT:,} services are built here: what these read was not looked at"


def _passed_over(paths: Iterable[str], own: int) -> Iterator[str]:
    """What is said of files that a collector would read, were they this project's own work.

    `own` is the number of those that secops itself wrote.
    """
    if own:
        yield f"{own} {'report of secops was' if own == 1 else 'reports of secops were'} not read for facts"
    count = sum(1 for path in paths if not is_read(path) and _collectors_for(path))
    if count:
        yield f"{count} vendored or generated {'file was' if count == 1 else 'files were'} not read"


class _FactsByKind:
    """Facts, each kind in the order in which they were found."""

    def __init__(self) -> None:
        self._facts = defaultdict[type, list[Fact]](list)

    def add(self, facts: Iterable[Fact]) -> None:
        """Add `facts`, all of them after those that are here."""
        for fact in facts:
            self._facts[type(fact)].append(fact)

    def of(self, kind: type[_Kind]) -> tuple[_Kind, ...]:
        """Those of one kind."""
        return tuple(fact for fact in self._facts[kind] if isinstance(fact, kind))
