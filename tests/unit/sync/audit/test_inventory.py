"""What exists and what is declared: names by level, and what could not be listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.github.errors import GitHubError
from secopskit.settings.sync import load_sync
from secopskit.sync.audit.declared import declared
from secopskit.sync.audit.exists import MOST_ENVIRONMENTS, existing
from secopskit.sync.audit.model import (
    DEPENDABOT,
    ORGANISATION,
    REPOSITORY,
    AuditInventory,
    Level,
    LevelKind,
    Presence,
    Shelf,
)
from support.audits import ListingGitHub, tree

BASE = "/repos/acme/shop"
EVERYTHING = {
    f"{BASE}/actions/secrets": ["A", "b"],
    f"{BASE}/actions/variables": ["C"],
    f"{BASE}/actions/organization-secrets": ["D"],
    f"{BASE}/actions/organization-variables": [],
    f"{BASE}/dependabot/secrets": ["E"],
    f"{BASE}/environments": ["Production", "a/b"],
    f"{BASE}/environments/Production/secrets": ["F"],
    f"{BASE}/environments/Production/variables": [],
    f"{BASE}/environments/a%2Fb/secrets": [],
    f"{BASE}/environments/a%2Fb/variables": ["G"],
}
PRODUCTION = Level(LevelKind.ENVIRONMENT, "Production")


def test_all_that_exists() -> None:
    github = ListingGitHub(EVERYTHING)
    found = existing(github, "acme/shop")
    assert found.source == "github.com/acme/shop"
    assert found.live
    assert not found.unlisted
    assert found.names == {
        Shelf(REPOSITORY, False): {"A", "B"},
        Shelf(REPOSITORY, True): {"C"},
        Shelf(ORGANISATION, False): {"D"},
        Shelf(ORGANISATION, True): set(),
        Shelf(DEPENDABOT, False): {"E"},
        Shelf(PRODUCTION, False): {"F"},
        Shelf(PRODUCTION, True): set(),
        Shelf(Level(LevelKind.ENVIRONMENT, "a/b"), False): set(),
        Shelf(Level(LevelKind.ENVIRONMENT, "a/b"), True): {"G"},
    }
    assert len(github.asked) == len(EVERYTHING)


def test_environments_do_not_differ_by_case() -> None:
    found = existing(ListingGitHub(EVERYTHING), "acme/shop")
    assert found.environment("PRODUCTION") == PRODUCTION
    assert found.presence(found.environment("production"), "F", variable=False) is Presence.THERE
    assert found.presence(found.environment("production"), "F", variable=True) is Presence.ABSENT
    assert found.presence(found.environment("other"), "F", variable=False) is Presence.ABSENT


@pytest.mark.parametrize("status", [403, 404])
def test_what_may_not_be_listed_is_unknown(status: int) -> None:
    refused = {
        f"{BASE}/actions/organization-secrets": status,
        f"{BASE}/environments/Production/secrets": status,
    }
    found = existing(ListingGitHub(EVERYTHING, refused), "acme/shop")
    assert found.unlisted == {
        Shelf(ORGANISATION, False): f"HTTP {status}. Ask for more",
        Shelf(PRODUCTION, False): f"HTTP {status}. Ask for more",
    }
    assert found.presence(PRODUCTION, "F", variable=False) is Presence.UNSEEN


def test_environments_that_may_not_be_listed() -> None:
    found = existing(ListingGitHub(EVERYTHING, {f"{BASE}/environments": 403}), "acme/shop")
    assert found.environments_unlisted == "HTTP 403. Ask for more"
    assert found.presence(found.environment("Production"), "F", variable=False) is Presence.UNSEEN


@pytest.mark.parametrize(
    ("path", "status"), [("/actions/variables", 401), ("/actions/secrets", 0), ("/environments", 500)]
)
def test_what_is_no_matter_of_permission_is_an_error(path: str, status: int) -> None:
    github = ListingGitHub(EVERYTHING, {BASE + path: status or 502})
    with pytest.raises(GitHubError):
        existing(github, "acme/shop")


def test_a_repository_that_is_not_there_is_an_error() -> None:
    with pytest.raises(GitHubError):
        existing(ListingGitHub(), "acme/shop")


def test_of_many_environments_those_that_are_named_are_listed() -> None:
    names = [f"pr-{number:03}" for number in range(MOST_ENVIRONMENTS + 5)]
    lists = {path: items for path, items in EVERYTHING.items() if "/environments" not in path}
    lists[f"{BASE}/environments"] = names
    for name in names:
        lists[f"{BASE}/environments/{name}/secrets"] = lists[f"{BASE}/environments/{name}/variables"] = []
    found = existing(ListingGitHub(lists), "acme/shop", {names[-1].upper()})
    assert Shelf(Level(LevelKind.ENVIRONMENT, names[-1]), False) in found.names
    assert len(found.unlisted) == 5 * 2
    assert "105 environments" in next(iter(found.unlisted.values()))


# --- declared ---------------------------------------------------------------------------------


def declaration(root: Path, text: str, repository: str = "") -> AuditInventory:
    tree(root, {"./.secops.yaml": text})
    return declared(load_sync(root, environ={}), repository)


def test_what_is_declared(tmp_path: Path) -> None:
    found = declaration(
        tmp_path,
        """
        sync:
          environments:
            production:
              sinks: [environment]
              secrets:
                a:
                B: {sinks: ["environment:live", repository, "organization:acme"]}
                C: {sinks: [dependabot, codespaces, "dotenv:.env"]}
              variables: [D]
        """,
    )
    live, production = Level(LevelKind.ENVIRONMENT, "live"), Level(LevelKind.ENVIRONMENT, "production")
    assert not found.live
    assert {shelf: set(names) for shelf, names in found.names.items() if names} == {
        Shelf(production, False): {"A"},
        Shelf(production, True): {"D"},
        Shelf(live, False): {"B"},
        Shelf(REPOSITORY, False): {"B"},
        Shelf(ORGANISATION, False): {"B"},
        Shelf(DEPENDABOT, False): {"C"},
    }
    assert found.presence(REPOSITORY, "A", variable=False) is Presence.ABSENT
    assert found.presence(found.environment("other"), "A", variable=False) is Presence.ABSENT


def test_what_is_declared_for_another_repository(tmp_path: Path) -> None:
    text = """
    sync:
      repositories: [Acme/Shop]
      environments:
        production:
          sinks: [repository]
          secrets: {A: {}, B: {repositories: [acme/other]}}
    """
    found = declaration(tmp_path, text, "acme/shop")
    assert found.names[Shelf(REPOSITORY, False)] == {"A"}
    assert declaration(tmp_path, text).names[Shelf(REPOSITORY, False)] == {"A", "B"}


def test_without_a_declaration_nothing_is_known(tmp_path: Path) -> None:
    found = declaration(tmp_path, "sync: {}\n")
    assert found.presence(REPOSITORY, "A", variable=False) is Presence.UNSEEN
    assert found.presence(found.environment("x"), "A", variable=True) is Presence.UNSEEN
