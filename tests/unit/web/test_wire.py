from __future__ import annotations

import gzip
import logging
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from secopskit import __version__
from secopskit.errors import ConfigError
from secopskit.web.errors import LostError, WebError
from secopskit.web.wire import Wire, check_base_url
from support.loopback import Reply, replying
from support.tls import certificate
from support.values import alnum

VARIABLES = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE")


@pytest.mark.parametrize(
    "url",
    [
        "http://api.github.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "ftp://127.0.0.1",
        "https://",
        "https://user@host",
        "https://host?x=1",
        "https://host#x",
        "https://host:port",
        "https://[::1",
        "https://host/a b",
        "https://ho\x1bst/",
        "https://h\u202eost/",
        "https://host\n",
        "HTTPS//x",
        "api.github.com",
        "",
    ],
)
def test_addresses_that_no_token_goes_to(url: str) -> None:
    with pytest.raises(ConfigError):
        check_base_url(url)


@pytest.mark.parametrize(
    "url", ["https://api.github.com", "http://127.0.0.1:80/api/v3", "http://[::1]:8080", "http://localhost:1"]
)
def test_addresses_that_are_taken(url: str) -> None:
    assert check_base_url(url + "/") == url


def test_an_answer_of_any_status_is_an_answer() -> None:
    with replying(Reply(status=418, headers={"X-Thing": "A"}, body=b"short and stout")) as server:
        answer = Wire(server.url).exchange("PUT", server.url + "/x?y=1", {"X-Mine": "1"}, b"body")
    assert (answer.status, answer.headers["x-thing"], answer.body) == (418, "A", b"short and stout")
    (asked,) = server.asked
    assert (asked.method, asked.path, asked.body) == ("PUT", "/x?y=1", b"body")
    assert asked.headers["user-agent"] == f"secops/{__version__}"
    assert asked.headers["x-mine"] == "1"


def test_no_redirect_is_followed() -> None:
    with replying(Reply(status=307, headers={"Location": "http://127.0.0.1:1/steal"})) as server:
        answer = Wire(server.url).exchange("GET", server.url + "/", {"Authorization": "x"}, None)
    assert answer.status == 307
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "http://127.0.0.1.example.com/", "https://evil.example/"]
)
def test_nothing_goes_to_another_host(url: str) -> None:
    with replying(Reply()) as server, pytest.raises(WebError, match="elsewhere"):
        Wire(server.url).exchange("GET", url, {}, None)
    assert not server.asked


def test_a_netrc_file_does_not_replace_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login someone password {alnum(8)}\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with replying(Reply()) as server:
        Wire(server.url).exchange("GET", server.url + "/", {"Authorization": "Bearer ours"}, None)
        Wire(server.url).exchange("GET", server.url + "/", {}, None)
    assert [one.headers.get("authorization") for one in server.asked] == ["Bearer ours", None]


def test_no_proxy_sees_what_goes_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with replying(Reply(status=204)) as server, replying(Reply(status=200)) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        assert Wire(server.url).exchange("GET", server.url + "/", {}, None).status == 204
    assert not proxy.asked


def test_other_hosts_are_reached_by_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with replying(Reply(status=407)) as proxy:
        for name in ("https_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        with pytest.raises(LostError, match=r"the proxy on the way to api\.example\.com") as caught:
            Wire("https://api.example.com").exchange(
                "GET", "https://api.example.com/", {"Authorization": "x"}, None
            )
    assert not caught.value.sent
    assert [(one.method, one.path) for one in proxy.asked] == [("CONNECT", "api.example.com:443")]
    assert "authorization" not in proxy.asked[0].headers


def test_a_file_of_authorities_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/file")
    with pytest.raises(ConfigError, match="REQUESTS_CA_BUNDLE"):
        Wire("https://api.example.com").exchange("GET", "https://api.example.com/", {}, None)


def test_cookies_are_not_kept() -> None:
    with replying(Reply(headers={"Set-Cookie": "a=b"})) as server:
        wire = Wire(server.url)
        for _ in range(2):
            wire.exchange("GET", server.url + "/", {}, None)
    assert "cookie" not in server.asked[1].headers


def test_an_answer_has_a_largest_size_also_when_it_is_compressed() -> None:
    body = gzip.compress(b"\0" * 1_000_000)
    reply = Reply(body=body, headers={"Content-Encoding": "gzip"})
    with replying(reply) as server, pytest.raises(WebError, match="larger than 100,000 bytes"):
        Wire(server.url, largest=100_000).exchange("GET", server.url + "/", {}, None)


def test_slow_and_broken_answers_are_lost_after_they_were_sent() -> None:
    with replying(Reply(delay=1.0)) as server, pytest.raises(LostError, match="too slow") as caught:
        Wire(server.url, read_timeout=0.05).exchange("PUT", server.url + "/", {}, b"")
    assert caught.value.sent
    with replying(Reply(drop=True)) as server, pytest.raises(LostError, match="broke") as caught:
        Wire(server.url).exchange("PUT", server.url + "/", {}, b"")
    assert caught.value.sent
    half = Reply(body=b"x", headers={"Content-Length": "10"}, drop=False)
    with replying(half) as server, pytest.raises(LostError) as caught:
        Wire(server.url, read_timeout=0.2).exchange("GET", server.url + "/", {}, None)
    assert caught.value.sent


def test_an_answer_that_trickles_in_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stop = threading.Event()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                with suppress(OSError):
                    while not stop.wait(0.02):
                        connection.sendall(b"x")

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(LostError, match="took longer than") as caught:
            Wire(url, whole_timeout=0.2).exchange("GET", url + "/", {}, None)
        stop.set()
        thread.join(5)
    assert caught.value.sent


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", b"abcde"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nd", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", None),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc", b"abc"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 2", None),
        (b"nonsense\r\n\r\n", None),
    ],
)
def test_an_answer_that_breaks_off_is_lost(raw: bytes, body: bytes | None) -> None:
    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(raw)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        if body is None:
            with pytest.raises(LostError) as caught:
                Wire(url).exchange("GET", url + "/", {}, None)
            assert caught.value.sent
        else:
            assert Wire(url).exchange("GET", url + "/", {}, None).body == body
        thread.join(5)


def test_compressed_answers_are_read_whole() -> None:
    text = "".join(map(str, range(100_000))).encode()
    reply = Reply(body=gzip.compress(text), headers={"Content-Encoding": "gzip"})
    damaged = Reply(body=b"not gzip at all", headers={"Content-Encoding": "gzip"})
    with replying(reply, damaged) as server:
        wire = Wire(server.url)
        assert wire.exchange("GET", server.url + "/", {}, None).body == text
        with pytest.raises(LostError, match="damaged"):
            wire.exchange("GET", server.url + "/", {}, None)


def test_a_host_that_is_not_there_was_sent_nothing() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(LostError, match="cannot be reached") as caught:
            Wire(url).exchange("GET", url + "/", {}, None)
    assert not caught.value.sent


def test_a_header_that_cannot_be_sent_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    with replying(Reply()) as server, pytest.raises(WebError) as caught:
        Wire(server.url).exchange("GET", server.url + "/", {"Authorization": "canary\nvalue"}, None)
    assert "canary" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_logs_say_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with replying(Reply(status=500, body=b"canary-b")) as server:
        wire = Wire(server.url)
        wire.exchange("PUT", server.url + "/canary-p", {"Authorization": "canary-h"}, b"canary-c")
    assert "canary" not in caplog.text


# --- TLS --------------------------------------------------------------------------------------


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A server with a certificate of an authority of its own: its address, and the authority's file."""
    authority, chain = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(connection, server_side=True) as talk:
                    talk.recv(65536)
                    talk.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            except OSError:
                continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"https://localhost:{listener.getsockname()[1]}", authority
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def test_a_certificate_of_nobody_is_refused_and_not_tried_again(secure: tuple[str, Path]) -> None:
    url, _ = secure
    with pytest.raises(WebError, match="not trusted") as caught:
        Wire(url).exchange("GET", url + "/", {}, None)
    assert not isinstance(caught.value, LostError)
    assert "SSL_CERT_FILE" in caught.value.advice


@pytest.mark.parametrize("variable", VARIABLES)
def test_an_authority_of_ones_own_is_named_by_a_variable(
    secure: tuple[str, Path], variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, authority = secure
    for other in VARIABLES:
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(variable, str(authority))
    assert Wire(url).exchange("GET", url + "/", {}, None).body == b"ok"
