"""What exists at GitHub: names alone, level by level; and why a level could not be listed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from secopskit.github.client import GitHubClient
from secopskit.github.errors import GitHubError
from secopskit.github.stores.listing import environment_shelf, listed_environments, listed_names, why_unlisted
from secopskit.sync.audit.model import (
    DEPENDABOT,
    ORGANISATION,
    REPOSITORY,
    AuditInventory,
    Level,
    LevelKind,
    Shelf,
)

MOST_ENVIRONMENTS: Final = 100
"""So many environments are listed; of more, those that workflows name."""


def existing(client: GitHubClient, repository: str, named: Collection[str] = ()) -> AuditInventory:
    """What the repository `owner/name` has, and sees of its organisation. `named` environments come first.

    A level that the token may not list is no error: it counts as unknown. Raises GitHubError where not even
    the repository's own secrets or variables can be listed.
    """
    listing = _Listing(client, repository)
    for level, variables, path in (
        (REPOSITORY, False, "/actions/secrets"),
        (REPOSITORY, True, "/actions/variables"),
        (ORGANISATION, False, "/actions/organization-secrets"),
        (ORGANISATION, True, "/actions/organization-variables"),
        (DEPENDABOT, False, "/dependabot/secrets"),
    ):
        listing.add(Shelf(level, variables), path)
    unlisted = listing.add_environments(named)
    if not listing.names:
        assert listing.error is not None  # noqa: S101 - nothing is listed only where each list failed
        raise listing.error
    return AuditInventory(
        source=f"{client.host}/{repository}",
        live=True,
        names=listing.names,
        unlisted=listing.unlisted,
        environments_unlisted=unlisted,
    )


class _Listing:
    """Lists one shelf after the other, and remembers what failed."""

    def __init__(self, client: GitHubClient, repository: str) -> None:
        self._client = client
        self._repository = repository
        self.names: dict[Shelf, frozenset[str]] = {}
        self.unlisted: dict[Shelf, str] = {}
        self.error: GitHubError | None = None

    def add(self, shelf: Shelf, path: str) -> None:
        """List the names of a shelf."""
        try:
            self.names[shelf] = listed_names(self._client, self._repository, path, variables=shelf.variables)
        except GitHubError as error:
            self.unlisted[shelf] = why_unlisted(error)
            self.error = self.error or error

    def add_environments(self, named: Collection[str]) -> str:
        """List the environments and what they hold; why that cannot be done, if it cannot."""
        try:
            found = listed_environments(self._client, self._repository)
        except GitHubError as error:
            return why_unlisted(error)
        first = {name.lower() for name in named}
        found.sort(key=lambda name: name.lower() not in first)
        for number, name in enumerate(found):
            level = Level(LevelKind.ENVIRONMENT, name)
            for variables in (False, True):
                shelf = Shelf(level, variables)
                if number < MOST_ENVIRONMENTS:
                    self.add(shelf, environment_shelf(name, variables=variables))
                else:
                    self.unlisted[shelf] = f"there are {len(found)} environments: not all are listed"
        return ""
