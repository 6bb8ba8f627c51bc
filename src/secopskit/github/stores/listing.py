"""Names of secrets, variables and environments of a repository: lists of names, and never a value.

End points and the permissions that they need are those of
https://docs.github.com/en/rest/actions/secrets, /variables, /rest/deployments/environments and
/rest/dependabot/secrets.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from secopskit.github.client import GitHubClient
from secopskit.github.errors import GitHubError
from secopskit.github.stores.interface import repository_path

_VARIABLES: Final = {"per_page": "30"}  # GitHub takes no more of them at a time
_REFUSALS: Final = (403, 404)  # which of the two it is, is GitHub's choice


def listed_names(client: GitHubClient, repository: str, shelf: str, *, variables: bool) -> frozenset[str]:
    """The names, in upper case, of what is kept at `shelf` of a repository: `/actions/secrets`.

    Raises GitHubError.
    """
    key, query = ("variables", _VARIABLES) if variables else ("secrets", None)
    items = client.listed(repository_path(repository) + shelf, key, query)
    return frozenset(str(item["name"]).upper() for item in items)


def listed_environments(client: GitHubClient, repository: str) -> list[str]:
    """The names of the deployment environments of a repository. Raises GitHubError."""
    items = client.listed(f"{repository_path(repository)}/environments", "environments")
    return [str(item["name"]) for item in items]


def environment_shelf(environment: str, *, variables: bool) -> str:
    """Where an environment of a repository keeps its secrets or variables."""
    return f"/environments/{quote(environment, safe='')}/{'variables' if variables else 'secrets'}"


def why_unlisted(error: GitHubError) -> str:
    """Why a list is refused, for a reader. Raises the error where that is not a matter of permission."""
    if error.status not in _REFUSALS:
        raise error
    return f"HTTP {error.status}. {error.advice}".rstrip(". ")
