"""What is on the server: organisations, repositories, environments, people."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from support.github.vault import Clock, Shelf, Vault, stamp

SITE: Final = "https://github.com"
# https://docs.github.com/en/actions/reference/security/secrets and .../workflows-and-actions/variables;
# those of Dependabot and Codespaces are taken to be a repository's.
ORGANISATION_SECRETS: Final = 1000
PLACE_SECRETS: Final = 100
ORGANISATION_VARIABLES: Final = 1000
REPOSITORY_VARIABLES: Final = 500
ENVIRONMENT_VARIABLES: Final = 100
_REPOSITORY_STORES: Final = ("actions", "dependabot", "codespaces")


@dataclass(slots=True)
class Environment:
    """An environment of a repository. `puts` counts how often it was created or overwritten."""

    id: int
    name: str
    secrets: Vault
    variables: Shelf
    created_at: datetime
    updated_at: datetime
    rules: dict[str, Any] = field(default_factory=dict)
    puts: int = 0

    @property
    def protection_rules(self) -> list[dict[str, Any]]:
        """The rules in GitHub's form."""
        found: list[dict[str, Any]] = []
        if self.rules.get("wait_timer"):
            found.append({"type": "wait_timer", "wait_timer": self.rules["wait_timer"]})
        if self.rules.get("reviewers"):
            own_deployments = self.rules.get("prevent_self_review", False)
            found.append(
                {
                    "type": "required_reviewers",
                    "prevent_self_review": own_deployments,
                    "reviewers": [
                        {"type": each["type"], "reviewer": {"id": each["id"]}}
                        for each in self.rules["reviewers"]
                    ],
                }
            )
        if self.rules.get("deployment_branch_policy"):
            found.append({"type": "branch_policy"})
        return [{"id": self.id * 10 + at, "node_id": f"GA_{at}", **each} for at, each in enumerate(found)]


@dataclass(slots=True)
class Repository:
    """A repository. `secrets` are by kind; `environments` by name in lower case; `keys` are deploy keys.

    `visibility` is public, private or internal. `size` is in KB; `pushed_at` is None for one that is empty.
    `collaborators` are logins in lower case.
    """

    id: int
    owner: str
    name: str
    visibility: str
    secrets: dict[str, Vault]
    variables: Shelf
    created_at: datetime
    updated_at: datetime
    pushed_at: datetime | None
    default_branch: str = "main"
    size: int = 0
    fork: bool = False
    archived: bool = False
    disabled: bool = False
    collaborators: set[str] = field(default_factory=set)
    environments: dict[str, Environment] = field(default_factory=dict)
    runs: list[dict[str, Any]] = field(default_factory=list)
    keys: dict[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"

    @property
    def private(self) -> bool:
        """Whether not everybody may see it: an internal one counts as private."""
        return self.visibility != "public"


@dataclass(slots=True)
class Account:
    """An organisation or a person; people have secrets of Codespaces alone."""

    id: int
    login: str
    type: str
    secrets: dict[str, Vault]
    variables: Shelf


class World:
    """Everything there is. Names are looked up as GitHub does: upper and lower case are the same.

    `site` is where its pages and repositories are, for browsers and git.
    """

    def __init__(self) -> None:
        self.site = SITE
        self.clock = Clock()
        self.accounts: dict[str, Account] = {}
        self.repositories: dict[str, Repository] = {}
        self._ids = itertools.count(1001)

    def next_id(self) -> int:
        """A number that nothing else has."""
        return next(self._ids)

    def organisation(self, login: str) -> Account:
        """The organisation, made if it is not there."""
        return self._account(login, "Organization", _REPOSITORY_STORES, ORGANISATION_SECRETS)

    def person(self, login: str) -> Account:
        """The person, made if not there."""
        return self._account(login, "User", ("codespaces",), PLACE_SECRETS)

    def repository(self, full_name: str, *, private: bool = True, **more: Any) -> Repository:
        """The repository, made if it is not there, like the organisation that owns it.

        `more` are properties of it, which are set if it is there, too.
        """
        found = self.repositories.get(full_name.lower())
        if found is None:
            owner, _, name = full_name.partition("/")
            now = self.clock.now()
            if owner.lower() not in self.accounts:
                self.organisation(owner)
            found = self.repositories[full_name.lower()] = Repository(
                id=self.next_id(),
                owner=owner,
                name=name,
                visibility="private" if private else "public",
                secrets={store: Vault(self.clock, PLACE_SECRETS) for store in _REPOSITORY_STORES},
                variables=Shelf(self.clock, REPOSITORY_VARIABLES),
                created_at=now,
                updated_at=now,
                pushed_at=now,
            )
        for each, value in more.items():
            setattr(found, each, value)
        return found

    def environment(self, full_name: str, name: str, **rules: Any) -> Environment:
        """An environment with protection rules, made or overwritten as a PUT does; that does not count."""
        repository = self.repository(full_name)
        now = self.clock.now()
        found = repository.environments.get(name.lower())
        if found is None:
            found = repository.environments[name.lower()] = Environment(
                id=self.next_id(),
                name=name,
                secrets=Vault(self.clock, PLACE_SECRETS),
                variables=Shelf(self.clock, ENVIRONMENT_VARIABLES),
                created_at=now,
                updated_at=now,
            )
        found.rules, found.updated_at = rules, now
        return found

    def run(self, full_name: str, status: str, *, name: str = "Deploy", **more: Any) -> dict[str, Any]:
        """A workflow run, newest first in the list; `more` are properties of it."""
        repository = self.repository(full_name)
        number, now = self.next_id(), stamp(self.clock.now())
        run = {
            "id": number,
            "name": name,
            "display_title": name,
            "path": ".github/workflows/deploy.yml",
            "workflow_id": 1,
            "event": "push",
            "head_branch": "main",
            "head_sha": f"{number:040x}",
            "run_number": len(repository.runs) + 1,
            "run_attempt": 1,
            "status": status,
            "conclusion": "success" if status == "completed" else None,
            "created_at": now,
            "updated_at": now,
            "run_started_at": now,
            "url": f"https://api.github.com/repos/{full_name}/actions/runs/{number}",
            "html_url": f"{self.site}/{full_name}/actions/runs/{number}",
            **more,
        }
        repository.runs.insert(0, run)
        return run

    def vaults(self) -> list[Vault]:
        """All places that hold secrets."""
        repositories = list(self.repositories.values())
        places: list[Account | Repository] = [*self.accounts.values(), *repositories]
        found = [vault for place in places for vault in place.secrets.values()]
        return found + [each.secrets for one in repositories for each in one.environments.values()]

    def _account(self, login: str, kind: str, stores: tuple[str, ...], limit: int) -> Account:
        found = self.accounts.get(login.lower())
        if found is None:
            found = self.accounts[login.lower()] = Account(
                id=self.next_id(),
                login=login,
                type=kind,
                secrets={store: Vault(self.clock, limit) for store in stores},
                variables=Shelf(self.clock, ORGANISATION_VARIABLES),
            )
        return found
