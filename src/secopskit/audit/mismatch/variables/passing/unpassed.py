"""Variables that the code of a service requires and that Compose does not pass to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from secopskit.audit.mismatch.variables.documentation.undocumented import is_tool
from secopskit.audit.mismatch.variables.evidence import counts, evidence
from secopskit.audit.mismatch.variables.names import is_read_by_runtimes
from secopskit.audit.model import FixStage, Mismatch, MismatchRule
from secopskit.collect.assemble.reach import ServiceReach, reaches, within
from secopskit.collect.assemble.sources import NameSources, name_sources, stack_files
from secopskit.collect.facts import FactPlace, FileRole, ProjectFacts, UseKind, VariableUse
from secopskit.findings import Severity

_EXPLANATION: Final = """\
Compose reads `.env` to fill in `${…}` in its own file; it does not hand `.env` to the services. A
variable that is in the template but not under `environment` of the service stays outside the container,
and the program fails, or runs without it.

Wrong: `SMTP_PASSWORD=` in `.env.example`, `os.environ["SMTP_PASSWORD"]` in the code of `api`, and no
`SMTP_PASSWORD` under `services.api.environment`.
Right: `SMTP_PASSWORD: ${SMTP_PASSWORD}` there.

No fault: a service with an `env_file`, a lookup with a default, and a dotenv file that is mounted or that
the component keeps itself.
"""


def _judge(project: ProjectFacts) -> Iterator[Mismatch]:
    sources = name_sources(project)
    all_of = reaches(project, sources)
    seen = set[tuple[str, str, str]]()
    for reach in all_of:
        if not counts(reach.stack) or not _is_judged(reach):
            continue
        twins = [other for other in all_of if _are_twins(reach, other)]
        for name, uses in sorted(_required(reach).items()):
            key = (reach.stack.files[0], reach.service.name, name)
            if (
                key in seen
                or any(name in twin.gets for twin in twins)
                or _keeps_its_own(reach, name, sources)
            ):
                continue
            source = _source(project, sources, reach, name)
            if source is not None:
                seen.add(key)
                yield _mismatch(reach, name, uses, source)


def _is_judged(reach: ServiceReach) -> bool:
    """Whether all that it gets is in sight: no env_file, no mounted dotenv file, no overlay alone."""
    mounted = any(volume.source.rpartition("/")[2].startswith(".env") for volume in reach.service.volumes)
    return not reach.service.env_files and not mounted and reach.dockerfile is not None


def _are_twins(one: ServiceReach, other: ServiceReach) -> bool:
    """Whether they run the same image, or are one service in a base and its overlay."""
    same_image = (one.context, one.build.dockerfile) == (other.context, other.build.dockerfile)
    same_stack = one.stack.files[0] == other.stack.files[0]
    return same_stack and (same_image or one.service.name == other.service.name)


def _required(reach: ServiceReach) -> dict[str, list[VariableUse]]:
    found = dict[str, list[VariableUse]]()
    for use in reach.own:
        if use.kind is not UseKind.CODE or use.role is not FileRole.PRODUCT or is_tool(use.place.path):
            continue
        if use.required and use.default is None and not is_read_by_runtimes(use.name):
            found.setdefault(use.name, []).append(use)
    softened = {use.name for use in reach.uses if use.default is not None}
    return {name: uses for name, uses in found.items() if name not in softened}


def _keeps_its_own(reach: ServiceReach, name: str, sources: NameSources) -> bool:
    """Whether a dotenv file inside the image's files has it, which the program can read by itself."""
    mounts_all = any(
        volume.source.startswith(".") and within(reach.stack.directory, volume.source.strip("./"))
        for volume in reach.service.volumes
    )
    return any(
        name in sources.in_file(path)
        for path in sources.files
        if path in reach.paths and (mounts_all or path.rpartition("/")[0] != reach.stack.directory)
    )


def _source(
    project: ProjectFacts, sources: NameSources, reach: ServiceReach, name: str
) -> tuple[FactPlace, str] | None:
    """Where the variable is, so that it could be passed: the stack's dotenv file, or another service."""
    for path in stack_files(reach.stack, sources, project):
        setting = sources.in_file(path).get(name)
        if setting is not None:
            return setting.place, f"set in {path}"
    for service in reach.stack.services:
        for setting in service.environment:
            if setting.name == name:
                return setting.place, f"given to {service.name}"
    return None


def _mismatch(
    reach: ServiceReach, name: str, uses: Sequence[VariableUse], source: tuple[FactPlace, str]
) -> Mismatch:
    service = reach.service.name
    places: Iterable[tuple[FactPlace, str]] = (
        (uses[0].place, f"{service} requires it"),
        source,
        (reach.service.place, f"{service} is not given it"),
    )
    return Mismatch(
        rule_id=RULE.id,
        subject=f"{service}: {name}",
        message=f"The code of `{service}` requires `{name}`, which is {source[1]} and not passed to it.",
        fix=f"In {reach.service.place.path}, under services.{service}.environment: `{name}: ${{{name}}}`.",
        evidence=evidence(places),
        stack=reach.stack.name,
        development=reach.stack.development,
    )


RULE: Final = MismatchRule(
    id="variable-never-passed",
    title="Variable that a service requires and is not given",
    severity=Severity.HIGH,
    judge=_judge,
    explanation=_EXPLANATION,
    reference="https://docs.docker.com/compose/how-tos/environment-variables/set-environment-variables/",
    stage=FixStage.GIVE,
)
