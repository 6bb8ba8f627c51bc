"""The secrets exposed in files or history, each with its state: open, accepted, rotated. No value."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from secopskit.detect.judgement.judge import WEAK_RULE
from secopskit.findings import Confidence, Finding, Location, Severity
from secopskit.harden.model import ListedSecret
from secopskit.harden.project import HardenProject
from secopskit.state.rotations import read_rotations

OPEN: Final = "open"
ACCEPTED: Final = "accepted"
_DAY: Final = len("2030-12-31")


def exposed_secrets(project: HardenProject) -> tuple[ListedSecret, ...]:
    """What a scan finds in files and history, each value once, open ones first.

    Raises ConfigError for a broken record or baseline.
    """
    values = defaultdict[str, list[Finding]](list)
    for finding in project.findings:
        if finding.secret is not None:
            values[str(finding.fingerprint)].append(finding)
    rotated = read_rotations(project.repository.state_dir) if values else {}
    found = (_exposed(project, group, rotated.get(value, "")) for value, group in values.items())
    return tuple(
        sorted(filter(None, found), key=lambda each: (each.state != OPEN, each.path, each.line, each.rule))
    )


def in_files(project: HardenProject, finding: Finding) -> tuple[Location, ...]:
    """Where the finding stands in files that are, and stay, in git."""
    return tuple(
        place for place in finding.locations if place.provenance is None and place.path not in project.leaving
    )


def _exposed(project: HardenProject, group: list[Finding], rotated: str) -> ListedSecret | None:
    """A value, found under one rule or several; None where it only stands in a file that leaves, uncommitted.

    What is told of it is the same before and after a file has left the index. So the history, which does not
    change by that, says under which rule it is found, if it has it.
    """
    files = [place for finding in group for place in in_files(project, finding)]
    history = [place for finding in group for place in finding.locations if place.provenance is not None]
    if not files and not history:
        return None
    first = min(files or history, key=lambda place: (place.path, place.line))
    lasting = [finding for finding in group if any(map(_is_in_history, finding.locations))] or group
    return ListedSecret(
        rule=min(finding.rule_id for finding in lasting),
        path=first.path or "a commit message",
        line=first.line,
        places=len({place.path for place in (*files, *history)}),
        state=_state(project, group, rotated),
        fingerprint=str(group[0].fingerprint),
        in_files=bool(files),
        grave=any(map(_is_grave, lasting)),
    )


def _is_in_history(place: Location) -> bool:
    return place.provenance is not None


def _is_grave(finding: Finding) -> bool:
    """Whether it is real and opens much. A guessable password is no news in the history alone."""
    present = any(place.provenance and place.provenance.present for place in finding.locations)
    sure = finding.severity >= Severity.HIGH and finding.confidence >= Confidence.HIGH
    return sure and (finding.rule_id != WEAK_RULE or present)


def _state(project: HardenProject, group: list[Finding], rotated: str) -> str:
    if rotated:
        return f"rotated {rotated[:_DAY]}"
    baseline, today = project.baseline, project.surroundings.today
    if baseline is None:
        return OPEN
    pairs = [(finding, place) for finding in group for place in in_files(project, finding)]
    pairs = pairs or [(finding, place) for finding in group for place in finding.locations]
    return ACCEPTED if all(baseline.covers(finding, place, today) for finding, place in pairs) else OPEN
