"""Live facts of GitHub: the names of secrets and variables that exist, and never a value."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from secopskit.collect.facts import LiveNames
from secopskit.github.client import GitHubClient
from secopskit.github.errors import GitHubError
from secopskit.github.stores.listing import environment_shelf, listed_environments, listed_names, why_unlisted
from secopskit.named_tuple import NamedTuple

MOST_ENVIRONMENTS: Final = 100
"""So many environments are listed; of more, those that workflows name."""
_OF_REPOSITORY: Final = (
    ("/actions/secrets", False),
    ("/actions/variables", True),
    ("/actions/organization-secrets", False),
    ("/actions/organization-variables", True),
)


class GitHubLook(NamedTuple):
    """What GitHub told. `limits` say what was not asked, `refused` what it did not tell."""

    names: LiveNames
    limits: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def look_at_github(client: GitHubClient, repository: str, named: Collection[str] = ()) -> GitHubLook:
    """The names that the repository `owner/name` has, inherits, and keeps in its environments.

    `named` environments come first. A list that the token may not see is no error: it is told as refused, and
    no name counts as missing there. Raises GitHubError where not one list of the repository can be seen.
    """
    look = _Look(client, repository)
    for shelf, variables in _OF_REPOSITORY:
        look.add("", shelf, variables=variables)
    if look.refused == len(_OF_REPOSITORY) and look.error is not None:
        raise look.error
    look.add_environments(named)
    places = tuple((place, frozenset(names)) for place, names in sorted(look.places.items()))
    names = LiveNames(places, frozenset(look.unlisted))
    return GitHubLook(names, tuple(look.limits), tuple(dict.fromkeys(look.refusals)))


class _Look:
    """Lists one shelf after the other, and remembers which were refused."""

    def __init__(self, client: GitHubClient, repository: str) -> None:
        self._client = client
        self._repository = repository
        self.places: dict[str, set[str]] = {"": set()}
        self.unlisted: set[str] = set()
        self.limits: list[str] = []
        self.refusals: list[str] = []
        self.refused = 0
        self.error: GitHubError | None = None

    def add(self, place: str, shelf: str, *, variables: bool) -> None:
        """List the names of a shelf, and count them to a place."""
        try:
            found = listed_names(self._client, self._repository, shelf, variables=variables)
        except GitHubError as error:
            self._refuse(place, f"{'variables' if variables else 'secrets'} ({shelf.strip('/')})", error)
        else:
            self.places.setdefault(place, set()).update(found)

    def add_environments(self, named: Collection[str]) -> None:
        """List the environments and what they hold."""
        try:
            found = listed_environments(self._client, self._repository)
        except GitHubError as error:
            for name in named:
                self.unlisted.add(name.lower())
            self._refuse(None, "environments", error)
            return
        first = {name.lower() for name in named}
        found.sort(key=lambda name: (name.lower() not in first, name))
        for name in found[:MOST_ENVIRONMENTS]:
            self.places.setdefault(name, set())
            for variables in (False, True):
                self.add(name, environment_shelf(name, variables=variables), variables=variables)
        if len(found) > MOST_ENVIRONMENTS:
            self.unlisted.update(name.lower() for name in found[MOST_ENVIRONMENTS:])
            self.limits.append(
                f"GitHub has {len(found)} environments: {MOST_ENVIRONMENTS} of them were listed"
            )

    def _refuse(self, place: str | None, what: str, error: GitHubError) -> None:
        why = why_unlisted(error)
        self.refused += 1
        self.error = self.error or error
        self.refusals.append(f"GitHub does not list {what}: {why}")
        if place is not None:
            self.unlisted.add(place.lower())
