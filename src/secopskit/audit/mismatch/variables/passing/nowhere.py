"""Variables that a service is given and that nothing in its image reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from secopskit.audit.mismatch.variables.evidence import counts, evidence
from secopskit.audit.mismatch.variables.names import (
    is_read_by_dependency,
    is_read_by_runtimes,
    near_name,
)
from secopskit.audit.mismatch.variables.passing.images import is_bare
from secopskit.audit.model import FixStage, Mismatch, MismatchRule
from secopskit.collect.ambient_names import is_ambient
from secopskit.collect.assemble.reach import GivenBy, GivenVariable, ServiceReach, reaches
from secopskit.collect.facts import FactPlace, FileRole, ProjectFacts, UseKind, VariableUse
from secopskit.findings import Severity

_MOST: Final = 1000
"""Variables of one service that are judged."""
_READ: Final = frozenset({UseKind.CODE, UseKind.CONFIG})
_EXPLANATION: Final = """\
A service is built here, it is given a variable, and no file of its image looks that name up: setting it
changes nothing. Most often it is spelt otherwise where it is read, and the program runs with a default.

Wrong: `REDIS_TLS_CA: /certs/ca.pem` in compose.yml, `process.env.REDIS_TLS_CA_PATH` in the code.
Right: the same name in both.

No fault: names that runtimes, frameworks and libraries read (`NODE_ENV`, `PYTHONUNBUFFERED`, `AWS_REGION`),
names that are looked up by a computed name, and images that start from a program's own image.
"""


def _judge(project: ProjectFacts) -> Iterator[Mismatch]:
    all_of = reaches(project)
    shared = _by_place(project, all_of)
    readers = _readers(project)
    seen = set[tuple[FactPlace, str]]()
    for reach in all_of:
        if not counts(reach.stack) or not _is_understood(reach):
            continue
        missing = _missing(reach)
        for given in reach.given[:_MOST]:
            key = (given.place, given.name)
            if given.by is not GivenBy.ENVIRONMENT or key in seen:
                continue
            takers = shared.get(key, [reach])
            meant = missing.get(_meant(given, missing))
            if None in takers or any(_may_read(taker, given.name) for taker in takers if taker):
                continue
            if meant is None and is_read_by_runtimes(given.name):
                continue
            seen.add(key)
            near = meant or missing.get(near_name(given.name, missing, reach.dependencies))
            if near is not None or _is_certain(reach, given.name):
                yield _mismatch(reach, given, near, readers.get(given.name))


def _by_place(
    project: ProjectFacts, all_of: Sequence[ServiceReach]
) -> dict[tuple[FactPlace, str], list[ServiceReach | None]]:
    """Who takes in a line: several services where it is shared. None for one whose image is unknown."""
    known = {
        (reach.stack.name, reach.stack.files, reach.service.name): reach
        for reach in all_of
        if _is_understood(reach)
    }
    found = defaultdict[tuple[FactPlace, str], list[ServiceReach | None]](list)
    for stack in project.stacks:
        for service in stack.services:
            taker = known.get((stack.name, stack.files, service.name))
            for setting in service.environment:
                found[setting.place, setting.name].append(taker)
    return found


def _is_understood(reach: ServiceReach) -> bool:
    """Whether it can be seen what the image reads: a bare base, code that is understood, no relaxed names."""
    return (
        reach.dockerfile is not None
        and is_bare(reach.dockerfile)
        and "jvm" not in reach.ecosystems
        and any(use.kind in _READ and use.role is FileRole.PRODUCT for use in reach.uses)
    )


def _may_read(reach: ServiceReach, name: str) -> bool:
    return (
        "__" in name
        or is_ambient(name)
        or name in reach.reads
        or name in reach.mentioned
        or name in reach.service.command
        or any(each.prefix and name.startswith(each.prefix) for each in reach.dynamic)
        or (reach.dockerfile is not None and name in reach.dockerfile.command)
    )


def _meant(given: GivenVariable, missing: Collection[str]) -> str:
    """The name that it is given the value of (`SENTRY_DSN_URL: ${SENTRY_DSN}`), is like, and is read."""
    sources = {each.name for each in given.value.references} if given.value is not None else set[str]()
    return near_name(given.name, sources.intersection(missing))


def _missing(reach: ServiceReach) -> dict[str, VariableUse]:
    """The first lookup of each name that the service is not given."""
    gets = reach.gets
    return {use.name: use for use in reversed(reach.uses) if use.name not in gets}


def _is_certain(reach: ServiceReach, name: str) -> bool:
    """Whether no computed lookup and no library can be what reads it."""
    return all(each.prefix for each in reach.dynamic) and not is_read_by_dependency(name, reach.dependencies)


def _readers(project: ProjectFacts) -> dict[str, VariableUse]:
    """The first lookup of each name in the code of the product."""
    return {
        use.name: use
        for use in reversed(project.uses)
        if use.kind is UseKind.CODE and use.role is FileRole.PRODUCT
    }


def _mismatch(
    reach: ServiceReach, given: GivenVariable, near: VariableUse | None, elsewhere: VariableUse | None
) -> Mismatch:
    service = reach.service.name
    message = f"`{service}` is given `{given.name}`, and nothing in its image reads it"
    places = [(given.place, f"given to {service}")]
    fix = f"In {given.place.path}, under services.{service}.environment, take `{given.name}` out."
    if near is not None:
        message += f"; its code reads `{near.name}`, which it is not given"
        fix = (
            f"In {given.place.path}, under services.{service}.environment, rename `{given.name}` to "
            f"`{near.name}`."
        )
        places.append((near.place, f"reads {near.name}"))
    elif elsewhere is not None:
        message += "; another component does"
        places.append((elsewhere.place, f"reads {given.name}, and is not part of the image"))
    return Mismatch(
        rule_id=RULE.id,
        subject=given.name,
        message=message + ".",
        fix=fix,
        evidence=evidence(places),
        stack=reach.stack.name,
        severity=Severity.HIGH if near is not None else None,
        development=reach.stack.development,
        alone=near is not None,
    )


RULE: Final = MismatchRule(
    id="variable-goes-nowhere",
    title="Variable that is given to a service which does not read it",
    severity=Severity.MEDIUM,
    judge=_judge,
    explanation=_EXPLANATION,
    stage=FixStage.DROP,
)
