"""`secops migrate serve` as a process of its own, and clients that mean no good."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from secopskit.cli.boundary import run
from support.api import ROOMY, listening, make_token, serving
from support.cli import COMMAND, environment
from support.links import initialised
from support.postgres import Database, Servers, create_database, drop_database, need_version, versions
from support.runner import write

PATH = "/v1/status"
_clients = itertools.count(1)


@dataclass(slots=True)
class Running:
    """A server process. `err` is where it logs."""

    process: subprocess.Popen[bytes]
    port: int
    token: str
    err: Path
    database: Database

    @property
    def bearer(self) -> str:
        """The token, and that it comes from a client that has not called before."""
        return f"Authorization: Bearer {self.token}\r\n{someone()}"

    def log(self) -> str:
        return self.err.read_text(encoding="utf-8")

    def send(self, data: bytes, *, seconds: float = 20) -> bytes:
        """All that comes back for `data` until the server closes, or nothing comes for a while."""
        received = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as link:
            with contextlib.suppress(ConnectionError):
                link.sendall(data)
            with contextlib.suppress(ConnectionError):
                while piece := link.recv(65536):
                    received += piece
        return received

    def ask(self, method: str, path: str, *headers: str, body: bytes = b"") -> tuple[int, str]:
        """Status and body of a request with the token, on a connection of its own."""
        lines = [f"{method} {path} HTTP/1.1", "Host: x", "Connection: close", self.bearer, *headers]
        if body or method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        answer = self.send("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        return status(answer), answer.partition(b"\r\n\r\n")[2].decode()

    def post(self, path: str, body: bytes, *headers: str) -> tuple[int, str]:
        return self.ask("POST", path, "Content-Type: application/json", *headers, body=body)


def someone() -> str:
    """A header that makes a request one of another client, behind a proxy that is trusted."""
    number = next(_clients)
    return f"X-Forwarded-For: 198.{number // 65536}.{number // 256 % 256}.{number % 256}"


def request(path: str, *headers: str) -> bytes:
    """A request of a new client, without a token."""
    lines = [f"GET {path} HTTP/1.1", "Host: x", "Connection: close", someone(), *headers, "", ""]
    return "\r\n".join(lines).encode()


def status(answer: bytes) -> int:
    found = re.match(rb"HTTP/1\.1 (\d{3}) ", answer)
    return int(found[1]) if found else 0


def start(
    database: Database, directory: Path, err: Path, *options: str, token: str = "", **more: str
) -> Running:
    token = token or make_token()
    variables = environment(DATABASE_URL=database.dsn, INTERNAL_ADMIN_TOKEN=token, **more)
    arguments = ["migrate", "serve", "--port", "0", "--dir", str(directory), *options]
    with err.open("wb") as stderr:
        process = subprocess.Popen(
            [*COMMAND, *arguments], env=variables, stderr=stderr, stdout=stderr, cwd=directory.parent
        )
    deadline = time.monotonic() + 40
    while not (found := re.search(r"listening on http://127\.0\.0\.1:(\d+)", err.read_text())):
        assert process.poll() is None, err.read_text()
        assert time.monotonic() < deadline, err.read_text()
        time.sleep(0.02)
    return Running(process, int(found[1]), token, err, database)


def stop(running: Running, number: int = signal.SIGTERM) -> int:
    running.process.send_signal(number)
    try:
        return running.process.wait(30)
    finally:
        running.process.kill()


@pytest.fixture(scope="module")
def place(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, Path]]:
    database = create_database(servers.of(need_version(max(versions(), default=None))))
    initialised(database.dsn).close()
    yield database, write(tmp_path_factory.mktemp("served") / "migrations", {"1_a.sql": "CREATE TABLE a ();"})
    drop_database(database)


@pytest.fixture(scope="module")
def server(place: tuple[Database, Path]) -> Iterator[Running]:
    database, directory = place
    running = start(database, directory, directory.parent / "log", "--trust-proxy", "127.0.0.1")
    yield running
    assert stop(running) == 0
    log = running.log()
    assert "stopped" in log
    assert "bug" not in log
    assert running.token not in log
    assert database.server.password.reveal().decode() not in log


def alive(server: Running) -> None:
    assert server.process.poll() is None
    assert server.ask("GET", PATH)[0] == 200


# --- bodies ---------------------------------------------------------------------------------------


def test_huge_bodies_are_refused_unread(server: Running) -> None:
    head = f"POST /v1/apply HTTP/1.1\r\nHost: x\r\n{server.bearer}\r\nConnection: close\r\n"
    head += "Content-Type: application/json\r\n"
    for length in ("99999999999", "9" * 19):
        assert status(server.send(f"{head}Content-Length: {length}\r\n\r\n".encode())) == 413
    chunk = b"4000\r\n" + b" " * 0x4000 + b"\r\n"
    assert status(server.send(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunk * 8)) == 413
    alive(server)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[" * 16_000, 400),
        (b'{"a":' * 3_000, 400),
        (b"1" * 16_000, 400),
        (b'{"steps": 1e999}', 422),
        (b'{"steps": NaN}', 400),
        (b'{"plan": "", "plan": ""}', 400),
        (b'{"plan": null}', 422),
        (b'{"steps": true}', 422),
        (b"\xff\xfe{}", 400),
        (b'{"to": "1\\u0000"}', 422),
        (b'{"to": "1\\n"}', 422),
        (b'{"confirm": "\\ud800"}', 422),
        (b'{"__proto__": {}}', 422),
        (b"[]", 422),
        (b"", 400),
    ],
)
def test_json_bombs_and_other_nonsense(server: Running, body: bytes, code: int) -> None:
    answered, text = server.post("/v1/apply", body, "Idempotency-Key: some-key-of-mine")
    assert answered == code
    assert json.loads(text)["status"] == code
    alive(server)


def test_bodies_of_other_kinds(server: Running) -> None:
    for headers in (["Content-Type: text/plain"], ["Content-Type: application/x-www-form-urlencoded"], []):
        assert server.ask("POST", "/v1/dry-run", *headers, body=b"{}")[0] == 415
    assert server.post("/v1/dry-run", b"{}", "Content-Encoding: gzip")[0] == 415
    assert server.post("/v1/apply", b'{"plan": "%s"}' % (b"0" * 64))[0] == 400  # no Idempotency-Key
    keys = ["Idempotency-Key: one-of-two", "Idempotency-Key: two-of-two"]
    assert server.post("/v1/apply", b'{"plan": "%s"}' % (b"0" * 64), *keys)[0] == 400


# --- tokens ---------------------------------------------------------------------------------------


def test_no_token_no_answer(server: Running) -> None:
    wrong = (
        "X: y",
        f"X-Authorization: Bearer {server.token}",
        f"Cookie: token={server.token}",
        f"Proxy-Authorization: Bearer {server.token}",
    )
    for path in (PATH, "/v1/apply", "/v1/../healthz", "/healthz/", "//healthz", "/v1/jobs/1", "/", "/x"):
        for header in wrong:
            answer = server.send(request(path, header))
            assert status(answer) == 401, (path, header)
            assert b"www-authenticate: Bearer" in answer
    assert status(server.send(request(f"{PATH}?access_token={server.token}"))) == 401


def test_two_credentials_are_none(place: tuple[Database, Path], tmp_path: Path) -> None:
    running = start(*place, tmp_path / "log")
    try:
        assert running.ask("GET", PATH, "Authorization: Bearer wrong")[0] == 401
        assert running.ask("GET", PATH)[0] == 200
        for _ in range(4):
            head = f"GET {PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: 1.2.3.4\r\n"
            answer = running.send(f"{head}Authorization: Bearer {make_token()}\r\n\r\n".encode())
            assert status(answer) == 401
        assert status(running.send(f"{head}Authorization: Bearer {make_token()}\r\n\r\n".encode())) == 429
        assert running.ask("GET", PATH, "X-Forwarded-For: 5.6.7.8")[0] == 200
    finally:
        assert stop(running, signal.SIGINT) == 0
    assert "locked out" in running.log()


# --- paths, methods, heads ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/v1/../v1/status",
        "/v1/status/",
        "//v1/status",
        "/v1/./status",
        "/v1/status%00",
        "/v1/status;x=1",
        "/V1/STATUS",
        "/v1/jobs/..%2f..%2f..%2fetc%2fhosts",
        "/v1/jobs/%2e%2e",
        "/v1/jobs/%0d%0aSet-Cookie:x",
        "/static/../../etc/passwd",
        "http://127.0.0.1/v1/status",
        "*",
    ],
)
def test_path_tricks_lead_nowhere(server: Running, path: str) -> None:
    answered, text = server.ask("GET", path)
    assert answered == 404
    assert "passwd" not in text
    assert "Set-Cookie" not in text


def test_unknown_parameters_are_refused(server: Running) -> None:
    for query in (
        "?x=1",
        "?to=1&to=2",
        "?steps=0",
        "?steps=%D9%A1",
        "?steps=1%0A",
        "?to=%00",
        "?to=' OR 1=1",
    ):
        assert server.ask("GET", "/v1/plan" + query.replace(" ", "%20"))[0] == 422, query
    assert server.ask("GET", "/v1/history?limit=1001")[0] == 422


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get", "X" * 4000])
def test_method_confusion(server: Running, method: str) -> None:
    answered, text = server.ask(method, PATH, "X-HTTP-Method-Override: GET", "X-Method: GET")
    assert answered == 405
    assert server.token not in text
    assert server.ask("GET", "/v1/apply", "X-HTTP-Method-Override: POST")[0] == 405


def test_header_floods(server: Running) -> None:
    assert server.ask("GET", PATH, *(f"X-{n}: y" for n in range(100)))[0] == 431
    assert server.ask("GET", PATH, "X-Long: " + "y" * 20_000)[0] in {400, 431}
    assert status(server.send(b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 100_000)) in {0, 400, 431}
    alive(server)


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /v1/status\r\n\r\n",
        b"GET /v1/status HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /\xc3\xbc HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /v1/apply HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST /v1/apply HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/apply HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_what_is_not_http(server: Running, data: bytes) -> None:
    assert status(server.send(data)) in {0, 400, 401, 501}
    alive(server)


def test_a_smuggled_request_is_none(server: Running) -> None:
    inner = f"GET {PATH} HTTP/1.1\r\nHost: x\r\n{server.bearer}\r\n\r\n"
    body = f"0\r\n\r\n{inner}"
    head = f"POST /v1/dry-run HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
    answer = server.send(f"{head}Transfer-Encoding: chunked\r\n\r\n{body}".encode())
    assert b"HTTP/1.1 200" not in answer


@pytest.mark.parametrize("tail", ["silent", "head", "body"])
def test_a_slow_client_is_not_waited_for(place: tuple[Database, Path], tail: str) -> None:
    """Each byte comes in time for a naive time-out, but the whole does not."""
    with serving(*place, limits=replace(ROOMY, head_s=1, body_s=1)) as api, listening(api.server) as port:
        head = f"POST /v1/dry-run HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.token}\r\n"
        start = {"silent": "", "head": head, "body": f"{head}Content-Length: 1000\r\n\r\n"}[tail]
        with socket.create_connection(("127.0.0.1", port), timeout=20) as link:
            began = time.monotonic()
            link.sendall(start.encode())
            with contextlib.suppress(ConnectionError):
                while tail != "silent" and time.monotonic() - began < 1.5:
                    time.sleep(0.1)
                    link.sendall(b"X: y\r\n" if tail == "head" else b" ")
            answer = b""
            with contextlib.suppress(ConnectionError):
                answer = link.recv(65536)
    assert status(answer) == (408 if tail == "body" else 0)
    assert time.monotonic() - began < 10


def test_a_client_that_does_not_read_is_left(place: tuple[Database, Path]) -> None:
    with serving(*place, limits=replace(ROOMY, connection_s=1.5)) as api, listening(api.server) as port:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as link:
            began = time.monotonic()
            request = b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
            with contextlib.suppress(ConnectionError):
                while time.monotonic() - began < 10:
                    link.sendall(request * 100)
        assert time.monotonic() - began < 10
        assert api.get("/v1/status").status_code == 200


# --- the process --------------------------------------------------------------------------------------


def test_a_running_migration_is_finished(servers: Servers, tmp_path: Path) -> None:
    database = create_database(servers.of(need_version(max(versions(), default=None))))
    initialised(database.dsn).close()
    directory = write(tmp_path / "migrations", {"1_a.sql": "SELECT pg_sleep(3); CREATE TABLE a ();"})
    running = start(database, directory, tmp_path / "log")
    plan = json.loads(running.ask("GET", "/v1/plan")[1])["hash"]
    answered, text = running.post(
        "/v1/apply", json.dumps({"plan": plan}).encode(), "Idempotency-Key: graceful-stop"
    )
    assert answered == 202
    while json.loads(running.ask("GET", f"/v1/jobs/{json.loads(text)['id']}")[1])["current"] is None:
        time.sleep(0.05)
    assert stop(running) == 0
    assert re.search(r"waiting for apply \w+ \(running, 0 of 1 done, at version 1\)", running.log())
    assert database.query("SELECT state FROM secops.schema_migrations") == [("applied",)]
    ended = database.query("SELECT message FROM secops.migration_history")
    assert "succeeded, 1 of 1 files" in str(ended)
    drop_database(database)


class Refusal:
    """Starts the command in this process, where it must not come to serve."""

    def __init__(
        self, place: tuple[Database, Path], patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]
    ) -> None:
        database, self._directory = place
        self._patch, self._capture = patch, capture
        patch.chdir(self._directory.parent)
        patch.setenv("DATABASE_URL", database.dsn)

    def __call__(self, *options: str, **variables: str) -> tuple[int, str]:
        """Exit code and what is said on standard error."""
        for name in ("INTERNAL_ADMIN_TOKEN", "INTERNAL_ADMIN_TOKEN_SHA256"):
            self._patch.delenv(name, raising=False)
        for name, value in variables.items():
            self._patch.setenv(name, value)
        code = run(["migrate", "serve", "--port", "0", "--dir", str(self._directory), *options])
        return code, self._capture.readouterr().err


@pytest.fixture
def refusal(
    place: tuple[Database, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Refusal:
    return Refusal(place, monkeypatch, capsys)


def test_tokens_that_keep_it_from_starting(refusal: Refusal) -> None:
    code, err = refusal()
    assert (code, "no token" in err) == (2, True)
    code, err = refusal(INTERNAL_ADMIN_TOKEN="short-canary")
    assert (code, "characters" in err, "canary" in err) == (2, True, False)
    code, err = refusal(INTERNAL_ADMIN_TOKEN_SHA256=make_token())
    assert (code, "not a SHA-256" in err) == (2, True)
    code, err = refusal(INTERNAL_ADMIN_TOKEN=make_token(), INTERNAL_ADMIN_TOKEN_SHA256="0" * 64)
    assert (code, "both set" in err) == (2, True)


def test_places_that_keep_it_from_starting(refusal: Refusal) -> None:
    token = make_token()
    code, err = refusal("--host", "0.0.0.0", INTERNAL_ADMIN_TOKEN=token)
    assert (code, "--expose-unencrypted" in err) == (2, True)
    code, err = refusal("--trust-proxy", "proxy.example", INTERNAL_ADMIN_TOKEN=token)
    assert (code, "IP address" in err) == (2, True)
    code, err = refusal("--env", "production", INTERNAL_ADMIN_TOKEN=token)
    assert (code, "pinned as staging" in err) == (5, True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, err = refusal("--port", str(taken.getsockname()[1]), INTERNAL_ADMIN_TOKEN=token)
    assert (code, "cannot listen" in err) == (3, True)


def test_the_token_does_not_stay_in_the_environment(refusal: Refusal) -> None:
    refusal("--env", "production", INTERNAL_ADMIN_TOKEN=make_token())
    assert "INTERNAL_ADMIN_TOKEN" not in os.environ


@pytest.mark.parametrize("absent", ["uvicorn", "starlette"])
def test_without_the_extra_it_says_what_to_install(
    refusal: Refusal, monkeypatch: pytest.MonkeyPatch, absent: str
) -> None:
    ours = [name for name in sys.modules if name.startswith(("secopskit.migrate.server", f"{absent}."))]
    for name in ours:
        # As if it had never been imported: a package also remembers its modules as attributes.
        parent, _, module = name.rpartition(".")
        if parent in sys.modules and hasattr(sys.modules[parent], module):
            monkeypatch.delattr(sys.modules[parent], module)
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, absent, None)
    code, err = refusal(INTERNAL_ADMIN_TOKEN=make_token())
    assert (code, "pip install 'secopskit[server]'" in err) == (2, True)
