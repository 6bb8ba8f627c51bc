"""The targets of a sync: what is declared, with the sink that each declared value goes to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from secopskit.errors import UsageError
from secopskit.named_tuple import NamedTuple
from secopskit.settings.declaration import DeclaredValue, SinkChoice
from secopskit.sink import build_sink
from secopskit.sink.interface import EntryKind, Sink, SinkPlace, SinkSurroundings
from secopskit.sync.request import SyncRequest

SinkKey: TypeAlias = str
"""What tells a sink from all others: its address. A file has one, whichever kind of value is for it."""


class SyncTarget(NamedTuple):
    """One declared value and one sink that it goes to. `wanted` is whether the request asks for it."""

    environment: str
    declared: DeclaredValue
    sink: Sink
    repository: str
    wanted: bool

    @property
    def key(self) -> SinkKey:
        """The sink's."""
        return self.sink.address

    @property
    def name(self) -> str:
        """The name as the sink keeps it."""
        return self.sink.canonical(self.declared.name)

    @property
    def value_key(self) -> tuple[str, str]:
        """What names the value, in `SyncRequest.given` too."""
        return self.environment, self.declared.name


@dataclass(slots=True)
class _Sinks:
    """The sinks of a plan: each is built once."""

    surroundings: SinkSurroundings
    built: dict[tuple[str, SinkPlace], Sink] = field(default_factory=dict)

    def get(self, kind: str, place: SinkPlace) -> Sink:
        key = (kind, place)
        if key not in self.built:
            self.built[key] = build_sink(kind, place, self.surroundings)
        return self.built[key]


def targets_of(request: SyncRequest, surroundings: SinkSurroundings) -> tuple[SyncTarget, ...]:
    """All that is declared, in the order of the declaration; those not asked for too.

    What is not asked for is still declared: it is not to be taken for unmanaged. Raises ConfigError for
    a declaration that no sink takes, UsageError for a request that names what is not there.
    """
    known = {environment.name for environment in request.config.environments}
    for name in request.environments:
        if name not in known:
            raise UsageError(
                f"no environment {name!r} is declared", advice=f"Declared are: {', '.join(known) or 'none'}."
            )
    sinks = _Sinks(surroundings)
    return tuple(
        SyncTarget(
            environment.name, value, sink, repository, is_wanted(request, environment.name, value.name)
        )
        for environment in request.config.environments
        for value in environment.values
        for repository, sink in _sinks_of(environment.name, value, sinks)
    )


def by_sink(targets: tuple[SyncTarget, ...]) -> Mapping[SinkKey, tuple[SyncTarget, ...]]:
    """The targets of each sink, in the order of the declaration."""
    found: dict[SinkKey, list[SyncTarget]] = {}
    for target in targets:
        found.setdefault(target.key, []).append(target)
    return {key: tuple(ones) for key, ones in found.items()}


def is_named(request: SyncRequest, name: str) -> bool:
    """Whether the request is about that name: about all, if it names none."""
    return not request.names or name.upper() in {one.upper() for one in request.names}


def is_wanted(request: SyncRequest, environment: str, name: str) -> bool:
    """Whether the request asks for that name of that environment."""
    within = not request.environments or environment in request.environments
    return within and is_named(request, name)


def _sinks_of(environment: str, value: DeclaredValue, sinks: _Sinks) -> Iterator[tuple[str, Sink]]:
    """The sinks that a value goes to, each once, with the repository that each belongs to."""
    seen = set[SinkKey]()
    kind = EntryKind.VARIABLE if value.variable else EntryKind.SECRET
    for choice in value.sinks:
        for repository in value.repositories or ("",):
            sink = sinks.get(choice.kind, _place(environment, value, choice, repository, kind))
            if sink.address not in seen:
                seen.add(sink.address)
                yield repository, sink


def _place(
    environment: str, value: DeclaredValue, choice: SinkChoice, repository: str, kind: EntryKind
) -> SinkPlace:
    return SinkPlace(
        kind=kind,
        name=choice.name,
        repository=repository,
        environment=environment,
        visibility=value.visibility,
        repositories=value.repositories,
    )
