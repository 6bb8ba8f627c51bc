"""Variables of Actions: values that all who may see the repository may read."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from secopskit.errors import ConfigError
from secopskit.github.client import GitHubAnswer, GitHubClient
from secopskit.github.errors import GitHubError, GitHubNotFoundError
from secopskit.github.stores.interface import StoredEntry, header_time, quoted, read_entry
from secopskit.github.stores.sharing import Sharing
from secopskit.secret import SecretValue

_KEY: Final = "variables"
# The most that a page of variables may have: https://docs.github.com/en/rest/actions/variables
PER_PAGE: Final = {"per_page": "30"}


class VariableStore:
    """The variables at `path` (`/repos/acme/shop/actions/variables`): a `interface.GitHubStore`.

    `sharing` is there for organisations: it says who may use what is written.
    """

    def __init__(self, client: GitHubClient, path: str, sharing: Sharing | None = None) -> None:
        self._client = client
        self._path = path
        self._sharing = sharing
        self._lock = threading.Lock()
        self._known: set[str] | None = None

    def entries(self) -> Mapping[str, StoredEntry]:
        """See `GitHubStore.entries`. A request for each thirty."""
        if self._sharing:
            found = self._sharing.entries(PER_PAGE)
        else:
            items = self._client.listed(self._path, _KEY, PER_PAGE)
            found = {entry.name: entry for entry in map(read_entry, items)}
        with self._lock:
            self._known = set(found)
        return found

    def put(self, name: str, value: SecretValue) -> datetime | None:
        """See `GitHubStore.put`. One request where `entries` was asked before, and nothing has changed since.

        GitHub has one way to write a variable that is new, and one for those that are there. A first
        try that got no answer may have been done: what then meets the other state goes the other way.
        Raises GitHubError, RefusedError, ConfigError for a value that is no UTF-8.
        """
        body: dict[str, Any] = {"name": name, "value": _text(name, value)}
        if self._sharing:
            body |= self._sharing.body(name, PER_PAGE)
        with self._lock:
            new = self._known is not None and name not in self._known
        answer = self._write(name, body, new=new)
        with self._lock:
            if self._known is not None:
                self._known.add(name)
        return header_time(answer.date)

    def remove(self, name: str) -> None:
        """See `GitHubStore.remove`."""
        with suppress(GitHubNotFoundError):
            self._client.send("DELETE", f"{self._path}/{quoted(name)}")
        with self._lock:
            if self._known is not None:
                self._known.discard(name)

    def _write(self, name: str, body: Mapping[str, Any], *, new: bool) -> GitHubAnswer:
        for _ in range(2):
            try:
                return self._make(body) if new else self._change(name, body)
            except GitHubError as error:
                if error.status != (409 if new else 404):
                    raise
                new = not new
        return self._make(body) if new else self._change(name, body)

    def _make(self, body: Mapping[str, Any]) -> GitHubAnswer:
        return self._client.send("POST", self._path, body, again=True)

    def _change(self, name: str, body: Mapping[str, Any]) -> GitHubAnswer:
        return self._client.send("PATCH", f"{self._path}/{quoted(name)}", body)


def _text(name: str, value: SecretValue) -> str:
    try:
        return value.reveal().decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(
            f"{name} is no UTF-8 text, which a variable must be", advice="Keep it as a secret, or encode it."
        ) from None
