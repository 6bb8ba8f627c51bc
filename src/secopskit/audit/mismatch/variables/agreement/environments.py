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
from secopskit.audit.model import Mismatch, MismatchRule
from secopskit.collect.assemble.sources import name_sources
from secopskit.collect.facts import FactPlace, ProjectFacts, Service, SettingKind, StackKind
from secopskit.findings import Severity

_SHOWN: Final = 5
_Names = Mapping[str, FactPlace]
_EXPLANATION: Final = """\
Staging is there to find out what production will do. A variable that only one of them has makes them
differ, and the release that needs it fails where it was not tried.

Wrong: `.env.production` has `SMTP_HOST`, `.env.staging` has not.
Right: both have it, or a base file that both are read with (`.env`).

No fault: development and test files, which are made to differ, and names that a base file has.
"""


def _judge(project: ProjectFacts) -> Iterator[Mismatch]:
    yield from _of_files(project)
    yield from _of_services(project)


def _of_files(project: ProjectFacts) -> Iterator[Mismatch]:
    sources = name_sources(project)
    families = defaultdict[tuple[object, ...], dict[str, str]](dict)
    for path, settings in sources.files.items():
        environment = environment_of(path)
        if environment in DEPLOYED and settings[0].role in LIVE_ROLES:
            kind = path in sources.templates
            families[(*family_of(path), kind)].setdefault(environment, path)
    for family, files in sorted(families.items(), key=lambda item: sorted(item[1].values())):
        base = {
            name
            for path in sources.files
            if (*family_of(path), path in sources.templates) == family and not environment_of(path)
            for name in sources.in_file(path)
        }
        named = {
            path: {name: each.place for name, each in sources.in_file(path).items() if name not in base}
            for path in files.values()
        }
        yield from _compared(named, "")


def _of_services(project: ProjectFacts) -> Iterator[Mismatch]:
    groups = defaultdict[tuple[str, str, str], dict[str, _Names]](dict)
    kinds = (SettingKind.COMPOSE,)
    for stack in project.stacks:
        environment = environment_of_stack(stack)
        if stack.kind is not StackKind.COMPOSE or stack.role not in LIVE_ROLES or environment not in DEPLOYED:
            continue
        for service in stack.services:
            if service.environment and not service.env_files:
                path = stack.files[-1]
                key = ("/".join(family_of(path)), stack.directory, service.name)
                groups[key].setdefault(path, _names(service, kinds))
    for (_, _, name), named in sorted(groups.items()):
        yield from _compared(named, name)


def _names(service: Service, kinds: tuple[SettingKind, ...]) -> _Names:
    return {each.name: each.place for each in service.environment if each.kind in kinds}


def _compared(named: Mapping[str, _Names], service: str) -> Iterator[Mismatch]:
    """A mismatch for each file that lacks names which all of the others have."""
    for path, names in sorted(named.items()):
        others = [other for where, other in sorted(named.items()) if where != path]
        if not others or not names or any(not other for other in others):
            continue
        missing = set.intersection(*(set(other) for other in others)) - set(names)
        if missing:
            yield _mismatch(path, names, {name: others[0][name] for name in sorted(missing)}, service)


def _mismatch(path: str, names: _Names, missing: _Names, service: str) -> Mismatch:
    shown = ", ".join(f"`{name}`" for name in list(missing)[:_SHOWN])
    more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    other = next(iter(missing.values())).path
    subject = f"`{service}` in {path}" if service else path
    lines = ", ".join(f"`{name}=`" for name in list(missing)[:_SHOWN])
    fix = f"Give `{service}` in {path} what {other} gives it." if service else f"Add {lines}{more} to {path}."
    places = [(place, f"{name} is here") for name, place in missing.items()]
    places.append((min(names.values()), "and not in this file"))
    return Mismatch(
        rule_id=RULE.id,
        subject=f"{service}: {path}" if service else path,
        message=f"{subject} lacks {shown}{more}, which {other} has: the two environments differ.",
        fix=fix,
        evidence=evidence(places),
    )


RULE: Final = MismatchRule(
    id="environments-differ",
    title="Variable that one environment has and another lacks",
    severity=Severity.MEDIUM,
    judge=_judge,
    explanation=_EXPLANATION,
)
