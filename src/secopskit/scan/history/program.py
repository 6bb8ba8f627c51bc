"""Which program this is: what an older one found clean, a newer one reads again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from functools import cache

from secopskit import __version__


@cache
def this_program() -> bytes:
    """The stamp of the program that runs."""
    here = os.path.abspath(__file__)
    return program_stamp(os.path.dirname(os.path.dirname(os.path.dirname(here))))


def program_stamp(package: str) -> bytes:
    """Changes when a program does whose package lies in the directory `package`.

    Whoever installs a wheel writes down the digests of its files (the RECORD of PEP 376): that is one file to
    read, where a checkout has a thousand to look at.
    """
    place, name = os.path.split(package)
    record = os.path.join(place, f"{name}-{__version__}.dist-info", "RECORD")
    try:
        with open(record, "rb") as file:
            told = file.read()
    except OSError:
        told = "\n".join(sorted(_stamps(package))).encode("utf-8", "surrogateescape")
    return hashlib.sha256(told).digest()


def _stamps(directory: str) -> Iterator[str]:
    """What changes with any source file below a directory."""
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                found = entry.stat()
                yield f"{entry.path}\0{found.st_size}\0{found.st_mtime_ns}"
            elif entry.is_dir(follow_symlinks=False) and entry.name != "__pycache__":
                yield from _stamps(entry.path)
