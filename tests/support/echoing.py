"""A host that quotes whatever it was sent: in its bodies, its headers and its reasons."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class EchoingHost(ThreadingHTTPServer):
    """Answers `first` in their order, and `status` with what it was sent from then on, or with `body`.

    `slow` is how many seconds each of the later answers takes. `asked` are the requests, with all that stood
    in them.
    """

    daemon_threads = True

    def __init__(
        self, status: int, first: list[Any], *, slow: float = 0.0, body: bytes | None = None
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Echo)
        self.status, self.first, self.slow = status, list(first), slow
        self.body = body
        self.asked: list[str] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}"


class _Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: EchoingHost

    def _answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
        tokens = " ".join(str(value) for value in self.headers.values())
        quoted = f"{self.path} {tokens} {sent}"
        with self.server.lock:
            self.server.asked.append(f"{self.command} {quoted}")
            known = self.server.first.pop(0) if self.server.first else None
        if known is not None:
            self._send(200, json.dumps(known).encode(), {})
            return
        if self.server.body is not None:
            self._send(self.server.status, self.server.body, {})
            return
        time.sleep(self.server.slow)
        line = " ".join(quoted.split()).encode("ascii", "replace").decode()
        document = {"message": quoted, "error": [quoted], "id": quoted, "missing_permissions": [quoted]}
        headers = {"X-Quoted": line, "X-Accepted-GitHub-Permissions": line, "X-GitHub-SSO": f"url={line}"}
        self._send(self.server.status, json.dumps(document).encode(), headers)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        if 300 <= status < 400:
            headers = {**headers, "Location": f"http://localhost:9/{headers['X-Quoted'].replace(' ', '/')}"}
        for name, text in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, text)
        self.end_headers()
        with suppress(OSError):  # whoever asked has gone
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - names that the server looks up

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


@contextmanager
def echoing(status: int, *first: Any, slow: float = 0.0, body: bytes | None = None) -> Iterator[EchoingHost]:
    """Such a host, as long as the context lasts."""
    with EchoingHost(status, list(first), slow=slow, body=body) as host:
        thread = threading.Thread(target=host.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield host
        finally:
            host.shutdown()
            thread.join()
