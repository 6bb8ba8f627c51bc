"""Variables that a service requires, or that are set for it, and that Compose does not pass to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from secopskit.audit.mismatch.variables.documentation.undocumented import is_tool
from secopskit.audit.mismatch.variables.evidence import LIVE_ROLES, counts, evidence
from secopskit.audit.mismatch.variables.names import is_public_name, is_read_by_runtimes
from secopskit.audit.model import FixStage, Mismatch, MismatchRule
from secopskit.collect.ambient_names import is_ambient
from secopskit.collect.assemble.reach import ServiceReach, reaches, within
from secopskit.collect.assemble.sources import NameSources, name_sources, stack_files
from secopskit.collect.assemble.templates import template_of
from secopskit.collect.facts import FactPlace, FileRole, ProjectFacts, UseKind, VariableUse
from secopskit.findings import Severity

_EXPLANATION: Final = """\
Compose reads `.env` to fill in `${…}` in its own file; it does not hand `.env` to the services. A
variable that is in the template but not under `environment` of the service stays outside the container,
and the program fails, or runs without it.

Wrong: `SMTP_PASSWORD=` in `.env.example`, `os.environ["SMTP_PASSWORD"]` in the code of `api`, and no
`SMTP_PASSWORD` under `services.api.environment`.
Right: `SMTP_PASSWORD: ${SMTP_PASSWORD}` there.

Told as less severe: what the configuration of a proxy takes in, and a setting with a default whose family
arrives (`SMTP_HOST` and `SMTP_USER` do, `SMTP_PORT` does not).

No fault: a service with an `env_file`, other lookups with a default, and a dotenv file that is mounted or
that the image has.
"""
_READ: Final = frozenset({UseKind.CODE, UseKind.CONFIG})
_LEAST_FAMILY: Final = 2
_LARGEST_FAMILY: Final = 12
"""More settings begin alike where they begin with the product's name, which says nothing of them."""
_WHOLE: Final = frozenset({".", "app", "src", "repo", "workspace", "code", "usr", "srv"})
"""Last parts of what an image is given as a whole: all files of a program, those that git ignores too."""
_Source = tuple[FactPlace, str]


def _judge(project: ProjectFacts) -> Iterator[Mismatch]:
    sources = name_sources(project)
    all_of = reaches(project, sources)
    seen = set[tuple[str, str, str]]()
    for reach in all_of:
        if not counts(reach.stack) or not _is_judged(reach):
            continue
        gets = reach.gets.union(*(other.gets for other in all_of if _are_twins(reach, other)))
        files = stack_files(reach.stack, sources, project, similar=True)
        arriving = reach.gets.union(*(each.gets for each in all_of if _is_part(reach, each)))
        for mismatch in (
            *_without(project, sources, reach, gets, files),
            *_optional(sources, reach, arriving, files),
        ):
            key = (reach.stack.files[0], reach.service.name, mismatch.subject)
            if key not in seen:
                seen.add(key)
                yield mismatch


def _without(
    project: ProjectFacts,
    sources: NameSources,
    reach: ServiceReach,
    gets: frozenset[str],
    files: Sequence[str],
) -> Iterator[Mismatch]:
    """What the service cannot do without."""
    for name, uses in sorted(_required(reach).items()):
        if name in gets or _keeps_its_own(reach, name, sources):
            continue
        source = (
            _in_files(files, sources, name)
            or _beside(reach, name)
            or _in_component(project, sources, reach, name)
        )
        if source is not None:
            yield _mismatch(reach, name, uses, source)


def _optional(
    sources: NameSources, reach: ServiceReach, gets: frozenset[str], files: Sequence[str]
) -> Iterator[Mismatch]:
    """What the stack's dotenv file sets for a service that reads it, and that does not arrive.

    Of code, only a setting most of whose family arrives: the others are as often for another program.
    """
    configured = {use.name for use in reach.own if use.kind is UseKind.CONFIG and use.role in LIVE_ROLES}
    found = dict[str, list[VariableUse]]()
    for use in reach.own:
        if use.kind in _READ and use.role is FileRole.PRODUCT and not is_tool(use.place.path):
            found.setdefault(use.name, []).append(use)
    required = _required(reach)
    for name, uses in sorted(found.items()):
        if name in required or name in gets or is_ambient(name) or _keeps_its_own(reach, name, sources):
            continue
        source = _in_files(files, sources, name, commented=False)
        if source is None or not (name in configured or _is_left_out(name, found, gets, sources, source[0])):
            continue
        yield _mismatch(reach, name, uses, source, needed=False)


def _is_left_out(
    name: str, read: Collection[str], gets: frozenset[str], sources: NameSources, place: FactPlace
) -> bool:
    """Whether most of the few settings that begin as `name` does, and are read, do arrive."""
    if is_read_by_runtimes(name) or is_public_name(name):
        return False
    first = name.partition("_")[0] + "_"
    family = {each for each in read if each.startswith(first)}
    given = family & gets
    left = (family & sources.in_file(place.path, commented=False).keys()) - gets
    return len(family) <= _LARGEST_FAMILY and len(given) >= _LEAST_FAMILY and len(given) > len(left)


def _is_judged(reach: ServiceReach) -> bool:
    """Whether all that it gets is in sight: no env_file, no mounted dotenv file, no overlay alone."""
    mounted = any(volume.source.rpartition("/")[2].startswith(".env") for volume in reach.service.volumes)
    return not reach.service.env_files and not mounted and reach.dockerfile is not None


def _are_twins(one: ServiceReach, other: ServiceReach) -> bool:
    """Whether they run the same image, or are one service in a base and its overlay."""
    same_image = (one.context, one.build.dockerfile) == (other.context, other.build.dockerfile)
    same_stack = one.stack.files[0] == other.stack.files[0]
    return same_stack and (same_image or one.service.name == other.service.name)


def _is_part(one: ServiceReach, other: ServiceReach) -> bool:
    """Whether they are twins, and whoever starts the other starts all files of the one's stack."""
    return _are_twins(one, other) and set(one.stack.files) <= set(other.stack.files)


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
    """Whether a dotenv file inside the image's files has it, which the program can read by itself.

    A template stands for one where the directory as it is gets into the container.
    """
    mounts_all = any(
        volume.source.startswith(".") and within(reach.stack.directory, volume.source.strip("./"))
        for volume in reach.service.volumes
    )
    return any(
        name in sources.in_file(path)
        for path in sources.files
        if path in reach.paths
        and (mounts_all or path.rpartition("/")[0] != reach.stack.directory)
        and (mounts_all or path not in sources.templates or _may_ship(reach, path.rpartition("/")[0]))
    )


def _may_ship(reach: ServiceReach, directory: str) -> bool:
    """Whether the image, or a mount, has the files of `directory` as they stand here."""
    if any(
        within(directory, volume.source.strip("./"))
        for volume in reach.service.volumes
        if "./" in volume.source
    ):
        return True
    if reach.dockerfile is None or reach.build.target:
        return True
    names = {*directory.split("/"), *_WHOLE}
    return any("*" in path or path.rpartition("/")[2] in names for path in reach.dockerfile.shipped)


def _in_files(
    files: Sequence[str], sources: NameSources, name: str, *, commented: bool = True
) -> _Source | None:
    """Where the variable is in the stack's own dotenv file, or the template that stands for it."""
    for path in files:
        setting = sources.in_file(path, commented=commented).get(name)
        if setting is not None:
            return setting.place, f"set in {path}"
    return None


def _beside(reach: ServiceReach, name: str) -> _Source | None:
    """Another service of the stack that is given it."""
    for service in reach.stack.services:
        for setting in service.environment:
            if setting.name == name:
                return setting.place, f"given to {service.name}"
    return None


def _in_component(
    project: ProjectFacts, sources: NameSources, reach: ServiceReach, name: str
) -> _Source | None:
    """The template of the component itself: who deploys it with Compose fills in another file."""
    if not reach.component or reach.component == reach.stack.directory or is_public_name(name):
        return None
    path = template_of(f"{reach.component}/.env", project.paths)
    setting = sources.in_file(path, commented=False).get(name)
    return None if setting is None else (setting.place, f"told in {path}")


def _mismatch(
    reach: ServiceReach, name: str, uses: Sequence[VariableUse], source: _Source, *, needed: bool = True
) -> Mismatch:
    service = reach.service.name
    verb = "requires" if needed else "reads"
    places: Iterable[tuple[FactPlace, str]] = (
        (uses[0].place, f"{service} {verb} it"),
        source,
        (reach.service.place, f"{service} is not given it"),
    )
    what = f"The code of `{service}`" if uses[0].kind is UseKind.CODE else f"The configuration of `{service}`"
    return Mismatch(
        rule_id=RULE.id,
        subject=f"{service}: {name}",
        message=f"{what} {verb} `{name}`, which is {source[1]} and not passed to it"
        + ("." if needed else ": to set it there changes nothing."),
        fix=f"In {reach.service.place.path}, under services.{service}.environment: `{name}: ${{{name}}}`.",
        evidence=evidence(places),
        stack=reach.stack.name,
        severity=None if needed else Severity.MEDIUM,
        development=reach.stack.development,
    )


RULE: Final = MismatchRule(
    id="variable-never-passed",
    title="Variable that a service reads and is not given",
    severity=Severity.HIGH,
    judge=_judge,
    explanation=_EXPLANATION,
    reference="https://docs.docker.com/compose/how-tos/environment-variables/set-environment-variables/",
    stage=FixStage.GIVE,
)
