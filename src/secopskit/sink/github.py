"""A sink at GitHub: a place of secrets or of variables, whichever it is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from secopskit.errors import ConfigError
from secopskit.github.client import GitHubClient
from secopskit.github.environments import environment_exists, make_environment
from secopskit.github.errors import GitHubNotFoundError
from secopskit.github.stores.interface import GitHubStore, StoredEntry
from secopskit.github.stores.secret_store import SecretStore
from secopskit.github.stores.sharing import Sharing
from secopskit.github.stores.variable_store import VariableStore
from secopskit.named_tuple import NamedTuple
from secopskit.secret import SecretValue
from secopskit.settings.declaration import check_secret_name
from secopskit.sink.interface import EntryKind, SinkEntry, SinkPlace

LARGEST: Final = 48 * 1024
"""The most bytes of a value: https://docs.github.com/en/actions/reference/limits"""
_SCOPES: Final = {
    "all": "all repositories",
    "private": "private and internal repositories",
    "selected": "selected repositories",
}


class GitHubSeat(NamedTuple):
    """Where a sink stands. `owner` and `section` are words for its address; `path` is that of its entries.

    `shared` means that each entry says who may use it; `personal` that it is the user's own. `most` is how
    many entries it takes, 0 where GitHub does not say.
    """

    owner: str
    section: str
    path: str
    shared: bool = False
    personal: bool = False
    repository: str = ""
    environment: str = ""
    most: int = 0


@dataclass(frozen=True, kw_only=True)
class GitHubSink:
    """A place of secrets or of variables at GitHub; see `secopskit.sink.interface.Sink`."""

    seat: GitHubSeat
    place: SinkPlace
    github: Callable[[], GitHubClient] = field(repr=False, compare=False)
    _stores: list[GitHubStore] = field(init=False, repr=False, compare=False, default_factory=list)
    _lock: threading.Lock = field(init=False, repr=False, compare=False, default_factory=threading.Lock)

    @property
    def address(self) -> str:
        """See `Sink.address`. In lower case, for GitHub takes names of any case as the same."""
        place = f"{self._client.host}/{self.seat.owner}".rstrip("/").lower()
        return f"{place} {self.seat.section} {self.kind.value}s"

    @property
    def owner(self) -> str:
        """See `Sink.owner`."""
        return self.seat.owner.partition("/")[0].lower()

    @property
    def kind(self) -> EntryKind:
        """See `Sink.kind`."""
        return self.place.kind

    @property
    def readable(self) -> bool:
        """See `Sink.readable`: variables are, secrets never."""
        return self.kind is EntryKind.VARIABLE

    @property
    def most(self) -> int:
        """See `Sink.most`."""
        return self.seat.most

    def canonical(self, name: str) -> str:
        """See `Sink.canonical`."""
        return name.upper()

    def check(self, name: str, value: SecretValue) -> None:
        """See `Sink.check`."""
        try:
            check_secret_name(name)
        except ValueError:
            raise ConfigError(
                "a name is none that GitHub takes",
                advice="It has letters, digits and `_`, no digit at its start, and not GITHUB_ either.",
            ) from None
        if len(value) > LARGEST:
            raise ConfigError(
                f"{name} has {len(value):,} bytes; GitHub takes {LARGEST:,} at most",
                advice="Encrypt the large value with a key, keep it as a file, and keep the key here.",
            )
        raw = value.reveal()
        if b"\0" in raw:
            raise ConfigError(
                f"{name} holds a NUL byte, which no variable of a process can", advice="Encode it: base64."
            )
        if self.readable:
            _check_text(name, raw)

    def exists(self) -> bool:
        """See `Sink.exists`: only environments can be missing."""
        if not self.seat.environment:
            return True
        return environment_exists(self._client, self.seat.repository, self.seat.environment)

    def make(self) -> None:
        """See `Sink.make`."""
        if self.seat.environment:
            make_environment(self._client, self.seat.repository, self.seat.environment)

    def entries(self) -> Mapping[str, SinkEntry]:
        """See `Sink.entries`."""
        try:
            found = self._store.entries()
        except GitHubNotFoundError:
            if not self.seat.environment or self.exists():
                raise
            return {}
        return {name: self._entry(entry) for name, entry in found.items()}

    def put(self, name: str, value: SecretValue) -> datetime | None:
        """See `Sink.put`."""
        return self._store.put(self.canonical(name), value)

    def remove(self, name: str) -> None:
        """See `Sink.remove`."""
        self._store.remove(self.canonical(name))

    @property
    def _client(self) -> GitHubClient:
        return self.github()

    @property
    def _store(self) -> GitHubStore:
        """The one store of this sink: it knows the public key, and threads share it."""
        with self._lock:
            if not self._stores:
                self._stores.append(self._new_store())
            return self._stores[0]

    def _new_store(self) -> GitHubStore:
        sharing = None
        if self.seat.shared:
            sharing = Sharing(
                self._client,
                self.seat.path,
                f"{self.kind.value}s",
                visibility=self.place.visibility,
                repositories=sharers(self.place),
                personal=self.seat.personal,
            )
        store = VariableStore if self.kind is EntryKind.VARIABLE else SecretStore
        return store(self._client, self.seat.path, sharing)

    def _entry(self, entry: StoredEntry) -> SinkEntry:
        return SinkEntry(
            name=entry.name,
            updated_at=entry.updated_at,
            value=entry.value if self.readable else None,
            scope=_SCOPES.get(entry.visibility, ""),
        )


def sharers(place: SinkPlace) -> tuple[str, ...]:
    """The repositories that may use what is new for selected ones."""
    return place.repositories or ((place.repository,) if place.repository else ())


def _check_text(name: str, raw: bytes) -> None:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(
            f"{name} is no UTF-8 text, which a variable must be", advice="Keep it as a secret, or encode it."
        ) from None
