"""Who may use the entries of an organisation or a user: read before they are written, and sent back.

A write says anew who may use an entry. Whoever leaves that out, or sends a default, widens or narrows it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from secopskit.errors import RefusedError
from secopskit.github.client import GitHubClient
from secopskit.github.repositories import hosted_repository
from secopskit.github.stores.interface import StoredEntry, quoted, read_entry

_FRESH: Final = 20.0  # seconds that a list of entries is believed when something is written
_VISIBILITIES: Final = frozenset({"all", "private", "selected"})


class Sharing:
    """Who may use each entry of the place at `path`, which lists entries under `key`.

    `visibility` is for entries that are new; for `selected`, `repositories` may use them. A user's own
    secrets have no visibility: they are all `selected` (`personal`).
    """

    def __init__(
        self,
        client: GitHubClient,
        path: str,
        key: str,
        *,
        visibility: str = "private",
        repositories: Sequence[str] = (),
        personal: bool = False,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client, self._path, self._key = client, path, key
        self._visibility = "selected" if personal else visibility
        self._repositories = repositories
        self._personal = personal
        self._now = now
        self._lock = threading.Lock()
        self._entries: Mapping[str, StoredEntry] = {}
        self._read_at: float | None = None
        self._ids: list[int] | None = None

    def entries(self, query: Mapping[str, str] | None = None) -> Mapping[str, StoredEntry]:
        """What is there now, by name. Raises GitHubError."""
        with self._lock:
            return self._read(query)

    def body(self, name: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The part of a write that says who may use the entry: as it is, or as declared for a new one.

        Raises GitHubError, RefusedError where that cannot be seen whole.
        """
        with self._lock:
            fresh = self._read_at is not None and self._now() - self._read_at < _FRESH
            entry = (self._entries if fresh else self._read(query)).get(name)
            if entry is None:
                return self._said(self._visibility, self._declared)
        visibility = "selected" if self._personal else entry.visibility
        if visibility not in _VISIBILITIES:
            raise RefusedError(
                f"GitHub does not say who may use {name}, and writing it would decide that anew",
                advice="Look at it in the settings of the organisation.",
            )
        return self._said(visibility, lambda: self.selected(name))

    def selected(self, name: str) -> list[int]:
        """The ids of the repositories that may use an entry. Raises RefusedError where some are hidden."""
        path = f"{self._path}/{quoted(name)}/repositories"
        # A user's own list takes no query: https://docs.github.com/en/rest/codespaces/secrets
        query = {} if self._personal else {"per_page": "100"}
        ids, page = list[int](), 1
        while True:
            document = self._client.get(path, query | ({"page": str(page)} if page > 1 else {}))
            items = document.get("repositories") if isinstance(document, dict) else None
            found = [item["id"] for item in items or [] if isinstance(item, dict) and "id" in item]
            total = document.get("total_count", len(found)) if isinstance(document, dict) else 1
            ids += found
            if len(ids) >= total:
                return ids
            if not found:
                raise RefusedError(
                    f"the token sees {len(ids)} of the {total} repositories that may use {name}; writing it "
                    "would take it from the others",
                    advice="Use a token that may see all repositories of the organisation.",
                )
            page += 1

    def _read(self, query: Mapping[str, str] | None) -> Mapping[str, StoredEntry]:
        found = map(read_entry, self._client.listed(self._path, self._key, query))
        self._entries = {entry.name: entry for entry in found}
        self._read_at = self._now()
        return self._entries

    def _said(self, visibility: str, ids: Callable[[], list[int]]) -> dict[str, Any]:
        said: dict[str, Any] = {} if self._personal else {"visibility": visibility}
        if visibility == "selected":
            said["selected_repository_ids"] = ids()
        return said

    def _declared(self) -> list[int]:
        if self._ids is None:
            self._ids = [hosted_repository(self._client, name).id for name in self._repositories]
        return self._ids
