"""Environment files that git tracks, with values in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from secopskit.audit.mismatch.variables.documentation.undocumented import is_tool
from secopskit.audit.mismatch.variables.evidence import LIVE_ROLES, evidence
from secopskit.audit.mismatch.variables.names import is_filler, is_publishable, is_secret_name
from secopskit.audit.model import FixStage, Mismatch, MismatchRule
from secopskit.collect.assemble.templates import is_template_name
from secopskit.collect.facts import ProjectFacts, SettingKind, VariableSetting
from secopskit.findings import Severity

_EXPLANATION: Final = """\
What git tracks is in every clone and stays in the history. An environment file is where people put secrets,
sooner or later also those of production.

Wrong: `.env.production` in git.
Right: `.env.example` in git, `.env*` in `.gitignore`, values in a store of secrets.

Told as less severe where all values are harmless defaults. No fault: templates, and files of tests and
examples.
"""


def _judge(project: ProjectFacts) -> Iterator[Mismatch]:
    files = dict[str, list[VariableSetting]]()
    for setting in project.settings:
        if setting.kind is SettingKind.DOTENV and setting.role in LIVE_ROLES and not setting.commented:
            files.setdefault(setting.place.path, []).append(setting)
    for path, settings in sorted(files.items()):
        made = "{{" in path or "{%" in path  # a template of a whole project
        if path in project.tracked and not made and not is_template_name(path) and not is_tool(path):
            yield from _of_file(path, settings)


def _of_file(path: str, settings: Sequence[VariableSetting]) -> Iterator[Mismatch]:
    filled = [setting for setting in settings if setting.value is not None and setting.value.is_literal]
    secrets = [setting for setting in filled if _is_secret(setting)]
    if not filled:
        return
    first = secrets[0] if secrets else filled[0]
    verb = "is that" if len(secrets) == 1 else "are those"
    what = (
        f"{len(secrets)} of its {len(settings)} values {verb} of a secret"
        if secrets
        else "no value in it looks like a secret in use yet"
    )
    drawn = any(setting.value is not None and setting.value.is_drawn for setting in secrets)
    yield Mismatch(
        rule_id=RULE.id,
        subject=path,
        message=f"{path} is tracked by git; {what}.",
        fix=f"`git rm --cached {path}`, add it to `.gitignore`, keep a template with empty values"
        + (", and replace the secrets: they are in the history." if secrets else "."),
        evidence=evidence([(first.place, f"`{first.name}` has a value")]),
        severity=(Severity.HIGH if drawn else Severity.MEDIUM) if secrets else Severity.LOW,
    )


def _is_secret(setting: VariableSetting) -> bool:
    value = setting.value
    if value is None or is_publishable(setting.name) or is_filler(setting):
        return False
    return is_secret_name(setting.name) or value.login is not None


RULE: Final = MismatchRule(
    id="environment-file-tracked",
    title="Environment file that git tracks",
    severity=Severity.MEDIUM,
    judge=_judge,
    explanation=_EXPLANATION,
    stage=FixStage.UNTRACK,
)
