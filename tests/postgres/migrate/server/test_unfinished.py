"""What never comes to be a call is answered as calls are, and does nothing."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from secopskit.migrate.server.api.openapi import document
from secopskit.migrate.server.settings import Limits
from support.api import ROOMY, Api, listening, serving
from support.links import initialised
from support.postgres import Database
from support.runner import write

CONNECTIONS = 3


@pytest.fixture
def api(any_database: Database, tmp_path: Path) -> Iterator[Api]:
    initialised(any_database.dsn).close()
    directory = write(tmp_path / "m", {"1_a.sql": "CREATE TABLE a ();"})
    with serving(any_database, directory, limits=replace(ROOMY, connections=CONNECTIONS)) as api:
        yield api


def problem_in(answer: bytes) -> tuple[int, str]:
    """Status and code of a problem document."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head.lower()
    assert b"x-content-type-options: nosniff" in head.lower()
    document = json.loads(body)
    assert document["request"].encode() in head
    return int(head.split()[1]), document["code"]


def send(port: int, data: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as link:
        link.sendall(data)
        link.shutdown(socket.SHUT_WR)
        return _all_of(link)


def _all_of(link: socket.socket) -> bytes:
    received = b""
    with contextlib.suppress(ConnectionError):
        while piece := link.recv(65536):
            received += piece
    return received


def test_a_body_that_ends_early_does_nothing(api: Api, any_database: Database) -> None:
    body = json.dumps({"plan": api.plan()})
    head = (
        f"POST /v1/apply HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.token}\r\n"
        f"Idempotency-Key: first-time\r\nContent-Type: application/json\r\n"
    )
    chunk = f"{len(body):x}\r\n{body}\r\n"
    with listening(api.server) as port:
        for rest in (
            f"Content-Length: {len(body) + 500}\r\n\r\n{body}",
            f"Transfer-Encoding: chunked\r\n\r\n{chunk}",
        ):
            answer = send(port, (head + rest).encode())
            assert b"HTTP/1.1 2" not in answer
    assert api.get("/v1/jobs").json() == {"jobs": []}
    assert any_database.query("SELECT to_regclass('a')") == [(None,)]
    assert any("400 incomplete" in line for line in api.log)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"GET /healthz HTTP/1.1\r\n\r\n", (400, "bad-request")),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64 + b"\r\n\r\n", (400, "bad-request")),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"y" * 20_000, (431, "headers-too-large")),
    ],
    ids=["no host", "tls", "long head"],
)
def test_what_cannot_be_read(api: Api, data: bytes, expected: tuple[int, str]) -> None:
    with listening(api.server) as port:
        assert problem_in(send(port, data)) == expected
    assert any(f"{expected[0]} {expected[1]}" in line for line in api.log)


def test_a_connection_too_many(api: Api) -> None:
    ask = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    with listening(api.server) as port, contextlib.ExitStack() as stack:
        links = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
            for _ in range(CONNECTIONS)
        ]
        for link in links:  # all that are allowed are served
            link.sendall(ask)
            assert b"HTTP/1.1 200" in link.recv(65536)
        assert problem_in(send(port, ask)) == (503, "overloaded")
        assert any("503 overloaded" in line for line in api.log)
        links[0].close()
        deadline = time.monotonic() + 10
        while b"HTTP/1.1 200" not in send(port, ask):
            assert time.monotonic() < deadline


def test_every_operation_may_be_answered_with_503() -> None:
    for operations in document(Limits())["paths"].values():
        for operation in operations.values():
            assert {"400", "431", "503"} <= set(operation["responses"])
