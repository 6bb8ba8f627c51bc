"""Addresses: what URLs, connection strings and `host:port` say, each part empty where it is not known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from socket import AF_INET6, inet_pton
from typing import Final
from urllib.parse import unquote

from secopskit.collect.assemble.naming import USUAL_PORTS
from secopskit.collect.assemble.resolve import UNKNOWN
from secopskit.collect.facts import EndpointKind
from secopskit.formats.connection import URL, keyword_parts, url_parts

_KINDS: Final = {
    scheme: kind
    for kind, schemes in {
        EndpointKind.POSTGRES: "postgres postgresql postgis",
        EndpointKind.MYSQL: "mysql mysql2 mariadb",
        EndpointKind.REDIS: "redis rediss valkey valkeys",
        EndpointKind.MONGODB: "mongodb",
        EndpointKind.AMQP: "amqp amqps pyamqp",
        EndpointKind.HTTP: "http https ws wss",
        EndpointKind.SMTP: "smtp smtps",
        EndpointKind.OTHER: "nats tcp clickhouse elasticsearch grpc kafka ldap ldaps sqlserver memcached",
    }.items()
    for scheme in schemes.split()
}
_ENCRYPTED: Final = frozenset(["rediss", "valkeys", "amqps", "https", "wss", "smtps", "ldaps"])
_OF_WEB: Final = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_TLS_NAMES: Final = ("sslmode", "ssl-mode", "sslMode", "ssl", "tls", "useSSL", "encrypt")
_TLS_WORDS: Final = frozenset(
    [
        *("disable", "disabled", "allow", "prefer", "preferred", "require", "required", "strict"),
        *("verify-ca", "verify_ca", "verify-full", "verify_identity", "skip-verify", "no-verify"),
        *("true", "false", "yes", "no", "on", "off", "none", "0", "1"),
    ]
)
_HOST: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_.])?")
_PLACE: Final = re.compile(r"[^:]{1,260}(?::\d{0,5})?")
_LONGEST_IP6: Final = 45
_HANDLE: Final = re.compile(r"[^@]*/@[^@]*")
_PAIR: Final = re.compile(
    r"(?P<host>[A-Za-z][A-Za-z0-9_.-]{0,252}|(?:\d{1,3}\.){3}\d{1,3}):(?P<port>\d{1,5})"
)
_WORD: Final = re.compile(r"[A-Za-z0-9_.-]{1,120}")
_KEYWORDS: Final = frozenset(
    [
        "host",
        "hostaddr",
        "port",
        "dbname",
        "user",
        "password",
        "sslmode",
        "sslrootcert",
        "connect_timeout",
        "options",
        "application_name",
        "target_session_attrs",
    ]
)
_GO_DSN: Final = re.compile(
    r"(?P<user>[^:@/\s]{1,80}):(?P<password>[^@/\s]{0,200})@tcp\((?P<place>[^()\s]{1,260})\)"
    r"/(?P<dbname>[^?\s]{0,120})(?P<query>\?\S{0,400})?"
)
_NO_PORT: Final = re.compile(f":{UNKNOWN}(?=[/?#,]|\\Z)")
_DOMAIN: Final = re.compile(r"\*?[A-Za-z0-9_.*-]{0,252}\.[A-Za-z]{2,24}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """What a text says of where something is. `password` is as written there, and is not shown.

    `assumed` tells that the port is the usual one, as none is written.
    """

    kind: EndpointKind
    host: str
    port: int | None = None
    database: str = ""
    user: str = ""
    password: str = ""
    tls: str = ""
    assumed: bool = False


def read_address(text: str) -> Address | None:
    """The address that a URL or a connection string is; None for any other text."""
    text = _NO_PORT.sub(":0", text.strip())
    if found := URL.fullmatch(text):
        return _of_url(found)
    if "@tcp(" in text and (found := _GO_DSN.fullmatch(text)):
        host, port = host_and_port(found["place"])
        query = dict(pair.partition("=")[::2] for pair in (found["query"] or "?")[1:].split("&"))
        parts = {**found.groupdict(""), "host": host, "port": port, "sslmode": _tls(query)}
        return of_parts(EndpointKind.MYSQL, parts, usual=3306)
    if "=" not in text:
        return None
    words = {part.name: part.text.strip("'") for part in keyword_parts(text)}
    if "host" not in words or not words.keys() & {"dbname", "user"} or not words.keys() <= _KEYWORDS:
        return None
    return of_parts(EndpointKind.POSTGRES, words, usual=5432)


def host_and_port(text: str) -> tuple[str, str]:
    """`host:port` as two texts; the port is empty where there is none."""
    found = _PAIR.fullmatch(text.strip())
    return (found["host"], found["port"]) if found else (text.strip(), "")


def is_pair(text: str) -> bool:
    """Whether `text` is `name:port` of a host with letters in its name."""
    found = _PAIR.fullmatch(text.strip())
    return found is not None and len(found["port"]) > 1


def of_parts(kind: EndpointKind, parts: Mapping[str, str], *, usual: int | None = None) -> Address | None:
    """The address of what is known by libpq's keywords; None where the host is no host.

    `usual` is the port that counts where none is written.
    """
    host, port = parts.get("host", ""), parts.get("port", "")
    if UNKNOWN not in host and not (_HOST.fullmatch(host) or _is_ip6(host)):
        return None
    number = _number(port)
    return Address(
        kind=kind,
        host=_known_host(host),
        port=number or (None if port else usual),
        database=_known(parts.get("dbname", ""), _WORD),
        user=_known(parts.get("user", ""), _WORD),
        password="" if UNKNOWN in parts.get("password", "") else parts.get("password", ""),
        tls=tls if (tls := parts.get("sslmode", "").lower()) in _TLS_WORDS else "",
        assumed=not port and usual is not None,
    )


def _of_url(url: re.Match[str]) -> Address | None:
    scheme = url["scheme"].lower()
    kind = _KINDS.get(scheme)
    if kind is None or _is_cut(url, kind):
        return None
    parts = {part.name: part.text for part in reversed(tuple(url_parts(url)))}
    query = dict(pair.partition("=")[::2] for pair in url["query"][1:].split("&"))
    parts |= _first_of_many(url["authority"])
    many = url["driver"].lower() == "+srv"  # DNS tells the port
    tls = "require" if scheme in _ENCRYPTED or many else ""
    return of_parts(
        kind,
        {
            "host": parts.get("host", ""),
            "port": parts.get("port", ""),
            "dbname": "" if kind in _PATHS else unquote(parts.get("dbname", "")).strip("/"),
            "user": unquote(parts.get("user", "")),
            "password": unquote(parts.get("password", "")),
            "sslmode": _tls(query) or tls,
        },
        usual=None if many else _OF_WEB.get(scheme, USUAL_PORTS.get(kind)),
    )


def _is_cut(url: re.Match[str], kind: EndpointKind) -> bool:
    """Whether a `/`, `?` or `#` in a password may have cut the URL: then its host is a piece of that."""
    authority = url["authority"]
    place = authority.rpartition("@")[2]
    if not place.startswith("[") and not all(map(_PLACE.fullmatch, place.split(","))):
        return True
    rest = url.string[url.end("authority") :]
    if "@" not in rest:
        return False
    is_page = kind is EndpointKind.HTTP and not {"@", ":"} & set(authority) and "." in authority
    return not (is_page and _HANDLE.fullmatch(rest))


_PATHS: Final = frozenset({EndpointKind.HTTP, EndpointKind.SMTP, EndpointKind.OTHER})


def _is_ip6(text: str) -> bool:
    if text.count(":") < 2 or len(text) > _LONGEST_IP6:
        return False
    try:
        return inet_pton(AF_INET6, text) is not None
    except OSError:
        return False


def _first_of_many(authority: str) -> dict[str, str]:
    """The first of several hosts, as drivers of MongoDB and PostgreSQL take them."""
    places = authority.rpartition("@")[2].split(",")
    if len(places) == 1:
        return {}
    host, port = host_and_port(places[0])
    return {"host": host, "port": port}


def _tls(query: Mapping[str, str]) -> str:
    return next((query[name] for name in _TLS_NAMES if query.get(name)), "")


def _known_host(host: str) -> str:
    """The host; of one that is known in part only, a `*` for the rest if its domain is known."""
    starred = host.replace(UNKNOWN, "*")
    return starred if starred == host or _DOMAIN.fullmatch(starred) else ""


def _known(text: str, shape: re.Pattern[str]) -> str:
    return text if shape.fullmatch(text) else ""


def _number(port: str) -> int | None:
    return (
        int(port)
        if port.isascii() and port.isdigit() and 0 < len(port) < 6 and 0 < int(port) < 65536
        else None
    )
