"""Files that `env_file` names, that are not there and that no template stands for."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.variables.evidence import counts, evidence
from secopskit.audit.model import FixStage, Mismatch, MismatchRule
from secopskit.collect.assemble.templates import like_templates, template_of
from secopskit.collect.facts import FactPlace, ProjectFacts
from secopskit.findings import Severity

# Portainer writes it beside the stack, https://docs.portainer.io/user/docker/stacks/add
_MADE: Final = frozenset({"stack.env"})
_EXPLANATION: Final = """\
Compose refuses to start a service whose `env_file` is missing. Who clones the project has to make the file,
and nothing says what belongs into it.

Wrong: `env_file: .env.api`, and neither `.env.api` nor a template of it in the repository.
Right: a template beside it, `.env.api.example`; or `required: false` where it may be missing.

No fault: a template whose name says what it is for, a template of some other name in the same directory,
a file that a script or a workflow of the project writes, and one that a platform writes (Portainer's
`stack.env`).
"""


def _judge(project: ProjectFacts) -> Iterator[Mismatch]:
    told = _told(project)
    seen = set[FactPlace]()
    for stack in project.stacks:
        for service in stack.services if counts(stack) else ():
            for file in service.env_files:
                if not file.required or file.place in seen or not _is_missing(file.path, project, told):
                    continue
                seen.add(file.place)
                yield Mismatch(
                    rule_id=RULE.id,
                    subject=file.path,
                    message=f"`{service.name}` takes its environment from {file.path}, which is not "
                    "there, and no "
                    "template says what belongs into it: Compose refuses to start.",
                    fix=f"Add a template, {file.path}.example, with the names that `{service.name}` needs.",
                    evidence=evidence([(file.place, f"env_file of {service.name}")]),
                    stack=stack.name,
                    development=stack.development,
                )


def _told(project: ProjectFacts) -> str:
    """What workflows and manifests run: who writes a file names it there."""
    commands = [command.text for job in project.jobs for command in job.commands]
    commands += [text for manifest in project.manifests for _, text in manifest.scripts]
    return "\n".join(commands)


def _is_missing(path: str, project: ProjectFacts, told: str) -> bool:
    if not path or "$" in path or path.startswith(("/", "../")) or path in project.paths:
        return False
    directory, name = posixpath.split(path)
    around = {directory, posixpath.dirname(directory), ""}
    return (
        name not in _MADE
        and not template_of(path, project.paths)
        and not any(like_templates(each, project.paths) for each in around)
        and name not in told
    )


RULE: Final = MismatchRule(
    id="env-file-missing",
    title="Missing env_file without a template",
    severity=Severity.MEDIUM,
    judge=_judge,
    explanation=_EXPLANATION,
    reference="https://docs.docker.com/reference/compose-file/services/#env_file",
    stage=FixStage.GIVE,
)
