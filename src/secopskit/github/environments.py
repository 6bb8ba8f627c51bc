"""Deployment environments of a repository: looked for, and made only where there is none.

Writing an existing one would set its protection rules anew, and so may remove them. Nothing here does.
"""

from __future__ import annotations

from secopskit.github.client import GitHubClient
from secopskit.github.errors import GitHubNotFoundError
from secopskit.github.stores.interface import quoted, repository_path


def environment_path(repository: str, environment: str) -> str:
    """The path of an environment; names may hold slashes."""
    return f"{repository_path(repository)}/environments/{quoted(environment)}"


def environment_exists(client: GitHubClient, repository: str, environment: str) -> bool:
    """Whether it is there. Raises GitHubNotFoundError where the repository is not."""
    try:
        client.get(environment_path(repository, environment))
    except GitHubNotFoundError:
        client.get(repository_path(repository))  # else a wrong name would pass for a missing environment
        return False
    return True


def make_environment(client: GitHubClient, repository: str, environment: str) -> None:
    """Make the environment, without protection rules, if it is still not there. Raises GitHubError."""
    if not environment_exists(client, repository, environment):
        client.send("PUT", environment_path(repository, environment))
