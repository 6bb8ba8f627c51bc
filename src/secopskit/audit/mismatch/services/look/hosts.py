"""Hosts: whose machine a name or an address is."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

_BARE: Final = re.compile(r"[A-Za-z](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?")
_OWN: Final = frozenset(
    {
        "localhost",
        "ip6-localhost",
        "host-gateway",
        "gateway",
        "broadcasthost",
        "loopback",
        "lvh",
        "docker",
        "minikube",
    }
)
_PRIVATE_ENDS: Final = (".local", ".internal", ".lan", ".home", ".localhost", ".svc", ".intranet", ".docker")
_EXAMPLES: Final = re.compile(
    r"(?i)(?:.*\.)?(?:example|invalid|test)(?:\.(?:com|org|net|io))?|.*(?:your|my|some)[-_.]?(?:host|domain|server"
    r"|app|site|company|db|database|project|org).*"
)
_SLOTS: Final = re.compile(
    r"(?i)(?:[a-z]{0,12}[-_]?)?(?:host(?:name)?|server(?:name)?|domain|address|endpoint|ip|url|fqdn|name|user(?:name)?"
    r"|example|placeholder|changeme|change-me|todo|none|null|x{2,8}|foo|bar|todo|true|false|default)"
)


def is_loopback(host: str) -> bool:
    """Whether only this machine itself is meant."""
    if host.lower().rstrip(".") in ("localhost", "ip6-localhost"):
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def is_unspecified(host: str) -> bool:
    """Whether every address of the machine is meant: `0.0.0.0`, `::`, `*` or nothing."""
    address = _address(host.strip("[]"))
    return host in ("", "*") or (address is not None and address.is_unspecified)


def is_bare(host: str) -> bool:
    """Whether `host` is a name without dots that somebody must define: no slot, no name of this machine."""
    if not _BARE.fullmatch(host) or host.lower() in _OWN:
        return False
    return not _SLOTS.fullmatch(host) and not _EXAMPLES.fullmatch(host)


def is_remote(host: str) -> bool:
    """Whether a host is reached over networks of others: it has a domain or a public address.

    Names that only documentation has are nobody's.
    """
    address = _address(host)
    if address is not None:
        return address.is_global
    name = host.lower().rstrip(".")
    if "." not in name or name.endswith(_PRIVATE_ENDS) or name == "host.docker.internal":
        return False
    return not _EXAMPLES.fullmatch(name)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
