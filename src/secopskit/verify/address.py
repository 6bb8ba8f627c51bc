"""Hosts that stand in a scanned text: which of their addresses may be spoken to, resolved once and kept.

A scanned repository must not lead us to what only this machine or its network can reach: a metadata service,
an administrator's page. So every address that a name has must be one of the public internet, and the
connection goes to that very address: a name may mean another one a moment later.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import Any, Final, TypeAlias

from secopskit.verify.model import UnaskableError

Resolve: TypeAlias = Callable[[str, int], Sequence[tuple[Any, ...]]]
_PRIVATE: Final = "its host is in a private network (--verify-host admits it)"
# Names that mean nothing on the internet, or one of their own in each network (RFC 6761, 6762, 9476).
_OURS: Final = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home", ".corp", ".home.arpa")
_WITH_V4: Final = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2002::/16"))


def _looked_up(host: str, port: int) -> Sequence[tuple[Any, ...]]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


def pinned_address(
    host: str, port: int, *, admitted: Collection[str] = (), resolve: Resolve = _looked_up
) -> str:
    """The address to connect to. Raises UnaskableError for a host that may not be, or has no address.

    `admitted` are hosts that the user has named: those may stand in any network.
    """
    check_host(host, admitted)
    try:
        found = [str(entry[4][0]) for entry in resolve(host, port)]
    except (OSError, UnicodeError, ValueError):
        raise UnaskableError("its host has no address") from None
    if not found:
        raise UnaskableError("its host has no address")
    if host.lower() not in admitted and not all(map(is_public, found)):
        raise UnaskableError(_PRIVATE)
    return found[0]


def check_host(host: str, admitted: Collection[str] = ()) -> None:
    """Pass for a host that may be public, as far as its name tells. Raises UnaskableError."""
    if not host or host.startswith(("/", "@", "-")) or not host.isascii():
        raise UnaskableError("its host is none that can be reached from elsewhere")
    if host.lower() in admitted:
        return
    with suppress(ValueError):
        if not is_public(str(ipaddress.ip_address(host.partition("%")[0]))):
            raise UnaskableError(_PRIVATE)
        return
    if "." not in host or host.lower().rstrip(".").endswith(_OURS):
        raise UnaskableError(_PRIVATE)


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet, and hides none that is not."""
    with suppress(ValueError):
        parsed = ipaddress.ip_address(address.partition("%")[0])
        if isinstance(parsed, ipaddress.IPv6Address):
            inner = parsed.ipv4_mapped
            if inner is not None:
                return is_public(str(inner))
            if any(parsed in network for network in _WITH_V4):
                return False
        return parsed.is_global and not parsed.is_multicast
    return False
