"""What every call passes: limits, the token, the body; and what every answer gets: headers, a record.

Nothing behind it is reached without a valid token, except two documents that hold no secret.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from secopskit.errors import SecopsError
from secopskit.migrate.server.api.problems import (
    BUG,
    MEDIA_TYPE,
    ProblemDocument,
    ProblemError,
    problem,
    problem_of,
)
from secopskit.migrate.server.audit import AnsweredCall, Audit
from secopskit.migrate.server.limits import CallLimiter, client_of
from secopskit.migrate.server.log import Log, places
from secopskit.migrate.server.settings import ServerSettings
from secopskit.migrate.server.workers import Workers

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

CALL: Final = "secops.call"
PUBLIC: Final = frozenset({"/healthz", "/v1/openapi.json"})
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
_SECURITY: Final = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)
_CHALLENGE: Final = 'Bearer realm="secops"'
_TOO_LARGE: Final = ProblemDocument(
    status=431, code="headers-too-large", detail="the header fields are too many or too large"
)
_NO_REQUEST: Final = ProblemDocument(
    status=400,
    code="bad-request",
    detail="this is no request of HTTP/1.1",
    advice="The server speaks no TLS, and a request names its Host.",
)
_INCOMPLETE: Final = ProblemDocument(
    status=400,
    code="incomplete",
    detail="the connection ended before the body did",
    advice="Nothing was done.",
    headers={"connection": "close"},
)
_CROWDED: Final = ProblemDocument(
    status=503,
    code="overloaded",
    detail="too many connections are open",
    headers={"retry-after": "5", "connection": "close"},
)
_HOW: Final = "Send the header `Authorization: Bearer TOKEN`, with the token the server was started with."


@dataclass(slots=True, kw_only=True)
class Call:
    """A call under way. `route` is filled in by whoever knows it: the path itself may hold anything."""

    method: str
    client: str
    id: str = field(default_factory=lambda: uuid4().hex)
    started: float = field(default_factory=time.monotonic)
    who: str = ""
    route: str = "(path not looked at)"
    plan: str = ""
    code: str = ""
    recorded: bool = False

    @property
    def what(self) -> str:
        """Method and route."""
        return f"{self.method if self.method in _METHODS else '(unknown method)'} {self.route}"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, whole: none of ours is long."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Gate:
    """The outermost part of the application."""

    def __init__(
        self, app: ASGIApp, settings: ServerSettings, audit: Audit, workers: Workers, log: Log
    ) -> None:
        self._app = app
        self._limits = settings.limits
        self._tokens = settings.tokens
        self._proxies = settings.proxies
        self._limiter = CallLimiter(settings.limits)
        self._audit = audit
        self._workers = workers
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        call = self._call(scope)
        answer = await self._guarded(call, scope, receive)
        await self._account(call, answer)
        await _send(_sealed(call, answer), send)

    async def turn_away(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request over a connection too many; the log alone has it."""
        call = self._call(scope)
        answer = _refusal(call, _CROWDED)
        self._tell(call, answer)
        await _send(_sealed(call, answer), send)

    def unread(self, peer: str, status: int) -> Answer:
        """The answer to what is no request, or has too large a head (431); the log alone has it."""
        call = Call(method="", client=client_of(peer, [], self._proxies))
        answer = _refusal(call, _TOO_LARGE if status == 431 else _NO_REQUEST)
        self._tell(call, answer)
        return _sealed(call, answer)

    def _call(self, scope: Scope) -> Call:
        peer = (scope.get("client") or ("", 0))[0]
        client = client_of(peer, _values(scope, b"x-forwarded-for"), self._proxies)
        return Call(method=scope["method"], client=client)

    async def _guarded(self, call: Call, scope: Scope, receive: Receive) -> Answer:
        try:
            return await self._answer(call, scope, receive)
        except ProblemError as error:
            return _refusal(call, error.problem)
        except SecopsError as error:
            return _refusal(call, problem_of(error))
        except Exception as error:  # noqa: BLE001 - the boundary: a client is told nothing of it
            self._log(f"bug in call {call.id}: {places(error)}")
            return _refusal(call, BUG)

    async def _answer(self, call: Call, scope: Scope, receive: Receive) -> Answer:
        self._check_head(scope)
        if call.method in {"GET", "HEAD"} and scope["path"] in PUBLIC:
            self._admit(f"public {call.client}")
        else:
            self._identify(call, scope)
        body = await self._body(scope, receive)
        scope[CALL] = call
        return await _collect(self._app, scope, body)

    def _check_head(self, scope: Scope) -> None:
        headers = scope["headers"]
        size = sum(len(name) + len(value) for name, value in headers)
        if size > self._limits.header_bytes or len(headers) > self._limits.header_count:
            raise ProblemError(_TOO_LARGE)
        if _values(scope, b"content-encoding"):
            raise problem(415, "media-type", "the body must not be encoded")

    def _identify(self, call: Call, scope: Scope) -> None:
        """Find out whose token it is. Whatever others at the same address have sent, a valid one passes."""
        given = _values(scope, b"authorization")
        if token := self._tokens.recognise(given):
            call.who = token.mark
            self._admit(f"{token.mark} {call.client}")
            return
        if left := self._limiter.locked(call.client):
            raise problem(429, "locked-out", "locked out after too many wrong tokens", retry_after=str(left))
        self._admit(call.client)
        if given and self._limiter.wrong(call.client):
            self._log(f"{call.client} is locked out for {self._limits.lock_out_s:g} s, but for a valid token")
        needed = "a valid bearer token is needed"
        raise problem(401, "unauthorized", needed, _HOW, www_authenticate=_CHALLENGE)

    def _admit(self, caller: str) -> None:
        """Count a call. Who has a valid token has a count that nobody else can use up."""
        if wait := self._limiter.admit(caller):
            raise problem(429, "too-many-calls", "too many calls", retry_after=str(wait))

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        most = self._limits.body
        too_large = problem(413, "body-too-large", f"a body may have {most} bytes")
        for length in _values(scope, b"content-length"):
            if not length.isdigit() or len(length) > 12 or int(length) > most:
                raise too_large
        body = bytearray()
        try:
            async with asyncio.timeout(self._limits.body_s):
                while True:
                    message = await receive()
                    body += message.get("body", b"")
                    if len(body) > most:
                        raise too_large
                    if message["type"] == "http.disconnect":
                        raise ProblemError(_INCOMPLETE)
                    if not message.get("more_body"):
                        return bytes(body)
        except TimeoutError:
            raise problem(408, "too-slow", "the body came too slowly", connection="close") from None

    async def _account(self, call: Call, answer: Answer) -> None:
        """The line of the log, and the row of the history."""
        took = self._tell(call, answer)
        denied = not call.who and answer.status in {401, 429}
        if call.recorded or not (call.who or denied):
            return
        seen = AnsweredCall(
            id=call.id,
            who=call.who,
            client=call.client,
            what=call.what,
            status=answer.status,
            code=call.code,
            duration_ms=took,
            plan=call.plan,
        )
        if row := self._audit.note(seen):
            await self._workers.record(lambda: self._audit.write(row))

    def _tell(self, call: Call, answer: Answer) -> int:
        """Write the line of the log; how long the call took, in milliseconds."""
        took = round((time.monotonic() - call.started) * 1000)
        result = f"{answer.status} {call.code}".strip()
        self._log(f"{call.client} {call.who or '-'} {call.what}: {result}, {took} ms [{call.id}]")
        return took


def _refusal(call: Call, why: ProblemDocument) -> Answer:
    call.code = why.code
    data = json.dumps(why.data() | {"request": call.id}).encode()
    headers = [(name.encode(), value.encode()) for name, value in why.headers.items()]
    headers += [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(data)).encode())]
    return Answer(why.status, headers, data)


def _sealed(call: Call, answer: Answer) -> Answer:
    """The answer with the header fields that each one has."""
    headers = [*answer.headers, *_SECURITY, (b"x-request-id", call.id.encode())]
    return Answer(answer.status, headers, answer.body)


async def _send(answer: Answer, send: Send) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body})


def _values(scope: Scope, name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key == name]


async def _collect(app: ASGIApp, scope: Scope, body: bytes) -> Answer:
    """The whole answer of `app` to a request whose body has been read."""
    start: dict[str, Any] = {}
    parts: list[bytes] = []
    rest: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return rest.pop() if rest else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    return Answer(start["status"], list(start["headers"]), b"".join(parts))
