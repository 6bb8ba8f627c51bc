"""URLs with a login: `postgresql://user:password@host/database`, `redis://…`.

What was found is the password; the URL is read from the text around it. Nothing is looked up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from secopskit.formats.connection import URL, url_parts
from secopskit.secret import SecretValue
from secopskit.verify.model import NoIssuerError, Surrounding, UnaskableError

PORTS: Final = {"postgres": 5432, "postgresql": 5432, "redis": 6379, "rediss": 6379}
"""The services whose logins can be tried, by their schemes, and the port that each means."""
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


def service_url(value: SecretValue, surrounding: Surrounding) -> ServiceUrl:
    """The URL that `value` is the password of, or is itself. Raises UnaskableError for none to be tried.

    NoIssuerError where there is no URL: it is a password of something else.
    """
    text = _whole(value, surrounding).decode(*_WIRE)
    found = URL.fullmatch(text)
    if found is None:
        raise NoIssuerError("the URL that it belongs to is not at hand")
    scheme = found["scheme"].lower()
    if scheme not in PORTS:
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
        port=int(port) if port.isdecimal() and 0 < int(port) < 65536 else PORTS[scheme],
        user=parts.get("user", ""),
        password=SecretValue(parts["password"].encode(*_WIRE)),
        database=parts.get("dbname", ""),
    )


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
