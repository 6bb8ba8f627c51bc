"""Defaults that differ: between two places that take in one variable, and between template and Compose."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.variables.evidence import LIVE_ROLES, evidence
from secopskit.audit.mismatch.variables.names import is_secret_name
from secopskit.audit.model import Fold, Mismatch, MismatchRule
from secopskit.collect.assemble.sources import NameSources, name_sources, stack_files
from secopskit.collect.facts import (
    FactPlace,
    ProjectFacts,
    Stack,
    StackKind,
    UseKind,
    VariableSetting,
    VariableUse,
)
from secopskit.collect.value import ConfigValue
from secopskit.findings import Severity

_EXPLANATION: Final = """\
A default is what counts for everybody who sets nothing. Where two services of a stack take in one
variable with two defaults, they disagree until somebody sets it. Where the template tells another default
than Compose has, who does not copy it gets something else than who does.

Wrong: `${POSTGRES_DB:-app}` for the database and `${POSTGRES_DB:-postgres}` for the server that connects
to it.
Right: one default, written once (`x-db: &db …`) or the same everywhere.

No fault: an empty default, a placeholder in a template, and values that depend on the environment.
"""


def _judge(project: ProjectFacts) -> Iterator[Mismatch]:
    sources = name_sources(project)
    by_file = defaultdict[str, list[VariableUse]](list)
    for use in project.uses:
        if use.kind is UseKind.COMPOSE and use.role in LIVE_ROLES and _says(use.default):
            by_file[use.place.path].append(use)
    seen = set[tuple[str, str]]()
    for stack in project.stacks:
        if stack.kind is not StackKind.COMPOSE or stack.role not in LIVE_ROLES:
            continue
        uses = defaultdict[str, list[VariableUse]](list)
        for path in stack.files:
            for use in by_file.get(path, ()):
                uses[use.name].append(use)
        for name, found in sorted(uses.items()):
            if (stack.files[0], name) not in seen:
                for mismatch in _of_name(project, sources, stack, found):
                    seen.add((stack.files[0], name))
                    yield mismatch


def _says(value: ConfigValue | None) -> bool:
    return value is not None and value.is_literal


def _of_name(
    project: ProjectFacts, sources: NameSources, stack: Stack, uses: list[VariableUse]
) -> Iterator[Mismatch]:
    first = uses[0]
    other = next((use for use in uses if use.place.path == first.place.path and _differ(use, first)), None)
    if other is not None:
        yield _mismatch(
            stack,
            first,
            [
                (first.place, _shown("default", first.default)),
                (other.place, _shown("default", other.default)),
            ],
            f"`{first.name}` has two defaults in {first.place.path}: until it is set, services disagree "
            "about it.",
            f"Write one default for `{first.name}` in {first.place.path}.",
            Severity.MEDIUM,
        )
        return
    for path in stack_files(stack, sources, project):
        setting = sources.in_file(path).get(first.name)
        if path in sources.templates and setting is not None and _contradicts(setting, first):
            yield _mismatch(
                stack,
                first,
                [
                    (setting.place, _shown("in the template", setting.value)),
                    (first.place, _shown("default", first.default)),
                ],
                f"{posixpath.basename(path)} has another value of `{first.name}` than the default in "
                f"{first.place.path}: with the template and without it, the stack is not the same.",
                f"Write the default of {first.place.path} into {path}, or the other way round.",
                None,
            )


def _differ(one: VariableUse, other: VariableUse) -> bool:
    if one.default is None or other.default is None or one.default == other.default:
        return False
    # Of one server, services and browsers may need different addresses.
    return not (one.default.is_url and other.default.is_url)


def _contradicts(setting: VariableSetting, use: VariableUse) -> bool:
    value, default = setting.value, use.default
    if value is None or default is None or not value.is_literal or value.is_placeholder:
        return False
    if is_secret_name(setting.name) or value.is_url or default.is_url or value == default:
        return False
    if value.shown and default.shown:
        return value.shown.lower() != default.shown.lower()
    # Of other texts, a commented line shows an example; of a word or number, the default.
    return not setting.commented


def _shown(text: str, value: ConfigValue | None) -> str:
    return f"{text}: {value.shown}" if value is not None and value.shown else text


def _mismatch(
    stack: Stack,
    use: VariableUse,
    places: list[tuple[FactPlace, str]],
    message: str,
    fix: str,
    severity: Severity | None,
) -> Mismatch:
    return Mismatch(
        rule_id=RULE.id,
        subject=use.name,
        message=message,
        fix=fix,
        evidence=evidence(places),
        stack=stack.name,
        severity=severity,
        development=stack.development,
        alone=severity is not None,
    )


RULE: Final = MismatchRule(
    id="defaults-differ",
    title="Two defaults for one variable",
    severity=Severity.LOW,
    judge=_judge,
    explanation=_EXPLANATION,
    fold=Fold.PROJECT,
)
