"""The repositories of organisations and users at a GitHub."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, urlsplit

from secopskit.fleet.model import FleetRepository, RepositoryKind
from secopskit.github.client import GitHubClient
from secopskit.github.organizations import (
    ListedRepository,
    organization_repositories,
    user_repositories,
)

_KIBIBYTE: Final = 1024


def of_organization(client: GitHubClient, api: str, name: str) -> Iterator[tuple[FleetRepository, str]]:
    """The repositories of an organisation, and when each was last pushed to. Raises GitHubError."""
    return (
        (_hosted(client.host, api, one), one.pushed_at) for one in organization_repositories(client, name)
    )


def of_user(client: GitHubClient, api: str, name: str) -> Iterator[tuple[FleetRepository, str]]:
    """The repositories that a user owns, and when each was last pushed to. Raises GitHubError."""
    return ((_hosted(client.host, api, one), one.pushed_at) for one in user_repositories(client, name))


def hosted(host: str, full_name: str, api: str = "") -> FleetRepository:
    """The repository `owner/name` of a host, the API of which is at `api` (empty: github.com's)."""
    scheme = "http" if urlsplit(api).scheme == "http" else "https"
    # The address is ours: where a host's list says that clones are elsewhere, no token goes there.
    address = f"{scheme}://{host}/{quote(full_name, safe='/')}.git"
    return FleetRepository(name=f"{host}/{full_name}", kind=RepositoryKind.HOSTED, address=address)


def _hosted(host: str, api: str, one: ListedRepository) -> FleetRepository:
    return hosted(host, one.full_name, api)._replace(
        branch=one.default_branch,
        size=one.size * _KIBIBYTE,
        visibility=one.visibility,
        archived=one.archived,
        fork=one.fork,
    )
