"""Build arguments that Compose gives and the Dockerfile does not take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from secopskit.audit.mismatch.variables.evidence import counts, evidence
from secopskit.audit.mismatch.variables.names import near_name
from secopskit.audit.mismatch.variables.passing.images import is_bare
from secopskit.audit.model import FixStage, Mismatch, MismatchRule
from secopskit.collect.facts import (
    DockerfileFacts,
    FactPlace,
    ProjectFacts,
    Service,
    Stack,
    VariableSetting,
)
from secopskit.findings import Severity
from secopskit.lazy_regex import LazyRegex
from secopskit.named_tuple import NamedTuple

# https://docs.docker.com/reference/dockerfile/#predefined-args
_PREDEFINED: Final = LazyRegex(
    r"(?i)(?:https?|ftp|no|all)_proxy|(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT)"
    r"|BUILDKIT_\w{1,60}|SOURCE_DATE_EPOCH"
    # Switches of Docker's client: no image is built otherwise because of them.
    r"|DOCKER_BUILDKIT|COMPOSE_DOCKER_CLI_BUILD|BUILDX_\w{1,60}"
)


class _Dropped(NamedTuple):
    stack: Stack
    service: Service
    argument: VariableSetting
    dockerfile: DockerfileFacts


_EXPLANATION: Final = """\
Docker gives a build only those arguments that an `ARG` of the Dockerfile names; all others are dropped
with a warning. The image is built without the value.

Wrong: `args: {API_URL: …}` in compose.yml, and no `ARG API_URL` in the Dockerfile.
Right: `ARG API_URL` in the stage that uses it, after its `FROM`.

No fault: arguments that Docker knows itself (`HTTP_PROXY`, `BUILDKIT_INLINE_CACHE`), switches of its client
(`DOCKER_BUILDKIT`), and images that start from one
whose `ONBUILD` instructions may take them.
"""


def _judge(project: ProjectFacts) -> Iterator[Mismatch]:
    dockerfiles = {each.path: each for each in project.dockerfiles}
    found = dict[tuple[str, str], list[_Dropped]]()
    seen = set[FactPlace]()
    for stack in project.stacks:
        for service in stack.services if counts(stack) else ():
            dockerfile = dockerfiles.get(service.build.dockerfile) if service.build else None
            if service.build is None or dockerfile is None or not is_bare(dockerfile):
                continue
            for argument in service.build.args:
                if not _is_taken(argument.name, dockerfile) and argument.place not in seen:
                    seen.add(argument.place)
                    key = (argument.place.path, argument.name)
                    found.setdefault(key, []).append(_Dropped(stack, service, argument, dockerfile))
    for dropped in found.values():
        yield _mismatch(dropped)


def _is_taken(name: str, dockerfile: DockerfileFacts) -> bool:
    return any(each.name == name for each in dockerfile.arguments) or _PREDEFINED.fullmatch(name) is not None


def _mismatch(dropped: Sequence[_Dropped]) -> Mismatch:
    stack, service, argument, dockerfile = dropped[0]
    name = argument.name
    near = near_name(name, {each.name for each in dockerfile.arguments})
    named = f" (it has `ARG {near}`)" if near else ""
    others = f" and {len(dropped) - 1} more services" if len(dropped) > 1 else ""
    places = [(each.argument.place, f"build argument of {each.service.name}") for each in dropped]
    places.insert(1, (dockerfile.stages[-1].place, "no ARG of that name"))
    return Mismatch(
        rule_id=RULE.id,
        subject=name,
        message=f"The build of `{service.name}`{others} is given `{name}`, and {dockerfile.path} has no "
        f"`ARG` of that name{named}: Docker drops it.",
        fix=f"Add `ARG {name}` to {dockerfile.path} after the `FROM` of the stage that uses it, "
        f"or take the argument out of {argument.place.path}.",
        evidence=evidence(places),
        stack=stack.name,
        development=stack.development,
    )


RULE: Final = MismatchRule(
    id="build-argument-without-arg",
    title="Build argument that the Dockerfile does not take",
    severity=Severity.MEDIUM,
    judge=_judge,
    explanation=_EXPLANATION,
    reference="https://docs.docker.com/reference/dockerfile/#arg",
    stage=FixStage.GIVE,
)
