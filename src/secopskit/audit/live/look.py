"""Use case: what was asked for is looked up outside of the files, and held against them. Writes nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import TYPE_CHECKING

from secopskit.audit.live.model import (
    GITHUB_RULE,
    NATURE_RULE,
    PORT_RULE,
    LiveDatabase,
    LiveFacts,
    UnansweredQuestion,
)
from secopskit.audit.live.rules import live_rules
from secopskit.audit.run import LiveAnswer
from secopskit.collect.facts import LiveNames, ProjectFacts

if TYPE_CHECKING:
    from secopskit.audit.live.github import GitHubLook
    from secopskit.audit.live.ports import PortsLook
    from secopskit.github.client import GitHubClient
    from secopskit.postgres.connect import ConnectionSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRequest:
    """What to look up. `databases` with the name that each is known by in the project.

    `github` is the client to ask about `repository` (`owner/name`). `ports` asks for this host's open ports.
    """

    databases: Sequence[tuple[str, ConnectionSettings]] = ()
    github: GitHubClient | None = None
    repository: str = ""
    ports: bool = False


def look(project: ProjectFacts, request: LiveRequest) -> tuple[ProjectFacts, LiveAnswer]:
    """The project with the names that GitHub has, and what else was found.

    What was asked for and does not answer is told, and the rest is looked up. Raises SecopsError for what
    cannot be asked at all.
    """
    facts, names = _facts(project, request)
    found_by = live_rules(facts)
    known = replace(project, live=names)
    found = tuple((rule, mismatch) for rule in found_by for mismatch in rule.judge(known))
    return known, LiveAnswer(facts, found, found_by)


def _facts(project: ProjectFacts, request: LiveRequest) -> tuple[LiveFacts, LiveNames | None]:
    unanswered = list[UnansweredQuestion]()
    databases = tuple(_databases(request, unanswered))
    github = _github(project, request, unanswered)
    ports = _ports(project) if request.ports else None
    names = github.names if github is not None else None
    return LiveFacts(
        databases=databases,
        github=None if names is None else dict(names.places),
        ports=ports.ports if ports is not None else None,
        limits=(
            *(f"{GITHUB_RULE}: {limit}" for limit in (github.limits if github else ())),
            *(f"{PORT_RULE}: {limit}" for limit in (ports.limits if ports else ())),
        ),
        unanswered=tuple(unanswered),
    ), names


def _databases(request: LiveRequest, unanswered: list[UnansweredQuestion]) -> Iterator[LiveDatabase]:
    if not request.databases:
        return
    from secopskit.audit.live.database import look_at_database
    from secopskit.postgres.errors import DatabaseError

    for key, settings in sorted(request.databases, key=itemgetter(0)):
        try:
            yield look_at_database(settings, key)
        except DatabaseError as error:
            unanswered.append(UnansweredQuestion(NATURE_RULE, f"{key} was asked in vain: {error}"))


def _github(
    project: ProjectFacts, request: LiveRequest, unanswered: list[UnansweredQuestion]
) -> GitHubLook | None:
    if request.github is None:
        return None
    from secopskit.audit.live.github import look_at_github
    from secopskit.github.errors import GitHubError

    named = {job.environment for job in project.jobs if job.environment and "${{" not in job.environment}
    try:
        seen = look_at_github(request.github, request.repository, sorted(named))
    except GitHubError as error:
        text = f"GitHub was asked in vain for the names of {request.repository}: {error}"
        unanswered.append(UnansweredQuestion(GITHUB_RULE, text))
        return None
    unanswered += [UnansweredQuestion(GITHUB_RULE, text) for text in seen.refused]
    return seen


def _ports(project: ProjectFacts) -> PortsLook:
    from secopskit.audit.live.ports import look_at_ports

    return look_at_ports(project.stacks)
