"""Secrets of Actions, Dependabot and Codespaces: written sealed, and never read again."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Final

from secopskit.github.client import GitHubClient
from secopskit.github.errors import GitHubError, GitHubNotFoundError
from secopskit.github.stores.interface import StoredEntry, header_time, quoted, read_entry
from secopskit.github.stores.sealing import SealedValue, Sealer
from secopskit.github.stores.sharing import Sharing
from secopskit.secret import SecretValue

_KEY: Final = "secrets"


class SecretStore:
    """The secrets at `path` (`/repos/acme/shop/actions/secrets`): a `interface.GitHubStore`.

    `sharing` is there for organisations and users: it says who may use what is written.
    """

    def __init__(self, client: GitHubClient, path: str, sharing: Sharing | None = None) -> None:
        self._client = client
        self._path = path
        self._sharing = sharing
        self._sealer = Sealer(client, f"{path}/public-key")

    def entries(self) -> Mapping[str, StoredEntry]:
        """See `GitHubStore.entries`. A request for each hundred."""
        if self._sharing:
            return self._sharing.entries()
        return {entry.name: entry for entry in map(read_entry, self._client.listed(self._path, _KEY))}

    def put(self, name: str, value: SecretValue) -> datetime | None:
        """See `GitHubStore.put`. One request, and one more for the key if none has been sealed with yet.

        Sealed anew and sent once more where the key was replaced in the meantime, or where something
        else was writing at the same moment. Raises GitHubError, RefusedError.
        """
        sealed = self._sealer.seal(value)
        try:
            return self._write(name, sealed)
        except GitHubError as error:
            stale = error.status == 422 and self._sealer.renew(sealed)
            if not stale and error.status != 409:
                raise
        return self._write(name, self._sealer.seal(value))

    def remove(self, name: str) -> None:
        """See `GitHubStore.remove`."""
        with suppress(GitHubNotFoundError):
            self._client.send("DELETE", self._entry(name))

    def _write(self, name: str, sealed: SealedValue) -> datetime | None:
        shared = self._sharing.body(name) if self._sharing else {}
        return header_time(self._client.send("PUT", self._entry(name), sealed._asdict() | shared).date)

    def _entry(self, name: str) -> str:
        return f"{self._path}/{quoted(name)}"
