"""Lists in source code that hold several secrets of a kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.candidate import SecretCandidate
from secopskit.detect.judgement.judge import judge_candidates
from secopskit.detect.judgement.place import Trust, place_for
from secopskit.detect.value.filters import KeyKind, is_made_up, kind_of_several, looks_random
from secopskit.formats.code import lists

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match, Span
    from secopskit.formats.setting import Setting

RULE: Final = "list-secret"


def detect(blob: Blob) -> Iterator[Match]:
    """The matches among the items of lists all of whose items look like what the name of the list says."""
    place = place_for(blob.path, RULE, Trust.CODE)
    for items in lists.settings(blob.data):
        kind = kind_of_several(items[0].key)
        if kind and all(_looks_like(item.value, kind) for item in items):
            yield from judge_candidates((_candidate(item, kind) for item in items), place)


def wholes(data: bytes, *, far: bool = True) -> Iterator[Span]:
    """The lists, which mean something as a whole alone."""
    del far
    return lists.spans(data)


def _looks_like(value: bytes, kind: KeyKind) -> bool:
    return looks_random(value) or (kind is KeyKind.PASSWORD and is_made_up(value))


def _candidate(item: Setting, kind: KeyKind) -> SecretCandidate:
    note = f"one of {item.key[:60]}"
    return SecretCandidate(item.key, item.value, item.span, kind, note=note)
