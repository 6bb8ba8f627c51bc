"""Evidence: the places that show a mismatch, without repetition and not too many."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from secopskit.audit.model import MismatchEvidence
from secopskit.collect.facts import FactPlace, FileRole, Stack

_MOST: Final = 6
LIVE_ROLES: Final = frozenset({FileRole.PRODUCT, FileRole.EXAMPLE})
"""Roles of files whose disagreements somebody meets: not of tests, documents and others' copies."""


def evidence(places: Iterable[tuple[FactPlace, str]], most: int = _MOST) -> tuple[MismatchEvidence, ...]:
    """The places in their order, each once, at most `most`; what is left out is counted in the last text."""
    found = dict[FactPlace, str]()
    for place, text in places:
        found.setdefault(place, text)
    shown = [MismatchEvidence(place, text) for place, text in list(found.items())[:most]]
    if len(found) > most:
        shown[-1] = shown[-1]._replace(text=f"{shown[-1].text}, and {len(found) - most} more places")
    return tuple(shown)


def counts(stack: Stack) -> bool:
    """Whether the stack is one that somebody starts: not one of a test or of others' code."""
    return stack.role in LIVE_ROLES
