"""What exists at GitHub: names alone, level by level; and why a level could not be listed.

End points and the permissions that they need are those of
https://docs.github.com/en/rest/actions/secrets, /variables, /rest/deployments/environments and
/rest/dependabot/secrets.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from urllib.parse import quote

from secopskit.github.client import GitHubClient
from secopskit.github.errors import GitHubError
from secopskit.sync.audit.model import (
    DEPENDABOT,
    ORGANISATION,
    REPOSITORY,
    AuditInventory,
    Level,
    LevelKind,
    Shelf,
)

_VARIABLES: Final = {"per_page": "30"}  # GitHub takes no more of them at a time
_REFUSALS: Final = (403, 404)  # which of the two it is, is GitHub's choice
MOST_ENVIRONMENTS: Final = 100
"""So many environments are listed; of more, those that workflows name."""


def existing(client: GitHubClient, repository: str, named: Collection[str] = ()) -> AuditInventory:
    """What the repository `owner/name` has, and sees of its organisation. `named` environments come first.

    A level that the token may not list is no error: it counts as unknown. Raises GitHubError where not even
    the repository's own secrets or variables can be listed.
    """
    listing = _Listing(client, f"/repos/{repository}")
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

    def __init__(self, client: GitHubClient, base: str) -> None:
        self._client = client
        self._base = base
        self.names: dict[Shelf, frozenset[str]] = {}
        self.unlisted: dict[Shelf, str] = {}
        self.error: GitHubError | None = None

    def add(self, shelf: Shelf, path: str) -> None:
        """List the names of a shelf."""
        key = "variables" if shelf.variables else "secrets"
        try:
            items = self._client.listed(self._base + path, key, _VARIABLES if shelf.variables else None)
            self.names[shelf] = frozenset(str(item["name"]).upper() for item in items)
        except GitHubError as error:
            self.unlisted[shelf] = _refusal(error)
            self.error = self.error or error

    def add_environments(self, named: Collection[str]) -> str:
        """List the environments and what they hold; why that cannot be done, if it cannot."""
        try:
            found = [
                str(item["name"])
                for item in self._client.listed(f"{self._base}/environments", "environments")
            ]
        except GitHubError as error:
            return _refusal(error)
        first = {name.lower() for name in named}
        found.sort(key=lambda name: name.lower() not in first)
        for number, name in enumerate(found):
            level = Level(LevelKind.ENVIRONMENT, name)
            for variables, last in ((False, "secrets"), (True, "variables")):
                shelf = Shelf(level, variables)
                if number < MOST_ENVIRONMENTS:
                    self.add(shelf, f"/environments/{quote(name, safe='')}/{last}")
                else:
                    self.unlisted[shelf] = f"there are {len(found)} environments: not all are listed"
        return ""


def _refusal(error: GitHubError) -> str:
    """Why a level is not listed. Raises the error where that is not a matter of permission."""
    if error.status not in _REFUSALS:
        raise error
    return f"HTTP {error.status}. {error.advice}".rstrip(". ")
