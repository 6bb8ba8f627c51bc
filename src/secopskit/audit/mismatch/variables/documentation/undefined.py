"""Variables that a Compose file takes in without a default, and that nothing tells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.variables.evidence import LIVE_ROLES, evidence
from secopskit.audit.mismatch.variables.names import is_secret_name
from secopskit.audit.model import FixStage, Fold, Mismatch, MismatchRule
from secopskit.collect.ambient_names import is_ambient
from secopskit.collect.assemble.sources import name_sources
from secopskit.collect.facts import ProjectFacts, SettingKind, Stack, UseKind, VariableUse
from secopskit.findings import Severity

_TOLD: Final = (SettingKind.SHELL, SettingKind.WORKFLOW)
_EXPLANATION: Final = """\
Compose puts an empty text in place of a variable that is not set, with a warning that scrolls by: an empty
password, an image without a tag. Nobody can set what no template and no document names.

Wrong: `image: shop:${TAG}` with no `TAG` in `.env.example`.
Right: `TAG=` in `.env.example`, and a default where there is a good one, `${TAG:-1.4}`.

A refusal, `${TAG:?set it in .env}`, is told as low: nothing starts with an empty text, but who sets the
project up hears of one name at a time.

No fault: a variable that a script or a workflow of the project sets, and those that every shell has.
"""


def _judge(project: ProjectFacts) -> Iterator[Mismatch]:
    sources = name_sources(project)
    told = sources.told | {each.name for each in project.settings if each.kind in _TOLD}
    stacks = {path: stack for stack in reversed(project.stacks) for path in stack.files}
    found = defaultdict[tuple[str, str], list[VariableUse]](list)
    whole = set[tuple[str, str]]()
    for use in project.uses:
        if use.kind is not UseKind.COMPOSE or use.role not in LIVE_ROLES:
            continue
        stack = stacks.get(use.place.path)
        key = (use.name, stack.name if stack else use.place.path)
        if use.default is not None:
            whole.add(key)
        elif use.name not in told and not is_ambient(use.name):
            found[key].append(use)
    for key, uses in sorted(found.items()):
        if key not in whole:
            yield _mismatch(key[0], uses, stacks.get(uses[0].place.path))


def _mismatch(name: str, uses: list[VariableUse], stack: Stack | None) -> Mismatch:
    refused = all(use.required for use in uses)
    effect = "Compose refuses to start without it" if refused else "Compose puts an empty text in its place"
    path = uses[0].place.path
    beside = path.rpartition("/")[0]
    template = f"{beside}/.env.example" if beside else ".env.example"
    return Mismatch(
        rule_id=RULE.id,
        subject=name,
        message=f"`{name}` has no default in {path}, and no template or document names it: {effect}.",
        fix=f"Add `{name}=` to {template}; where there is a good default, write it, too: `${{{name}:-…}}`.",
        evidence=evidence(
            (use.place, f"taken in for {use.scope}" if use.scope else "taken in") for use in uses
        ),
        stack=stack.name if stack else "",
        severity=Severity.LOW if refused else None,
        development=bool(stack and stack.development),
        alone=is_secret_name(name) and not refused,
    )


RULE: Final = MismatchRule(
    id="compose-variable-undefined",
    title="Compose variable without default that is documented nowhere",
    severity=Severity.MEDIUM,
    judge=_judge,
    explanation=_EXPLANATION,
    fold=Fold.STACK,
    reference="https://docs.docker.com/reference/compose-file/interpolation/",
    stage=FixStage.GIVE,
)
