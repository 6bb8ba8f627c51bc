"""HTTP/1.1 on loopback: connections that stay open, whole bodies, and closing one without an answer."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from support.github.answers import Answer


class WireRequest(NamedTuple):
    """A request as it came. `target` is its path and query, or a whole URL where it went through a proxy.

    `malformed` says what is wrong with the framing, empty if nothing; `connection` numbers the connections.
    """

    method: str
    target: str
    headers: Message
    body: bytes
    malformed: str = ""
    connection: int = 0


class WireAnswer(NamedTuple):
    """An answer, and all its headers but those of the framing."""

    answer: Answer
    headers: Mapping[str, str]


Serve = Callable[[WireRequest], WireAnswer | None]


class Listener:
    """A server on a port of its own. `serve` answers requests, in threads; None closes the connection.

    `handler` speaks with the clients.
    """

    def __init__(
        self, serve: Serve, tls: ssl.SSLContext | None = None, handler: type[Handler] | None = None
    ) -> None:
        class Serving(handler or Handler):  # type: ignore[misc]  # of any class that is one
            pass

        Serving.serve = staticmethod(serve)
        self._server = _Server(("127.0.0.1", 0), Serving)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        self.origin = f"{'https' if tls is not None else 'http'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def accepted(self) -> int:
        """How many connections there have been."""
        return self._server.accepted

    def start(self) -> None:
        """Listen. Connections before this wait."""
        self._thread.start()

    def stop(self) -> None:
        """Close the port, and what is connected to it."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.close_connections()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self._connections: set[socket.socket] = set()
        self.accepted = 0

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        self.accepted += 1
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away, or do not trust our certificate, are part of the tests."""

    def close_connections(self) -> None:
        for each in list(self._connections):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class Handler(BaseHTTPRequestHandler):
    """Speaks HTTP with one client, and lets `serve` answer."""

    protocol_version = "HTTP/1.1"
    # Without both, each answer waits some 40 ms for the client to acknowledge its first half.
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = 60
    serve: Serve

    def __getattr__(self, name: str) -> Callable[[], None]:
        """The methods that the base class looks for: every verb is answered alike."""
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def answer(self) -> None:
        """Answer the request of which the head has been read."""
        request = self._request()
        # Who is killed while sending leaves half a request, which no server takes for one.
        whole = request.malformed or len(request.body) == int(self.headers.get("Content-Length", "0"))
        answer = self.serve(request) if whole else None
        if answer is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._send(answer)

    def _request(self) -> WireRequest:
        length = self.headers.get("Content-Length", "0")
        malformed = ""
        if "Transfer-Encoding" in self.headers or not length.isdigit():
            malformed, length = "the length of the body is not told", "0"
            self.close_connection = True
        body = self.rfile.read(int(length))
        return WireRequest(self.command, self.path, self.headers, body, malformed, id(self))

    def _send(self, answer: WireAnswer) -> None:
        status, raw = answer.answer.status, answer.answer.raw
        body = answer.answer.body
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        headers = dict(answer.headers)
        if data:
            headers.setdefault("Content-Type", "application/json; charset=utf-8")
        if status != 204:
            headers["Content-Length"] = str(len(data))
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the interface's
        """Nothing on standard error."""
