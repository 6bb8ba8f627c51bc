"""The client that talks: requests through PyGithub, on one wire, with one way to try again."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

from secopskit.github.client import GitHubAnswer
from secopskit.github.errors import GitHubError
from secopskit.github.refusals import refusal
from secopskit.secret import SecretValue
from secopskit.web.errors import WebError
from secopskit.web.retry import IDEMPOTENT, Persistence
from secopskit.web.wire import Wire, WireAnswer

if TYPE_CHECKING:
    from github.Requester import Requester

_PER_PAGE: Final = "100"
_MOST_PAGES: Final = 1000
_REDIRECTS: Final = frozenset({301, 302, 307, 308})
_MOST_REDIRECTS: Final = 3


class Authorization(Protocol):
    """Whoever knows what to put in the header `Authorization` of a request to a path.

    `source` says where that comes from, such as a variable's name; empty where nobody knows.
    """

    @property
    def source(self) -> str:
        """Where the token comes from, in words."""

    def header(self, path: str, ask: Ask) -> str:
        """The header's text. `ask` sends a request for that with another header. Raises GitHubError."""


class Ask(Protocol):
    """A request with a header `Authorization` of its own."""

    def __call__(self, method: str, path: str, authorization: str) -> WireAnswer:
        """Send it, tried again as all are. Raises GitHubError."""


class PyGithubClient:
    """A conversation with GitHub by PyGithub; see `secopskit.github.client.GitHubClient`.

    `host` is the host's name as people know it, `wire` leads to its API.
    """

    def __init__(
        self, *, host: str, wire: Wire, authorization: Authorization, persistence: Persistence
    ) -> None:
        self._host = host
        self._wire = wire
        self._authorization = authorization
        self._persistence = persistence
        self._mine = threading.local()

    @property
    def host(self) -> str:
        """See `GitHubClient.host`."""
        return self._host

    def token(self, path: str) -> SecretValue:
        """The token that a request to `path` would carry, for git. Raises GitHubError."""
        header = self._authorization.header(path, self._introduce)
        return SecretValue(header.removeprefix("Bearer ").encode("ascii"))

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """See `GitHubClient.get`."""
        return self._parsed(self._request("GET", _with_query(path, query)), f"GET {path}")

    def listed(self, path: str, key: str = "", query: Mapping[str, str] | None = None) -> Iterator[Any]:
        """See `GitHubClient.listed`."""
        parameters = {"per_page": _PER_PAGE, **(query or {})}
        seen = 0
        for page in range(1, _MOST_PAGES + 1):
            answer = self._request("GET", _with_query(path, parameters))
            document = self._parsed(answer, f"GET {path}")
            items = document.get(key) if key and isinstance(document, dict) else document
            if not isinstance(items, list):
                raise GitHubError(f"GET {path}: the answer is no list", status=answer.status)
            yield from items
            seen += len(items)
            following = _next_page(answer)
            if following is None and items and _total(document) > seen:
                following = {"page": str(page + 1)}
            if following is None:
                return
            parameters = {**parameters, **following}
        raise GitHubError(f"GET {path}: the list has no end")

    def send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, again: bool = False
    ) -> GitHubAnswer:
        """See `GitHubClient.send`."""
        answer = self._request(method, path, body, again=again)
        return GitHubAnswer(
            answer.status, self._parsed(answer, f"{method} {path}"), answer.headers.get("date", "")
        )

    def _request(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, again: bool = False
    ) -> WireAnswer:
        """A successful answer. Raises GitHubError."""
        header = self._authorization.header(path, self._introduce)
        for _ in range(_MOST_REDIRECTS):
            answer = self._ask(method, path, header, body, again=again)
            target = self._new_path(answer)
            if target is None:
                break
            path = target
        if 200 <= answer.status < 300:
            return answer
        what = f"{method} {urlsplit(path).path} at {self._host}"
        raise refusal(answer, what, self._authorization.source)

    def _ask(
        self,
        method: str,
        path: str,
        authorization: str,
        body: Mapping[str, Any] | None = None,
        *,
        again: bool = False,
    ) -> WireAnswer:
        from secopskit.github.connection import exchange

        requester = self._requester()
        try:
            return self._persistence.run(
                lambda: exchange(requester, self._wire, method, path, body, authorization),
                what=f"{method} {urlsplit(path).path} at {self._host}",
                write=method != "GET",
                again=again or method in IDEMPOTENT,
            )
        except WebError as error:
            raise GitHubError(str(error), advice=error.advice, status=error.status) from None

    def _introduce(self, method: str, path: str, authorization: str) -> WireAnswer:
        """See `Ask`. A token that was given in vain ends by itself: any may be asked for again."""
        return self._ask(method, path, authorization, again=True)

    def _requester(self) -> Requester:
        """This thread's own: they count the last requests of all who share them."""
        from secopskit.github.connection import make_requester

        requester: Requester | None = getattr(self._mine, "requester", None)
        if requester is None:
            requester = self._mine.requester = make_requester(self._wire.base_url)
        return requester

    def _new_path(self, answer: WireAnswer) -> str | None:
        """Where a repository that was renamed is now, if that is on the same host, below the same base."""
        location = answer.headers.get("location", "")
        base = self._wire.base_url + "/"
        if answer.status in _REDIRECTS and location.startswith(base):
            return "/" + location.removeprefix(base)
        return None

    def _parsed(self, answer: WireAnswer, what: str) -> Any:
        if not answer.body.strip():
            return None
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError):
            raise GitHubError(
                f"{what}: the answer is no JSON",
                advice="Is that the address of GitHub's API? Of GitHub Enterprise it ends in /api/v3.",
                status=answer.status,
            ) from None


def _with_query(path: str, query: Mapping[str, str] | None) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _next_page(answer: WireAnswer) -> Mapping[str, str] | None:
    """The query of the next page: only that is taken of the link, never its host."""
    for link in answer.headers.get("link", "").split(","):
        address, _, relation = link.partition(";")
        if 'rel="next"' in relation:
            return dict(parse_qsl(urlsplit(address.strip(" <>")).query))
    return None


def _total(document: Any) -> int:
    total = document.get("total_count") if isinstance(document, dict) else None
    return total if isinstance(total, int) else 0
