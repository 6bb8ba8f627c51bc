"""The secrets exposed in files or history, each with its state: open, accepted, rotated. No value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from secopskit.detect.structure.judge import WEAK_RULE
from secopskit.findings import Confidence, Finding, Location, Severity
from secopskit.harden.model import ListedSecret
from secopskit.harden.project import HardenProject
from secopskit.state.rotations import read_rotations

OPEN: Final = "open"
ACCEPTED: Final = "accepted"
_DAY: Final = len("2030-12-31")


def exposed_secrets(project: HardenProject) -> tuple[ListedSecret, ...]:
    """What a scan finds in the files, open ones first. Raises ConfigError for a broken record or baseline."""
    if not project.findings:
        return ()
    rotated = read_rotations(project.repository.state_dir)
    found = (
        _exposed(project, finding, rotated) for finding in project.findings if finding.secret is not None
    )
    return tuple(
        sorted(filter(None, found), key=lambda each: (each.state != OPEN, each.path, each.line, each.rule))
    )


def in_files(project: HardenProject, finding: Finding) -> tuple[Location, ...]:
    """Where the finding stands in files that are, and stay, in git."""
    leaving = {file.path for file in project.private}
    return tuple(
        place for place in finding.locations if place.provenance is None and place.path not in leaving
    )


def _exposed(project: HardenProject, finding: Finding, rotated: Mapping[str, str]) -> ListedSecret | None:
    """The secret; None where it stands nowhere but in a file that leaves the index uncommitted."""
    files = in_files(project, finding)
    places = (*files, *(place for place in finding.locations if place.provenance is not None))
    if not places:
        return None
    first = min(places, key=lambda place: (place.path, place.line))
    return ListedSecret(
        rule=finding.rule_id,
        path=first.path or "a commit message",
        line=first.line,
        places=len({place.path for place in places}),
        state=_state(project, finding, rotated),
        fingerprint=str(finding.fingerprint),
        in_files=bool(files),
        # A password that anybody guesses is no news in the history, but it is where a branch still has it.
        grave=(finding.rule_id != WEAK_RULE or any(_is_present(place) for place in places))
        and finding.severity >= Severity.HIGH
        and finding.confidence >= Confidence.HIGH,
    )


def _is_present(place: Location) -> bool:
    return place.provenance is None or place.provenance.present


def _state(project: HardenProject, finding: Finding, rotated: Mapping[str, str]) -> str:
    if when := rotated.get(str(finding.fingerprint)):
        return f"rotated {when[:_DAY]}"
    baseline, today = project.baseline, project.surroundings.today
    if baseline and all(baseline.covers(finding, place, today) for place in finding.locations):
        return ACCEPTED
    return OPEN
