"""Connection strings as values of secrets: who logs in with them, and the same string for another login.

A URL (`postgresql://`, with `jdbc:` before it or a driver in it as SQLAlchemy has it) or libpq's
`key=value` text. Only user and password are replaced; every other byte stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from secopskit.formats.connection import URL, ConnectionPart, Spot, keyword_parts, url_parts
from secopskit.postgres.poolers import SupabaseHost, supabase_host
from secopskit.secret import SecretValue

_SCHEMES: Final = frozenset({"postgres", "postgresql", "postgis"})
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.~-]+")
# What JDBC (`true`) and asyncpg call it.
_TLS_OF_DRIVERS: Final = {"ssl=true": "sslmode=verify-full"} | {
    f"ssl={mode}": f"sslmode={mode}" for mode in ("disable", "require", "verify-ca", "verify-full")
}
_WIRE: Final = ("utf-8", "surrogateescape")  # whatever the bytes are, they come out again


@dataclass(frozen=True, slots=True, kw_only=True)
class Dsn:
    """A connection string with a password. `host` and `database` are empty where it leaves them out.

    `user` is as written, `role` the role of the database behind it.
    """

    value: SecretValue
    user: str
    password: SecretValue
    host: str
    database: str
    user_spot: Spot
    password_spot: Spot
    is_url: bool

    @property
    def role(self) -> str:
        """The role that logs in: Supabase's pooler wants the project's reference behind its name."""
        return self.user.rpartition(".")[0] if _has_suffix(self.user, self.host) else self.user

    def with_login(self, role: str, password: SecretValue) -> SecretValue:
        """The same string for another role and password."""
        encode = _quoted_url if self.is_url else _quoted_pair
        text = self.value.reveal().decode(*_WIRE)
        user = suffixed(role, self.user, self.host)
        changes = [
            (self.user_spot, encode(user.encode(*_WIRE))),
            (self.password_spot, encode(password.reveal())),
        ]
        for spot, new in sorted(changes, reverse=True):
            text = text[: spot.start] + new + text[spot.end :]
        return SecretValue(text.encode(*_WIRE))


def read_dsn(value: SecretValue) -> Dsn | None:
    """What `value` is as a connection string; None where it is none, or has no user or password."""
    text = value.reveal().decode(*_WIRE)
    if url := _url(text):
        return _dsn(value, tuple(url_parts(url)), unquote_to_bytes, is_url=True)
    return _dsn(value, keyword_parts(text), _plain_pair, is_url=False)


def suffixed(role: str, user: str, host: str) -> str:
    """`role` as a host wants it that knows `user` under that spelling."""
    return f"{role}.{user.rpartition('.')[2]}" if _has_suffix(user, host) else role


def libpq_text(value: SecretValue, keywords: Collection[str]) -> SecretValue:
    """The connection string as libpq reads it: no driver, and only those parameters that it knows."""
    text = value.reveal().decode(*_WIRE)
    url = _url(text)
    if url is None:
        return value
    pairs = [_TLS_OF_DRIVERS.get(pair, pair) for pair in url["query"][1:].split("&")]
    pairs = [pair for pair in pairs if pair.partition("=")[0] in keywords]
    query = f"?{'&'.join(pairs)}" if pairs else ""
    return SecretValue(f"postgresql://{url['authority']}{url['path']}{query}".encode(*_WIRE))


def _url(text: str) -> re.Match[str] | None:
    """`text` as a URL of PostgreSQL."""
    found = URL.fullmatch(text)
    return found if found and found["scheme"].lower() in _SCHEMES else None


def _dsn(
    value: SecretValue, parts: tuple[ConnectionPart, ...], decode: Callable[[str], bytes], *, is_url: bool
) -> Dsn | None:
    found = {name: (text, spot) for name, text, spot in parts}
    if "user" not in found or "password" not in found:
        return None
    words = {name: decode(text) for name, (text, _) in found.items()}
    if not words["user"] or not words["password"]:
        return None
    return Dsn(
        value=value,
        user=words["user"].decode(*_WIRE),
        password=SecretValue(words["password"]),
        host=words.get("host", b"").decode(*_WIRE),
        database=words.get("dbname", b"").decode(*_WIRE),
        user_spot=found["user"][1],
        password_spot=found["password"][1],
        is_url=is_url,
    )


def _plain_pair(text: str) -> bytes:
    inner = text[1:-1] if text.startswith("'") else text
    return re.sub(r"\\(.)", r"\1", inner, flags=re.DOTALL).encode(*_WIRE)


def _quoted_url(word: bytes) -> str:
    return quote(word, safe="")


def _quoted_pair(word: bytes) -> str:
    text = word.decode(*_WIRE)
    return text if _PLAIN.fullmatch(text) else "'" + re.sub(r"(['\\])", r"\\\1", text) + "'"


def _has_suffix(user: str, host: str) -> bool:
    return "." in user and supabase_host(host) is SupabaseHost.POOLER
