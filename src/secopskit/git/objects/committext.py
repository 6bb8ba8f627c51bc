"""The text of a commit or tag, taken apart: headers, message, signature. What is not understood stays.

`CommitText.encode` gives the bytes that `CommitText.parse` was given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from secopskit.errors import GitError
from secopskit.named_tuple import NamedTuple

SIGNATURES: Final = frozenset((b"gpgsig", b"gpgsig-sha256"))
"""The headers of a commit that hold a signature."""

TAG_SIGNATURE: Final = re.compile(
    rb"^-----BEGIN (?:PGP SIGNATURE|PGP MESSAGE|SSH SIGNATURE|SIGNED MESSAGE)-----$.*",
    re.DOTALL | re.MULTILINE,
)
"""The signature in a tag: it stands at the end of its message."""

_START: Final = re.compile(rb"tree ([0-9a-f]{40,64})\n((?:parent [0-9a-f]{40,64}\n)*)")


class Header(NamedTuple):
    """One header: `value` may have several lines, each but the first with a space in front."""

    key: bytes
    value: bytes


class CommitStart(NamedTuple):
    """What every commit begins with; it ends at `end`."""

    tree: str
    parents: tuple[str, ...]
    end: int


class CommitText(NamedTuple):
    """Headers and a message. `message` is None where not even the empty line before it is there."""

    headers: list[Header]
    message: bytes | None

    @classmethod
    def parse(cls, raw: bytes) -> CommitText:
        """Take it apart; `encode` gives the same bytes again."""
        head, separator, message = raw.partition(b"\n\n")
        return cls(list(_headers(head.removesuffix(b"\n"))), message if separator else None)

    def encode(self) -> bytes:
        """The bytes that git hashes."""
        head = b"".join(b"%s %s\n" % one if one.key else one.value + b"\n" for one in self.headers)
        return head if self.message is None else b"%s\n%s" % (head, self.message)

    def first(self, key: bytes) -> bytes:
        """The value of the first header of this name; empty where there is none."""
        return next((header.value for header in self.headers if header.key == key), b"")


def commit_start(raw: bytes) -> CommitStart:
    """Tree and parents of a commit. Raises GitError if it is damaged."""
    match = _START.match(raw)
    if match is None:
        raise GitError("a commit is damaged", advice="Try `git fsck`.")
    # Each line is "parent", a space and an id.
    return CommitStart(match[1].decode(), tuple(match[2].decode().split()[1::2]), match.end())


def is_signed(kind: str, raw: bytes) -> bool:
    """Whether a commit or tag carries a signature, which it loses when it changes."""
    if kind == "tag" and TAG_SIGNATURE.search(raw):
        return True
    return b"\ngpgsig" in raw and any(header.key in SIGNATURES for header in CommitText.parse(raw).headers)


def _headers(head: bytes) -> Iterator[Header]:
    for field in re.split(rb"\n(?! )", head):
        key, space, value = field.partition(b" ")
        yield Header(key, value) if key and space else Header(b"", field)
