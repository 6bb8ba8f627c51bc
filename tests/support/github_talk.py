"""Conversations of ours with the contract server, whose clock waits move."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from secopskit.github.access import GitHubSurroundings, connect
from secopskit.github.client import GitHubClient
from secopskit.secret import SecretValue
from secopskit.sink import build_sink
from secopskit.sink.interface import EntryKind, Sink, SinkPlace, SinkSurroundings
from secopskit.web.pace import Pace
from support.github.server import ContractServer


class Notes:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def variables(**named: str) -> Callable[[str], SecretValue | None]:
    held = {name: SecretValue(text.encode()) for name, text in named.items()}
    return held.get


def talk(
    server: ContractServer,
    token: str = "",
    *,
    notes: Notes | None = None,
    more: Mapping[str, str] | None = None,
) -> GitHubClient:
    """A client; what it waits for goes by at once, on the server's clock, too."""

    def sleep(seconds: float) -> None:
        server.clock.advance(seconds)

    def now() -> float:
        return server.clock.exact().timestamp()

    named = {"GITHUB_API_URL": server.url, **(more or {"GITHUB_TOKEN": token or server.token()})}
    return connect(
        GitHubSurroundings(variable=variables(**named), tell=notes or Notes()),
        pace=Pace(per_second=None, sleep=sleep, now=now),
        sleep=sleep,
    )


def sink(client: GitHubClient, sort: str, /, **place: Any) -> Sink:
    """A sink of the client's; `place` is that of SinkPlace, for secrets unless it says otherwise."""
    place.setdefault("kind", EntryKind.SECRET)
    return build_sink(sort, SinkPlace(**place), SinkSurroundings(base="/", github=lambda: client))
