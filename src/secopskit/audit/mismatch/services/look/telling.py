"""Evidence and mismatches, told once and in the order of their places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from secopskit.audit.model import Mismatch, MismatchEvidence
from secopskit.collect.facts import FactPlace
from secopskit.findings import Severity


def shows(place: FactPlace, text: str) -> MismatchEvidence:
    """Evidence: what stands at a place, in a few words."""
    return MismatchEvidence(place, text)


def once(found: Iterable[Mismatch]) -> Iterator[Mismatch]:
    """Each mismatch once, by place: overlays repeat what their base says; the first of equals counts."""
    first = dict[tuple[object, ...], Mismatch]()
    for each in found:
        first.setdefault((each.rule_id, each.subject, each.evidence[0].place), each)
    yield from sorted(first.values(), key=lambda each: (each.evidence[0].place, each.subject, each.stack))


def lower(severity: Severity, *, by: int = 1) -> Severity:
    """A severity that is less by some steps."""
    return Severity(max(Severity.INFO, severity - by))
