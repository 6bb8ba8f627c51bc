"""A GitHub on loopback that keeps to the published contract, and is stricter than the real one.

It opens what it is sent, so that a test can compare byte for byte; notes each breach of the contract;
and fails on demand. Nothing in it is a mock: it speaks HTTP to whatever client comes.
"""

from __future__ import annotations

import re
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from support.github import entries, places, repositories
from support.github.access import App, Doors, Installation, Token
from support.github.answers import Answer, Refused, message, not_found
from support.github.call import Call
from support.github.faults import Fault, Faults
from support.github.operations import find
from support.github.rules import check_headers, read_body, read_query
from support.github.wire import Listener, WireAnswer, WireRequest
from support.github.world import SITE, World

_ACTIONS = {**entries.ACTIONS, **places.ACTIONS, **repositories.ACTIONS}
_LIMIT = 5000
_NO_FAULT = Fault(name="")
_ON_THE_WAY_S = 0.3
# Clients may not read the server's clock, which tells whole seconds only.
_TOLERANCE = timedelta(seconds=0.05)


class Exchange(NamedTuple):
    """A request and how it ended: `status` is 0 where the connection was closed. `path` is below the base."""

    method: str
    path: str
    query: str
    status: int
    started: float
    seconds: float
    fault: str = ""


class _Silence(NamedTuple):
    """Nobody may come before `end`, but who was on the way elsewhere when it was told, at `began`."""

    end: datetime
    began: float
    connection: int


class ContractServer:
    """GitHub as secops meets it: `url` is the API's base, `world` what is there, `faults` what goes wrong.

    `ghes`: as an Enterprise Server, below /api/v3, without Codespaces and rate limits. `strict`: what
    GitHub merely recommends is demanded, too; other programs than ours are spared that. `tls` is the
    server's side of an encrypted connection.
    """

    def __init__(self, *, ghes: bool = False, strict: bool = True, tls: ssl.SSLContext | None = None) -> None:
        self.world = World()
        self.clock = self.world.clock
        self.doors = Doors(self.clock)
        self.faults = Faults()
        self.violations: list[str] = []
        self.log: list[Exchange] = []
        self.remaining = _LIMIT
        self._ghes = ghes
        self._strict = strict
        self._base = "/api/v3" if ghes else ""
        self._lock = threading.Lock()
        self._silence: _Silence | None = None
        self._listener = Listener(self.serve, tls)
        self.stand_at("")

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._listener.port

    @property
    def connections(self) -> int:
        """How many connections clients have opened so far."""
        return self._listener.accepted

    def __enter__(self) -> Self:
        self._listener.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.stop()

    def token(
        self,
        permissions: Mapping[str, str] | None = None,
        *,
        repositories: Iterable[str] | None = None,
        login: str = "ada",
        lasts: timedelta | None = None,
    ) -> str:
        """A new token of a person: fine-grained with `permissions`, classic without."""
        self.world.person(login)
        return self.doors.token(login, permissions, repositories, lasts=lasts)

    def app(
        self,
        account: str,
        permissions: Mapping[str, str],
        repositories: Iterable[str] | None = None,
    ) -> tuple[App, Installation]:
        """A new app, installed for an account."""
        app = self.doors.app(self.world.next_id(), "secops-sync")
        made = Installation(
            id=self.world.next_id(),
            account=account,
            permissions=permissions,
            repositories=None if repositories is None else frozenset(each.lower() for each in repositories),
            created_at=self.clock.now(),
        )
        app.installations[made.id] = made
        return app, made

    def requests(self, method: str = "", path: str = "") -> list[Exchange]:
        """The requests so far of `method` (empty for any) whose path has `path`, a regular expression."""
        return [each for each in self.log if method in ("", each.method) and re.search(path, each.path)]

    def wait_for(self, happens: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait until something is so. Raises AssertionError where it is not within `seconds`."""
        end = time.monotonic() + seconds
        while not happens():
            assert time.monotonic() < end, "it did not happen"
            time.sleep(0.01)

    def stand_at(self, origin: str) -> None:
        """Say that API, pages and repositories are at `origin`, where another listens; empty for our own."""
        self.url = f"{origin or self._listener.origin}{self._base}"
        own_site = self._listener.origin if self._ghes else SITE
        self.world.site = origin or own_site

    def serve(self, request: WireRequest) -> WireAnswer | None:
        """Answer a request, or None to close the connection."""
        started, clock = time.monotonic(), time.perf_counter()
        target = urlsplit(request.target)
        path = target.path.removeprefix(self._base)
        fault = self.faults.meet(request.method, path) or _NO_FAULT
        time.sleep(fault.delay)
        replaced = fault.answer is not None or fault.drop
        with self._lock:
            self._mind_silence(request, path, started)
            if fault.rotate:
                self._rotate_keys()
            answer = self._judged(request, target.path, target.query, act=fault.done or not replaced)
            if fault.answer is not None:
                answer = fault.answer(self.clock)
            if fault.quiet:
                end = self.clock.exact() + timedelta(seconds=fault.quiet)
                self._silence = _Silence(end, time.monotonic(), request.connection)
            status = 0 if fault.drop else answer.status
            seconds = time.perf_counter() - clock
            self.log.append(
                Exchange(request.method, path, target.query, status, started, seconds, fault.name)
            )
            return None if fault.drop else WireAnswer(answer, self._headers(answer))

    def _rotate_keys(self) -> None:
        for vault in self.world.vaults():
            vault.rotate()

    def _mind_silence(self, request: WireRequest, path: str, started: float) -> None:
        """Note who comes again while a limit lasts, for which a server may lock a client out."""
        silence = self._silence
        if not self._strict or silence is None or self.clock.exact() >= silence.end - _TOLERANCE:
            return
        on_the_way = request.connection != silence.connection and started < silence.began + _ON_THE_WAY_S
        if not on_the_way:
            left = (silence.end - self.clock.exact()).total_seconds()
            self.violations.append(f"{request.method} {path}: came {left:.1f} s before a limit was over")

    def _judged(self, request: WireRequest, path: str, query: str, *, act: bool) -> Answer:
        """The answer to a request that is carried out if `act`, else only held against the contract."""
        try:
            call = self._admitted(request, path, query)
            if call.operation.action == "limits.get":
                return self._limits()
            answer = _ACTIONS[call.operation.action](call) if act else Answer(204)
            assert not act or answer.status in call.operation.answers, (
                call.operation.template,
                answer.status,
            )
            return answer
        except Refused as refusal:
            if refusal.violation:
                self.violations.append(f"{request.method} {path}: {refusal.violation}")
            return refusal.answer

    def _admitted(self, request: WireRequest, path: str, query: str) -> Call:
        """The request, understood. Refuses one that no operation takes, or its caller may not make."""
        if request.malformed:
            raise Refused(message(400, "Bad Request"), request.malformed)
        found = find(request.method, path.removeprefix(self._base)) if path.startswith(self._base) else None
        if found is None:
            raise Refused(message(404, "Not Found"), "there is no such operation")
        operation, parameters = found
        if self._ghes and not operation.ghes:
            raise not_found()
        check_headers(request.headers, strict=self._strict)
        caller = self.doors.caller(request.headers.get("Authorization", ""), operation)
        call = Call(
            operation=operation,
            parameters=parameters,
            query=read_query(operation, query),
            body=read_body(operation, request.headers, request.body),
            caller=caller,
            base=self.url,
            path=path.removeprefix(self._base),
            world=self.world,
            doors=self.doors,
        )
        if isinstance(caller, Token):
            # Who may not see a repository is not told that it is there.
            if "repo" in parameters:
                call.repository()
            caller.check(operation)
        self.remaining -= 1
        return call

    def _limits(self) -> Answer:
        if self._ghes:
            raise Refused(message(404, "Rate limiting is not enabled."))
        rate = {"limit": _LIMIT, "remaining": self.remaining, "reset": self._reset(), "used": self._used()}
        return Answer(200, {"resources": {"core": rate, "search": rate}, "rate": rate})

    def _headers(self, answer: Answer) -> dict[str, str]:
        limits = {
            "x-ratelimit-limit": str(_LIMIT),
            "x-ratelimit-remaining": str(self.remaining),
            "x-ratelimit-used": str(self._used()),
            "x-ratelimit-reset": str(self._reset()),
            "x-ratelimit-resource": "core",
        }
        own = {
            "Date": self.clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT"),
            "X-GitHub-Request-Id": f"0000:{len(self.log):06X}",
            "X-GitHub-Media-Type": "github.v3; format=json",
        }
        return {**own, **({} if self._ghes else limits), **answer.headers}

    def _used(self) -> int:
        return _LIMIT - self.remaining

    def _reset(self) -> int:
        return int(self.clock.now().timestamp()) + 3600
