"""What is kept as the wrong kind, or looked up where GitHub offers nothing to look up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from secopskit.detect.name.keys import KeyKind, sensitive_key
from secopskit.detect.name.naming import Name, name_before
from secopskit.formats.workflows.workflow_uses import WorkflowSource
from secopskit.sync.audit.existing import Readers
from secopskit.sync.audit.model import (
    AuditFinding,
    AuditKind,
    AuditPlace,
    AuditSeverity,
)
from secopskit.sync.audit.reach import ReachedUse

# What builds of web and mobile applications put into the code that everybody downloads: Next.js, Vite and
# SvelteKit or Astro, Create React App, Expo, Nuxt, Gatsby, Vue CLI.
PUBLIC: Final = (
    "NEXT_PUBLIC_",
    "VITE_",
    "PUBLIC_",
    "REACT_APP_",
    "EXPO_PUBLIC_",
    "NUXT_PUBLIC_",
    "GATSBY_",
    "VUE_APP_",
)
_IN_ACTION: Final = "Make it an input of the action, and pass it with `with:`."
_IN_WORKFLOW: Final = (
    "Secrets are offered in `env:`, in steps, and under `secrets:` of a call; an `if:` tests a variable "
    "of `env:` that is set from one."
)
_VALUE: Final = b"?"  # stands for the value, which nobody knows


def wrong_kind(readers: Readers) -> Iterator[AuditFinding]:
    """Secrets whose names say that they are public, and variables whose names say that they are secret."""
    inventory = readers.inventory
    names = {(shelf.variables, name) for shelf, held in inventory.names.items() for name in held}
    names |= {key for key, uses in readers.by_name.items() if any(not use.use.refused for use in uses)}
    for variable, name in sorted(names):
        if name.startswith(PUBLIC):
            if not variable:
                yield _public(name, readers)
        elif variable and (found := _secret(name)):
            severity, what = found
            yield _finding(
                name,
                readers,
                severity,
                variable=True,
                message=f"the name speaks of {what}, and variables are readable, in logs too",
                advice="Make it a secret and write `secrets.` in the workflow; if it leaked so, rotate it.",
            )


def _public(name: str, readers: Readers) -> AuditFinding:
    message = "a build puts what has such a name into code that everybody can read"
    advice = f"Make it a variable and write `vars.{name}`: a secret's value is masked in logs, for nothing."
    if _secret(name):  # one half of the name says so, the other the contrary
        advice = f"If it is public: {advice[0].lower()}{advice[1:]} If it is secret: give it another name."
    return _finding(name, readers, AuditSeverity.WARNING, variable=False, message=message, advice=advice)


def _secret(name: str) -> tuple[AuditSeverity, str] | None:
    """How sure a name says that its value is secret, and what it speaks of."""
    kind = name_before(_VALUE, name.encode() + b"=" + _VALUE)
    if kind in (Name.PASSWORD, Name.SECRET):
        return AuditSeverity.ERROR, "a password" if kind is Name.PASSWORD else "a secret"
    if sensitive_key(name) is KeyKind.URL:
        return AuditSeverity.WARNING, "a database or service whose URL often holds a password"
    return (AuditSeverity.NOTICE, "a key") if kind is Name.SOME_KEY else None


def _finding(
    name: str, readers: Readers, severity: AuditSeverity, *, variable: bool, message: str, advice: str
) -> AuditFinding:
    uses = readers.by_name.get((variable, name), [])
    return AuditFinding(
        kind=AuditKind.MISPLACED,
        severity=severity,
        subject=f"{'vars' if variable else 'secrets'}.{name}",
        message=message,
        advice=advice,
        levels=readers.inventory.levels_with(name, variable=variable),
        places=tuple(dict.fromkeys(AuditPlace(use.path, use.use.line) for use in uses)),
    )


def refused(uses: tuple[ReachedUse, ...], actions: Mapping[str, WorkflowSource]) -> Iterator[AuditFinding]:
    """Look-ups where the context does not exist: GitHub refuses the workflow, or the action."""
    seen = dict[tuple[AuditPlace, str], bool]()
    for reached in uses:
        if reached.use.refused:
            place = AuditPlace(reached.path, reached.use.line)
            seen[place, _written(reached.use.variable, reached.use.name)] = False
    for path, file in actions.items():
        for job in file.jobs:
            for use in job.uses:
                seen[AuditPlace(path, use.line), _written(use.variable, use.name)] = True
    for (place, subject), in_action in seen.items():
        context = subject.split(".", maxsplit=1)[0]
        what = "action" if in_action else "workflow"
        yield AuditFinding(
            kind=AuditKind.MISPLACED,
            severity=AuditSeverity.ERROR,
            subject=subject,
            message=f"GitHub offers no `{context}` at this place, and refuses the {what}",
            advice=_IN_ACTION if in_action else _IN_WORKFLOW,
            places=(place,),
        )


def _written(variable: bool, name: str) -> str:
    context = "vars" if variable else "secrets"
    return f"{context}.{name.upper()}" if name else context
