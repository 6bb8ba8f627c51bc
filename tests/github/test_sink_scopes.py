"""Who may use a secret, and what protects an environment: after a write it is as it was before."""

from __future__ import annotations

from typing import Any

import pytest

from secopskit.errors import RefusedError
from secopskit.github.errors import GitHubError
from secopskit.secret import SecretValue
from secopskit.sink.interface import EntryKind
from support.github import faults
from support.github.connected import Connection
from support.github.server import ContractServer

REPO = "acme/shop"
KINDS = {
    "organization": "actions",
    "dependabot-organization": "dependabot",
    "codespaces-organization": "codespaces",
}


@pytest.fixture
def connection(github: ContractServer) -> Connection:
    github.world.repository(REPO)
    return Connection(github)


class TestOrganisations:
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("fault", [None, faults.lost_answer(), faults.rotated_keys()], ids=str)
    def test_what_may_use_a_secret_stays(
        self, github: ContractServer, connection: Connection, kind: str, fault: faults.Fault | None
    ) -> None:
        vault = github.world.organisation("acme").secrets[KINDS[kind]]
        many = {github.world.repository(f"acme/r{number}").id for number in range(130)}
        scopes: dict[str, tuple[str, set[int]]] = {
            "FOR_ALL": ("all", set()),
            "FOR_PRIVATE": ("private", set()),
            "FOR_MANY": ("selected", many),
            "FOR_NONE": ("selected", set()),
        }
        for name, (visibility, selected) in scopes.items():
            held = vault.put(name, b"old")
            held.visibility, held.selected = visibility, set(selected)
        if fault is not None:
            github.faults.add(fault, method="PUT", nth=(2,))
        sink = connection.sink(kind, "acme", visibility="all")
        for name in scopes:
            sink.put(name, SecretValue(b"new"))
        after = {name: (each.visibility, each.selected) for name, each in vault.held.items()}
        assert after == scopes
        assert set(vault.values.values()) == {b"new"}

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("visibility", ["all", "private", "selected"])
    def test_a_new_secret_is_for_whom_it_was_declared(
        self, github: ContractServer, connection: Connection, kind: str, visibility: str
    ) -> None:
        connection.sink(kind, "acme", visibility=visibility).put("NEW", SecretValue(b"v"))
        held = github.world.organisation("acme").secrets[KINDS[kind]].held["NEW"]
        shop = github.world.repository(REPO).id
        assert (held.visibility, held.selected) == (visibility, {shop} if visibility == "selected" else set())

    def test_variables_keep_theirs(self, github: ContractServer, connection: Connection) -> None:
        shelf = github.world.organisation("acme").variables
        shop = github.world.repository(REPO).id
        for name, visibility in (("A", "all"), ("B", "private"), ("C", "selected")):
            held = shelf.put(name, b"old")
            held.visibility, held.selected = visibility, {shop} if visibility == "selected" else set()
        sink = connection.sink("organization", "acme", holds=EntryKind.VARIABLE, visibility="all")
        for name in "ABC":
            sink.put(name, SecretValue(b"new"))
        assert [(each.value, each.visibility, each.selected) for each in shelf.held.values()] == [
            (b"new", "all", set()),
            (b"new", "private", set()),
            (b"new", "selected", {shop}),
        ]

    def test_a_users_secret_keeps_its_repositories(
        self, github: ContractServer, connection: Connection
    ) -> None:
        chosen = {github.world.repository(f"ada/r{number}").id for number in range(3)}
        vault = github.world.person("ada").secrets["codespaces"]
        mine = vault.put("MINE", b"old")
        mine.visibility, mine.selected = "selected", set(chosen)
        connection.sink("codespaces-user").put("MINE", SecretValue(b"new"))
        assert (vault.held["MINE"].value, vault.held["MINE"].selected) == (b"new", chosen)

    def test_nothing_is_written_where_the_selection_cannot_be_read(
        self, github: ContractServer, connection: Connection
    ) -> None:
        vault = github.world.organisation("acme").secrets["actions"]
        held = vault.put("A", b"old")
        held.visibility, held.selected = "selected", {github.world.repository(REPO).id}
        github.faults.add(faults.forbidden("organization_secrets=read"), path="/A/repositories$", nth=None)
        with pytest.raises((GitHubError, RefusedError)):
            connection.sink("organization", "acme").put("A", SecretValue(b"new"))
        assert vault.values == {"A": b"old"}
        assert github.requests("PUT") == []


RULES: dict[str, Any] = {"wait_timer": 30, "reviewers": [{"type": "User", "id": 7}]}


class TestEnvironments:
    @pytest.mark.parametrize("name", ["prod", "prod/eu west", "Prüfung"])
    def test_one_that_is_there_is_never_put(
        self, github: ContractServer, connection: Connection, name: str
    ) -> None:
        environment = github.world.environment(REPO, name, **RULES)
        sink = connection.sink("environment", name.upper())
        assert sink.exists()
        assert dict(sink.entries()) == {}
        sink.make()
        sink.put("A", SecretValue(b"v"))
        assert environment.secrets.values == {"A": b"v"}
        assert (environment.puts, environment.rules) == (0, RULES)
        assert github.requests("PUT", r"/environments/[^/]+$") == []

    @pytest.mark.parametrize(
        "fault",
        [faults.failing(502), faults.dropped(), faults.secondary_limit(1)],
        ids=lambda each: each.name,
    )
    def test_nor_where_it_cannot_be_seen_at_first(
        self, github: ContractServer, connection: Connection, fault: faults.Fault
    ) -> None:
        environment = github.world.environment(REPO, "prod", **RULES)
        github.faults.add(fault, method="GET", path="/environments/prod", nth=(1, 3))
        sink = connection.sink("environment", "prod")
        assert sink.exists()
        sink.make()
        assert (environment.puts, environment.rules) == (0, RULES)

    @pytest.mark.parametrize("fault", [faults.forbidden("actions=read"), faults.unauthorised()], ids=str)
    def test_nor_where_it_may_not_be_seen(
        self, github: ContractServer, connection: Connection, fault: faults.Fault
    ) -> None:
        environment = github.world.environment(REPO, "prod", **RULES)
        github.faults.add(fault, method="GET", path="/environments/prod", nth=None)
        sink = connection.sink("environment", "prod")
        with pytest.raises(GitHubError):
            sink.exists()
        with pytest.raises(GitHubError):
            sink.make()
        assert (environment.puts, environment.rules) == (0, RULES)

    def test_a_missing_one_is_made_once(self, github: ContractServer, connection: Connection) -> None:
        sink = connection.sink("environment", "prod/eu")
        assert not sink.exists()
        assert dict(sink.entries()) == {}
        assert github.requests("PUT") == []
        github.faults.add(faults.lost_answer(), method="PUT", path="/environments/[^/]+$")
        sink.make()
        sink.make()
        sink.put("A", SecretValue(b"v"))
        assert github.world.repository(REPO).environments["prod/eu"].secrets.values == {"A": b"v"}

    def test_a_repository_that_is_not_there_is_no_missing_environment(
        self, github: ContractServer, connection: Connection
    ) -> None:
        sink = connection.sink("environment", "prod", repository="acme/none")
        with pytest.raises(GitHubError):
            sink.exists()
        with pytest.raises(GitHubError):
            sink.make()
        assert github.requests("PUT") == []
