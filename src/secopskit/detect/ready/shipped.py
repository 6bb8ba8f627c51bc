"""The built-in rules compiled when secops was built or installed, so that nobody's first scan has to.

Wheels carry them, and `scripts/environment` makes them for a checkout. They count for exactly the rule
files, the engine and the Python that they were made from and with; elsewhere a first scan compiles. The file
is as trustworthy as the code beside it; its digest tells a damaged one, which the engine would not notice.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Final

from secopskit.named_tuple import NamedTuple
from secopskit.rules.location import builtin_directory

FILE: Final = os.path.join(os.path.dirname(os.path.abspath(__file__)), "shipped_rules.bin")
_DIGEST: Final = 32
_LENGTH: Final = 8


class ShippedRules(NamedTuple):
    """The stored form of the rules, and of the engine's database; that is empty where it has none."""

    rules: bytes
    database: bytes


def load_shipped(parts: Iterable[str]) -> ShippedRules | None:
    """What is shipped, if it was made from the same `parts`, as `save_shipped` was given them."""
    try:
        with open(FILE, "rb") as file:
            digest, body = file.read(_DIGEST), file.read()
        if hashlib.sha256(_label(parts) + body).digest() != digest:
            return None
    except OSError:
        return None
    end = _LENGTH + int.from_bytes(body[:_LENGTH])
    return ShippedRules(body[_LENGTH:end], body[end:])


def save_shipped(parts: Iterable[str], shipped: ShippedRules, path: str = FILE) -> None:
    """Write the file. `parts` say what the rules depend on besides their files. Raises OSError."""
    body = len(shipped.rules).to_bytes(_LENGTH) + shipped.rules + shipped.database
    fresh = f"{path}.{os.getpid()}"
    with open(fresh, "wb") as file:
        file.write(hashlib.sha256(_label(parts) + body).digest() + body)
    os.replace(fresh, path)


def _label(parts: Iterable[str]) -> bytes:
    """What compiled rules depend on: content, where what is kept for one user goes by names and times."""
    magic = import_module("_sre").MAGIC  # of compiled expressions; there is no public access to it
    known = [*parts, sys.implementation.cache_tag or "", str(magic), sys.platform, platform.machine()]
    return "\n".join(known).encode() + _content(builtin_directory())


def _content(directory: str) -> bytes:
    digest = hashlib.sha256()
    for name in sorted(os.listdir(directory)):
        with open(os.path.join(directory, name), "rb") as file:
            text = file.read().replace(b"\r\n", b"\n")  # as a checkout on Windows may have them
        digest.update(b"%s\0%d\0" % (os.fsencode(name), len(text)) + text)
    return digest.digest()
