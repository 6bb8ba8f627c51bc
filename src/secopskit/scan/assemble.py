"""From occurrences to findings: one finding per secret, with every place it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from secopskit.detect.ruleset import Ruleset
from secopskit.findings import Finding, Location, Provenance
from secopskit.scan.occurrence import Occurrence
from secopskit.secret import Fingerprint, SecretValue, plain_digest

Located: TypeAlias = tuple[Occurrence, Provenance | None]


def assemble(located: Iterable[Located], ruleset: Ruleset, key: Callable[[], bytes]) -> list[Finding]:
    """The findings, worst first. `key` gives the repository's fingerprint key when first needed."""
    groups: dict[object, list[Located]] = {}
    for occurrence, provenance in located:
        identity = occurrence.secret or (occurrence.rule_id, occurrence.path)
        groups.setdefault(identity, []).append((occurrence, provenance))
    findings = [_finding(group, ruleset, key()) for group in groups.values()]
    return sorted(
        findings, key=lambda f: (-f.severity, -f.confidence, f.locations[0].path, f.locations[0].line)
    )


def _finding(group: list[Located], ruleset: Ruleset, key: bytes) -> Finding:
    best = max((occurrence for occurrence, _ in group), key=lambda s: (s.confidence, s.severity, s.rule_id))
    rule = ruleset.by_id(best.rule_id)
    about = best.secret or SecretValue(f"{best.rule_id}\0{best.path}".encode("utf-8", "surrogateescape"))
    fingerprint: Fingerprint = about.fingerprint(key)
    return Finding(
        id=fingerprint.text[:12],
        rule_id=rule.id,
        title=rule.title,
        severity=max(occurrence.severity for occurrence, _ in group),
        confidence=best.confidence,
        fingerprint=fingerprint,
        preview=best.secret.preview() if best.secret else "",
        locations=_locations(group),
        note=best.note,
        remediation=rule.remediation,
        references=rule.references,
        secret=best.secret,
    )


def _locations(group: list[Located]) -> tuple[Location, ...]:
    """Every place once, in order; two places that look alike are told apart by a number."""
    places: dict[tuple[str, int, int], Location] = {}
    seen: dict[str, int] = {}
    for occurrence, provenance in sorted(
        group, key=lambda pair: (pair[0].path, pair[0].line, pair[0].column)
    ):
        where = (occurrence.path, occurrence.line, occurrence.column)
        if where in places:
            continue
        count = seen[occurrence.path + occurrence.key_digest] = (
            seen.get(occurrence.path + occurrence.key_digest, -1) + 1
        )
        places[where] = Location(
            path=occurrence.path,
            line=occurrence.line,
            end_line=occurrence.end_line,
            column=occurrence.column,
            end_column=occurrence.end_column,
            oid=occurrence.oid,
            place=_place(occurrence, count),
            provenance=provenance,
        )
    return tuple(places.values())


def _place(occurrence: Occurrence, number: int) -> str:
    parts = (occurrence.rule_id, occurrence.path, occurrence.key_digest, str(number))
    return plain_digest("\0".join(parts).encode("utf-8", "surrogateescape"), 16)
