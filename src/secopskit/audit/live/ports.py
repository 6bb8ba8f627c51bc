"""Live facts of this host: which published ports of a project's stacks answer, and on which addresses.

What listens is told by `/proc/net/tcp` where there is one
(https://docs.kernel.org/networking/proc_net_tcp.html); whether a port answers, by a connection that is closed
at once. Nothing is sent. A port may answer for another program: that is said by the text of the rule.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from secopskit.audit.live.model import OpenPort
from secopskit.collect.facts import Stack, StackKind
from secopskit.named_tuple import NamedTuple
from secopskit.report.text import listed

TIMEOUT_S: Final = 0.5
MOST_PORTS: Final = 200
_THREADS: Final = 16
_LISTENS: Final = "0A"
_LOOPBACK: Final = "127.0.0.1"
# Addresses of documentation: who asks for the way to them sends nothing.
_NOWHERE: Final = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


class PortsLook(NamedTuple):
    """The ports that answer. `limits` say what was not looked at."""

    ports: tuple[OpenPort, ...]
    limits: tuple[str, ...] = ()


Answers = Callable[[str, int], bool]


def look_at_ports(
    stacks: Iterable[Stack],
    *,
    addresses: Iterable[str] | None = None,
    answers: Answers | None = None,
    proc: Path = Path("/proc/net"),
) -> PortsLook:
    """The published ports of Compose stacks that answer on this host, by address and port.

    A port that listens on every address is told once, with `0.0.0.0` or `::`.
    """
    stacks = tuple(stacks)
    wanted = _published(stacks)
    limits = [f"of {len(wanted)} published ports {MOST_PORTS} were tried"] if len(wanted) > MOST_PORTS else []
    limits += _untried(stacks)
    chosen = sorted(wanted.items())[:MOST_PORTS]
    listens = listeners(proc)
    if listens is None:
        limits.append("what listens on this host is not told by its kernel; ports were only tried")
    tried = tuple(addresses) if addresses is not None else host_addresses()
    pairs = [(address, port) for port, _ in chosen for address in (_LOOPBACK, *tried)]
    check = answers or is_answered
    with ThreadPoolExecutor(_THREADS) as pool:
        answered = {
            pair
            for pair, there in zip(pairs, pool.map(lambda pair: check(*pair), pairs), strict=True)
            if there
        }
    found = [
        OpenPort(address, port, service, stack)
        for port, (service, stack) in chosen
        for address in _where(port, listens or {}, answered)
    ]
    return PortsLook(tuple(found), tuple(limits))


def _published(stacks: Iterable[Stack]) -> dict[int, tuple[str, str]]:
    """The host's ports with service and stack; the first that claims one has it."""
    found = dict[int, tuple[str, str]]()
    for stack in stacks:
        if stack.kind is not StackKind.COMPOSE:
            continue
        for service in stack.services:
            for port in service.ports:
                if port.host is not None and port.protocol != "udp":
                    found.setdefault(port.host, (service.name, stack.name))
    return found


def _untried(stacks: Iterable[Stack]) -> list[str]:
    """What is said of ports whose number on the host stands nowhere."""
    names = {
        service.name
        for stack in stacks
        if stack.kind is StackKind.COMPOSE
        for service in stack.services
        if any(port.host is None and port.protocol != "udp" for port in service.ports)
    }
    if not names:
        return []
    return [f"ports that a variable or Docker decides were not tried: those of {listed(sorted(names), 5)}"]


def _where(port: int, listens: dict[int, frozenset[str]], answered: set[tuple[str, int]]) -> list[str]:
    """The addresses at which a port is open: those of who listens, else those that answered."""
    tried = {address for address, number in answered if number == port}
    every = listens.get(port, frozenset())
    if wide := sorted(address for address in every if ipaddress.ip_address(address).is_unspecified):
        return wide[:1]
    return sorted(every | tried)


def listeners(proc: Path = Path("/proc/net")) -> dict[int, frozenset[str]] | None:
    """The addresses that listen on this host by port; None where the kernel does not tell."""
    found = dict[int, set[str]]()
    read = False
    for name in ("tcp", "tcp6"):
        try:
            lines = (proc / name).read_text("ascii", "replace").splitlines()[1:]
        except OSError:
            continue
        read = True
        for line in lines:
            words = line.split()
            if len(words) > 3 and words[3] == _LISTENS:
                address, _, port = words[1].rpartition(":")
                found.setdefault(int(port, 16), set()).add(_address(address))
    return {port: frozenset(each) for port, each in found.items()} if read else None


def _address(text: str) -> str:
    """An address as the kernel writes it: groups of four bytes, each in the machine's order."""
    data = bytes.fromhex(text)
    groups = [data[start : start + 4][::-1] for start in range(0, len(data), 4)]
    address = ipaddress.ip_address(b"".join(groups))
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def is_answered(address: str, port: int) -> bool:
    """Whether somebody accepts a connection."""
    try:
        with socket.create_connection((address, port), timeout=TIMEOUT_S):
            return True
    except OSError:
        return False


def host_addresses() -> tuple[str, ...]:
    """Addresses of this host that others may reach it by: those that it would send from."""
    found = set[str]()
    for family, place in _NOWHERE:
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((place, 9))
            found.add(str(probe.getsockname()[0]).partition("%")[0])
    return tuple(sorted(each for each in found if not ipaddress.ip_address(each).is_loopback))
