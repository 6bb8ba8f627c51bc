"""Runs that see other secrets: those that Dependabot starts, and those of forks.

https://docs.github.com/en/code-security/dependabot/working-with-dependabot/automating-dependabot-with-github-actions:
a run that Dependabot starts reads Dependabot's secrets in place of all others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.sync.audit.missing import BUILT_IN
from secopskit.sync.audit.model import (
    DEPENDABOT,
    AuditFinding,
    AuditInventory,
    AuditKind,
    AuditPlace,
    AuditSeverity,
    Presence,
)
from secopskit.sync.audit.reach import Reach, ReachedUse
from secopskit.sync.audit.read import AuditedFiles

_BY_DEPENDABOT: Final = frozenset({"pull_request", "pull_request_review", "pull_request_review_comment"})
_BY_FORKS: Final = "pull_request"
_SHOWN: Final = 5


def registries(files: AuditedFiles, inventory: AuditInventory) -> Iterator[AuditFinding]:
    """Secrets that registries of dependabot.yml take, which must be Dependabot's."""
    for path, uses in files.dependabot.items():
        for use in uses:
            name = use.name.upper()
            if use.variable or not name:
                continue
            presence = inventory.presence(DEPENDABOT, name, variable=False)
            if presence is Presence.ABSENT:
                held = inventory.levels_with(name, variable=False)
                where = f"; it is in {', '.join(map(str, held))}" if held else ""
                yield AuditFinding(
                    kind=AuditKind.MISSING,
                    severity=AuditSeverity.ERROR,
                    subject=f"secrets.{name}",
                    message=f"Dependabot reads its own secrets, and has none of that name{where}",
                    advice="Add it to the secrets of Dependabot, the repository's or the organisation's.",
                    levels=held,
                    places=(AuditPlace(path, use.line),),
                )


def runs_of_dependabot(
    reach: Reach, files: AuditedFiles, inventory: AuditInventory
) -> Iterator[AuditFinding]:
    """Secrets that runs started by Dependabot will find empty; one finding a workflow."""
    if not files.has_dependabot:
        return
    found: dict[str, dict[str, AuditPlace]] = {}
    for use in reach.uses:
        for name in use.names if _by_dependabot(use) else ():
            if (
                name not in BUILT_IN
                and inventory.presence(DEPENDABOT, name, variable=False) is Presence.ABSENT
            ):
                found.setdefault(use.path, {}).setdefault(name, AuditPlace(use.path, use.use.line))
    for path, names in found.items():
        shown = ", ".join(sorted(names)[:_SHOWN])
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        yield AuditFinding(
            kind=AuditKind.MISSING,
            severity=AuditSeverity.NOTICE,
            subject=path,
            message=f"a run that Dependabot starts reads Dependabot's secrets, which lack {shown}{more}",
            advice="Add them there, or skip the job: if: github.actor != 'dependabot[bot]'.",
            levels=(DEPENDABOT,),
            places=tuple(names.values()),
        )


def _by_dependabot(use: ReachedUse) -> bool:
    guarded = "dependabot" in use.condition.lower() or use.tested or use.use.refused
    return bool(use.events & _BY_DEPENDABOT) and not use.use.variable and not guarded


def remarks(reach: Reach) -> Iterator[str]:
    """What holds for runs of forks."""
    paths = {use.path for use in reach.uses if _BY_FORKS in use.events and _is_secret(use)}
    if paths:
        yield (
            f"Runs of pull requests from forks get no secrets but a GITHUB_TOKEN that may read: "
            f"{len(paths)} of the workflows look up some on pull_request."
        )


def _is_secret(use: ReachedUse) -> bool:
    return not use.use.variable and not set(use.names) <= BUILT_IN
