"""Fakes for syncs: a host whose sinks keep what they are given, sources in a dictionary, and requests."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from secopskit.conduct.consent import NOBODY
from secopskit.conduct.tell import SILENCE
from secopskit.errors import ConfigError, SecopsError
from secopskit.origin.interface import OriginSurroundings, OriginValue
from secopskit.secret import SecretValue
from secopskit.settings.sync import load_sync
from secopskit.sink.interface import EntryKind, SinkEntry, SinkPlace, SinkSurroundings
from secopskit.sync.request import SyncRequest
from support.origins import TrustAll

HOSTS: dict[str, FakeHost] = {}
"""The host of each `base`: sinks and sources are built by name, far from the test."""


@dataclass(slots=True)
class FakeHost:
    """A host. Its clock moves by a minute with each write; `fails` maps names to the errors of their writes.

    `stored` holds the entries of each sink by address; `missing` are addresses of places to be made first.
    `sources` are the values of each source, None for one that cannot be read.
    """

    now: datetime = datetime(2030, 1, 1, tzinfo=UTC)
    stored: dict[str, dict[str, tuple[bytes, datetime]]] = field(default_factory=dict)
    sources: dict[str, dict[str, bytes] | None] = field(default_factory=dict)
    fails: dict[str, SecopsError] = field(default_factory=dict)
    unreachable: dict[str, SecopsError] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    calls: list[tuple[str, ...]] = field(default_factory=list)
    tells_time: bool = True
    most: int = 0

    def tick(self) -> datetime:
        """The time, a minute later than the last."""
        self.now += timedelta(minutes=1)
        return self.now

    def write(self, address: str, name: str, value: bytes) -> datetime:
        """Write an entry, as somebody else may do, too."""
        when = self.tick()
        self.stored.setdefault(address, {})[name] = (value, when)
        return when

    def value(self, address: str, name: str) -> bytes:
        """What an entry holds."""
        return self.stored[address][name][0]


class FakeSink:
    """A sink of the host: kind `locker` cannot be read, kind `board` can."""

    def __init__(self, place: SinkPlace, surroundings: SinkSurroundings, *, readable: bool) -> None:
        self._host = HOSTS[surroundings.base]
        self.kind = place.kind
        self.readable = readable
        self.most = self._host.most
        self.owner = ""
        parts = [place.repository, place.name or place.environment, place.kind.value]
        self.address = "fake " + " ".join(filter(None, parts))

    def canonical(self, name: str) -> str:
        return name.upper()

    def check(self, name: str, value: SecretValue) -> None:
        self._host.calls.append(("check", self.address, name))
        if len(value) > 1000:
            raise ConfigError(f"{name} is too long for {self.address}")

    def exists(self) -> bool:
        return self.address not in self._host.missing

    def make(self) -> None:
        self._host.calls.append(("make", self.address))
        if error := self._host.fails.get(self.address):
            raise error
        self._host.missing.discard(self.address)

    def entries(self) -> Mapping[str, SinkEntry]:
        self._host.calls.append(("list", self.address))
        if error := self._host.unreachable.get(self.address):
            raise error
        return {
            name: SinkEntry(name, when, SecretValue(value) if self.readable else None)
            for name, (value, when) in self._host.stored.get(self.address, {}).items()
        }

    def put(self, name: str, value: SecretValue) -> datetime | None:
        self._host.calls.append(("put", self.address, name))
        if error := self._host.fails.get(name):
            raise error
        if self.address in self._host.missing:
            raise SecopsError(f"{self.address} is not there")
        when = self._host.write(self.address, name, value.reveal())
        return when if self._host.tells_time else None

    def remove(self, name: str) -> None:
        self._host.calls.append(("remove", self.address, name))
        if error := self._host.fails.get(name):
            raise error
        with suppress(KeyError):
            del self._host.stored[self.address][name]


def locker(place: SinkPlace, surroundings: SinkSurroundings) -> FakeSink:
    """A sink that shows no values."""
    return FakeSink(place, surroundings, readable=place.kind is EntryKind.VARIABLE)


def board(place: SinkPlace, surroundings: SinkSurroundings) -> FakeSink:
    """A sink that shows its values."""
    return FakeSink(place, surroundings, readable=True)


class FakeOrigin:
    """A source of the host, named by its only argument."""

    writable = False
    apart = False

    def __init__(self, arguments: tuple[str, ...], surroundings: OriginSurroundings) -> None:
        self._host = HOSTS[surroundings.base]
        self._name = arguments[0] if arguments else "shelf"

    @property
    def label(self) -> str:
        return self._name

    def read(self, keys: Collection[str]) -> Mapping[str, OriginValue]:
        self._host.calls.append(("read", self._name, *sorted(keys)))
        values = self._host.sources.get(self._name)
        if values is None:
            raise SecopsError(f"{self._name} cannot be read")
        return {
            key: OriginValue(SecretValue(values[key]), f"{self._name}:{key}") for key in keys if key in values
        }

    def write(self, values: Mapping[str, SecretValue]) -> None:
        raise NotImplementedError


def request_for(root: Path, declaration: str, /, **changes: Any) -> SyncRequest:
    """A request of the declaration, which is written to `.secops.yaml` in the repository at `root`."""
    (root / ".secops.yaml").write_text(declaration, encoding="utf-8")
    (root / ".git").mkdir(exist_ok=True)
    fields: dict[str, Any] = {
        "config": load_sync(root, environ={}),
        "origins": OriginSurroundings(
            base=str(root),
            variable=lambda _: None,
            standard_input=bytes,
            respondent=NOBODY,
            tell=SILENCE,
            trust=TrustAll(),
        ),
        "root": str(root),
        "state_dir": str(root / ".git" / "secops"),
    }
    return SyncRequest(**fields | changes)


def surroundings_of(root: Path) -> SinkSurroundings:
    """What sinks may use: no GitHub."""

    def nobody() -> Any:
        raise AssertionError("nobody talks to GitHub here")

    return SinkSurroundings(base=str(root), github=nobody)
