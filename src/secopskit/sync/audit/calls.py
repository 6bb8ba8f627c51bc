"""What passes between workflows, and what cannot be seen from here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from secopskit.formats.workflows.workflow_uses import WorkflowCall, WorkflowJob, WorkflowSource
from secopskit.sync.audit.model import (
    AuditFinding,
    AuditInventory,
    AuditKind,
    AuditPlace,
    AuditSeverity,
)
from secopskit.sync.audit.reach import Reach, ReachedUse, WorkflowHandover
from secopskit.sync.audit.read import AuditedFiles


def handed_over(reach: Reach, workflows: Mapping[str, WorkflowSource]) -> Iterator[AuditFinding]:
    """Secrets that a called workflow here requires and does not get, or gets and does not declare."""
    for handover in reach.handovers:
        if handover.passed is None:
            continue
        declared = {secret.name.upper(): secret for secret in workflows[handover.called].secrets}
        passed = {name.text.upper(): name for name in handover.passed}
        for name, secret in declared.items():
            if secret.required and name not in passed:
                yield _handover(
                    handover,
                    name,
                    f"{handover.called} requires it (line {secret.line}), and the call does not pass it on",
                    "Pass it under `secrets:` of this job.",
                )
        for name, place in passed.items():
            if name not in declared:
                yield _handover(
                    handover._replace(target=place),
                    name,
                    f"{handover.called} declares no such secret, so GitHub refuses the call",
                    "Declare it there under `on.workflow_call.secrets`, or do not pass it on.",
                )


def _handover(handover: WorkflowHandover, name: str, message: str, advice: str) -> AuditFinding:
    return AuditFinding(
        kind=AuditKind.MISSING,
        severity=AuditSeverity.ERROR,
        subject=f"secrets.{name}",
        message=message,
        advice=advice,
        places=(AuditPlace(handover.path, handover.target.line),),
    )


def named_environments(reach: Reach, inventory: AuditInventory) -> Iterator[AuditFinding]:
    """Environments that jobs name and that do not exist: GitHub makes them on the first run, unprotected."""
    if not inventory.live or inventory.environments_unlisted:
        return
    known = set(inventory.environments())
    places: dict[str, dict[AuditPlace, None]] = {}
    for path, job, names in reach.environments:
        for name in names:
            if name and inventory.environment(name) not in known and job.environment:
                places.setdefault(name, {})[AuditPlace(path, job.environment.line)] = None
    for name, where in places.items():
        yield AuditFinding(
            kind=AuditKind.MISSING,
            severity=AuditSeverity.WARNING,
            subject=f"environment {name}",
            message="it does not exist; GitHub makes it on the first run, without secrets and unprotected",
            advice="Correct the name, or make the environment with its rules first.",
            places=tuple(where),
        )


def unseen(reach: Reach, files: AuditedFiles) -> Iterator[AuditFinding]:
    """What nobody can judge from here: computed names, workflows elsewhere, callers elsewhere, bad files."""
    for path, reason in files.unread.items():
        yield _unknown(path, AuditPlace(path, 1), reason, "Mend the file: nothing in it was judged.")
    for path, job in reach.remote:
        yield from _remote(path, job)
    for path in reach.abroad:
        yield _unknown(
            path,
            AuditPlace(path, 1),
            "no workflow here calls it, so its secrets are those of callers elsewhere",
            "Run the audit in the repositories that call it.",
            severity=AuditSeverity.NOTICE,
        )
    yield from _open(reach.uses)


def place_of(path: str, call: WorkflowCall) -> AuditPlace:
    """Where a call stands."""
    return AuditPlace(path, call.target.line)


def _remote(path: str, job: WorkflowJob) -> Iterator[AuditFinding]:
    if job.call is None:
        return
    place = place_of(path, job.call)
    target = job.call.target.text
    if target.startswith("./"):
        yield AuditFinding(
            kind=AuditKind.MISSING,
            severity=AuditSeverity.ERROR,
            subject=target,
            message="the workflow that the job calls is not there, or is none",
            advice="Correct the path; it begins with ./.github/workflows/.",
            places=(place,),
        )
    elif job.call.inherits:
        yield _unknown(
            target,
            place,
            "it stands elsewhere and inherits all secrets: which of them it reads is not seen here",
            "Pass on by name what it needs, instead of `inherit`.",
        )


def _open(uses: tuple[ReachedUse, ...]) -> Iterator[AuditFinding]:
    seen = set[tuple[AuditPlace, bool]]()
    for reached in uses:
        use = reached.use
        place = AuditPlace(reached.path, use.line)
        if reached.names or use.refused or (place, use.variable) in seen:
            continue
        seen.add((place, use.variable))
        context = "vars" if use.variable else "secrets"
        if use.computed:
            message = "only the run knows which name it looks up"
            advice = "See yourself that each name it can compute is there."
        else:
            message = f"it takes all {context} that the job sees"
            advice = "Name those that are needed: whoever gets them all can show them all."
        yield _unknown(f"{context}[…]" if use.computed else context, place, message, advice)


def _unknown(
    subject: str,
    place: AuditPlace,
    message: str,
    advice: str,
    *,
    severity: AuditSeverity = AuditSeverity.WARNING,
) -> AuditFinding:
    return AuditFinding(
        kind=AuditKind.UNKNOWN,
        severity=severity,
        subject=subject,
        message=message,
        advice=advice,
        places=(place,),
    )


def unlisted(inventory: AuditInventory) -> Iterator[AuditFinding]:
    """Levels that the token may not list: what is not found elsewhere may be there."""
    advice = "A token that may list them would tell" if inventory.live else "Declare what workflows need"
    reasons: dict[str, list[str]] = {}
    for shelf, reason in inventory.unlisted.items():
        reasons.setdefault(reason, []).append(str(shelf))
    if inventory.environments_unlisted:
        reasons.setdefault(inventory.environments_unlisted, []).append("environments")
    for reason, shelves in reasons.items():
        yield AuditFinding(
            kind=AuditKind.UNKNOWN,
            severity=AuditSeverity.WARNING,
            subject=", ".join(shelves[:5]) + (f" and {len(shelves) - 5} more" if len(shelves) > 5 else ""),
            message=f"not known: {reason}",
            advice=f"{advice}: see docs/GITHUB_SECRETS_SETUP.md.",
        )
