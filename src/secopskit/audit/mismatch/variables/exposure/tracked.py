"""Environment files that git tracks, with values in them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import Final

from secopskit.audit.mismatch.variables.documentation.undocumented import is_tool
from secopskit.audit.mismatch.variables.environments import environment_of
from secopskit.audit.mismatch.variables.evidence import LIVE_ROLES, evidence
from secopskit.audit.mismatch.variables.names import is_filler, is_publishable, is_secret_name
from secopskit.audit.model import FixStage, Mismatch, MismatchRule
from secopskit.collect.assemble.templates import is_template_name
from secopskit.collect.facts import ProjectFacts, SettingKind, VariableSetting
from secopskit.findings import Severity

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]", "0.0.0.0"})  # noqa: S104 - compared with
_EXPLANATION: Final = """\
What git tracks is in every clone and stays in the history. An environment file is where people put secrets,
sooner or later also those of production.

Wrong: `.env.production` in git.
Right: `.env.example` in git, `.env*` in `.gitignore`, values in a store of secrets.

Told as less severe where all values are harmless defaults, and where nothing reads the file, so that it
serves as a template. No fault: templates, and files of tests and examples.
"""


def tracked_environments(project: ProjectFacts) -> Iterator[Mismatch]:
    """The environment files that git tracks, one mismatch each, whose subject is the path."""
    files = dict[str, list[VariableSetting]]()
    for setting in project.settings:
        if setting.kind is SettingKind.DOTENV and setting.role in LIVE_ROLES and not setting.commented:
            files.setdefault(setting.place.path, []).append(setting)
    for path, settings in sorted(files.items()):
        made = "{{" in path or "{%" in path  # a template of a whole project
        if path in project.tracked and not made and not is_template_name(path) and not is_tool(path):
            yield from _of_file(path, settings, project)


def _is_template_by_use(path: str, project: ProjectFacts) -> bool:
    """Whether it stands beside what is deployed, no tool reads a file of its name, and no stack does.

    Who deploys copies such a file, and fills in the copy.
    """
    directory, name = posixpath.split(path)
    if name.startswith(".") or environment_of(name):
        return False
    read = {file.path for stack in project.stacks for service in stack.services for file in service.env_files}
    read |= {stack.env_file for stack in project.stacks}
    beside = {stack.directory for stack in project.stacks}
    beside |= {posixpath.dirname(each.path) for each in project.dockerfiles}
    return directory in beside and path not in read


def _of_file(path: str, settings: Sequence[VariableSetting], project: ProjectFacts) -> Iterator[Mismatch]:
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
    if not secrets and any(is_secret_name(each.name) and is_filler(each) for each in filled):
        what += ", but it has placeholders that are to be replaced, and git will track what replaces them"
    drawn = any(setting.value is not None and setting.value.is_drawn for setting in secrets)
    if _is_template_by_use(path, project):
        yield Mismatch(
            rule_id=RULE.id,
            subject=path,
            message=f"{path} is tracked by git, and no stack here reads it: by its use a template, though "
            f"not by its name; {what}.",
            fix=f"Call it {path}.example" + (", and leave its secrets empty." if secrets else "."),
            evidence=evidence([(first.place, f"`{first.name}` has a value")]),
            severity=Severity.MEDIUM if drawn else Severity.LOW,
        )
        return
    is_ignored = path in project.ignored
    yield Mismatch(
        rule_id=RULE.id,
        subject=path,
        message=f"{path} is tracked by git"
        + (", though `.gitignore` names it" if is_ignored else "")
        + f"; {what}.",
        fix=f"`git rm --cached {path}`, "
        + ("" if is_ignored else "add it to `.gitignore`, ")
        + "keep a template with empty values"
        + (", and replace the secrets: they are in the history." if secrets else "."),
        evidence=evidence([(first.place, f"`{first.name}` has a value")]),
        severity=(Severity.HIGH if drawn else Severity.MEDIUM) if secrets else Severity.LOW,
    )


def _is_secret(setting: VariableSetting) -> bool:
    value = setting.value
    if value is None or is_publishable(setting.name) or is_filler(setting):
        return False
    if value.login is not None:
        # What everybody's own machine answers to with a word is nobody's secret.
        return not (value.login.host.lower() in _LOOPBACK and value.login.password.is_weak)
    return is_secret_name(setting.name)


RULE: Final = MismatchRule(
    id="environment-file-tracked",
    title="Environment file that git tracks",
    severity=Severity.MEDIUM,
    judge=tracked_environments,
    explanation=_EXPLANATION,
    stage=FixStage.UNTRACK,
)
