"""Packs that are damaged, and a look at them that must end well."""

from __future__ import annotations

import multiprocessing
import random
import resource
import sys
from collections.abc import Callable
from pathlib import Path

from support.packs import with_history
from support.repos import Repo


def ends_well(look: Callable[[], None]) -> bool:
    """Whether a process of its own ends without an error, a crash, or a limit that it runs into."""

    def child() -> None:
        bounded()
        look()

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join()
    return process.exitcode == 0


def bounded() -> None:
    """Let this process take a quarter of a gigabyte more than now, and a minute."""
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
    if sys.platform == "linux":
        with open("/proc/self/statm", encoding="ascii") as file:
            now = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + (1 << 28), now + (1 << 28)))


def packed(path: Path) -> tuple[Repo, Path]:
    repo = with_history(path, versions=12)
    repo.git("repack", "-adfq", "--depth=250", "--window=250")
    (pack,) = (repo.path / "objects/pack").glob("*.pack")
    for file in (pack, pack.with_suffix(".idx")):
        file.chmod(0o600)
    return repo, pack


def flipped(content: bytes, chance: random.Random) -> bytes:
    """A file with some byte changed."""
    raw = bytearray(content)
    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    return bytes(raw)
