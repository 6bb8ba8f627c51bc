"""Logins in URLs: which URL a password belongs to, and what Redis says to it."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from secopskit.findings import VerificationState
from secopskit.rules.inquiry import Inquiry, Protocol
from secopskit.secret import SecretValue
from secopskit.verify.ask import Asker
from secopskit.verify.model import Surrounding, UnaskableError
from secopskit.verify.service import _TRIED
from secopskit.verify.service_url import PORTS, service_url
from support.loopback import Clock
from support.values import alnum

_LOGIN = Inquiry(name="login", source="", protocol=Protocol.SERVICE_URL)


def around(text: str, value: str) -> tuple[SecretValue, Surrounding]:
    return SecretValue(value.encode()), Surrounding(text.encode(), text.index(value))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"postgres://a:PASS%40x@db.example:6432/shop?sslmode=require"', ("db.example", 6432, "a", "shop")),
        ("postgres://a:PASS%40x@db.example/shop,postgres://b@c/d", ("db.example", 5432, "a", "shop")),
        ("DSN=postgresql+psycopg://ada:PASS%40x@DB.example/shop", ("db.example", 5432, "ada", "shop")),
        ("a redis://:PASS%40x@cache.example/0)", ("cache.example", 6379, "", "0")),
        ("a 'rediss://me:PASS%40x@cache.example:7000'", ("cache.example", 7000, "me", "")),
    ],
)  # fmt: skip
def test_the_url_around_a_password(text: str, expected: tuple[str, int, str, str]) -> None:
    url = service_url(*around(text, "PASS%40x"))
    assert (url.host, url.port, url.user, url.database) == expected
    assert url.password == SecretValue(b"PASS@x")
    assert "PASS" not in repr(url)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("password = PASSWORD", "not at hand"),
        ("mysql://root:PASSWORD@db.example/app", "mysql:// are not tried"),
        ("https://ada:PASSWORD@files.example/", "https:// are not tried"),
        ("postgres://a:PASSWORD@one.example,two.example/app", "not the whole of a login"),
    ],
)
def test_what_cannot_be_tried_says_why(text: str, why: str) -> None:
    with pytest.raises(UnaskableError, match=why):
        service_url(*around(text, "PASSWORD"))


def test_whatever_has_a_port_has_somebody_who_tries_it() -> None:
    assert PORTS.keys() == _TRIED.keys()


@contextmanager
def redis(password: str, *, said: bytes = b"") -> Iterator[int]:
    """A server that speaks as much of the protocol as a login needs; `said` is what it says to everything."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while head := self.rfile.readline():
                words = []
                for _ in range(int(head[1:])):
                    size = int(self.rfile.readline()[1:])
                    words.append(self.rfile.read(size + 2)[:-2])
                if said:
                    self.wfile.write(said)
                elif words[0] == b"AUTH":
                    right = words[-1] == password.encode()
                    self.wfile.write(b"+OK\r\n" if right else b"-WRONGPASS refused\r\n")
                else:
                    self.wfile.write(b"$7\r\ndefault\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def login(port: int, password: str, *admitted: str) -> tuple[VerificationState, str, str]:
    clock = Clock()
    asker = Asker(tell=clock, sleep=clock.sleep, now=clock.now, admitted=admitted)
    text = f"redis://:{password}@127.0.0.1:{port}/0"
    question = asker.prepare(_LOGIN, *around(text, password))
    assert question.host == "127.0.0.1"
    seen = question.ask()
    assert password not in str(seen) + repr(question)
    return seen.state, seen.detail, seen.account


def test_redis_says_whether_a_password_opens_it() -> None:
    right = alnum(24)
    with redis(right) as port:
        assert login(port, right, "127.0.0.1")[::2] == (VerificationState.ACTIVE, "default")
        assert login(port, alnum(24), "127.0.0.1")[0] is VerificationState.INACTIVE
        with pytest.raises(UnaskableError, match="private network"):
            login(port, right)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"-ERR AUTH <password> called without any password configured\r\n", "asks for no password"),
        (b"-NOAUTH\r\n", "says neither"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "says neither"),
        (b"x" * 5000, "says neither"),
    ],
)
def test_what_else_a_server_says_is_not_known(said: bytes, words: str) -> None:
    with redis("", said=said) as port:
        state, detail, _ = login(port, alnum(24), "127.0.0.1")
    assert state is VerificationState.UNKNOWN
    assert words in detail


def test_nobody_there_is_not_known() -> None:
    with redis("") as port:
        pass
    assert login(port, alnum(24), "127.0.0.1")[0] is VerificationState.UNKNOWN
