"""The output of a program that prints a secret: bounded in size and time, and shown nowhere."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from typing import IO, Final

from secopskit.errors import SecopsError
from secopskit.git.child import Child
from secopskit.origin.trust import safe_words

DEADLINE: Final = 120.0
"""How many seconds a program may take, a person's unlocking of a vault included."""
LIMIT: Final = 1024 * 1024
"""The most bytes that are taken from it."""
_PAUSE: Final = 0.02
_GRACE: Final = 1.0  # for what stands in the pipe when the program has ended


def captured(
    program: str,
    words: Sequence[str],
    place: tuple[str, Mapping[str, str]],
    *,
    deadline: float = DEADLINE,
    limit: int = LIMIT,
) -> bytes:
    """What `program` prints when it is called with `words`; `place` is its directory and its variables.

    Raises SecopsError where it cannot be started, fails, prints too much or takes too long.
    """
    name = safe_words(words[:1])
    try:
        child = Child(
            [program, *words[1:]],
            cwd=place[0],
            env=place[1],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            foreground=True,
        )
    except OSError as error:
        raise SecopsError(f"{name}: cannot be run: {error.strerror}", advice="Check its mode.") from None
    until = time.monotonic() + deadline
    try:
        data = _read(child, until, limit)
        if len(data) > limit:
            raise SecopsError(f"{name}: prints more than {limit} bytes", advice="That is no secret.")
        code = child.wait(max(until - time.monotonic(), 0.0))
    except subprocess.TimeoutExpired:
        raise SecopsError(
            f"{name}: took longer than {deadline:g} s", advice="Does it wait for input? It gets none."
        ) from None
    finally:
        child.end()
    if code:
        raise SecopsError(
            f"{name}: ended with code {code}",
            advice="Run it yourself to see what it says: secops shows none of its output.",
        )
    return data


def _read(child: Child, until: float, limit: int) -> bytes:
    """What it prints until it ends, or one byte more than `limit`. Raises TimeoutExpired.

    What it has started and leaves behind may keep the pipe open, and is not waited for.
    """
    parts = list[bytes]()
    reader = threading.Thread(target=_collect, args=(child.stdout, parts, limit + 1), daemon=True)
    reader.start()
    while reader.is_alive() and child.poll() is None:
        if time.monotonic() > until:
            raise subprocess.TimeoutExpired("", 0)
        reader.join(_PAUSE)
    reader.join(_GRACE)
    return b"".join(parts)


def _collect(stream: IO[bytes], parts: list[bytes], most: int) -> None:
    while most > 0 and (part := os.read(stream.fileno(), min(most, 65536))):
        parts.append(part)
        most -= len(part)
