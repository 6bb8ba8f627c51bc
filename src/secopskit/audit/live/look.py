"""Use case: what was asked for is looked up outside of the files, and held against them. Writes nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from secopskit.audit.live.model import LiveFacts
from secopskit.audit.live.rules import live_rules
from secopskit.audit.run import LiveAnswer
from secopskit.collect.facts import LiveNames, ProjectFacts

if TYPE_CHECKING:
    from secopskit.github.client import GitHubClient
    from secopskit.postgres.connect import ConnectionSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRequest:
    """What to look up. `databases` by the name that each is known by in the project.

    `github` is the client to ask about `repository` (`owner/name`). `ports` asks for this host's open ports.
    """

    databases: Mapping[str, ConnectionSettings] = field(default_factory=dict)
    github: GitHubClient | None = None
    repository: str = ""
    ports: bool = False


def look(project: ProjectFacts, request: LiveRequest) -> tuple[ProjectFacts, LiveAnswer]:
    """The project with the names that GitHub has, and what else was found.

    Raises SecopsError where something that was asked for does not answer.
    """
    facts, names = _facts(project, request)
    found_by = live_rules(facts)
    known = replace(project, live=names)
    found = tuple((rule, mismatch) for rule in found_by for mismatch in rule.judge(known))
    return known, LiveAnswer(facts, found, found_by)


def _facts(project: ProjectFacts, request: LiveRequest) -> tuple[LiveFacts, LiveNames | None]:
    databases, ports, names = [], None, None
    limits = list[str]()
    if request.databases:
        from secopskit.audit.live.database import look_at_database

        databases = [look_at_database(settings, key) for key, settings in sorted(request.databases.items())]
    if request.github is not None:
        from secopskit.audit.live.github import look_at_github

        named = {job.environment for job in project.jobs if job.environment and "${{" not in job.environment}
        seen = look_at_github(request.github, request.repository, sorted(named))
        names = seen.names
        limits += seen.limits
    if request.ports:
        from secopskit.audit.live.ports import look_at_ports

        open_ = look_at_ports(project.stacks)
        ports = open_.ports
        limits += open_.limits
    github = None if names is None else dict(names.places)
    return LiveFacts(databases=tuple(databases), github=github, ports=ports, limits=tuple(limits)), names
