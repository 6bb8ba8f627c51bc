"""Arguments of a Dockerfile that are declared before `FROM` and used in a stage, where they are empty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.variables.evidence import LIVE_ROLES, evidence
from secopskit.audit.model import FixStage, Mismatch, MismatchRule
from secopskit.collect.facts import DockerfileFacts, ProjectFacts, UseKind, VariableSetting, VariableUse
from secopskit.findings import Severity

_EXPLANATION: Final = """\
An `ARG` before the first `FROM` counts in `FROM` lines only. In a stage it is empty until the stage
declares it again.

Wrong:

```dockerfile
ARG VERSION=1.4
FROM alpine
RUN fetch $VERSION
```

Right: a line `ARG VERSION` after the `FROM`.

No fault: arguments that only `FROM` lines use, and those that the stage, or one it starts from, declares.
"""


def _judge(project: ProjectFacts) -> Iterator[Mismatch]:
    uses = dict[str, list[VariableUse]]()
    for use in project.uses:
        if use.kind is UseKind.DOCKERFILE and use.role in LIVE_ROLES:
            uses.setdefault(use.place.path, []).append(use)
    for dockerfile in project.dockerfiles:
        first = min((stage.place.line for stage in dockerfile.stages), default=0)
        early = {each.name: each for each in dockerfile.arguments if each.place.line < first}
        known = {
            each.name for each in (*dockerfile.arguments, *dockerfile.variables) if each.place.line > first
        }
        for name, argument in sorted(early.items()):
            inside = [
                use
                for use in uses.get(dockerfile.path, ())
                if use.name == name and _is_in_stage(use, dockerfile)
            ]
            if inside and name not in known:
                yield _mismatch(argument, inside)


def _is_in_stage(use: VariableUse, dockerfile: DockerfileFacts) -> bool:
    lines = {stage.place.line for stage in dockerfile.stages}
    return use.default is None and use.place.line not in lines and use.place.line > min(lines)


def _mismatch(argument: VariableSetting, uses: list[VariableUse]) -> Mismatch:
    name, path = argument.name, argument.place.path
    places = [(argument.place, "declared before FROM")]
    places += [(use.place, "used in a stage, where it is empty") for use in uses]
    return Mismatch(
        rule_id=RULE.id,
        subject=name,
        message=f"`{name}` is declared before the first `FROM` of {path} only, so it is empty where a "
        "stage uses it.",
        fix=f"Add `ARG {name}` to {path}, after the `FROM` above line {uses[0].place.line}.",
        evidence=evidence(places),
    )


RULE: Final = MismatchRule(
    id="argument-empty-in-stage",
    title="Dockerfile argument that is empty in the stage that uses it",
    severity=Severity.MEDIUM,
    judge=_judge,
    explanation=_EXPLANATION,
    reference="https://docs.docker.com/reference/dockerfile/#understand-how-arg-and-from-interact",
    stage=FixStage.GIVE,
)
