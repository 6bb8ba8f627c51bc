"""The text of a commit or tag: taken apart, changed where it must be, and put together again.

What is not understood is left as it is. A signature that no longer fits the text is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from secopskit.errors import GitError
from secopskit.purge.values.matcher import ValueMatcher

_START: Final = re.compile(rb"tree ([0-9a-f]{40,64})\n((?:parent [0-9a-f]{40,64}\n)*)")
_SPECIAL: Final = re.compile(rb"^(?:gpgsig|mergetag)", re.MULTILINE)
_SIGNATURES: Final = frozenset((b"gpgsig", b"gpgsig-sha256"))
_PEOPLE: Final = frozenset((b"author", b"committer", b"tagger"))
# Ids and git's own words: no value stands in them.
_STRUCTURE: Final = frozenset((b"object", b"type"))
_PERSON: Final = re.compile(rb"([^<]*?)( ?<)([^>]*)(>.*)", re.DOTALL)
_DATE: Final = re.compile(rb"> (\d+ [+-]\d+)\Z")
_NOBODY: Final = b"REMOVED <REMOVED"
_TAG_SIGNATURE: Final = re.compile(
    rb"^-----BEGIN (?:PGP SIGNATURE|PGP MESSAGE|SSH SIGNATURE|SIGNED MESSAGE)-----$.*",
    re.DOTALL | re.MULTILINE,
)


class Header(NamedTuple):
    """One header: `value` may have several lines, each but the first with a space in front."""

    key: bytes
    value: bytes


class CommitStart(NamedTuple):
    """What every commit begins with; it ends at `end`."""

    tree: str
    parents: tuple[str, ...]
    end: int


class Text(NamedTuple):
    """Headers and a message. `message` is None where not even the empty line before it is there."""

    headers: list[Header]
    message: bytes | None

    @classmethod
    def parse(cls, raw: bytes) -> Text:
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
    if kind == "tag" and _TAG_SIGNATURE.search(raw):
        return True
    return b"\ngpgsig" in raw and any(header.key in _SIGNATURES for header in Text.parse(raw).headers)


def new_commit(
    raw: bytes, start: CommitStart, tree: str, commits: Mapping[str, str], matcher: ValueMatcher | None
) -> bytes:
    """A commit with another tree, and with its parents as `commits` maps them.

    `start` is that of `raw`. With `matcher`, also without the values in its message and headers.
    Raises SecopsError.
    """
    parents = "".join(f"parent {commits.get(parent, parent)}\n" for parent in start.parents)
    rest = raw[start.end :]
    if matcher or _SPECIAL.search(rest):
        rest = _new_rest(Text.parse(rest), commits, matcher)
    return b"tree %s\n%s%s" % (tree.encode(), parents.encode(), rest)


def _new_rest(old: Text, commits: Mapping[str, str], matcher: ValueMatcher | None) -> bytes:
    headers = list[Header]()
    for header in old.headers:
        void = header.key == b"mergetag" and _is_void(header.value, commits, matcher)
        if header.key not in _SIGNATURES and not void:
            headers.append(_clean(header, matcher) if matcher else header)
    message = old.message
    return Text(headers, matcher.redact(message) if matcher and message else message).encode()


def new_tag(raw: bytes, target: str, matcher: ValueMatcher | None) -> bytes:
    """A tag of another object, without its signature; with `matcher`, also without the values.

    Raises SecopsError.
    """
    old = Text.parse(raw)
    headers = list[Header]()
    for header in old.headers:
        if header.key == b"object":
            headers.append(Header(header.key, target.encode()))
        elif header.key not in _SIGNATURES:
            headers.append(_clean(header, matcher) if matcher else header)
    message = None if old.message is None else _TAG_SIGNATURE.sub(b"", old.message, count=1)
    return Text(headers, matcher.redact(message) if matcher and message else message).encode()


def _headers(head: bytes) -> Iterator[Header]:
    for field in re.split(rb"\n(?! )", head):
        key, space, value = field.partition(b" ")
        yield Header(key, value) if key and space else Header(b"", field)


def _is_void(mergetag: bytes, commits: Mapping[str, str], matcher: ValueMatcher | None) -> bool:
    """Whether the signed tag inside a merge speaks of a commit that changes, or holds a value."""
    target = mergetag.split(b"\n", 1)[0].removeprefix(b"object ").decode("ascii", "replace")
    return target in commits or (matcher is not None and bool(matcher.contains(mergetag)))


def _clean(header: Header, matcher: ValueMatcher) -> Header:
    key, value = header
    if key in _STRUCTURE or not matcher.contains(value):
        return header
    if key in _PEOPLE:
        return Header(key, _clean_person(value, matcher))
    return Header(key, matcher.redact_name(value) if key == b"tag" else matcher.redact_identity(value))


def _clean_person(value: bytes, matcher: ValueMatcher) -> bytes:
    """Name, address and date without the values; nobody at all where a value goes across them."""
    if parts := _PERSON.fullmatch(value):
        name, opening, address, rest = parts.groups()
        value = matcher.redact_identity(name) + opening + matcher.redact_identity(address) + rest
        if not matcher.contains(value):
            return value
    date = _DATE.search(value)
    return b"%s> %s" % (_NOBODY, date[1] if date and not matcher.contains(date[1]) else b"0 +0000")
