"""What syncs and rotations work with: the repository's remote, and a client of GitHub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.cli.extras import require_extra
from secopskit.errors import UsageError
from secopskit.git.remotes import Remote, remotes
from secopskit.git.repository import Repository
from secopskit.named_tuple import NamedTuple
from secopskit.settings.declaration import DeclaredValue
from secopskit.settings.environment import exact_variable, inherited, program_directories
from secopskit.settings.sync import SyncConfig

if TYPE_CHECKING:
    from secopskit.cli.terminal.voice import Voice
    from secopskit.github.client import GitHubClient

# Sinks of these kinds belong to no repository.
_APART: Final = ("dotenv", "organization", "dependabot-organization", "codespaces-organization")
_KINDS: Final = ("GitHub", "the host")  # a host of one's own may have any name


class GitHubPlace(NamedTuple):
    """Where a remote leads to: the host, and `owner/name` there."""

    host: str
    repository: str


def github_client(voice: Voice, repository: Repository | None, declared: str) -> GitHubClient:
    """A client of the GitHub in question; `declared` is the address that the configuration names.

    Raises UsageError where the extra is not installed; see `secopskit.github.access.connect` for the rest.
    """
    require_extra("sync")
    from secopskit.github.access import GitHubSurroundings, connect

    places = github_places(repository)
    hosts = {place.host for place in places.values()}
    return connect(
        GitHubSurroundings(
            variable=exact_variable,
            tell=voice,
            directories=program_directories(),
            environ=inherited(),
        ),
        remote=_main(places).host if len(hosts) > 1 else next(iter(hosts), ""),
        declared=declared,
    )


def with_repositories(config: SyncConfig, repository: Repository | None) -> SyncConfig:
    """The declaration, with the remote's repository where a sink needs one and none is named.

    Raises UsageError where several remotes may be meant.
    """
    if not any(_needs_repository(value) for one in config.environments for value in one.values):
        return config
    name = repository_of_remote(repository)

    def completed(value: DeclaredValue) -> DeclaredValue:
        return value._replace(repositories=(name,)) if name and _needs_repository(value) else value

    return config._replace(
        environments=tuple(
            one._replace(values=tuple(map(completed, one.values))) for one in config.environments
        )
    )


def _needs_repository(value: DeclaredValue) -> bool:
    return not value.repositories and any(sink.kind not in _APART for sink in value.sinks)


def repository_of_remote(repository: Repository | None) -> str:
    """`owner/name` of the remote; empty where there is none. Raises UsageError where several may be meant."""
    places = github_places(repository)
    return _main(places).repository if places else ""


def owners_of_remotes(repository: Repository | None) -> set[str]:
    """Who owns the repository, going by its remotes; in lower case. Raises GitError."""
    return {place.repository.partition("/")[0].lower() for place in github_places(repository).values()}


def github_places(repository: Repository | None) -> dict[str, GitHubPlace]:
    """Where the remotes lead that may be at a GitHub, by their names. Raises GitError."""
    found = remotes(repository) if repository else ()
    return {
        remote.name: GitHubPlace(remote.server, remote.path) for remote in found if _may_be_github(remote)
    }


def _may_be_github(remote: Remote) -> bool:
    return bool(remote.server) and remote.host.name in _KINDS and remote.path.count("/") == 1


def _main(places: dict[str, GitHubPlace]) -> GitHubPlace:
    """The one place that the remotes lead to, or that of `origin`, unless there is an `upstream`, too.

    In a fork either may be meant, and a secret is not sent to the wrong one.
    """
    if len(set(places.values())) == 1:
        return next(iter(places.values()))
    if "origin" in places and "upstream" not in places:
        return places["origin"]
    names = ", ".join(f"{name} ({place.repository})" for name, place in places.items())
    raise UsageError(
        f"several remotes, and no word which one is meant: {names}", advice="Say it with --repo."
    )
