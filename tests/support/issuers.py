"""Issuers of credentials, played on loopback behind a proxy: every name leads to one server, over TLS.

Nothing in the product leads to them: a proxy and an authority of one's own, as companies have them, are all
it takes. So a test also sees that proxies are heeded, certificates checked, and what a proxy learns
(`connected`).
"""

from __future__ import annotations

import json
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from support.loopback import Asked, Reply, document
from support.tls import certificate

Answer = Callable[[str, Asked], Reply]


@dataclass(kw_only=True)
class Issuers:
    """All issuers. `answer(host, asked)` plays them; `asked` are the requests so far, with their hosts."""

    answer: Answer
    url: str = ""
    authority: Path = Path()
    connected: list[str] = field(default_factory=list)
    asked: list[tuple[str, Asked]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which a program finds the proxy and trusts its authority."""
        return {
            "HTTPS_PROXY": self.url,
            "https_proxy": self.url,
            "NO_PROXY": "",
            "no_proxy": "",
            "REQUESTS_CA_BUNDLE": str(self.authority),
        }


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class _Answering(BaseHTTPRequestHandler):
    """One issuer, within the tunnel."""

    protocol_version = "HTTP/1.1"
    host: str
    issuers: Issuers

    def any_method(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        asked = Asked(
            method=self.command,
            path=self.path,
            headers={name.lower(): text for name, text in self.headers.items()},
            body=self.rfile.read(length),
        )
        self.issuers.asked.append((self.host, asked))
        reply = self.issuers.answer(self.host, asked)
        self.send_response(reply.status)
        for name, text in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_POST = do_HEAD = do_PUT = do_PATCH = do_DELETE = any_method  # noqa: N815 - names of the standard library's

    def log_message(self, *_: object) -> None:
        pass


class _Tunnel(BaseHTTPRequestHandler):
    """The proxy: what it is told is all that stands between us and the issuer's TLS."""

    protocol_version = "HTTP/1.1"
    issuers: Issuers
    context: ssl.SSLContext

    def do_CONNECT(self) -> None:
        self.issuers.connected.append(f"{self.requestline} {dict(self.headers.items())}")
        self.send_response(200)
        self.end_headers()
        self.wfile.flush()
        self.close_connection = True
        with suppress(OSError), self.context.wrap_socket(self.connection, server_side=True) as inner:
            name = self.path.partition(":")[0]
            handler = type("Answering", (_Answering,), {"host": name, "issuers": self.issuers})
            handler(inner, self.client_address, self.server)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def issuers(directory: Path, answer: Answer, *hosts: str) -> Iterator[Issuers]:
    """The issuers called `hosts`, as `answer` plays them; their certificates are made in `directory`."""
    authority, pair = certificate(directory, *hosts)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair)
    played = Issuers(answer=answer, authority=authority)
    handler = type("Tunnel", (_Tunnel,), {"issuers": played, "context": context})
    server = _Server(("127.0.0.1", 0), handler)
    played.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=partial(server.serve_forever, 0.01), daemon=True).start()
    try:
        yield played
    finally:
        server.shutdown()
        server.server_close()


def by_host(answers: Mapping[str, Any]) -> Answer:
    """Issuers that always say the same: a `Reply`, a status, or a document with status 200."""

    def answer(host: str, _: Asked) -> Reply:
        said = answers[host]
        if isinstance(said, Reply):
            return said
        return Reply(status=said, body=json.dumps({}).encode()) if isinstance(said, int) else document(said)

    return answer
