"""The client of one GitHub host: requests with one way to try again, paced, and paged lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol


class GitHubClient(Protocol):
    """A conversation with GitHub.

    Paths begin with `/`, below the API's base. All methods raise GitHubError; what it says holds no value.
    """

    @property
    def host(self) -> str:
        """The host's name as people know it: `github.com`, `github.example.com`."""

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """The document at `path`. Raises GitHubNotFoundError for 404."""

    def listed(self, path: str, key: str = "", query: Mapping[str, str] | None = None) -> Iterator[Any]:
        """The items of a paged list: those under `key`, or of the answer itself."""

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> GitHubAnswer:
        """Change something. Tried again where that is safe; never twice what may be done once only."""


class GitHubAnswer(Protocol):
    """An answer to a change. `status` is 2xx; `body` is None where there is none; `date` is the server's."""

    status: int
    body: Any
    date: str
