"""Sinks at GitHub: secrets and variables of Actions, secrets of Dependabot and of Codespaces."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from secopskit.errors import ConfigError
from secopskit.github.client import GitHubClient
from secopskit.github.environments import environment_exists, environment_path, make_environment
from secopskit.github.errors import GitHubNotFoundError
from secopskit.github.secret_store import SecretStore
from secopskit.github.sharing import Sharing
from secopskit.github.stores import Store, StoredEntry, quoted, repository_path
from secopskit.github.variable_store import VariableStore
from secopskit.secret import SecretValue
from secopskit.settings.sync import check_secret_name
from secopskit.sink.interface import EntryKind, SinkEntry, SinkPlace, SinkSurroundings

LARGEST: Final = 48 * 1024
"""The most bytes of a value: https://docs.github.com/en/actions/reference/limits"""
_SCOPES: Final = {
    "all": "all repositories",
    "private": "private and internal repositories",
    "selected": "selected repositories",
}


class _Seat(NamedTuple):
    """Where a sink stands. `owner` and `section` are words for its address; `path` is that of its entries.

    `shared` means that each entry says who may use it; `personal` that it is the user's own.
    """

    owner: str
    section: str
    path: str
    shared: bool = False
    personal: bool = False
    repository: str = ""
    environment: str = ""


@dataclass(frozen=True, kw_only=True)
class GitHubSink:
    """A place of secrets or of variables at GitHub; see `secopskit.sink.interface.Sink`."""

    seat: _Seat
    place: SinkPlace
    github: Callable[[], GitHubClient] = field(repr=False, compare=False)
    _stores: list[Store] = field(init=False, repr=False, compare=False, default_factory=list)
    _lock: threading.Lock = field(init=False, repr=False, compare=False, default_factory=threading.Lock)

    @property
    def address(self) -> str:
        """See `Sink.address`."""
        words = (
            f"{self._client.host}/{self.seat.owner}".rstrip("/"),
            self.seat.section,
            f"{self.kind.value}s",
        )
        return " ".join(word for word in words if word)

    @property
    def kind(self) -> EntryKind:
        """See `Sink.kind`."""
        return self.place.kind

    @property
    def readable(self) -> bool:
        """See `Sink.readable`: variables are, secrets never."""
        return self.kind is EntryKind.VARIABLE

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
    def _store(self) -> Store:
        """The one store of this sink: it knows the public key, and threads share it."""
        with self._lock:
            if not self._stores:
                self._stores.append(self._new_store())
            return self._stores[0]

    def _new_store(self) -> Store:
        sharing = None
        if self.seat.shared:
            sharing = Sharing(
                self._client,
                self.seat.path,
                f"{self.kind.value}s",
                visibility=self.place.visibility,
                repositories=_sharers(self.place),
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


def repository(place: SinkPlace, surroundings: SinkSurroundings) -> GitHubSink:
    """Actions of a repository. Raises ConfigError where none is named."""
    name = _repository(place)
    path = f"{repository_path(name)}/actions/{place.kind.value}s"
    return _sink(_Seat(name, "Actions", path, repository=name), place, surroundings)


def environment(place: SinkPlace, surroundings: SinkSurroundings) -> GitHubSink:
    """An environment of a repository: the one named, else the declared one. Raises ConfigError."""
    name, chosen = _repository(place), place.name or place.environment
    if not chosen:
        raise ConfigError("a sink names no environment", advice="Write `environment:NAME`.")
    path = f"{environment_path(name, chosen)}/{place.kind.value}s"
    seat = _Seat(name, f"environment {chosen}", path, repository=name, environment=chosen)
    return _sink(seat, place, surroundings)


def organization(place: SinkPlace, surroundings: SinkSurroundings) -> GitHubSink:
    """Actions of an organisation. Raises ConfigError where none is named."""
    return _of_organization("actions", "organization Actions", place, surroundings)


def dependabot(place: SinkPlace, surroundings: SinkSurroundings) -> GitHubSink:
    """Dependabot in a repository. Raises ConfigError where none is named, or for variables."""
    return _of_repository("dependabot", "Dependabot", place, surroundings)


def dependabot_organization(place: SinkPlace, surroundings: SinkSurroundings) -> GitHubSink:
    """Dependabot in an organisation. Raises ConfigError where none is named, or for variables."""
    _secrets_only("Dependabot", place)
    return _of_organization("dependabot", "organization Dependabot", place, surroundings)


def codespaces(place: SinkPlace, surroundings: SinkSurroundings) -> GitHubSink:
    """Codespaces of a repository. Raises ConfigError where none is named, or for variables."""
    return _of_repository("codespaces", "Codespaces", place, surroundings)


def codespaces_organization(place: SinkPlace, surroundings: SinkSurroundings) -> GitHubSink:
    """Codespaces of an organisation. Raises ConfigError where none is named, or for variables."""
    _secrets_only("Codespaces", place)
    return _of_organization("codespaces", "organization Codespaces", place, surroundings)


def codespaces_user(place: SinkPlace, surroundings: SinkSurroundings) -> GitHubSink:
    """Codespaces of the user whose token is used. Raises ConfigError for variables."""
    _secrets_only("Codespaces", place)
    _check_sharers(place, selected=True)
    seat = _Seat("", "user Codespaces", "/user/codespaces/secrets", shared=True, personal=True)
    return _sink(seat, place, surroundings)


def _of_repository(section: str, words: str, place: SinkPlace, surroundings: SinkSurroundings) -> GitHubSink:
    _secrets_only(words, place)
    name = _repository(place)
    return _sink(
        _Seat(name, words, f"{repository_path(name)}/{section}/secrets", repository=name), place, surroundings
    )


def _of_organization(
    section: str, words: str, place: SinkPlace, surroundings: SinkSurroundings
) -> GitHubSink:
    if not place.name or "/" in place.name:
        raise ConfigError("a sink names no organisation", advice="Write its name after a colon.")
    _check_sharers(place, selected=place.visibility == "selected")
    path = f"/orgs/{quoted(place.name)}/{section}/{place.kind.value}s"
    return _sink(_Seat(place.name, words, path, shared=True), place, surroundings)


def _sink(seat: _Seat, place: SinkPlace, surroundings: SinkSurroundings) -> GitHubSink:
    return GitHubSink(seat=seat, place=place, github=surroundings.github)


def _repository(place: SinkPlace) -> str:
    if not place.repository:
        raise ConfigError(
            "a sink needs a repository, and none is named", advice="Name it with --repo, or declare it."
        )
    return place.repository


def _sharers(place: SinkPlace) -> tuple[str, ...]:
    return place.repositories or ((place.repository,) if place.repository else ())


def _check_sharers(place: SinkPlace, *, selected: bool) -> None:
    if selected and not _sharers(place):
        raise ConfigError(
            "secrets for selected repositories need repositories", advice="Declare `repositories`."
        )


def _secrets_only(words: str, place: SinkPlace) -> None:
    if place.kind is EntryKind.VARIABLE:
        raise ConfigError(f"{words} has no variables", advice="Declare it among the secrets.")


def _check_text(name: str, raw: bytes) -> None:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(
            f"{name} is no UTF-8 text, which a variable must be", advice="Keep it as a secret, or encode it."
        ) from None
