"""An audit in words: facts for JSON, blocks for people, workflow commands for GitHub Actions.

Names and paths come from the repository and its host, so they go through `visible`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from secopskit.report.annotation import without_commands, workflow_command
from secopskit.report.page import Block, Items, Para, Rows, TextStyle, Title
from secopskit.report.text import count, visible
from secopskit.sync.audit.model import (
    AuditFinding,
    AuditInventory,
    AuditPlace,
    AuditReport,
    AuditSeverity,
)

_FEW: Final = 3
_STYLES: Final = {AuditSeverity.ERROR: TextStyle.BAD, AuditSeverity.WARNING: TextStyle.CAUTION}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfFacts:
    """The secrets or variables of a level: how many there are, or why that is not known."""

    level: str
    kind: str
    listed: bool
    count: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPlaceFacts:
    """A place in a file."""

    path: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFindingFacts:
    """A finding."""

    kind: str
    severity: str
    subject: str
    levels: tuple[str, ...]
    message: str
    advice: str
    places: tuple[AuditPlaceFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFacts:
    """An audit. `live` tells whether the host was asked, or a declaration alone."""

    source: str
    live: bool
    workflows: int
    actions: int
    references: int
    names: int
    shelves: tuple[ShelfFacts, ...]
    environments_unlisted: str
    errors: int
    warnings: int
    notices: int
    findings: tuple[AuditFindingFacts, ...]
    remarks: tuple[str, ...]


def audit_facts(report: AuditReport) -> AuditFacts:
    """The facts of a report."""
    return AuditFacts(
        source=visible(report.inventory.source),
        live=report.inventory.live,
        workflows=report.workflows,
        actions=report.actions,
        references=report.references,
        names=report.names,
        shelves=tuple(_shelves(report.inventory)),
        environments_unlisted=visible(report.inventory.environments_unlisted),
        errors=report.count(AuditSeverity.ERROR),
        warnings=report.count(AuditSeverity.WARNING),
        notices=report.count(AuditSeverity.NOTICE),
        findings=tuple(map(_finding, report.findings)),
        remarks=report.remarks,
    )


def _shelves(inventory: AuditInventory) -> Iterator[ShelfFacts]:
    for shelf in sorted({*inventory.names, *inventory.unlisted}, key=str):
        names, reason = inventory.names.get(shelf), inventory.unlisted.get(shelf, "")
        yield ShelfFacts(
            level=visible(str(shelf.level)),
            kind="variables" if shelf.variables else "secrets",
            listed=names is not None,
            count=len(names or ()),
            reason=visible(reason),
        )


def _finding(finding: AuditFinding) -> AuditFindingFacts:
    return AuditFindingFacts(
        kind=finding.kind.value,
        severity=finding.severity.value,
        subject=visible(finding.subject),
        levels=tuple(visible(str(level)) for level in finding.levels),
        message=visible(finding.message),
        advice=visible(finding.advice),
        places=tuple(AuditPlaceFacts(path=visible(place.path), line=place.line) for place in finding.places),
    )


# --- for people -------------------------------------------------------------------------------


def audit_blocks(report: AuditReport) -> tuple[Block, ...]:
    """The page of a report."""
    blocks: list[Block] = [Title("Workflows against secrets and variables"), Rows(tuple(_looked_at(report)))]
    for severity in AuditSeverity:
        found = [finding for finding in report.findings if finding.severity is severity]
        if found:
            blocks += [Title(count(len(found), severity.value).capitalize()), Items(tuple(map(_item, found)))]
    blocks += [Title("Result"), *(Para(remark) for remark in report.remarks), _verdict(report)]
    return tuple(blocks)


def _looked_at(report: AuditReport) -> Iterator[tuple[str, str]]:
    inventory = report.inventory
    yield "Held against", visible(inventory.source) + ("" if inventory.live else " (the declaration alone)")
    files = count(report.workflows, "workflow")
    if report.actions:
        files += f" and {count(report.actions, 'local action')}"
    looked_up = f"{count(report.references, 'reference')} to {count(report.names, 'name')}"
    yield "Read", f"{files} of the work tree: {looked_up}"
    shelves = [
        f"{count(len(names), _word(shelf.variables))} of {shelf.level}"
        for shelf, names in sorted(inventory.names.items(), key=lambda item: str(item[0]))
    ]
    yield "Listed" if inventory.live else "Declared", visible(", ".join(shelves)) or "nothing"
    missing = sorted(map(str, inventory.unlisted))
    if inventory.environments_unlisted:
        missing.append("environments")
    yield "Not known", visible(", ".join(missing))


def _word(variables: bool) -> str:
    return "variable" if variables else "secret"


def _item(finding: AuditFinding) -> str:
    where = ", ".join(f"{place.path}:{place.line}" for place in finding.places[:_FEW])
    if len(finding.places) > _FEW:
        where += f" and {len(finding.places) - _FEW} more"
    at = f" ({where})" if where else ""
    text = f"{finding.kind.value}: {finding.subject}{at}: {finding.message}. {finding.advice}"
    return visible(text)


def _verdict(report: AuditReport) -> Para:
    if not report.workflows:
        return Para(
            "There is no workflow in .github/workflows: nothing was held against anything.", TextStyle.CAUTION
        )
    numbers = [(severity, report.count(severity)) for severity in AuditSeverity]
    told = [count(number, severity.value) for severity, number in numbers if number]
    worst = next((severity for severity, number in numbers if number), None)
    if worst is None:
        what = "exists" if report.inventory.live else "is declared"
        names = count(report.names, "name")
        return Para(f"{names} looked up: each {what} where the jobs see it.", TextStyle.GOOD)
    return Para(", ".join(told) + ".", _STYLES.get(worst, TextStyle.PLAIN))


# --- for GitHub Actions -----------------------------------------------------------------------


def audit_annotations(report: AuditReport) -> str:
    """A workflow command for each place of each finding, and a last line for the log."""
    lines = [
        _annotation(finding, place) for finding in report.findings for place in finding.places or (None,)
    ]
    told = ", ".join(text for label, text in _looked_at(report) if label in ("Read", "Held against"))
    verdict = _verdict(report).text
    return "\n".join([*lines, without_commands(f"secops: {verdict} {told}")]) + "\n"


def _annotation(finding: AuditFinding, place: AuditPlace | None) -> str:
    properties = {"title": f"{finding.kind.value}: {finding.subject}"}
    if place is not None:
        properties |= {"file": place.path, "line": str(place.line)}
    return workflow_command(finding.severity.value, properties, f"{finding.message}. {finding.advice}")
