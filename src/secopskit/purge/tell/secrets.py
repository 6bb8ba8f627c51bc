"""What is remembered of the secrets of a purge, for the time when nothing of them is left."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from secopskit.findings import Finding, Location
from secopskit.purge.model import PlaceKind
from secopskit.purge.plan import PurgePlan
from secopskit.purge.tell.facts import PlanFacts, ValueFacts
from secopskit.purge.tell.scope import Show
from secopskit.purge.values.targets import Candidate
from secopskit.report.facts.exposure import exposure
from secopskit.state.purged_secrets import PurgedSecret

_FILES: Final = frozenset((PlaceKind.BLOB.value, PlaceKind.ARCHIVE.value, PlaceKind.PATH.value))


def purged_secrets(
    plan: PurgePlan, facts: PlanFacts, candidates: Iterable[Candidate], show: Show
) -> dict[str, PurgedSecret]:
    """The secrets of `plan` that the history holds, by fingerprint; `facts` are those of the same plan."""
    findings = {one.value: one.finding for one in candidates}
    return {
        target.fingerprint: _secret(value, findings.get(target.value), show)
        for target, value in zip(plan.targets, facts.values, strict=True)
        if value.spots
    }


def title_of(finding: Finding, show: Show) -> str:
    """What it is, with the key that it stands behind: a dotenv file holds many a secret."""
    return show(finding.title) + (f" ({show(finding.note)})" if finding.note else "")


def place_of(finding: Finding, show: Show) -> str:
    """`path:line` of its first place in a file; in a message of a commit only where there is none."""
    place = _first_place(finding)
    name = show(place.path) if place.path else f"object {(place.oid or '')[:12]}"
    return f"{name}:{place.line}"


def paths_of(finding: Finding, show: Show) -> tuple[str, ...]:
    """The names of the files that it stands in."""
    return tuple(dict.fromkeys(show(one.path) for one in finding.locations if one.path))


def _first_place(finding: Finding) -> Location:
    return next((one for one in finding.locations if not one.path.startswith("<")), finding.locations[0])


def _secret(value: ValueFacts, finding: Finding | None, show: Show) -> PurgedSecret:
    if finding is None:
        names = tuple(
            dict.fromkeys(name for spot in value.spots if spot.place in _FILES for name in spot.names)
        )
        place = names[0] if names else value.spots[0].place
        return PurgedSecret(
            title=value.label, place=place, places=sum(spot.count for spot in value.spots), paths=names
        )
    entered = exposure(finding)
    first = entered.first if entered else None
    return PurgedSecret(
        title=title_of(finding, show),
        place=place_of(finding, show),
        places=len(finding.locations),
        paths=paths_of(finding, show),
        rule_id=finding.rule_id,
        severity=finding.severity.label,
        first_commit=first.first_commit if first else "",
        first_date=show(first.date) if first else "",
        author=show(first.author) if first else "",
    )
