"""What an audit looks up outside of the files: each by an option of its own, nothing without."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from secopskit.cli.extras import require_extra
from secopskit.errors import UsageError
from secopskit.settings.environment import exact_variable, read_environment

if TYPE_CHECKING:
    from secopskit.audit.run import LiveAnswer
    from secopskit.cli.options import Settings
    from secopskit.collect.facts import ProjectFacts
    from secopskit.github.client import GitHubClient
    from secopskit.postgres.connect import ConnectionSettings

_Command = TypeVar("_Command", bound=Callable[..., Any])


def live_options(command: _Command) -> _Command:
    """Add the options that ask for live facts."""
    for option in reversed(
        (
            click.option(
                "--ask-database",
                "ask_databases",
                multiple=True,
                metavar="[FILE:]NAME",
                help="Ask a PostgreSQL what it is: a variable, or a key of a dotenv file, holds its URL; "
                "repeatable.",
            ),
            click.option("--ask-github", is_flag=True, help="Ask GitHub which secrets and variables exist."),
            click.option("--repo", metavar="OWNER/NAME", help="With --ask-github: the repository."),
            click.option("--ask-ports", is_flag=True, help="Try the published ports on this host."),
        )
    ):
        command = option(command)
    return command


def look_around(
    facts: ProjectFacts, options: dict[str, Any], settings: Settings
) -> tuple[ProjectFacts, LiveAnswer | None]:
    """What the options ask for, looked up. Raises SecopsError."""
    if options["repo"] and not options["ask_github"]:
        raise UsageError("--repo says nothing here", advice="It belongs to --ask-github.")
    if not (options["ask_databases"] or options["ask_github"] or options["ask_ports"]):
        return facts, None
    if options["ask_databases"]:
        require_extra("migrate")
    from secopskit.audit.live.look import LiveRequest, look

    client, repository = _github(options, settings) if options["ask_github"] else (None, "")
    request = LiveRequest(
        databases={
            each.rpartition(":")[2]: _database(each, options, settings) for each in options["ask_databases"]
        },
        github=client,
        repository=repository,
        ports=options["ask_ports"],
    )
    return look(facts, request)


def _database(where: str, options: dict[str, Any], settings: Settings) -> ConnectionSettings:
    from secopskit.audit.live.database import database_of_origin, database_of_variable

    file, _, name = where.rpartition(":")
    if not file:
        return database_of_variable(name)
    from secopskit.cli.ask import Terminal
    from secopskit.cli.voice import Voice
    from secopskit.origin.dotenv import DotenvOrigin
    from secopskit.origin.interface import OriginSurroundings

    surroundings = OriginSurroundings(
        base=options["path"],
        variable=exact_variable,
        standard_input=bytes,
        respondent=Terminal(),
        tell=Voice.of(settings, read_environment()),
    )
    return database_of_origin(DotenvOrigin((file,), surroundings), name)


def _github(options: dict[str, Any], settings: Settings) -> tuple[GitHubClient, str]:
    from secopskit.cli.sync.surroundings import github_client, repository_of_remote
    from secopskit.cli.voice import Voice
    from secopskit.git.repository import Repository
    from secopskit.settings.sync import load_sync

    repository = Repository.open(options["path"])
    config = load_sync(options["path"], file=options["config"])
    name = options["repo"] or repository_of_remote(repository)
    if not name:
        raise UsageError("no repository at GitHub is known", advice="Name it with --repo OWNER/NAME.")
    return github_client(Voice.of(settings, read_environment()), repository, config.api_url), name
