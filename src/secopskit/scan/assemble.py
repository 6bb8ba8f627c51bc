"""From occurrences to findings: one finding per secret, with every place it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from secopskit.detect.ruleset import Ruleset
from secopskit.findings import Finding, Location, Provenance
from secopskit.progress import still_at_work
from secopskit.report.facts.order import order_of
from secopskit.scan.content.occurrence import Occurrence
from secopskit.scan.content.standing import has_live_format, standing
from secopskit.scan.display import role_of, severity_there
from secopskit.secret import Fingerprint, SecretValue, plain_digest

Located: TypeAlias = tuple[Occurrence, Provenance | None]


def assemble(located: Iterable[Located], ruleset: Ruleset, key: Callable[[], bytes]) -> list[Finding]:
    """The findings, in their order. `key` gives the repository's fingerprint key when first needed."""
    groups: dict[object, list[Located]] = {}
    for occurrence, provenance in located:
        identity = occurrence.secret or (occurrence.rule_id, occurrence.path)
        groups.setdefault(identity, []).append((occurrence, provenance))
    return sorted((_finding(group, ruleset, key()) for group in groups.values()), key=order_of)


def _finding(group: list[Located], ruleset: Ruleset, key: bytes) -> Finding:
    still_at_work()
    best = max((occurrence for occurrence, _ in group), key=lambda one: _rank(one, ruleset))
    rule = ruleset.by_id(best.rule_id)
    about = best.secret or SecretValue(f"{best.rule_id}\0{best.path}".encode("utf-8", "surrogateescape"))
    fingerprint: Fingerprint = about.fingerprint(key)
    return Finding(
        id=fingerprint.text[:12],
        rule_id=rule.id,
        title=rule.title,
        severity=max(
            severity_there(occurrence, ruleset.by_id(occurrence.rule_id)) for occurrence, _ in group
        ),
        confidence=max(occurrence.confidence for occurrence, _ in group),
        fingerprint=fingerprint,
        preview=best.secret.preview() if best.secret else "",
        locations=_locations(group),
        note=best.note,
        remediation=rule.remediation,
        references=rule.references,
        secret=best.secret,
        live_format=has_live_format(rule),
    )


def _rank(one: Occurrence, ruleset: Ruleset) -> tuple[int | str, ...]:
    """Which occurrence says what the secret is: that of the rule that knows most of it."""
    return standing(ruleset.by_id(one.rule_id)), one.confidence, one.severity, one.rule_id


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
            role=role_of(occurrence),
        )
    return tuple(places.values())


def _place(occurrence: Occurrence, number: int) -> str:
    parts = (occurrence.rule_id, occurrence.path, occurrence.key_digest, str(number))
    return plain_digest("\0".join(parts).encode("utf-8", "surrogateescape"), 16)
