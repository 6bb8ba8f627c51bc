"""Logins of services that stand in URLs: `postgresql://user:password@host/database`, `redis://…`.

What was found is the password; the URL is read from the text around it. Which services can be tried is the
table below; others (MySQL, MongoDB, AMQP and the rest) need a library each, and are said to be unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Final, TypeAlias
from urllib.parse import unquote_to_bytes

from secopskit.findings import VerificationState
from secopskit.formats.connection import URL, url_parts
from secopskit.secret import SecretValue
from secopskit.verify.address import pinned_address
from secopskit.verify.model import IssuerAnswer, Surrounding, UnaskableError

_BEFORE: Final = 200
_AFTER: Final = 400
_START: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,40}://[^\s\"'`<>]*\Z")
_REST: Final = re.compile(r"[^\s\"'`<>\\;)}\]]*")
_WIRE: Final = ("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceUrl:
    """A URL with a login. `value` is the whole of it; `address` is where `host` was found to be."""

    value: SecretValue
    scheme: str
    host: str
    port: int
    user: str
    password: SecretValue
    database: str
    address: str = ""

    @property
    def where(self) -> str:
        """The server in words."""
        return f"{self.host}:{self.port}"


def _postgres(url: ServiceUrl) -> IssuerAnswer:
    try:
        from secopskit.postgres.login import LoginAttempt, try_login
    except ImportError:
        words = "the extra `migrate` is not installed, with which PostgreSQL is asked"
        return IssuerAnswer(VerificationState.UNKNOWN, words, answered=False)
    seen = try_login(LoginAttempt(url.host, url.address, url.port, url.user, url.password, url.database))
    words = f"login at {url.where}: {seen.words}"
    if seen.admitted is None:
        return IssuerAnswer(VerificationState.UNKNOWN, words)
    state = VerificationState.ACTIVE if seen.admitted else VerificationState.INACTIVE
    return IssuerAnswer(state, words, account=seen.account, scopes=seen.rights)


def _redis(url: ServiceUrl) -> IssuerAnswer:
    from secopskit.verify.redis import try_redis

    return try_redis(url)


TrySchemes: TypeAlias = dict[str, tuple[int, Callable[[ServiceUrl], IssuerAnswer]]]
TRIED: Final[TrySchemes] = {
    "postgres": (5432, _postgres),
    "postgresql": (5432, _postgres),
    "redis": (6379, _redis),
    "rediss": (6379, _redis),
}
"""The port that each scheme means, and who tries a login."""


def service_url(value: SecretValue, surrounding: Surrounding) -> ServiceUrl:
    """The URL that `value` is the password of, or is itself. Raises UnaskableError for none to be tried."""
    text = _whole(value, surrounding).decode(*_WIRE)
    found = URL.fullmatch(text)
    if found is None:
        raise UnaskableError("the URL that it belongs to is not at hand")
    scheme = found["scheme"].lower()
    if scheme not in TRIED:
        raise UnaskableError(f"logins of {scheme}:// are not tried")
    parts = {
        name: unquote_to_bytes(part).decode(*_WIRE) for name, part, _ in reversed(list(url_parts(found)))
    }
    if not parts.get("password") or "," in parts["host"]:
        raise UnaskableError("its URL is not the whole of a login")
    port = parts.get("port", "")
    return ServiceUrl(
        value=SecretValue(text.encode(*_WIRE)),
        scheme=scheme,
        host=parts["host"].lower(),
        port=int(port) if port.isdecimal() and 0 < int(port) < 65536 else TRIED[scheme][0],
        user=parts.get("user", ""),
        password=SecretValue(parts["password"].encode(*_WIRE)),
        database=parts.get("dbname", ""),
    )


def try_service(url: ServiceUrl, admitted: Collection[str]) -> IssuerAnswer:
    """Log in once. Raises UnaskableError for a host that may not be spoken to."""
    address = pinned_address(url.host, url.port, admitted=admitted)
    return TRIED[url.scheme][1](replace(url, address=address))


def _whole(value: SecretValue, surrounding: Surrounding) -> bytes:
    raw = value.reveal()
    if b"://" in raw:
        return raw
    text, at = surrounding
    before = text[max(0, at - _BEFORE) : at].decode("latin-1")
    start = _START.search(before.rpartition("\n")[2])
    rest = _REST.match(text[at + len(raw) : at + len(raw) + _AFTER].decode("latin-1"))
    if start is None or rest is None:
        return b""
    # A comma within the hosts is one of several; behind them it ends the URL.
    hosts, slash, path = rest[0].partition("/")
    end = hosts.rstrip(",") + slash + path.partition(",")[0]
    return start[0].encode("latin-1") + raw + end.encode("latin-1")
