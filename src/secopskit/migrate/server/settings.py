"""What the server is told at its start; nothing of it changes while it runs."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

from secopskit.errors import UsageError
from secopskit.migrate.context import MigrationContext
from secopskit.migrate.server.auth import TokenRing


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a client may ask for. Sizes in bytes, times in seconds.

    `per_minute` calls of a client, of which `burst` may come at once; after `failures` wrong tokens it
    is locked out for `lock_out_s`. `connections` are open at once, `queue` calls wait for the database.
    """

    body: int = 16 * 1024
    header_bytes: int = 16 * 1024
    header_count: int = 64
    head_s: float = 10
    body_s: float = 10
    connection_s: float = 120
    connections: int = 64
    workers: int = 4
    queue: int = 16
    per_minute: int = 120
    burst: int = 40
    failures: int = 5
    lock_out_s: float = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Everything. `context` is the one database that is served, and the files for it.

    `commit` is what the files were checked out from, for the history; `proxies` are addresses whose
    X-Forwarded-For is believed.
    """

    context: MigrationContext
    tokens: TokenRing
    commit: str = ""
    limits: Limits = field(default_factory=Limits)
    host: str = "127.0.0.1"
    port: int = 8484
    proxies: frozenset[str] = frozenset()


def check_host(host: str, *, exposed: bool) -> str:
    """The address to listen on, if it is this machine's own or that is meant. Raises UsageError."""
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        raise UsageError(
            f"--host: {host[:60]!r} is no IP address", advice="Such as 127.0.0.1 or ::1."
        ) from None
    if not address.is_loopback and not exposed:
        raise UsageError(
            f"{address} can be reached from other machines, and this server speaks no TLS: everybody on the "
            "way could read the token",
            advice="Listen on 127.0.0.1 behind a proxy that does TLS. In a network where nobody can listen, "
            "such as a pod's own: --expose-unencrypted.",
        )
    return str(address)
