"""Git objects one by one, for a commit: a few, and each only if it is not too large."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from secopskit.errors import GitError
from secopskit.git.repository import Repository

_DISCARD: Final = 1024 * 1024
# So many ids fit into a pipe (64 KiB) before anybody reads it.
_BATCH: Final = 900


class Content(NamedTuple):
    """One object read alone. `data` is None where the repository lacks it, or it is too large."""

    oid: str
    size: int | None
    data: bytes | None


def read_each(repository: Repository, oids: Sequence[str], *, limit: int) -> Iterator[Content]:
    """Objects one by one, each only if it has at most `limit` bytes. Raises GitError."""
    with repository.start("cat-file", "--batch", stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for start in range(0, len(oids), _BATCH):
            batch = oids[start : start + _BATCH]
            _ask(process, batch)
            yield from (_answer(process, oid, limit) for oid in batch)


def _ask(process: subprocess.Popen[bytes], oids: Sequence[str]) -> None:
    assert process.stdin  # noqa: S101 - `talk` opens it
    try:
        process.stdin.write("".join(f"{oid}\n" for oid in oids).encode())
        process.stdin.flush()
    except BrokenPipeError:  # git has gone; its silence will say so
        pass


def _answer(process: subprocess.Popen[bytes], oid: str, limit: int) -> Content:
    assert process.stdout  # noqa: S101 - `talk` opens it
    words = process.stdout.readline().split()
    if not words:
        raise GitError("git cat-file ended early", advice="Is the repository whole? Try `git fsck`.")
    if len(words) != 3:
        return Content(oid, None, None)
    size = int(words[2])
    if size <= limit:
        return Content(oid, size, process.stdout.read(size + 1)[:-1])
    left = size + 1
    while left:
        left -= len(process.stdout.read(min(left, _DISCARD))) or left
    return Content(oid, size, None)
