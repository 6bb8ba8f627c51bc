"""Use case of the audit: files and an inventory in, a report out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from secopskit.sync.audit import bots, calls, existing, placing
from secopskit.sync.audit.missing import missing
from secopskit.sync.audit.model import AuditFinding, AuditInventory, AuditKind, AuditReport, AuditSeverity
from secopskit.sync.audit.reach import Reach, reach
from secopskit.sync.audit.read import AuditedFiles, read_files

_ORDER = {kind: number for number, kind in enumerate(AuditKind)}
_SEVERITY = {severity: number for number, severity in enumerate(AuditSeverity)}


def audit(root: str, take_inventory: Callable[[frozenset[str]], AuditInventory]) -> AuditReport:
    """Audit the work tree at `root`.

    `take_inventory` is called with the environments that jobs name, once all files are read.
    """
    files = read_files(root)
    reached = reach(files.workflows)
    named = frozenset(name for _, _, names in reached.environments for name in names if name)
    return judge(files, reached, take_inventory(named))


def judge(files: AuditedFiles, reached: Reach, inventory: AuditInventory) -> AuditReport:
    """Hold what is looked up against what is there."""
    readers = existing.Readers(inventory)
    dependabot = [use for uses in files.dependabot.values() for use in uses]
    readers.add(reached.uses, dependabot)
    for path, job in reached.remote:
        if job.call is not None and not job.call.target.text.startswith("./"):
            place = calls.place_of(path, job.call)
            readers.open[True].append(place)
            if job.call.inherits:
                readers.open[False].append(place)
    findings = [
        *missing(reached.uses, inventory),
        *calls.handed_over(reached, files.workflows),
        *calls.named_environments(reached, inventory),
        *bots.registries(files, inventory),
        *placing.refused(reached.uses, files.actions),
        *placing.wrong_kind(readers),
        *existing.unused(readers),
        *existing.shadowed(readers),
        *calls.unseen(reached, files),
        *calls.unlisted(inventory),
        *bots.runs_of_dependabot(reached, files, inventory),
    ]
    places = {(use.path, use.use) for use in reached.uses}
    names = {(use.use.variable, name) for use in reached.uses for name in use.names}
    return AuditReport(
        inventory=inventory,
        workflows=len(files.workflows),
        actions=len(files.actions),
        references=len(places) + len(dependabot),
        names=len(names | {(False, use.name.upper()) for use in dependabot}),
        findings=tuple(sorted(findings, key=_rank)),
        remarks=(*bots.remarks(reached), *_other_branches(findings)),
    )


def _other_branches(findings: Iterable[AuditFinding]) -> Iterator[str]:
    if any(finding.kind is AuditKind.UNUSED for finding in findings):
        yield "This work tree was read, and no other branch: what is unused here may be used there."


def _rank(finding: AuditFinding) -> tuple[object, ...]:
    return _SEVERITY[finding.severity], _ORDER[finding.kind], finding.subject, finding.places
