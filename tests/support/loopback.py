"""An HTTP server on loopback that answers what a test tells it, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request. Names of `headers` are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer. `drop` closes the connection instead; `delay` seconds go by before."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0
    drop: bool = False


def document(content: Any, status: int = 200, **headers: str) -> Reply:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(
        status=status,
        body=json.dumps(content).encode(),
        headers={"Content-Type": "application/json", **named},
    )


class Loopback:
    """The server. `url` is its base, `asked` the requests so far, in order."""

    def __init__(self, answer: Callable[[Asked], Reply]) -> None:
        self.asked: list[Asked] = []
        self.threads: set[int] = set()
        self._answer = answer
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def met(self, asked: Asked) -> Reply:
        with self._lock:
            self.asked.append(asked)
            return self._answer(asked)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def handle_any(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                asked = Asked(
                    method=self.command,
                    path=self.path,
                    headers={name.lower(): text for name, text in self.headers.items()},
                    body=self.rfile.read(length),
                )
                reply = server.met(asked)
                time.sleep(reply.delay)
                if reply.drop:
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                for name, text in reply.headers.items():
                    self.send_header(name, text)
                if "Content-Length" not in reply.headers:
                    self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)
                self.wfile.flush()

            do_CONNECT = do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - names of the standard library's

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@contextmanager
def answering(answer: Callable[[Asked], Reply]) -> Iterator[Loopback]:
    """A server that answers what the function says."""
    server = Loopback(answer)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def replying(*replies: Reply, then: Reply | None = None) -> Iterator[Loopback]:
    """A server that gives these answers in order, and `then` (or the last) for ever."""
    waiting = list(replies)

    def answer(_: Asked) -> Reply:
        if waiting:
            return waiting.pop(0)
        return then or replies[-1]

    with answering(answer) as server:
        yield server


class Clock:
    """A clock that only `sleep` moves, and a listener of notes."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self.time = start
        self.slept: list[float] = []
        self.notes: list[str] = []
        self._lock = threading.Lock()

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.time += seconds
            self.slept.append(seconds)

    def note(self, text: str) -> None:
        self.notes.append(text)


def paths(asked: Iterable[Asked]) -> list[str]:
    """The requests in short."""
    return [f"{one.method} {one.path}" for one in asked]
