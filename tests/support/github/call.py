"""One request that passed the door: what it is about, and who asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from support.github.access import App, Doors, Token
from support.github.answers import Answer, not_found
from support.github.operations import Operation
from support.github.vault import Shelf, Vault
from support.github.world import Account, Environment, Repository, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that is valid. `path` stands below `base`, the API's address; `body` is None for none."""

    operation: Operation
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any] | None
    caller: Token | App
    base: str
    path: str
    world: World
    doors: Doors

    @property
    def token(self) -> Token:
        """The caller, who is no app."""
        assert isinstance(self.caller, Token)
        return self.caller

    @property
    def app(self) -> App:
        """The caller, who is an app."""
        assert isinstance(self.caller, App)
        return self.caller

    @property
    def given(self) -> Mapping[str, Any]:
        """The body, empty for none."""
        return self.body or {}

    def repository(self) -> Repository:
        """The repository in the path, if the caller may see it."""
        full_name = f"{self.parameters['owner']}/{self.parameters['repo']}"
        found = self.world.repositories.get(full_name.lower())
        if found is None:
            raise not_found()
        # Everybody may see that a public one is there, and no more of it.
        shown = not found.private and self.operation.action == "repositories.get"
        if isinstance(self.caller, Token) and not (shown or self.caller.sees(full_name)):
            raise not_found()
        return found

    def environment(self) -> Environment:
        """The environment in the path."""
        found = self.repository().environments.get(self.parameters["environment_name"].lower())
        if found is None:
            raise not_found()
        return found

    def account(self) -> Account:
        """The organisation in the path, or the person who asks."""
        login = self.parameters.get("org", "") or self.token.login
        found = self.world.accounts.get(login.lower())
        if found is None or (found.type != "Organization" and "org" in self.parameters):
            raise not_found()
        return found

    @property
    def scoped(self) -> bool:
        """Whether entries say which repositories may use them."""
        return "repo" not in self.parameters

    def vault(self) -> Vault:
        """The secrets that the path is about."""
        if "environment_name" in self.parameters:
            return self.environment().secrets
        place = self.account() if self.scoped else self.repository()
        found = place.secrets.get(self.operation.store)
        if found is None:
            raise not_found()
        return found

    def shelf(self) -> Shelf:
        """The variables that the path is about."""
        if "environment_name" in self.parameters:
            return self.environment().variables
        return (self.account() if self.scoped else self.repository()).variables

    def page(
        self,
        items: Sequence[Any],
        key: str,
        *,
        size: int = 30,
        show: Callable[[Any], Any] | None = None,
        path: str = "",
    ) -> Answer:
        """The page of `items` that was asked for, under `key` or bare, with links to the others.

        `show` makes what is shown of an item. The links lead to `path`, which is this one's if empty.
        """
        size = int(self.query.get("per_page", size))
        number = int(self.query.get("page", 1))
        last = max(1, -(-len(items) // size))
        before = {"prev": number - 1, "first": 1} if 1 < number <= last else {}
        after = {"next": number + 1, "last": last} if number < last else {}
        links = [
            f'<{self.base}{path or self.path}?{urlencode({**self.query, "page": target})}>; rel="{name}"'
            for name, target in (before | after).items()
        ]
        shown = [show(each) if show else each for each in items[(number - 1) * size : number * size]]
        body = {"total_count": len(items), key: shown} if key else shown
        return Answer(200, body, {"Link": ", ".join(links)} if links else {})
