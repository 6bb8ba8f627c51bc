"""Templates that hold a value somebody uses, where a placeholder belongs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.variables.evidence import LIVE_ROLES, evidence
from secopskit.audit.mismatch.variables.names import is_publishable, is_secret_name
from secopskit.audit.model import FixStage, Mismatch, MismatchRule
from secopskit.collect.facts import ProjectFacts, SettingKind, VariableSetting
from secopskit.collect.value import ConfigValue
from secopskit.findings import Severity

_LEAST: Final = 12
# The account of Azure's storage emulator, whose key is printed in its manual:
# https://learn.microsoft.com/azure/storage/common/storage-use-azurite
_EMULATOR: Final = ConfigValue(b"devstoreaccount1")
_EXPLANATION: Final = """\
A template is committed and copied. A key in it is either somebody's real one, known to all who can read the
repository, or it becomes the key of everybody who copies the template and changes nothing.

Wrong: a signing key of 64 hexadecimal digits in `.env.example`.
Right: `JWT_SECRET=` with a comment: `# openssl rand -hex 32`.

No fault: placeholders (`changeme`, `<your key>`), words, and keys that are made to be seen.
"""


def _judge(project: ProjectFacts) -> Iterator[Mismatch]:
    templates = [each for each in project.settings if each.kind is SettingKind.TEMPLATE]
    emulated = {each.place.path for each in templates if each.value == _EMULATOR}
    found = [
        setting
        for setting in templates
        if setting.role in LIVE_ROLES and setting.place.path not in emulated and _is_real(setting)
    ]
    for setting in sorted(found, key=lambda each: each.place):
        yield Mismatch(
            rule_id=RULE.id,
            subject=setting.name,
            message=f"`{setting.name}` has a value in the template that looks like one in use: who "
            "copies the "
            "template shares it with everybody who can read the repository.",
            fix=f"Write `{setting.name}=` with a comment on how to make one, and replace it wherever it "
            "is in use.",
            evidence=evidence([(setting.place, "a value that looks drawn, in a template")]),
        )


def _is_real(setting: VariableSetting) -> bool:
    value = setting.value
    if value is None or not value.is_literal or is_publishable(setting.name):
        return False
    login = value.login
    if login is not None:
        return _is_drawn(login.password)
    return is_secret_name(setting.name) and _is_drawn(value)


def _is_drawn(value: ConfigValue) -> bool:
    return len(value) >= _LEAST and not value.is_placeholder and not value.is_weak and value.is_drawn


RULE: Final = MismatchRule(
    id="template-holds-secret",
    title="Template with a real value",
    severity=Severity.HIGH,
    judge=_judge,
    explanation=_EXPLANATION,
    stage=FixStage.REPLACE,
)
