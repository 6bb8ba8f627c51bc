"""The parts of an archive, and the bounds within which it is taken apart."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from secopskit.errors import SecopsError
from secopskit.formats.archives.member_paths import SEPARATOR
from secopskit.named_tuple import NamedTuple

_MIB: Final = 1 << 20


class ArchiveMember(NamedTuple):
    """A file in an archive, unpacked: its name there (in the form of `os.fsdecode`) and its bytes."""

    name: str
    data: bytes


class UnopenedMember(NamedTuple):
    """What was not looked into, or not to its end, and why. An empty name means the archive itself."""

    name: str
    reason: str


ArchivePart = ArchiveMember | UnopenedMember


class ArchiveBounds(NamedTuple):
    """The bounds for one archive, nested ones in it included. Sizes are bytes.

    `size` bounds the archive as it is, `member` one unpacked file, `total` all that is unpacked.
    """

    size: int = 256 * _MIB
    member: int = 128 * _MIB
    total: int = 1024 * _MIB
    members: int = 100_000
    depth: int = 6
    seconds: float = 60.0


class BoundReachedError(SecopsError):
    """A bound was reached; its words are the reason. Never leaves this room."""


class ArchiveBudget:
    """What is left of the bounds. `clock` tells seconds."""

    def __init__(self, bounds: ArchiveBounds, clock: Callable[[], float] = time.monotonic) -> None:
        self.bounds = bounds
        self._clock = clock
        self._until = clock() + bounds.seconds
        self._bytes = bounds.total
        self._members = bounds.members

    def enter(self) -> None:
        """One more member begins. Raises BoundReachedError."""
        self._members -= 1
        if self._members < 0:
            raise BoundReachedError(f"it has more than {self.bounds.members:,} members")
        self._in_time()

    def take(self, size: int) -> None:
        """So many bytes more were unpacked. Raises BoundReachedError."""
        self._bytes -= size
        if self._bytes < 0:
            raise BoundReachedError(f"it unpacks to more than {mebibytes(self.bounds.total)}")
        self._in_time()

    def _in_time(self) -> None:
        if self._clock() > self._until:
            raise BoundReachedError(f"it takes longer than {self.bounds.seconds:g} seconds to open")


def mebibytes(size: int) -> str:
    """A bound in words."""
    return f"{size / _MIB:g} MiB"


def too_large(bounds: ArchiveBounds) -> str:
    """Why an archive is not opened that is larger than the bounds allow."""
    return f"it is larger than {mebibytes(bounds.size)}"


def inside(archive: str, name: str) -> str:
    """The name of a member from further out; without the archive's own name, just that."""
    return f"{archive}{SEPARATOR}{name}" if archive and name else archive or name
