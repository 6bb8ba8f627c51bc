"""The real client before the server of the tests, with a time of its own: who waits, waits for nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable

from secopskit.conduct.tell import SILENCE
from secopskit.github.authorization import TokenAuthorization
from secopskit.github.conversation import Authorization, PyGithubClient
from secopskit.secret import SecretValue
from secopskit.sink import build_sink
from secopskit.sink.interface import EntryKind, Sink, SinkPlace, SinkSurroundings
from secopskit.web.pace import Pace
from secopskit.web.retry import Persistence, RetryPolicy
from secopskit.web.wire import Wire
from support.github.server import ContractServer


class ServerTime:
    """A time that goes on when somebody waits, and the server's clock with it. `waits` are in seconds."""

    def __init__(self, server: ContractServer) -> None:
        self._clock = server.clock
        self._lock = threading.Lock()
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Let `seconds` go by at once."""
        with self._lock:
            self.waits.append(seconds)
            self._clock.advance(seconds)

    def now(self) -> float:
        """Seconds since the epoch, as the server has them."""
        return self._clock.exact().timestamp()


class Connection:
    """A client of `server`, and sinks that use it."""

    def __init__(
        self,
        server: ContractServer,
        authorization: Authorization | None = None,
        *,
        token: str = "",
        policy: RetryPolicy | None = None,
        read_timeout: float = 30.0,
    ) -> None:
        self.server = server
        self.token = token or server.token()
        self.time = ServerTime(server)
        self.client = PyGithubClient(
            host="github.com",
            wire=Wire(server.url, read_timeout=read_timeout),
            authorization=authorization or TokenAuthorization(SecretValue(self.token.encode())),
            persistence=Persistence(
                policy=policy or RetryPolicy(),
                pace=Pace(sleep=self.time.sleep, now=self.time.now),
                listener=SILENCE,
                sleep=self.time.sleep,
                now=self.time.now,
            ),
        )

    def sink(
        self,
        kind: str = "repository",
        name: str = "",
        *,
        repository: str = "acme/shop",
        holds: EntryKind = EntryKind.SECRET,
        visibility: str = "private",
    ) -> Sink:
        """A sink, as it is declared."""
        place = SinkPlace(kind=holds, name=name, repository=repository, visibility=visibility)
        return build_sink(kind, place, SinkSurroundings(base="/", github=self._github()))

    def _github(self) -> Callable[[], PyGithubClient]:
        return lambda: self.client
