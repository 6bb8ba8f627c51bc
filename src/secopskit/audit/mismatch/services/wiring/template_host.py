"""Templates that point at a host which no Compose file defines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.services.look.hosts import is_bare
from secopskit.audit.mismatch.services.look.servers import all_names, running
from secopskit.audit.mismatch.services.look.telling import shows
from secopskit.audit.model import FixStage, Mismatch, MismatchRule
from secopskit.collect.facts import Endpoint, FileRole, ProjectFacts, SettingKind, Stack
from secopskit.findings import Severity

_ID: Final = "template-host"
_ROLES: Final = frozenset({FileRole.PRODUCT, FileRole.EXAMPLE})
_FILES: Final = frozenset({SettingKind.TEMPLATE, SettingKind.DOTENV})
_EXPLANATION: Final = """
Who copies the template gets a setting that points at a service which the stack does not have: it was renamed,
or the template belongs to another stack.

Wrong: `.env.example` says `REDIS_URL=redis://redis:6379`, and compose.yml calls the service `cache`.

Right: the same name in both.

No fault: a name that only a network outside of this project knows.
"""


def judge(project: ProjectFacts) -> Iterator[Mismatch]:
    """See `MismatchRule.judge`."""
    names = all_names(project)
    stacks = _stacks_by_directory(project)
    given = {(one.key, one.host): one for one in project.endpoints if one.stack}
    read = {use.path for each in running(project) for use in each.service.env_files}
    for endpoint in once_by_place(project):
        directory = endpoint.place.path.rpartition("/")[0]
        stack = stacks.get(directory)
        if stack is None or stack.limits or endpoint.place.path in read:
            continue
        if is_bare(endpoint.host) and endpoint.host.lower() not in names:
            yield _mismatch(endpoint, stack, given.get((endpoint.key, endpoint.host)))


def once_by_place(project: ProjectFacts) -> Iterator[Endpoint]:
    """The endpoints of templates, and of committed environment files, each once."""
    found = {
        (endpoint.place, endpoint.key): endpoint
        for endpoint in project.endpoints
        if endpoint.setting in _FILES and endpoint.role in _ROLES and not endpoint.stack
    }
    yield from (found[key] for key in sorted(found))


def _stacks_by_directory(project: ProjectFacts) -> dict[str, Stack]:
    """The stack that stands beside the files of a directory."""
    found = dict[str, Stack]()
    for each in running(project):
        if len(each.stack.services) > 1:
            found.setdefault(each.stack.directory, each.stack)
    return found


def _mismatch(endpoint: Endpoint, stack: Stack, given: Endpoint | None) -> Mismatch:
    name = endpoint.place.path.rpartition("/")[2]
    return Mismatch(
        rule_id=_ID,
        subject=f"{endpoint.key}: {endpoint.host}",
        message=f"{name} points {endpoint.key} at {endpoint.host}, and no Compose file of the "
        f"project defines a service "
        "of that name.",
        fix=f"Write the name of the service that is meant for {endpoint.host}.",
        evidence=(
            shows(endpoint.place, f"{endpoint.key} names {endpoint.host}"),
            *([shows(given.place, f"service {given.scope} is given it")] if given else ()),
            shows(
                stack.services[0].place,
                f"the stack has {', '.join(sorted(each.name for each in stack.services)[:8])}",
            ),
        ),
        stack=stack.name,
        severity=Severity.HIGH if given and not stack.development else None,
        development=stack.development,
    )


RULE: Final = MismatchRule(
    id=_ID,
    title="A template points at a host that no Compose file defines",
    severity=Severity.MEDIUM,
    judge=judge,
    explanation=_EXPLANATION,
    stage=FixStage.POINT,
)
