"""Names that one deployed environment has and another lacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from secopskit.audit.mismatch.variables.environments import (
    DEPLOYED,
    environment_of,
    environment_of_stack,
    family_of,
)
from secopskit.audit.mismatch.variables.evidence import LIVE_ROLES, evidence
from secopskit.audit.model import FixStage, Mismatch, MismatchRule
from secopskit.collect.assemble.sources import NameSources, name_sources
from secopskit.collect.facts import FactPlace, ProjectFacts, StackKind
from secopskit.findings import Severity
from secopskit.named_tuple import NamedTuple

_SHOWN: Final = 5
_EXPLANATION: Final = """\
Staging is there to find out what production will do. A variable that only one of them has makes them
differ, and the release that needs it fails where it was not tried.

Wrong: `.env.production` has `SMTP_HOST`, `.env.staging` has not.
Right: both have it, or a base file that both are read with (`.env`).

No fault: development and test files, which are made to differ, and names that a base file has.
"""


class _Side(NamedTuple):
    """What one environment is given. `who` is a file, a service or a job of `path`; `known` it has anyway."""

    who: str
    path: str
    place: FactPlace
    names: Mapping[str, FactPlace]
    known: frozenset[str] = frozenset()


def _judge(project: ProjectFacts) -> Iterator[Mismatch]:
    sources = name_sources(project)
    for sides in (*_files(sources), *_services(project), *_jobs(project, sources)):
        yield from _compared(sides)


def _files(sources: NameSources) -> Iterator[list[_Side]]:
    """Dotenv files, or templates, that differ in the environment's name only."""
    families = defaultdict[tuple[str, ...], dict[str, str]](dict)
    bases = defaultdict[tuple[str, ...], set[str]](set)
    for path, settings in sources.files.items():
        family = ("template" if path in sources.templates else "file", *family_of(path))
        environment = environment_of(path)
        if not environment:
            bases[family].update(sources.in_file(path))
        elif environment in DEPLOYED and settings[0].role in LIVE_ROLES:
            families[family].setdefault(environment, path)
    for family, files in families.items():
        sides = list[_Side]()
        for path in sorted(files.values()):
            names = {name: each.place for name, each in sources.in_file(path).items()}
            sides.append(_Side(path, path, min(names.values()), names, frozenset(bases[family])))
        yield sides


def _services(project: ProjectFacts) -> Iterator[list[_Side]]:
    """Services of Compose files that differ in the environment's name only."""
    groups = defaultdict[tuple[str, ...], dict[str, _Side]](dict)
    for stack in project.stacks:
        environment = environment_of_stack(stack)
        if stack.kind is not StackKind.COMPOSE or stack.role not in LIVE_ROLES or environment not in DEPLOYED:
            continue
        path = stack.files[-1]
        for service in stack.services:
            names = {each.name: each.place for each in service.environment}
            if names and not service.env_files:
                side = _Side(f"`{service.name}` in {path}", path, service.place, names)
                groups[(*family_of(path), service.name)].setdefault(environment, side)
    for _, sides in sorted(groups.items()):
        yield list(sides.values())


def _jobs(project: ProjectFacts, sources: NameSources) -> Iterator[list[_Side]]:
    """Deployments by one job for each environment: in two workflows, or two jobs of one."""
    groups = defaultdict[tuple[str, ...], dict[str, _Side]](dict)
    for job in project.jobs:
        environment = environment_of(job.environment)
        names = {each.name: each.place for each in job.settings}
        if environment not in DEPLOYED or not names:
            continue
        files = [path for path in sources.files if environment_of(path) == environment]
        known = frozenset(name for path in files for name in sources.in_file(path))
        side = _Side(f"the job `{job.name}` of {job.place.path}", job.place.path, job.place, names, known)
        groups[(job.system, *family_of(job.place.path), *family_of(job.name))].setdefault(environment, side)
    for _, sides in sorted(groups.items()):
        yield list(sides.values())


def _compared(sides: list[_Side]) -> Iterator[Mismatch]:
    """A mismatch for each side that lacks names which all of the others have."""
    for side in sorted(sides, key=lambda each: each.who):
        others = [other for other in sides if other is not side]
        if others and all(other.names for other in sides):
            missing = set.intersection(*(set(other.names) for other in others)) - set(side.names) - side.known
            if missing:
                yield _mismatch(side, others[0], sorted(missing))


def _mismatch(side: _Side, other: _Side, missing: list[str]) -> Mismatch:
    shown = ", ".join(f"`{name}`" for name in missing[:_SHOWN])
    more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    places = [(other.names[name], f"{name} is here") for name in missing]
    places.append((side.place, "and not here"))
    return Mismatch(
        rule_id=RULE.id,
        subject=side.who.replace("`", ""),
        message=f"{side.who[:1].upper() + side.who[1:]} lacks {shown}{more}, which {other.who} has: the two "
        "environments differ.",
        fix=f"Give {side.who} {shown}{more}, or take it out of {other.who}.",
        evidence=evidence(places),
    )


RULE: Final = MismatchRule(
    id="environments-differ",
    title="Variable that one environment has and another lacks",
    severity=Severity.MEDIUM,
    judge=_judge,
    explanation=_EXPLANATION,
    stage=FixStage.GIVE,
)
