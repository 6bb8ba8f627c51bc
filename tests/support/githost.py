"""A host of git repositories on loopback, as GitHub is one: smart HTTP, for those who have a token.

The repositories are bare ones in a directory, which `git http-backend` serves; where GitHub's API is to
stand at the same address, as it does with an Enterprise Server, the contract server answers for it.
"""

from __future__ import annotations

import base64
import binascii
import re
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.message import Message
from http.client import parse_headers
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import IO, Final, NamedTuple, Self
from urllib.parse import unquote, urlsplit

from support.cli import environment, run
from support.github.answers import message
from support.github.server import ContractServer
from support.github.wire import Handler, Listener, WireAnswer, WireRequest

USER: Final = "x-access-token"
_SERVED: Final = re.compile(r"/[^/]+/[^/]+\.git/.+")
_MOST_BYTES: Final = 64 * 1024
# Both as at GitHub: a client may leave out what it does not need, and ask for any object.
_SETTINGS: Final = ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant")


class Visit(NamedTuple):
    """A request for a repository. `path` is without its query; `authorised` says if the token was one."""

    method: str
    path: str
    authorised: bool


class GitHost:
    """The host of the repositories below `root`: `<root>/<owner>/<name>.git` is at `/<owner>/<name>.git`.

    `url` is its origin, `tokens` are the passwords of the user x-access-token that are taken, `requests` the
    visits to repositories so far. Each POST to git-upload-pack is answered `delay` seconds later: a clone
    has two, for the refs and for the pack. `api` answers whatever is not about a repository, in the place of
    its own port, and says that it stands here. `tls` is the server's side of an encrypted connection.
    """

    def __init__(
        self, root: Path, *, api: ContractServer | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.root = root
        self.tokens: set[str] = set()
        self.requests: list[Visit] = []
        self.delay = 0.0
        self._api = api
        self._closing = threading.Event()
        handler = type("_Here", (_GitHandler,), {"host": self})
        self._listener = Listener(api.serve if api else _nowhere, tls, handler)
        self.url = self._listener.origin

    def __enter__(self) -> Self:
        self._listener.start()
        if self._api:
            self._api.stand_at(self.url)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._listener.stop()
        if self._api:
            self._api.stand_at("")

    def path(self, owner_name: str) -> Path:
        """Where the bare repository of `owner/name` is."""
        return self.root / f"{owner_name}.git"

    def add(self, owner_name: str, source: Path) -> Path:
        """Serve what `source` has now as `owner/name`, with all its refs. Once more: as it is by then."""
        bare = self.path(owner_name)
        if bare.exists():
            _git("fetch", "-q", "--prune", str(source), "+refs/*:refs/*", cwd=bare)
            return bare
        bare.parent.mkdir(parents=True, exist_ok=True)
        _git("clone", "-q", "--mirror", str(source), str(bare), cwd=bare.parent)
        for each in _SETTINGS:
            _git("config", each, "true", cwd=bare)
        return bare

    def visited(self, method: str, path: str, headers: Message) -> bool:
        """Note a visit, and say whether its token is one."""
        authorised = _password(headers.get("Authorization", "")) in self.tokens
        self.requests.append(Visit(method, path, authorised))
        return authorised

    def wait(self) -> bool:
        """Let the delay go by. False where the host is closed meanwhile."""
        return not self._closing.wait(self.delay)


class _GitHandler(Handler):
    host: GitHost

    def answer(self) -> None:
        """What is about a repository is answered by git, everything else by whoever serves."""
        path = urlsplit(self.path).path
        if not _SERVED.fullmatch(path):
            super().answer()
        elif not self.host.visited(self.command, path, self.headers):
            self._refuse()
        elif not path.endswith("/git-upload-pack") or self.host.wait():
            self._serve_git(path)
        else:
            self.close_connection = True

    def _refuse(self) -> None:
        # The body is not read, so that nothing can follow it on this connection.
        self.close_connection = True
        data = b"invalid credentials\n"
        self.send_response_only(401)
        for name, value in (
            ("WWW-Authenticate", 'Basic realm="GitHub"'),
            ("Content-Type", "text/plain"),
            ("Content-Length", str(len(data))),
            ("Connection", "close"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def _serve_git(self, path: str) -> None:
        body = self._body()
        with _backend(self._variables(path, body)) as (feed, result):
            _fed(feed, body)
            head = parse_headers(result)
            self.send_response_only(int(head.get("Status", "200").split()[0]))
            for name, value in head.items():
                if name not in ("Status", "Content-Length"):
                    self.send_header(name, value)
            # How long a pack is nobody knows before it is made.
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            while data := result.read1(_MOST_BYTES):
                self._send_chunk(data)
        self._send_chunk(b"")

    def _send_chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
        self.wfile.flush()

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            return self._read(int(self.headers.get("Content-Length", "0")))
        body = b""
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            body += self._read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers
        return body

    def _read(self, size: int) -> bytes:
        data = self.rfile.read(size)
        if len(data) < size:
            raise ConnectionError("the client went away")
        return data

    def _variables(self, path: str, body: bytes) -> dict[str, str]:
        """The request as CGI tells it. What is compressed is git's to unpack."""
        told = {
            "GIT_PROJECT_ROOT": str(self.host.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REQUEST_METHOD": self.command,
            "PATH_INFO": unquote(path),
            "QUERY_STRING": urlsplit(self.path).query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "REMOTE_USER": USER,
            "REMOTE_ADDR": "127.0.0.1",
        }
        return {name: value for name, value in told.items() if value}


@contextmanager
def _backend(variables: Mapping[str, str]) -> Iterator[tuple[IO[bytes], BufferedReader]]:
    """`git http-backend` for one request: what it reads, and what it writes. It ends with the block."""
    process = subprocess.Popen(
        ("git", "http-backend"),
        env=environment(**variables),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert isinstance(process.stdout, BufferedReader)
    try:
        yield process.stdin, process.stdout
    finally:
        # What it has started ends, too, when nobody reads any more.
        process.kill()
        process.stdout.close()
        process.wait()


def _fed(feed: IO[bytes], body: bytes) -> None:
    try:
        with feed:
            feed.write(body)
    except BrokenPipeError:
        pass  # it answers without having read all


def _password(authorization: str) -> str | None:
    """The password of the user x-access-token, None for whatever else."""
    scheme, _, credential = authorization.partition(" ")
    try:
        user, _, password = base64.b64decode(credential, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return password if scheme.lower() == "basic" and user == USER else None


def _nowhere(request: WireRequest) -> WireAnswer:
    return WireAnswer(message(404, "Not Found"), {})


def _git(*arguments: str, cwd: Path) -> None:
    done = run("git", *arguments, cwd=cwd)
    assert done.code == 0, done.text
