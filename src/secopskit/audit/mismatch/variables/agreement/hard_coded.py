"""Literals that stand beside the variable which holds the same thing elsewhere in the stack."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.variables.evidence import counts, evidence
from secopskit.audit.mismatch.variables.names import is_secret_name
from secopskit.audit.model import FixStage, Fold, Mismatch, MismatchRule
from secopskit.collect.facts import ProjectFacts, SettingKind, Stack, StackKind, VariableSetting
from secopskit.collect.value import ConfigValue, ValueReference
from secopskit.findings import Severity

_LEAST: Final = 3
_EXPLANATION: Final = """\
One service takes a value from a variable, another one of the same stack has it written out. Who changes the
variable changes one of them.

Wrong: `POSTGRES_DB: ${POSTGRES_DB:-shop}` for the database, `POSTGRES_DB: shop` for the server.
Right: `${POSTGRES_DB:-shop}` in both.

No fault: switches and numbers, which are often alike by chance, and another value than the variable's
default under another name.
"""
_Home = tuple[VariableSetting, ValueReference, str]


def _judge(project: ProjectFacts) -> Iterator[Mismatch]:
    seen = set[tuple[str, int, str]]()
    for stack in project.stacks:
        if stack.kind is not StackKind.COMPOSE or not counts(stack):
            continue
        by_name, by_value = _homes(stack)
        for service in stack.services:
            for setting in service.environment:
                value = setting.value
                if setting.kind is not SettingKind.COMPOSE or value is None or not _is_telling(value):
                    continue
                home = by_name.get((setting.name, value))
                if home is None and is_secret_name(setting.name):
                    home = by_value.get(value)
                key = (*setting.place, setting.name)
                if home is not None and key not in seen and home[0].place != setting.place:
                    seen.add(key)
                    yield _mismatch(stack, setting, service.name, home)


def _homes(stack: Stack) -> tuple[dict[tuple[str, ConfigValue], _Home], dict[ConfigValue, _Home]]:
    """What variables hold by their defaults: by the setting's name, too; secrets by the default."""
    by_name = dict[tuple[str, ConfigValue], _Home]()
    by_value = defaultdict[ConfigValue, list[_Home]](list)
    for service in stack.services:
        for setting in service.environment:
            references = setting.value.references if setting.value is not None else ()
            if len(references) == 1 and references[0].default is not None:
                home = (setting, references[0], service.name)
                by_name.setdefault((setting.name, references[0].default), home)
                if is_secret_name(setting.name):
                    by_value[references[0].default].append(home)
    sure = {
        value: homes[0]
        for value, homes in by_value.items()
        if len({home[1].name for home in homes}) == 1 and not value.is_weak
    }
    return by_name, sure


def _is_telling(value: ConfigValue) -> bool:
    return value.is_literal and len(value) >= _LEAST and not value.shown


def _mismatch(stack: Stack, setting: VariableSetting, service: str, home: _Home) -> Mismatch:
    held, reference, holder = home
    secret = is_secret_name(setting.name)
    return Mismatch(
        rule_id=RULE.id,
        subject=f"{service}: {setting.name}",
        message=f"`{setting.name}` of `{service}` is written out, and `{held.name}` of `{holder}` takes "
        "the same value "
        f"from `{reference.name}`: who changes the variable changes only one of them.",
        fix=f"In {setting.place.path}, under services.{service}.environment: "
        f"`{setting.name}: ${{{reference.name}}}`, with the default as in line {held.place.line}.",
        evidence=evidence([(setting.place, "written out"), (held.place, f"taken from {reference.name}")]),
        stack=stack.name,
        severity=Severity.MEDIUM if secret else None,
        development=stack.development,
        alone=secret,
    )


RULE: Final = MismatchRule(
    id="hard-coded-beside-variable",
    title="Literal where a variable holds the same",
    severity=Severity.LOW,
    judge=_judge,
    explanation=_EXPLANATION,
    fold=Fold.STACK,
    stage=FixStage.JOIN,
)
