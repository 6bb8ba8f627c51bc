"""A server that plays a vendor: routes with what they accept, a record of violations, faults on order."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import jsonschema


class Asked(NamedTuple):
    """A request. `parameters` are those of the path; names of `headers` are in lower case."""

    method: str
    path: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    raw: bytes


class Reply(NamedTuple):
    """An answer; a body of bytes is sent as it stands."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = {}


class Route(NamedTuple):
    """What a path takes: `{name}` in `path` is a parameter, whose form `forms` of the vendor has.

    `schema` is that of the body, which must be there; None forbids one. `query` has the patterns of what
    may stand in the query, with a `!` before the name of what must.
    """

    method: str
    path: str
    act: Callable[[Asked], Reply]
    schema: Mapping[str, Any] | None = None
    query: Mapping[str, str] = {}


@dataclass
class Fault:
    """What goes wrong with requests whose method and path match.

    `where` is `instead` (the reply is given and nothing done), `before` or `after` (the connection is cut
    before or after it was done). It happens `times` times, once `skip` matching requests have passed.
    """

    method: str
    path: str
    reply: Reply | None = None
    where: str = "instead"
    times: int = 1
    skip: int = 0

    def meets(self, method: str, path: str) -> bool:
        if self.times <= 0 or method != self.method or not re.search(self.path, path):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass
class Vendor:
    """A vendor. `violations` are requests that its contract forbids; `asked` is the log of all requests."""

    forms: Mapping[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    url: str = ""

    def routes(self) -> list[Route]:
        raise NotImplementedError

    def admits(self, asked: Asked, route: Route | None) -> Reply | None:
        """The reply to one who may not come in; None for one who may."""
        raise NotImplementedError

    def problem(self, status: int, text: str) -> Reply:
        return Reply(status, {"message": text})

    def target(self, path: str, raw: bytes) -> str:
        """What the pattern of a fault is looked for in."""
        return path

    def counted(self, method: str, path: str) -> int:
        return sum(one.method == method and re.search(path, one.path) is not None for one in self.asked)

    def reply(self, asked: Asked) -> Reply:
        with self.lock:
            self.asked.append(asked)
            route, parameters = self._route(asked)
            asked = asked._replace(parameters=parameters)
            refused = self.admits(asked, route)
            if refused is not None:
                return refused
            if route is None:
                return self._violated(asked, "there is no such route", 404)
            return self._checked(asked, route) or route.act(asked)

    def _route(self, asked: Asked) -> tuple[Route | None, Mapping[str, str]]:
        for route in self.routes():
            pattern = re.sub(
                r"\{(\w+)\}", lambda m: f"(?P<{m[1]}>{self.forms.get(m[1], '[^/]+')})", route.path
            )
            found = re.fullmatch(pattern, asked.path)
            if found and route.method == asked.method:
                return route, found.groupdict()
        return None, {}

    def _checked(self, asked: Asked, route: Route) -> Reply | None:
        known = {name.lstrip("!"): form for name, form in route.query.items()}
        needed = {name[1:] for name in route.query if name.startswith("!")}
        for name, value in asked.query.items():
            if name not in known or not re.fullmatch(known[name], value):
                return self._violated(asked, f"query: {name}")
        if needed - asked.query.keys():
            return self._violated(asked, "a query is missing")
        if route.schema is None:
            return self._violated(asked, "a body where none belongs") if asked.raw else None
        if asked.headers.get("content-type", "").partition(";")[0] != "application/json":
            return self._violated(asked, "the content type", 415)
        try:
            jsonschema.validate(asked.body, {"type": "object", "additionalProperties": False, **route.schema})
        except jsonschema.ValidationError as error:
            return self._violated(asked, f"the body: {error.validator} at {error.json_path}", 422)
        return None

    def _violated(self, asked: Asked, what: str, status: int = 400) -> Reply:
        self.violations.append(f"{asked.method} {asked.path}: {what}")
        return self.problem(status, what)

    def fault(self, method: str, path: str) -> Fault | None:
        with self.lock:
            return next((fault for fault in self.faults if fault.meets(method, path)), None)


def _document(raw: bytes) -> Any:
    """What JSON makes of a body; None for none, and for what is no JSON."""
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return None


def _handler(vendor: Vendor) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            if len(raw) < length:  # who is killed while sending leaves half a request
                return self._cut()
            parts = urlsplit(self.path)
            fault = vendor.fault(self.command, vendor.target(self.path, raw))
            if fault and fault.where == "before":
                return self._cut()
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            asked = Asked(self.command, parts.path, {}, query, headers, _document(raw), raw)
            if fault and fault.reply:
                vendor.asked.append(asked)
                return self._send(fault.reply)
            reply = vendor.reply(asked)
            return self._cut() if fault else self._send(reply)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - the names that the library calls

        def _send(self, reply: Reply) -> None:
            content = reply.body if isinstance(reply.body, bytes) else b""
            if reply.body is not None and not isinstance(reply.body, bytes):
                content = json.dumps(reply.body).encode()
            self.send_response_only(reply.status)  # no Date: clocks of tests stand still
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _cut(self) -> None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            pass

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # connections are cut on purpose


@contextmanager
def serving(vendor: Vendor) -> Iterator[Vendor]:
    """The vendor, at its `url` while the block lasts."""
    with _Server(("127.0.0.1", 0), _handler(vendor)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        vendor.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield vendor
        finally:
            server.shutdown()
            thread.join()
