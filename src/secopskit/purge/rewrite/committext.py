"""The text of a commit or tag, changed where it must be. A signature that no longer fits it is dropped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from secopskit.git.objects.committext import SIGNATURES, TAG_SIGNATURE, CommitStart, CommitText, Header
from secopskit.purge.rewrite.ids import TextChange
from secopskit.purge.values.matcher import ValueMatcher

_SPECIAL: Final = re.compile(rb"^(?:gpgsig|mergetag)", re.MULTILINE)
_PEOPLE: Final = frozenset((b"author", b"committer", b"tagger"))
# Ids and git's own words: no value stands in them.
_STRUCTURE: Final = frozenset((b"object", b"type"))
_PERSON: Final = re.compile(rb"([^<]*?)( ?<)([^>]*)(>.*)", re.DOTALL)
_DATE: Final = re.compile(rb"> (\d+ [+-]\d+)\Z")
_NOBODY: Final = b"REMOVED <REMOVED"


def new_commit(
    raw: bytes,
    start: CommitStart,
    tree: str,
    commits: Mapping[str, str],
    matcher: ValueMatcher | None,
    ids: TextChange | None = None,
) -> bytes:
    """A commit with another tree, and with its parents as `commits` maps them.

    `start` is that of `raw`. With `matcher`, also without the values in its message and headers; with `ids`,
    with what that makes of the message. Raises SecopsError.
    """
    parents = "".join(f"parent {commits.get(parent, parent)}\n" for parent in start.parents)
    rest = raw[start.end :]
    if matcher or ids or _SPECIAL.search(rest):
        rest = _new_rest(CommitText.parse(rest), commits, matcher, ids)
    return b"tree %s\n%s%s" % (tree.encode(), parents.encode(), rest)


def _new_rest(
    old: CommitText, commits: Mapping[str, str], matcher: ValueMatcher | None, ids: TextChange | None
) -> bytes:
    headers = list[Header]()
    for header in old.headers:
        void = header.key == b"mergetag" and _is_void(header.value, commits, matcher)
        if header.key not in SIGNATURES and not void:
            headers.append(_clean(header, matcher) if matcher else header)
    return CommitText(headers, _new_message(old.message, matcher, ids)).encode()


def _new_message(message: bytes | None, matcher: ValueMatcher | None, ids: TextChange | None) -> bytes | None:
    if message and matcher:
        message = matcher.redact(message)
    return ids(message) if message and ids else message


def new_tag(raw: bytes, target: str, matcher: ValueMatcher | None, ids: TextChange | None = None) -> bytes:
    """A tag of another object, without its signature; with `matcher` and `ids` as for `new_commit`.

    Raises SecopsError.
    """
    old = CommitText.parse(raw)
    headers = list[Header]()
    for header in old.headers:
        if header.key == b"object":
            headers.append(Header(header.key, target.encode()))
        elif header.key not in SIGNATURES:
            headers.append(_clean(header, matcher) if matcher else header)
    message = None if old.message is None else TAG_SIGNATURE.sub(b"", old.message, count=1)
    return CommitText(headers, _new_message(message, matcher, ids)).encode()


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
