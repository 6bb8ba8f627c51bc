"""What an audit looks up outside of the files: each by an option of its own, nothing without."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

from secopskit.cli.extras import require_extra
from secopskit.cli.help import options_of
from secopskit.errors import UsageError
from secopskit.settings.environment import exact_variable, inherited, read_environment

if TYPE_CHECKING:
    from secopskit.audit.run import LiveAnswer
    from secopskit.cli.options import Settings
    from secopskit.collect.facts import ProjectFacts
    from secopskit.github.client import GitHubClient
    from secopskit.postgres.connect import ConnectionSettings

_Command = TypeVar("_Command", bound=Callable[..., Any])


_live_option = options_of("Live facts, each asked for by name")


def live_options(command: _Command) -> _Command:
    """Add the options that ask for live facts."""
    for option in reversed(
        (
            _live_option(
                "--ask-database",
                "ask_databases",
                multiple=True,
                metavar="[FILE:]NAME",
                help="Ask a PostgreSQL what it is: a variable, or a key of a dotenv file, holds its URL; "
                "repeatable.",
            ),
            _live_option("--ask-github", is_flag=True, help="Ask GitHub which secrets and variables exist."),
            _live_option("--repo", metavar="OWNER/NAME", help="With --ask-github: the repository."),
            _live_option("--ask-ports", is_flag=True, help="Try the published ports on this host."),
        )
    ):
        command = option(command)
    return command


_TOKENS: Final = (
    "GITHUB_TOKEN",
    "GH_TOKEN",
    "GH_ENTERPRISE_TOKEN",
    "GITHUB_ENTERPRISE_TOKEN",
    "SECOPS_GITHUB_APP_KEY",
)
_ASKED_BY: Final = {
    "database-nature": ("ask_databases", "--ask-database NAME"),
    "reachable-port": ("ask_ports", "--ask-ports"),
    "workflow-name-not-in-github": ("ask_github", "--ask-github"),
}


def check_asked(options: dict[str, Any]) -> None:
    """Raises UsageError for a rule that is asked for, but not what it judges."""
    for rule in options["rules"]:
        asked, option = _ASKED_BY.get(rule, ("", ""))
        if asked and not options[asked]:
            raise UsageError(
                f"--rule {rule} says nothing without {option}",
                advice=f"It judges what that option looks up outside of the files. Add {option}.",
            )


def without_secrets(options: dict[str, Any]) -> dict[str, str]:
    """Our environment for a git that only lists files: without what the options take credentials from."""
    ours = {*_TOKENS, *(name for name in options["ask_databases"] if ":" not in name)}
    return {name: value for name, value in inherited().items() if name not in ours}


def look_around(
    facts: ProjectFacts, options: dict[str, Any], settings: Settings
) -> tuple[ProjectFacts, LiveAnswer | None]:
    """What the options ask for, looked up. Raises SecopsError for what cannot be asked."""
    if options["repo"] and not options["ask_github"]:
        raise UsageError("--repo says nothing here", advice="It belongs to --ask-github.")
    if not (options["ask_databases"] or options["ask_github"] or options["ask_ports"]):
        return facts, None
    if options["ask_databases"]:
        require_extra("migrate")
    from secopskit.audit.live.look import LiveRequest, look

    client, repository = _github(options, settings) if options["ask_github"] else (None, "")
    request = LiveRequest(
        databases=[
            (each.rpartition(":")[2], _database(each, options, settings)) for each in options["ask_databases"]
        ],
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
    from secopskit.cli.terminal.ask import Terminal
    from secopskit.cli.terminal.voice import Voice
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
    from secopskit.cli.terminal.voice import Voice
    from secopskit.git.repository import Repository
    from secopskit.settings.sync import load_sync

    repository = Repository.open(options["path"], variables=without_secrets(options))
    config = load_sync(options["path"], file=options["config"])
    name = options["repo"] or repository_of_remote(repository)
    if not name:
        raise UsageError("no repository at GitHub is known", advice="Name it with --repo OWNER/NAME.")
    return github_client(Voice.of(settings, read_environment()), repository, config.api_url), name
