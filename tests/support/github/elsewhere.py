"""Another host, which nobody should come to: it keeps what it was sent."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from support.github.answers import Answer
from support.github.wire import Listener, WireAnswer, WireRequest


class Elsewhere:
    """A server that says yes to everything. `visits` are the requests, `url` is where it is."""

    def __init__(self) -> None:
        self.visits: list[WireRequest] = []
        self._listener = Listener(self._serve)
        # Another name of the same machine: to a client that is another host.
        self.url = self._listener.origin.replace("127.0.0.1", "localhost")

    def __enter__(self) -> Self:
        self._listener.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.stop()

    def _serve(self, request: WireRequest) -> WireAnswer:
        self.visits.append(request)
        return WireAnswer(Answer(201, {}), {})
