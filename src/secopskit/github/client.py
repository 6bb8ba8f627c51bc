"""The client of one GitHub host: requests with one way to try again, paced, and paged lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from secopskit.named_tuple import NamedTuple


class GitHubAnswer(NamedTuple):
    """An answer to a change. `status` is 2xx; `body` is None where there is none; `date` is the server's
    (the header `Date`), empty where it told none.
    """

    status: int
    body: Any = None
    date: str = ""


class GitHubClient(Protocol):
    """A conversation with GitHub, which threads may share.

    Paths begin with `/`, below the API's base, and are encoded as they stand in URLs. All methods raise
    GitHubError; what it says holds no value.
    """

    @property
    def host(self) -> str:
        """The host's name as people know it: `github.com`, `github.example.com`."""

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """The document at `path`. Raises GitHubNotFoundError for 404."""

    def listed(self, path: str, key: str = "", query: Mapping[str, str] | None = None) -> Iterator[Any]:
        """The items of a paged list: those under `key`, or of the answer itself.

        Pages have 100 items, or what `query` says under `per_page`.
        """

    def send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, again: bool = False
    ) -> GitHubAnswer:
        """Change something. PUT, PATCH and DELETE are tried again whatever became of the first try.

        So is a POST with `again`; without it only where the first cannot have been done.
        """
