"""What goes wrong, and when: faults, and the plan that says which requests meet them.

Limits as in https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Final

from support.github.answers import Answer, message
from support.github.vault import STALE_KEY, Clock

_SECONDARY: Final = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to a request.

    `delay` seconds go by; with `rotate` all key pairs are renewed; with `done` the request is carried out.
    Then `answer` is sent; with `drop` the connection is closed without one. A fault that has neither
    leaves the request to the server. For `quiet` seconds after it nobody may come again.
    """

    name: str
    answer: Callable[[Clock], Answer] | None = None
    delay: float = 0.0
    rotate: bool = False
    done: bool = False
    drop: bool = False
    quiet: float = 0.0

    def __str__(self) -> str:
        return self.name


def answered(
    status: int,
    text: str = "",
    headers: Mapping[str, str] | None = None,
    *,
    done: bool = False,
    quiet: float = 0.0,
) -> Fault:
    """An answer of that status."""
    spelt = dict(headers or {})
    return Fault(
        name=f"{status}{' with ' * bool(spelt)}{', '.join(spelt)}",
        answer=lambda _: message(status, text or "Something went wrong", spelt),
        done=done,
        quiet=quiet,
    )


def unauthorised() -> Fault:
    return answered(401, "Bad credentials")


def forbidden(permission: str = "secrets=write") -> Fault:
    """403 for want of a permission: to try again would not help."""
    return answered(
        403,
        "Resource not accessible by personal access token",
        {"X-Accepted-GitHub-Permissions": permission},
    )


def secondary_limit(retry_after: int | None = None, *, status: int = 403) -> Fault:
    """A secondary limit, with 403 or 429, with `Retry-After` in seconds or without: then it is a minute."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return answered(status, _SECONDARY, headers, quiet=60 if retry_after is None else retry_after)


def primary_limit(seconds: int, *, status: int = 403) -> Fault:
    """The primary limit is used up; it begins anew in `seconds`."""

    def answer(clock: Clock) -> Answer:
        reset = int(clock.now().timestamp()) + seconds
        headers = {
            "x-ratelimit-limit": "5000",
            "x-ratelimit-remaining": "0",
            "x-ratelimit-used": "5000",
            "x-ratelimit-reset": str(reset),
            "x-ratelimit-resource": "core",
        }
        return message(status, "API rate limit exceeded for user ID 1001.", headers)

    return Fault(name=f"{status} primary limit", answer=answer, quiet=seconds)


def missing() -> Fault:
    return answered(404, "Not Found")


def conflicting() -> Fault:
    return answered(409, "Conflict")


def stale_key() -> Fault:
    """422 as for a key that is no longer the current one."""
    return answered(422, STALE_KEY)


def failing(status: int = 500, *, done: bool = False, retry_after: int | None = None) -> Fault:
    """The server fails; with `done` it has carried out the request before."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return answered(status, "Server Error", headers, done=done, quiet=retry_after or 0)


def slow(seconds: float) -> Fault:
    return Fault(name=f"slow by {seconds} s", delay=seconds)


def dropped() -> Fault:
    """The connection breaks before anything was done."""
    return Fault(name="dropped", drop=True)


def lost_answer() -> Fault:
    """The request is carried out, and the connection breaks before the answer."""
    return Fault(name="lost answer", drop=True, done=True)


def rotated_keys() -> Fault:
    """All key pairs are renewed before the request is looked at."""
    return Fault(name="key rotation", rotate=True)


def redirected(address: str, status: int = 307) -> Fault:
    """A redirect to another address."""
    return Fault(
        name=f"{status} redirect",
        answer=lambda _: message(status, "Moved", {"Location": address}, url=address),
    )


def garbled() -> Fault:
    """Success, but with a page of a proxy instead of the document."""
    page = b"<html><body>Please sign in to the network</body></html>"
    return Fault(
        name="garbled", answer=lambda _: Answer(200, headers={"Content-Type": "text/html"}, raw=page)
    )


@dataclass(slots=True)
class _Rule:
    fault: Fault
    method: str
    path: re.Pattern[str]
    nth: Container[int] | None
    seen: int = 0

    def fires(self, method: str, path: str) -> bool:
        if (self.method and method != self.method) or not self.path.search(path):
            return False
        self.seen += 1
        return self.nth is None or self.seen in self.nth


@dataclass(slots=True)
class Faults:
    """The plan. `fired` are the names of the faults that have happened, in order."""

    fired: list[str] = field(default_factory=list)
    _rules: list[_Rule] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(
        self, fault: Fault, *, method: str = "", path: str = "", nth: Container[int] | None = (1,)
    ) -> None:
        """Let requests of `method` (empty for any) meet a fault whose path, below the API's base, has `path`.

        `nth` are which of those, counted from 1; None for all.
        """
        self._rules.append(_Rule(fault, method, re.compile(path), nth))

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._rules.clear()

    def meet(self, method: str, path: str) -> Fault | None:
        """The fault that the next request meets: of several, the one that was added first."""
        with self._lock:
            met = [rule.fault for rule in self._rules if rule.fires(method, path)]
            if not met:
                return None
            self.fired.append(met[0].name)
            return met[0]
