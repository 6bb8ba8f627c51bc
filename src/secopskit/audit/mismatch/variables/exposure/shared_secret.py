"""Secrets that two environments have in common."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.variables.environments import environment_of, environment_of_stack
from secopskit.audit.mismatch.variables.evidence import LIVE_ROLES, evidence
from secopskit.audit.mismatch.variables.names import is_filler, is_publishable, is_secret_name
from secopskit.audit.model import FixStage, Mismatch, MismatchRule
from secopskit.collect.facts import ProjectFacts, SettingKind, VariableSetting
from secopskit.collect.value import ConfigValue
from secopskit.findings import Severity

_LEAST: Final = 8
_Held = tuple[str, VariableSetting]
_EXPLANATION: Final = """\
A token that staging signs is good in production if both sign with one key; who gets hold of the lesser
guarded environment has the other.

Wrong: the same `JWT_SECRET` in `.env.staging` and `.env.production`.
Right: one drawn for each environment.

No fault: placeholders, references to a store, keys that are made to be seen, and templates.
"""


def _judge(project: ProjectFacts) -> Iterator[Mismatch]:
    groups = defaultdict[tuple[str, ConfigValue], dict[str, VariableSetting]](dict)
    for environment, setting in _held(project):
        if setting.value is not None and _is_secret(setting, setting.value):
            groups[setting.name, setting.value].setdefault(environment, setting)
    found = [(name, held) for (name, _), held in groups.items() if len(held) > 1]
    for name, held in sorted(found, key=lambda item: (item[0], min(each.place for each in item[1].values()))):
        both = " and ".join(sorted(held))
        yield Mismatch(
            rule_id=RULE.id,
            subject=name,
            message=f"`{name}` is the same in {both}: who has it in one of them has the other.",
            fix=f"Draw a new `{name}` for each of {both}.",
            evidence=evidence(sorted((each.place, f"the value of {where}") for where, each in held.items())),
            severity=None if "production" in held else Severity.MEDIUM,
        )


def _held(project: ProjectFacts) -> Iterator[_Held]:
    for setting in project.settings:
        environment = environment_of(setting.place.path)
        held = setting.kind is SettingKind.DOTENV and not setting.commented
        if held and environment and setting.role in LIVE_ROLES:
            yield environment, setting
    for stack in project.stacks:
        environment = environment_of_stack(stack)
        for service in stack.services if environment and stack.role in LIVE_ROLES else ():
            for setting in service.environment:
                # A base that several overlays share is told by its own path.
                if setting.place.path == stack.files[-1]:
                    yield environment, setting


def _is_secret(setting: VariableSetting, value: ConfigValue) -> bool:
    if not is_secret_name(setting.name) or is_publishable(setting.name):
        return False
    return value.is_literal and len(value) >= _LEAST and not is_filler(setting) and not value.is_weak


RULE: Final = MismatchRule(
    id="secret-shared-by-environments",
    title="Secret that two environments share",
    severity=Severity.HIGH,
    judge=_judge,
    explanation=_EXPLANATION,
    stage=FixStage.REPLACE,
)
