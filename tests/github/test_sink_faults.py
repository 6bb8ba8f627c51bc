"""Secrets through whatever goes wrong on the way: all arrive as they are, in as few requests as can be.

The fixture `github` asserts that no request broke the contract; a limit that is not waited out does.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest

from secopskit.github.authorization import AppAuthorization
from secopskit.github.errors import GitHubError
from secopskit.secret import SecretValue
from secopskit.sink.interface import EntryKind, Sink
from support.github import faults, plans
from support.github.connected import Connection
from support.github.elsewhere import Elsewhere
from support.github.faults import Fault
from support.github.server import ContractServer
from support.github.values import awkward_values
from support.github.vault import Vault

N = 20
REPO = "acme/shop"
PUTS = "/secrets/VALUE_"
KEY = "/public-key$"


def write(sink: Sink, values: Iterable[tuple[str, bytes]]) -> None:
    for name, value in values:
        assert sink.put(name, SecretValue(value)) is not None


def vault_of(server: ContractServer, kind: str) -> Vault:
    world = server.world
    match kind:
        case "environment":
            return world.environment(REPO, "prod").secrets
        case "dependabot" | "codespaces":
            return world.repository(REPO).secrets[kind]
        case "organization":
            return world.organisation("acme").secrets["actions"]
        case "dependabot-organization" | "codespaces-organization":
            return world.organisation("acme").secrets[kind.partition("-")[0]]
        case "codespaces-user":
            return world.person("ada").secrets["codespaces"]
        case _:
            return world.repository(REPO).secrets["actions"]


def name_of(kind: str) -> str:
    return "prod" if kind == "environment" else "acme" if kind.endswith("organization") else ""


KINDS = ("repository", "environment", "dependabot", "codespaces")
SHARED_KINDS = ("organization", "dependabot-organization", "codespaces-organization", "codespaces-user")


@pytest.fixture
def connection(github: ContractServer) -> Connection:
    github.world.repository(REPO)
    github.world.environment(REPO, "prod", wait_timer=30)
    return Connection(github)


class TestRequests:
    @pytest.mark.parametrize("kind", KINDS)
    def test_n_secrets_cost_n_requests_and_one_for_the_key(
        self, github: ContractServer, connection: Connection, kind: str
    ) -> None:
        values = awkward_values(N)
        write(connection.sink(kind, name_of(kind)), values.items())
        assert vault_of(github, kind).values == values
        assert [(each.method, each.path.rpartition("/")[2]) for each in github.log] == [
            ("GET", "public-key"),
            *(("PUT", name) for name in values),
        ]
        assert github.connections == 1

    @pytest.mark.parametrize("kind", SHARED_KINDS)
    def test_those_of_an_organisation_cost_a_list_beside_it(
        self, github: ContractServer, connection: Connection, kind: str
    ) -> None:
        values = awkward_values(N)
        write(connection.sink(kind, name_of(kind)), values.items())
        assert vault_of(github, kind).values == values
        assert len(github.requests("PUT")) == N
        # Each name is new: the list shows that, once, and a user's secrets need the id of the repository.
        assert len(github.log) == N + 2 + (kind == "codespaces-user")

    def test_workers_share_one_key(self, github: ContractServer, connection: Connection) -> None:
        values = awkward_values(40)
        sink = connection.sink()
        with ThreadPoolExecutor(8) as workers:
            list(workers.map(lambda each: write(sink, [each]), values.items()))
        assert vault_of(github, "repository").values == values
        assert len(github.log) == 41

    def test_after_a_burst_writes_are_a_second_apart(
        self, github: ContractServer, connection: Connection
    ) -> None:
        write(connection.sink(), awkward_values(100).items())
        assert 30 <= sum(connection.time.waits) <= 60

    def test_an_enterprise_server_is_spoken_to_below_its_path(self) -> None:
        with ContractServer(ghes=True) as server:
            values = awkward_values(N)
            server.world.repository(REPO)
            write(Connection(server).sink(), values.items())
            assert vault_of(server, "repository").values == values
            assert (len(server.log), server.violations) == (N + 1, [])


class TestWhatPasses:
    @pytest.mark.parametrize("plan", plans.PASSING, ids=str)
    def test_nothing_is_lost(
        self, github: ContractServer, connection: Connection, plan: plans.FaultPlan
    ) -> None:
        values = awkward_values(N)
        plan.inject(github)
        write(connection.sink(), values.items())
        assert vault_of(github, "repository").values == values
        assert len(github.faults.fired) >= len(plan.mishaps)
        assert N + 1 <= len(github.log) <= N + 1 + plan.extra
        # The limits start when the server tells them, waiting a moment later.
        assert plan.waits - 0.1 <= sum(connection.time.waits) <= plan.waits + 60

    @pytest.mark.parametrize("kind", [*KINDS, *SHARED_KINDS])
    def test_nothing_is_lost_anywhere(
        self, github: ContractServer, connection: Connection, kind: str
    ) -> None:
        values = awkward_values(N)
        plans.PASSING[-1].inject(github)
        write(connection.sink(kind, name_of(kind)), values.items())
        assert vault_of(github, kind).values == values

    @pytest.mark.parametrize(
        "plan",
        [each for each in plans.PASSING if "secondary" not in each.name],
        ids=str,
    )
    def test_nothing_is_lost_by_workers(
        self, github: ContractServer, connection: Connection, plan: plans.FaultPlan
    ) -> None:
        values = awkward_values(N)
        plan.inject(github)
        sink = connection.sink()
        with ThreadPoolExecutor(4) as workers:
            list(workers.map(lambda each: write(sink, [each]), values.items()))
        assert vault_of(github, "repository").values == values
        # Those that were sealed for the former key at the same time are refused together.
        assert len(github.log) <= N + 1 + plan.extra + 3

    def test_a_server_that_is_too_slow_is_asked_again(self, github: ContractServer) -> None:
        github.world.repository(REPO)
        github.faults.add(faults.slow(1.0), method="PUT", nth=(2,))
        values = awkward_values(4)
        write(Connection(github, read_timeout=0.3).sink(), values.items())
        assert vault_of(github, "repository").values == values
        github.wait_for(lambda: len(github.requests("PUT")) == 5)

    def test_a_renewed_key_is_fetched_once(self, github: ContractServer, connection: Connection) -> None:
        github.faults.add(faults.rotated_keys(), method="PUT", nth=(5,))
        write(connection.sink(), awkward_values(N).items())
        assert len(github.requests("GET", KEY)) == 2
        assert [each.status for each in github.requests("PUT")].count(422) == 1


class TestWhatStays:
    @pytest.mark.parametrize(
        ("fault", "status", "tries", "said"),
        [
            (faults.unauthorised(), 401, 1, "gh auth login"),
            (faults.forbidden(), 403, 1, "secrets=write"),
            (faults.missing(), 404, 1, "may not see it"),
            (faults.conflicting(), 409, 2, "try again"),
            (faults.stale_key(), 422, 1, "does not accept"),
            (faults.failing(500), 500, 6, "later"),
            (faults.secondary_limit(), 429, 6, "limit"),
            (faults.primary_limit(3000), 429, 1, "limit"),
            (faults.dropped(), 0, 6, "try again"),
            (faults.lost_answer(), 0, 6, "try again"),
        ],
        ids=lambda each: each.name if isinstance(each, Fault) else "",
    )
    def test_it_is_told_and_a_second_run_finishes(
        self,
        github: ContractServer,
        connection: Connection,
        fault: Fault,
        status: int,
        tries: int,
        said: str,
    ) -> None:
        values = awkward_values(N)
        github.faults.add(fault, method="PUT", nth=range(6, 1000))
        with pytest.raises(GitHubError) as caught:
            write(connection.sink(), values.items())
        assert caught.value.status == status
        assert said in caught.value.advice
        done = dict(list(values.items())[: 6 if fault.done else 5])
        assert vault_of(github, "repository").values == done
        assert len(github.requests("PUT")) <= 5 + tries
        assert sum(connection.time.waits) <= 900
        github.faults.clear()
        github.clock.advance(3600)
        write(connection.sink(), values.items())
        assert vault_of(github, "repository").values == values

    def test_a_key_that_stays_stale_is_fetched_once_more(
        self, github: ContractServer, connection: Connection
    ) -> None:
        github.faults.add(faults.stale_key(), method="PUT", nth=None)
        with pytest.raises(GitHubError):
            write(connection.sink(), awkward_values(1).items())
        assert len(github.requests("GET", KEY)) == 2
        assert len(github.requests("PUT")) == 1

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    @pytest.mark.parametrize("path", [KEY, PUTS])
    def test_a_redirect_to_another_host_is_not_followed(
        self, github: ContractServer, connection: Connection, path: str, status: int
    ) -> None:
        with Elsewhere() as elsewhere:
            github.faults.add(faults.redirected(f"{elsewhere.url}/stolen", status), path=path, nth=None)
            with pytest.raises(GitHubError) as caught:
                write(connection.sink(), awkward_values(1).items())
            assert caught.value.status == status
            assert elsewhere.visits == []
        assert vault_of(github, "repository").values == {}

    @pytest.mark.parametrize("suffix", ["@{}", ".{}", "#@{}", "?{}"])
    def test_a_redirect_to_a_host_that_looks_like_ours_is_not_followed(
        self, github: ContractServer, connection: Connection, suffix: str
    ) -> None:
        with Elsewhere() as elsewhere:
            where = github.url + suffix.format(elsewhere.url.removeprefix("http://")) + "/stolen"
            github.faults.add(faults.redirected(where), path=PUTS, nth=None)
            with pytest.raises(GitHubError):
                write(connection.sink(), awkward_values(1).items())
            assert elsewhere.visits == []

    def test_a_repository_that_was_renamed_is_found(
        self, github: ContractServer, connection: Connection
    ) -> None:
        values = awkward_values(3)
        target = f"{github.url}/repos/{REPO}/actions/secrets"
        for name in ("public-key", *values):
            github.faults.add(faults.redirected(f"{target}/{name}"), path=f"/acme/old/.*{name}$", nth=None)
        write(connection.sink(repository="acme/old"), values.items())
        assert vault_of(github, "repository").values == values
        # The old name is not there: only the redirects led on.
        assert all(each.status == 307 for each in github.requests(path="/acme/old/"))

    def test_a_page_of_a_proxy_is_no_success(self, github: ContractServer, connection: Connection) -> None:
        github.faults.add(faults.garbled(), path=KEY)
        with pytest.raises(GitHubError, match="no JSON"):
            write(connection.sink(), awkward_values(1).items())


class TestApps:
    def test_a_token_is_asked_for_once_and_again_before_it_ends(self, github: ContractServer) -> None:
        github.world.repository(REPO)
        app, _ = github.app("acme", {"secrets": "write", "metadata": "read"})
        passed = [0.0]
        signed = AppAuthorization(str(app.id), SecretValue(app.pem.encode()), now=lambda: passed[-1])
        connection = Connection(github, signed)
        values = list(awkward_values(N).items())
        sink = connection.sink()
        write(sink, values[:10])
        assert len(github.log) == 10 + 1 + 2
        passed.append(3500.0)
        write(sink, values[10:])
        assert vault_of(github, "repository").values == dict(values)
        assert len(github.requests("POST", "access_tokens")) == 2

    def test_a_missing_permission_is_named(self, github: ContractServer) -> None:
        github.world.repository(REPO)
        token = github.token({"secrets": "read"}, repositories=[REPO])
        with pytest.raises(GitHubError) as caught:
            write(Connection(github, token=token).sink(), awkward_values(1).items())
        assert "secrets=write" in caught.value.advice


class TestVariables:
    @pytest.mark.parametrize(
        "fault",
        [
            faults.secondary_limit(1),
            faults.secondary_limit(status=429),
            faults.failing(500),
            faults.failing(502, done=True),
            faults.dropped(),
            faults.lost_answer(),
        ],
        ids=str,
    )
    @pytest.mark.parametrize(
        ("kind", "name"), [("repository", ""), ("environment", "prod"), ("organization", "acme")]
    )
    def test_they_are_made_and_changed_whatever_happens(
        self, github: ContractServer, connection: Connection, fault: Fault, kind: str, name: str
    ) -> None:
        world = github.world
        shelf = {
            "repository": world.repository(REPO).variables,
            "environment": world.environment(REPO, "prod").variables,
            "organization": world.organisation("acme").variables,
        }[kind]
        for number in range(35):
            shelf.put(f"OLD_{number}", b"old").visibility = "private" if kind == "organization" else ""
        for method in ("POST", "PATCH"):
            github.faults.add(fault, method=method, nth=(2,))
        sink = connection.sink(kind, name, holds=EntryKind.VARIABLE)
        assert len(sink.entries()) == 35
        values = {f"OLD_{number}": f"new {number}\n é".encode() for number in range(5)}
        values |= {f"NEW_{number}": f"${{x}} {number}".encode() for number in range(5)}
        write(sink, values.items())
        assert {key: shelf.values[key] for key in values} == values
        assert len(shelf.held) == 40
        assert len(github.requests("POST")) + len(github.requests("PATCH")) <= 10 + 2 + 1
        assert {bytes(entry.value.reveal()) for entry in sink.entries().values() if entry.value} == set(
            shelf.values.values()
        )
