"""PyGithub's requester on our own wire: one connection object a request, so that threads cannot mix up.

PyGithub keeps a request in the connection that all threads share, until it is sent: a value could go to
another thread's address. It follows a redirect without the query, too. Its log shows bodies at DEBUG.
"""

from __future__ import annotations

import logging
from collections.abc import ItemsView, Mapping
from typing import TYPE_CHECKING, Any, Final

from secopskit.web.wire import USER_AGENT, Wire, WireAnswer

if TYPE_CHECKING:
    from github.Requester import Requester

API_VERSION: Final = "2022-11-28"
_SILENT: Final = logging.Logger(  # noqa: LOG001 - known to no configuration of logging, none makes it speak
    "secopskit.silent", level=logging.CRITICAL + 1
)


class WireConnection:
    """What PyGithub takes for a connection: it hands over one request, and keeps its answer."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._request: tuple[str, str, bytes | None, Mapping[str, str]] | None = None
        self.answer: WireAnswer | None = None

    def request(
        self, verb: str, url: str, body: str | None, headers: Mapping[str, str], _stream: bool = False
    ) -> None:
        """Take a request; `url` is the path with the base's, and the query."""
        self._request = (verb, url, None if body is None else body.encode("utf-8"), headers)

    def getresponse(self) -> WireReply:
        """Send it. Raises LostError, WebError."""
        if self._request is None:
            raise ValueError("no request")
        verb, url, body, headers = self._request
        self.answer = self._wire.exchange(verb, self._wire.origin + url, headers, body)
        return WireReply(self.answer)

    def close(self) -> None:
        """Nothing: connections belong to the wire."""


class WireReply:
    """What PyGithub takes for a response. It is not told where a redirect leads, and so follows none."""

    def __init__(self, answer: WireAnswer) -> None:
        # 202 makes PyGithub ask again by itself; whoever wants to wait does so in our one place.
        self.status = 200 if answer.status == 202 else answer.status
        self._headers = {name: text for name, text in answer.headers.items() if name in _PASSED_ON}
        self._body = answer.body

    def getheaders(self) -> ItemsView[str, str]:
        """The headers that PyGithub reads."""
        return self._headers.items()

    def read(self) -> str:
        """The body, as text."""
        return self._body.decode("utf-8", "replace")


_PASSED_ON: Final = frozenset({"content-type", "date", "etag", "link"})


def make_requester(base_url: str) -> Requester:
    """A requester without a token of its own, and without waiting, trying again and logging of its own."""
    from github.Requester import Requester

    import github

    Requester.injectLogger(_SILENT)
    return github.Github(
        base_url=base_url,
        user_agent=USER_AGENT,
        per_page=100,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    ).requester


def exchange(
    requester: Requester,
    wire: Wire,
    method: str,
    path: str,
    body: Mapping[str, Any] | None,
    authorization: str,
) -> WireAnswer:
    """One request through PyGithub. Raises LostError, WebError."""
    connection = WireConnection(wire)
    requester.requestJson(
        method,
        path,
        headers={
            "Accept": "application/vnd.github+json",
            "Authorization": authorization,
            "X-GitHub-Api-Version": API_VERSION,
        },
        input=None if body is None else dict(body),
        cnx=connection,  # type: ignore[arg-type]  # it has all methods of theirs that are called
    )
    if connection.answer is None:
        raise ValueError("no answer")
    return connection.answer
