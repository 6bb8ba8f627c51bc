"""An Odoo that has a remote interface and nothing else, stricter than Odoo: what is unusual is a complaint.

JSON-RPC (`/jsonrpc`) and XML-RPC (`/xmlrpc/2`), users with passwords, API keys and two-factor
authentication, the minute in which everybody is refused, and faults on order. Failed logins count until
the minute is over, whoever gets in meanwhile.
Sources: https://www.odoo.com/documentation/19.0/developer/reference/external_rpc_api.html and Odoo's
`odoo/http.py`, `odoo/service/`, `odoo/addons/base/models/res_users.py`.
"""

from __future__ import annotations

import json
import socket
import threading
import xmlrpc.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

COOL_DOWN_AFTER = 5
COOL_DOWN_S = 60.0
DATABASE = "shop"


class Fault(Enum):
    """What goes wrong with a call. `LATE` ones come after it was done."""

    DROP = "drop"
    LATE_DROP = "late drop"
    BAD_GATEWAY = "502"
    LATE_BAD_GATEWAY = "late 502"
    BUSY = "429"
    HTML = "a page"
    GARBAGE = "garbage"
    TYPE_ERROR = "a mistake of the application"
    ENTITIES = "an answer with entities"
    HUGE = "an answer without an end"
    OTHER_ID = "an answer to another call"


class OdooError(Exception):
    """An exception of the application: the name of its class and what it says."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name, self.message = name, message


@dataclass
class OdooUser:
    """A user. `keys` are API keys, which stand for the password in calls, never in its change."""

    uid: int
    password: str
    two_factor: bool = False
    keys: set[str] = field(default_factory=set)
    sessions: int = 2


@dataclass
class FakeOdoo:
    """The state of the server; `now` is moved by whoever sleeps. `calls` are service and method."""

    version: str = "17.0"
    protocols: set[str] = field(default_factory=lambda: {"jsonrpc", "xmlrpc"})
    users: dict[str, OdooUser] = field(default_factory=dict)
    policy: str = ""
    now: float = 0.0
    url: str = ""
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    failures: int = 0
    failed_at: float = -1000.0

    def sleep(self, seconds: float) -> None:
        """What stands in for waiting."""
        self.now += seconds

    @property
    def cooling(self) -> bool:
        """Whether everybody is refused."""
        if self.now - self.failed_at >= COOL_DOWN_S:
            self.failures = 0
        return self.failures >= COOL_DOWN_AFTER

    def dispatch(self, service: str, method: str, arguments: list[Any]) -> Any:
        """What the application answers. Raises OdooError."""
        match service, method, arguments:
            case "common", "version", []:
                return {"server_version": self.version, "protocol_version": 1}
            case "common", "authenticate", [str(database), str(login), str(password), {}]:
                self._database(database)
                return self._uid(login, password) or False
            case "object", "execute_kw", [
                str(database),
                int(uid),
                str(password),
                "res.users",
                "change_password",
                [str(old), str(new)],
                {},
            ]:
                self._database(database)
                return self._change(uid, password, old, new)
        self.complaints.append(f"{service}.{method} with {len(arguments)} arguments")
        raise OdooError("builtins.TypeError", "unexpected call")

    def _database(self, database: str) -> None:
        if database != DATABASE:
            raise OdooError("psycopg2.OperationalError", f'FATAL: database "{database}" does not exist')

    def _uid(self, login: str, password: str) -> int | None:
        if self.cooling:
            return None
        user = self.users.get(login)
        right = user is not None and (
            password in user.keys or (password == user.password and not user.two_factor)
        )
        if not right:
            self.failures += 1
            self.failed_at = self.now
            return None
        return user.uid if user else None

    def _change(self, uid: int, password: str, old: str, new: str) -> bool:
        login, user = next((item for item in self.users.items() if item[1].uid == uid), ("", OdooUser(0, "")))
        if self._uid(login, password) is None or old != user.password:
            raise OdooError("odoo.exceptions.AccessDenied", "Access Denied")
        if not new.strip():
            raise OdooError("odoo.exceptions.UserError", "Setting empty passwords is not allowed!")
        if new != new.strip():
            self.complaints.append("a password with white space around it, which Odoo takes away")
        if self.policy:
            raise OdooError("odoo.exceptions.UserError", f"{self.policy} (not {new})\nmore")
        user.password, user.sessions = new.strip(), 0
        return True

    def fault(self, method: str) -> Fault | None:
        """The next fault ordered for a method."""
        queue = self.faults.get(method)
        return queue.pop(0) if queue else None


_EARLY = frozenset({Fault.DROP, Fault.BAD_GATEWAY, Fault.BUSY, Fault.TYPE_ERROR})
_INSTEAD = {
    Fault.BAD_GATEWAY: (502, b"<h1>Bad gateway</h1>"),
    Fault.LATE_BAD_GATEWAY: (502, b"<h1>Bad gateway</h1>"),
    Fault.BUSY: (429, b""),
    Fault.HTML: (200, b"<html>Maintenance</html>"),
    Fault.GARBAGE: (200, b"\xff\xfe\0["),
    Fault.HUGE: (200, b" " * (17 * 1024 * 1024)),
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    odoo: FakeOdoo

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.odoo.complaints.append(f"GET {self.path}")
        self._answer(404, b"", "text/html")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        protocol = {"/jsonrpc": "jsonrpc", "/xmlrpc/2/common": "xmlrpc", "/xmlrpc/2/object": "xmlrpc"}.get(
            self.path
        )
        if protocol is None:
            self.odoo.complaints.append(f"POST {self.path}")
        if protocol is None or protocol not in self.odoo.protocols:
            self._answer(404, b"<h1>Not Found</h1>", "text/html")
        elif protocol == "jsonrpc":
            self._json(body)
        else:
            self._xml(body, self.path.rpartition("/")[2])

    def _json(self, body: bytes) -> None:
        request = json.loads(body)
        if self.headers["Content-Type"] != "application/json" or {*request} != {
            "jsonrpc",
            "method",
            "params",
            "id",
        }:
            self.odoo.complaints.append("not a request of JSON-RPC")
        params = request["params"]
        if (
            {*params} != {"service", "method", "args"}
            or request["jsonrpc"] != "2.0"
            or request["method"] != "call"
        ):
            self.odoo.complaints.append("not a call of JSON-RPC")
        answer: dict[str, Any] = {"jsonrpc": "2.0", "id": request["id"]}

        def fill() -> None:
            try:
                result = self.odoo.dispatch(params["service"], params["method"], params["args"])
                answer.update({"result": result} if result is not None else {})
            except OdooError as error:
                answer["error"] = self._json_error(error, body.decode())

        def send(fault: Fault | None) -> None:
            if fault is Fault.TYPE_ERROR:
                answer["error"] = self._json_error(
                    OdooError("builtins.TypeError", body.decode()), body.decode()
                )
            if fault is Fault.OTHER_ID:
                answer["id"] += 1
            self._answer(200, json.dumps(answer).encode(), "application/json")

        self._perform(f"{params['service']}.{params['method']}", fill, send)

    def _json_error(self, error: OdooError, secret: str) -> dict[str, Any]:
        new = float(self.odoo.version) >= 19
        data = {
            "name": error.name,
            "message": error.message,
            "arguments": [error.message],
            "context": {},
            "debug": f"Traceback (most recent call last):\n{secret}",
        }
        if float(self.odoo.version) < 14:
            data["exception_type"] = "internal_error"
        return {"code": 0 if new else 200, "message": "Odoo Server Error", "data": data}

    def _xml(self, body: bytes, service: str) -> None:
        arguments, method = xmlrpc.client.loads(body.decode())
        if self.headers["Content-Type"] != "text/xml" or method is None:
            self.odoo.complaints.append("not a call of XML-RPC")
        answer = [b""]

        def fill() -> None:
            try:
                result = self.odoo.dispatch(service, str(method), list(arguments))
                answer[0] = xmlrpc.client.dumps((result,), methodresponse=True).encode()
            except OdooError as error:
                codes = {"AccessDenied": 3, "AccessError": 4, "UserError": 2}
                code = codes.get(error.name.rpartition(".")[2], 1)
                text = error.message if code > 1 else f"Traceback:\n{body.decode()}"
                answer[0] = xmlrpc.client.dumps(xmlrpc.client.Fault(code, text)).encode()

        def send(fault: Fault | None) -> None:
            if fault is Fault.TYPE_ERROR:
                answer[0] = xmlrpc.client.dumps(
                    xmlrpc.client.Fault(1, f"Traceback:\n{body.decode()}")
                ).encode()
            if fault is Fault.ENTITIES:
                answer[0] = b'<!DOCTYPE a [<!ENTITY b "c">]>' + answer[0]
            self._answer(200, answer[0], "text/xml")

        self._perform(f"{service}.{method}", fill, send)

    def _perform(self, call: str, fill: Callable[[], None], send: Callable[[Fault | None], None]) -> None:
        self.odoo.calls.append(call)
        fault = self.odoo.fault(call.partition(".")[2])
        if fault not in _EARLY:
            fill()
        if fault in {Fault.DROP, Fault.LATE_DROP}:
            self._drop()
        elif fault in _INSTEAD:
            status, body = _INSTEAD[fault]
            self._answer(status, body, "text/html")
        else:
            send(fault)

    def _drop(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        head = f"HTTP/1.1 {status} x\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        try:
            self.wfile.write(head.encode() + body)
        except OSError:
            self.close_connection = True


@contextmanager
def odoo(**traits: Any) -> Iterator[FakeOdoo]:
    """A server on the loopback for the length of the block; what it complained of fails the test."""
    state = FakeOdoo(**traits)
    handler = type("Handler", (_Handler,), {"odoo": state, "disable_nagle_algorithm": True})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
        assert not state.complaints
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
