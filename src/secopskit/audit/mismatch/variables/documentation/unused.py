"""Names that a template tells and that nobody reads, passes on or takes in."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.variables.evidence import LIVE_ROLES, counts, evidence
from secopskit.audit.mismatch.variables.names import (
    is_read_by_dependency,
    is_read_by_runtimes,
    near_name,
)
from secopskit.audit.model import FixStage, Fold, Mismatch, MismatchRule
from secopskit.collect.ambient_names import is_ambient
from secopskit.collect.assemble.reach import within
from secopskit.collect.assemble.sources import NameSources, name_sources, stack_files
from secopskit.collect.assemble.templates import template_of
from secopskit.collect.facts import (
    FileRole,
    ProjectFacts,
    Stack,
    StackKind,
    UseKind,
    VariableSetting,
)
from secopskit.findings import Severity

_EXPLANATION: Final = """\
Who fills in the template believes that the value does something. Often the variable was renamed in the code
only, and the new name is set by nobody.

Wrong: `.env.example` has `REDIS_TLS_CA=`, the code reads `REDIS_TLS_CA_PATH`.
Right: the template has the name that is read, or the line is gone.

No fault: names that go to an image which is not built here (`env_file`), those that runtimes, frameworks
and libraries read themselves, and those that the code looks up by a computed name.

Of a dotenv file that only Compose reads, each name is told that its stack does not take in, though another
stack of the project may.
"""


def _judge(project: ProjectFacts) -> Iterator[Mismatch]:
    sources = name_sources(project)
    if any(each.ecosystem == "jvm" for each in project.manifests):
        return  # Spring and its like read names that are spelt otherwise in the code
    used = {use.name for use in project.uses}
    read = used | _mentioned(project)
    untold = sorted(used - sources.names)
    dependencies = frozenset[str]().union(*(each.dependencies for each in project.manifests))
    prefixes = {each.prefix for each in project.dynamic if each.role in LIVE_ROLES}
    yield from _of_stacks(project, sources)
    for path, settings in sources.templates.items():
        if not _is_judged(path, project, sources):
            continue
        for setting in _unique(settings):
            name = setting.name
            if name in read or is_read_by_runtimes(name) or "__" in name or _is_passed(name, sources):
                continue
            if any(prefix and name.startswith(prefix) for prefix in prefixes):
                continue
            near = near_name(name, untold, dependencies)
            if near or ("" not in prefixes and not is_read_by_dependency(name, dependencies)):
                yield _mismatch(setting, near)


def _of_stacks(project: ProjectFacts, sources: NameSources) -> Iterator[Mismatch]:
    """Names of dotenv files that only Compose reads, for images from elsewhere, and does not take in."""
    readers = defaultdict[str, list[Stack]](list)
    for stack in project.stacks:
        if stack.kind is StackKind.COMPOSE:
            for path in stack_files(stack, sources, project):
                readers[path].append(stack)
    for path, stacks in sorted(readers.items()):
        if path in sources.templates or not _is_for_compose(path, stacks, project):
            continue
        taken = _taken_in(path, stacks, project)
        for setting in _unique(sources.files[path]):
            if not (setting.commented or setting.name in taken or is_ambient(setting.name)):
                yield _mismatch(setting, "", f"the stack of {stacks[0].files[0]}")


def _is_for_compose(path: str, stacks: list[Stack], project: ProjectFacts) -> bool:
    """Whether nobody but Compose can read it: no program beside it, no service that is built or given it."""
    directory = posixpath.dirname(path)
    services = [service for stack in stacks for service in stack.services]
    given = any(file.path == path for service in services for file in service.env_files)
    mounted = any(
        volume.source.startswith(".") and within(path, posixpath.normpath(volume.source).removeprefix("."))
        for service in services
        for volume in service.volumes
    )
    built = any(service.build is not None for service in services)
    beside = any(
        use.kind in (UseKind.CODE, UseKind.SHELL) and within(use.place.path, directory)
        for use in project.uses
    )
    return not (given or mounted or built or beside) and all(map(counts, stacks))


def _taken_in(path: str, stacks: list[Stack], project: ProjectFacts) -> set[str]:
    """What the files of the stacks take in, what services are passed by name, and what stands beside them."""
    files = {file for stack in stacks for file in stack.files}
    directory = posixpath.dirname(path)
    taken = {use.name for use in project.uses if use.place.path in files}
    for stack in stacks:
        for service in stack.services:
            taken.update(each.name for each in service.environment if each.value is None)
    for each in project.mentions:
        if not each.prose and each.path != path and within(each.path, directory):
            taken |= each.names
    for setting in project.settings:
        if setting.place.path == path and setting.value is not None:
            taken.update(each.name for each in setting.value.references)
    return taken


def _unique(settings: tuple[VariableSetting, ...]) -> tuple[VariableSetting, ...]:
    return tuple({setting.name: setting for setting in reversed(settings)}.values())[::-1]


def _mentioned(project: ProjectFacts) -> set[str]:
    return {name for each in project.mentions if not each.prose for name in each.names}


def _is_passed(name: str, sources: NameSources) -> bool:
    """Whether a service, a manifest or a workflow is given the name: whether it reads it, others judge."""
    return name in sources.settings


def _is_judged(path: str, project: ProjectFacts, sources: NameSources) -> bool:
    """Whether those who read the template can be seen: a Compose file beside it, or code below."""
    if sources.templates[path][0].role is not FileRole.PRODUCT:
        return False
    directory = posixpath.dirname(path)
    stacks = [stack for stack in project.stacks if stack.kind is StackKind.COMPOSE]
    for stack in stacks:
        for service in stack.services:
            for file in service.env_files:
                stands_for = file.path == path or template_of(file.path, project.paths) == path
                if stands_for and (service.build is None or service.build.context is None):
                    return False
    beside = any(stack.directory == directory for stack in stacks)
    below = any(use.role is FileRole.PRODUCT and within(use.place.path, directory) for use in project.uses)
    return beside or below


def _mismatch(setting: VariableSetting, near: str, stack: str = "") -> Mismatch:
    name = setting.name
    if stack:
        message = f"`{name}` is set in {setting.place.path}, and {stack} does not take it in."
        fix = f"Take `{name}` out of {setting.place.path}, or give it to the service that it is for."
    elif near:
        message = (
            f"`{name}` is in the template and read by nothing; what is read is `{near}`, which no "
            "template has."
        )
        fix = f"Rename `{name}` to `{near}` in {setting.place.path}."
    else:
        message = f"`{name}` is in the template, and nothing here reads it, passes it on or takes it in."
        fix = f"Take `{name}` out of {setting.place.path}, or read it."
    text = "commented out in the template" if setting.commented else "in the template"
    text = "set, for Compose alone" if stack else text
    return Mismatch(
        rule_id=RULE.id,
        subject=name,
        message=message,
        fix=fix,
        evidence=evidence([(setting.place, text)]),
        severity=Severity.MEDIUM if near and not setting.commented else None,
        alone=bool(near),
    )


RULE: Final = MismatchRule(
    id="documented-but-unused",
    title="Variable in a template that nothing reads",
    severity=Severity.LOW,
    judge=_judge,
    explanation=_EXPLANATION,
    fold=Fold.PROJECT,
    stage=FixStage.DROP,
)
