"""The GitHub of the tests: it keeps what it is given, refuses what GitHub refuses, and fails as planned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.effort import costs_little
from support.github import faults
from support.github.access import App
from support.github.guest import Guest
from support.github.operations import OPERATIONS, find
from support.github.server import ContractServer
from support.github.vault import SIZE_LIMIT, STALE_KEY
from support.values import alnum

REPO = "/repos/acme/shop"
SECRETS = f"{REPO}/actions/secrets"
ROOTS = (
    SECRETS,
    f"{REPO}/dependabot/secrets",
    f"{REPO}/codespaces/secrets",
    f"{REPO}/environments/prod%2Feu/secrets",
    "/user/codespaces/secrets",
)
ORGANISATION_ROOTS = tuple(f"/orgs/acme/{store}/secrets" for store in ("actions", "dependabot", "codespaces"))


@pytest.fixture
def server() -> Iterator[ContractServer]:
    """A server whose violations the test looks at itself."""
    with ContractServer() as server:
        server.world.repository("acme/shop")
        server.world.environment("acme/shop", "prod/eu", wait_timer=30, reviewers=[{"type": "User", "id": 7}])
        server.world.person("ada")
        yield server


@pytest.fixture
def guest(server: ContractServer) -> Iterator[Guest]:
    with Guest(server, server.token()) as guest:
        yield guest


class TestSecrets:
    @pytest.mark.parametrize("root", ROOTS)
    def test_they_arrive_byte_for_byte_and_are_shown_without_their_value(
        self, server: ContractServer, guest: Guest, root: str
    ) -> None:
        value = b"\x00\xff\r\n" + alnum(20).encode() + "é$\"'\n".encode()
        more: dict[str, Any] = {}
        if root.startswith("/user"):
            more["selected_repository_ids"] = [server.world.repository("acme/shop").id]
        assert guest.put(root, "Api_Key", value, **more).status_code == 201
        assert guest.put(root, "API_KEY", value * 2, **more).status_code == 204
        held = [vault.values for vault in server.world.vaults() if vault.values]
        assert held == [{"API_KEY": value * 2}]
        shown = guest.call("GET", f"{root}/api_key")
        assert shown.json()["name"] == "API_KEY"
        assert "value" not in shown.json()
        assert guest.call("GET", root).json()["total_count"] == 1
        assert guest.call("DELETE", f"{root}/API_KEY").status_code == 204
        assert guest.call("DELETE", f"{root}/API_KEY").status_code == 404
        assert server.violations == []

    @given(value=st.binary(max_size=300))
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
    def test_any_bytes(self, server: ContractServer, guest: Guest, value: bytes) -> None:
        assert guest.put(SECRETS, "ANY", value).status_code in (201, 204)
        assert server.world.repository("acme/shop").secrets["actions"].values == {"ANY": value}

    def test_a_value_of_48_kb_is_taken_and_one_byte_more_is_not(
        self, server: ContractServer, guest: Guest
    ) -> None:
        assert guest.put(SECRETS, "LARGE", bytes(SIZE_LIMIT)).status_code == 201
        assert guest.put(SECRETS, "LARGE", bytes(SIZE_LIMIT + 1)).status_code == 422
        assert len(server.violations) == 1

    @pytest.mark.parametrize("name", ["GITHUB_TOKEN", "github_x", "1ST", "A-B", "A%20B", "%C3%89"])
    def test_names_that_are_none(self, server: ContractServer, guest: Guest, name: str) -> None:
        assert guest.put(SECRETS, name, b"v").status_code == 422
        assert len(server.violations) == 1

    def test_no_more_than_a_hundred(self, server: ContractServer, guest: Guest) -> None:
        vault = server.world.repository("acme/shop").secrets["actions"]
        for number in range(100):
            vault.put(f"N{number}", b"v")
        assert guest.put(SECRETS, "N7", b"w").status_code == 204
        assert guest.put(SECRETS, "ONE_MORE", b"v").status_code == 422
        assert len(server.violations) == 1

    def test_a_box_for_a_former_key_is_refused_without_blame(
        self, server: ContractServer, guest: Guest
    ) -> None:
        body = guest.sealed(SECRETS, b"v")
        server.world.repository("acme/shop").secrets["actions"].rotate()
        refused = guest.call("PUT", f"{SECRETS}/A", body)
        assert (refused.status_code, refused.json()["message"]) == (422, STALE_KEY)
        assert server.violations == []

    def test_a_box_for_another_place_is_a_violation(self, server: ContractServer, guest: Guest) -> None:
        body = guest.sealed(f"{REPO}/dependabot/secrets", b"v")
        assert guest.call("PUT", f"{SECRETS}/A", body).status_code == 422
        key_id = guest.call("GET", f"{SECRETS}/public-key").json()["key_id"]
        assert guest.call("PUT", f"{SECRETS}/A", {**body, "key_id": key_id}).status_code == 422
        assert len(server.violations) == 2

    def test_times_are_whole_seconds_of_the_servers_clock(self, server: ContractServer, guest: Guest) -> None:
        server.clock.hold(datetime(2026, 1, 2, 3, 4, 5, 999, tzinfo=UTC))
        guest.put(SECRETS, "A", b"v")
        server.clock.advance(60)
        answer = guest.put(SECRETS, "A", b"w")
        assert answer.headers["Date"] == "Fri, 02 Jan 2026 03:05:05 GMT"
        assert guest.call("GET", f"{SECRETS}/A").json() == {
            "name": "A",
            "created_at": "2026-01-02T03:04:05Z",
            "updated_at": "2026-01-02T03:05:05Z",
        }


class TestOrganisations:
    @pytest.mark.parametrize("root", ORGANISATION_ROOTS)
    def test_a_put_sets_visibility_and_selection(
        self, server: ContractServer, guest: Guest, root: str
    ) -> None:
        shop = server.world.repository("acme/shop").id
        chosen = {"visibility": "selected", "selected_repository_ids": [shop]}
        assert guest.put(root, "A", b"v", **chosen).status_code == 201
        shown = guest.call("GET", f"{root}/a").json()
        assert shown["visibility"] == "selected"
        followed = guest.call("GET", shown["selected_repositories_url"].removeprefix(server.url))
        assert [each["id"] for each in followed.json()["repositories"]] == [shop]
        # The trap: who leaves the visibility to chance gives the secret away.
        assert guest.put(root, "A", b"w", visibility="all").status_code == 204
        assert guest.call("GET", f"{root}/A").json()["visibility"] == "all"
        assert guest.call("GET", f"{root}/A/repositories").status_code == 409
        assert server.violations == []

    def test_a_put_without_a_value_changes_the_scope_alone(
        self, server: ContractServer, guest: Guest
    ) -> None:
        root = ORGANISATION_ROOTS[0]
        assert guest.call("PUT", f"{root}/A", {"visibility": "all"}).status_code == 422
        assert len(server.violations) == 1
        guest.put(root, "A", b"v", visibility="private")
        assert guest.call("PUT", f"{root}/A", {"visibility": "all"}).status_code == 204
        held = server.world.organisation("acme").secrets["actions"].held["A"]
        assert (held.value, held.visibility) == (b"v", "all")

    @pytest.mark.parametrize(
        "scope",
        [
            {},
            {"visibility": "selected"},
            {"visibility": "private", "selected_repository_ids": []},
            {"visibility": "selected", "selected_repository_ids": [1]},
            {"visibility": "everybody"},
        ],
    )
    def test_scopes_that_are_refused(
        self, server: ContractServer, guest: Guest, scope: dict[str, Any]
    ) -> None:
        assert guest.put(ORGANISATION_ROOTS[0], "A", b"v", **scope).status_code == 422
        assert len(server.violations) == 1

    def test_a_selection_can_be_replaced_and_counts_as_a_change(
        self, server: ContractServer, guest: Guest
    ) -> None:
        root = ORGANISATION_ROOTS[0]
        shop, site = (server.world.repository(f"acme/{name}").id for name in ("shop", "site"))
        server.clock.hold()
        guest.put(root, "A", b"v", visibility="selected", selected_repository_ids=[shop])
        server.clock.advance(5)
        guest.call("PUT", f"{root}/A/repositories", {"selected_repository_ids": [site]})
        shown = guest.call("GET", f"{root}/A").json()
        assert shown["updated_at"] > shown["created_at"]
        assert server.world.organisation("acme").secrets["actions"].held["A"].selected == {site}
        assert guest.call("PUT", f"{root}/A/repositories/{shop}").status_code == 204
        assert guest.call("DELETE", f"{root}/A/repositories/{site}").status_code == 204
        assert server.world.organisation("acme").secrets["actions"].held["A"].selected == {shop}
        assert server.violations == []

    def test_a_repository_is_told_what_it_may_use(self, server: ContractServer, guest: Guest) -> None:
        shop = server.world.repository("acme/shop").id
        server.world.repository("acme/site", private=False)
        scopes: dict[str, dict[str, Any]] = {
            "ALL": {"visibility": "all"},
            "PRIVATE": {"visibility": "private"},
            "SHOP": {"visibility": "selected", "selected_repository_ids": [shop]},
        }
        for name, scope in scopes.items():
            guest.put(ORGANISATION_ROOTS[0], name, b"v", **scope)
            guest.call("POST", "/orgs/acme/actions/variables", {"name": name, "value": "v", **scope})
        for repo, names in (("shop", ["ALL", "PRIVATE", "SHOP"]), ("site", ["ALL"])):
            for kind in ("secrets", "variables"):
                told = guest.call("GET", f"/repos/acme/{repo}/actions/organization-{kind}").json()
                assert [each["name"] for each in told[kind]] == names
        assert server.violations == []


class TestVariables:
    @pytest.mark.parametrize(
        "root",
        [
            f"{REPO}/actions/variables",
            f"{REPO}/environments/PROD%2FEU/variables",
            "/orgs/acme/actions/variables",
        ],
    )
    def test_they_are_made_once_then_changed(self, server: ContractServer, guest: Guest, root: str) -> None:
        scope = {"visibility": "private"} if root.startswith("/orgs") else {}
        made = {"name": "url", "value": "https://a.example", **scope}
        assert guest.call("PATCH", f"{root}/URL", {"value": "x"}).status_code == 404
        assert guest.call("POST", root, made).status_code == 201
        assert guest.call("POST", root, made).status_code == 409
        assert guest.call("PATCH", f"{root}/URL", {"value": "é"}).status_code == 204
        shown = guest.call("GET", f"{root}/url").json()
        assert (shown["name"], shown["value"]) == ("URL", "é")
        assert shown.get("visibility", "private") == "private"
        assert guest.call("DELETE", f"{root}/URL").status_code == 204
        assert server.violations == []

    def test_a_page_is_ten_unless_asked_for_more(self, server: ContractServer, guest: Guest) -> None:
        shelf = server.world.repository("acme/shop").variables
        for number in range(205):
            shelf.put(f"N{number:03}", b"v")
        root = f"{REPO}/actions/variables"
        assert len(guest.call("GET", root).json()["variables"]) == 10
        names, target, links = [], f"{root}?per_page=30", ""
        while target:
            answer = guest.call("GET", target)
            assert answer.json()["total_count"] == 205
            names += [each["name"] for each in answer.json()["variables"]]
            target = answer.links.get("next", {}).get("url", "").removeprefix(server.url)
            links = answer.headers["Link"]
        assert names == sorted(shelf.held)
        assert 'rel="first"' in links
        assert 'rel="next"' not in links
        assert len(server.requests("GET", "variables$")) == 8


class TestEnvironments:
    def test_a_put_takes_the_protection_of_one_that_is_there(
        self, server: ContractServer, guest: Guest
    ) -> None:
        path = f"{REPO}/environments/prod%2Feu"
        before = guest.call("GET", path).json()
        assert [each["type"] for each in before["protection_rules"]] == ["wait_timer", "required_reviewers"]
        assert guest.call("PUT", path).status_code == 200
        after = guest.call("GET", path).json()
        assert (after["id"], after["protection_rules"]) == (before["id"], [])
        assert server.world.environment("acme/shop", "prod/eu").puts == 1

    def test_one_is_made_listed_and_removed_with_its_secrets(
        self, server: ContractServer, guest: Guest
    ) -> None:
        path = f"{REPO}/environments/stage"
        assert guest.call("GET", f"{path}/secrets").status_code == 404
        body = {"deployment_branch_policy": {"protected_branches": True, "custom_branch_policies": False}}
        assert guest.call("PUT", path, body).json()["deployment_branch_policy"]["protected_branches"]
        listed = guest.call("GET", f"{REPO}/environments").json()["environments"]
        assert [each["name"] for each in listed] == ["prod/eu", "stage"]
        assert guest.call("DELETE", path).status_code == 204
        assert guest.call("GET", path).status_code == 404
        assert server.violations == []


class TestRepositories:
    def test_one_is_described_with_where_to_clone_it(self, server: ContractServer, guest: Guest) -> None:
        server.clock.hold(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
        details: dict[str, Any] = {
            "visibility": "internal",
            "size": 7,
            "fork": True,
            "archived": True,
            "disabled": True,
        }
        made = server.world.repository("acme/Site", default_branch="trunk", **details)
        shown = guest.call("GET", "/orgs/ACME/repos?type=forks").json()
        assert shown == [guest.call("GET", "/repos/acme/site").json()]
        assert details.items() <= shown[0].items()
        assert {
            "id": made.id,
            "name": "Site",
            "full_name": "acme/Site",
            "private": True,
            "default_branch": "trunk",
            "pushed_at": "2026-01-02T03:04:05Z",
            "html_url": "https://github.com/acme/Site",
            "clone_url": "https://github.com/acme/Site.git",
        }.items() <= shown[0].items()
        assert shown[0]["owner"]["login"] == "acme"
        made.pushed_at = None
        assert guest.call("GET", "/repos/acme/site").json()["pushed_at"] is None
        assert server.violations == []

    def test_links_lead_to_the_pages_by_the_number_of_the_account(
        self, server: ContractServer, guest: Guest
    ) -> None:
        for number in range(204):
            server.world.repository(f"acme/r{number:03}")
        server.world.repository("other/one")
        names, target, pages = [], "/orgs/acme/repos?per_page=100&sort=full_name", []
        while target:
            answer = guest.call("GET", target)
            names += [each["name"] for each in answer.json()]
            pages.append(sorted(map(str, answer.links)))
            target = answer.links.get("next", {}).get("url", "").removeprefix(server.url)
        assert names == [f"r{number:03}" for number in range(204)] + ["shop"]
        assert pages == [["last", "next"], ["first", "last", "next", "prev"], ["first", "prev"]]
        number = server.world.organisation("acme").id
        assert [each.path for each in server.log] == ["/orgs/acme/repos"] + [
            f"/organizations/{number}/repos"
        ] * 2
        assert len(guest.call("GET", "/orgs/acme/repos").json()) == 30
        assert guest.call("GET", "/orgs/acme/repos?page=8").json() == []
        assert server.violations == []

    def test_a_token_sees_of_what_is_private_what_is_in_its_reach(self, server: ContractServer) -> None:
        server.world.repository("acme/hidden")
        server.world.repository("acme/site", private=False)
        narrow = server.token({"metadata": "read"}, repositories=["ACME/shop"])
        for token, names in ((narrow, ["shop", "site"]), (server.token({}), ["hidden", "shop", "site"])):
            with Guest(server, token) as guest:
                for path in ("/orgs/acme/repos?sort=full_name", "/user/repos"):
                    assert [each["name"] for each in guest.call("GET", path).json()] == names
                found = [guest.call("GET", f"/repos/acme/{name}").status_code == 200 for name in names]
                assert all(found)
        with Guest(server, narrow) as guest:
            assert guest.call("GET", "/repos/acme/hidden").status_code == 404
            assert guest.call("GET", "/repos/acme/site/keys").status_code == 404
        assert server.violations == []

    def test_the_token_of_an_app_lists_what_it_is_installed_for(self, server: ContractServer) -> None:
        server.world.repository("acme/hidden")
        app, made = server.app("acme", {"metadata": "read"}, ["acme/shop"])
        with Guest(server, _proof(app, server.clock.now())) as guest:
            token = guest.call("POST", f"/app/installations/{made.id}/access_tokens").json()["token"]
        with Guest(server, token) as guest:
            assert [each["name"] for each in guest.call("GET", "/orgs/acme/repos").json()] == ["shop"]
            assert guest.call("GET", "/user/repos").status_code == 403
        assert server.violations == []

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("", "c b a shop"),
            ("?direction=asc", "shop a b c"),
            ("?sort=full_name", "a b c shop"),
            ("?sort=full_name&direction=desc", "shop c b a"),
            ("?sort=pushed", "b shop c a"),
            ("?sort=updated", "a shop c b"),
            ("?type=public", "b"),
            ("?type=private", "c a shop"),
            ("?type=forks", "c"),
            ("?type=sources", "b a shop"),
            ("?type=member", "a"),
        ],
    )
    def test_which_of_an_organisation_and_in_which_order(
        self, server: ContractServer, guest: Guest, query: str, names: str
    ) -> None:
        start = server.world.repository("acme/shop").created_at
        at = [start + timedelta(days=number) for number in range(5)]
        server.world.repository("acme/shop", pushed_at=at[3], updated_at=at[3])
        server.world.repository(
            "acme/a", created_at=at[1], pushed_at=None, updated_at=at[4], collaborators={"ada"}
        )
        server.world.repository("acme/b", private=False, created_at=at[2], pushed_at=at[4], updated_at=at[1])
        server.world.repository("acme/c", created_at=at[3], fork=True, pushed_at=at[0], updated_at=at[2])
        shown = guest.call("GET", f"/orgs/acme/repos{query}").json()
        assert [each["name"] for each in shown] == names.split()
        assert server.violations == []

    def test_of_a_person_everybody_sees_what_is_public(self, server: ContractServer, guest: Guest) -> None:
        server.world.person("bob")
        server.world.repository("bob/secret")
        server.world.repository("bob/b", private=False)
        server.world.repository("bob/a", private=False)
        server.world.repository("acme/site", private=False, collaborators={"bob"})
        for query, names in (
            ("", ["bob/a", "bob/b"]),
            ("?type=all", ["acme/site", "bob/a", "bob/b"]),
            ("?type=member", ["acme/site"]),
        ):
            shown = guest.call("GET", f"/users/BOB/repos{query}").json()
            assert [each["full_name"] for each in shown] == names
        first = guest.call("GET", "/users/bob/repos?per_page=1")
        number = server.world.person("bob").id
        assert first.links["next"]["url"] == f"{server.url}/user/{number}/repos?per_page=1&page=2"
        second = guest.call("GET", first.links["next"]["url"].removeprefix(server.url))
        assert [each["name"] for each in second.json()] == ["b"]
        assert guest.call("GET", "/users/nobody/repos").status_code == 404
        assert guest.call("GET", "/orgs/bob/repos").status_code == 404
        assert guest.call("GET", f"/organizations/{number}/repos").status_code == 404
        assert server.violations == []

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("", "acme/shop ada/own ada/open bob/shared"),
            ("?visibility=public", "ada/open"),
            ("?visibility=private&affiliation=owner", "ada/own"),
            ("?affiliation=owner", "ada/own ada/open"),
            ("?affiliation=collaborator,organization_member", "acme/shop bob/shared"),
            ("?type=owner", "ada/own ada/open"),
            ("?type=member", "acme/shop bob/shared"),
            ("?type=public", "ada/open"),
            ("?type=private", "acme/shop ada/own bob/shared"),
            ("?since=2040-01-01T00:00:00Z", "bob/shared"),
            ("?before=2040-01-01T00:00:00Z", "acme/shop ada/own ada/open"),
        ],
    )
    def test_what_a_person_has_to_do_with(
        self, server: ContractServer, guest: Guest, query: str, names: str
    ) -> None:
        server.world.person("bob")
        server.world.repository("bob/alone")
        server.world.repository("bob/public", private=False)
        late = datetime(2041, 1, 1, tzinfo=UTC)
        server.world.repository("bob/shared", collaborators={"ada"}, updated_at=late)
        server.world.repository("ada/own")
        server.world.repository("ada/open", private=False)
        shown = guest.call("GET", f"/user/repos{query}").json()
        assert {each["full_name"] for each in shown} == set(names.split())
        assert server.violations == []

    def test_ten_thousand_are_no_burden(self, server: ContractServer, guest: Guest) -> None:
        for number in range(10_000):
            server.world.repository(f"acme/r{number}")

        def pages() -> list[int]:
            paths = [f"/orgs/acme/repos?per_page=100&page={page}" for page in (1, 50, 100)]
            return [len(guest.call("GET", path).json()) for path in paths]

        # A page takes some 15 ms; this is no measurement, but notices what is made for all of them.
        assert costs_little(pages, 1) == [100, 100, 100]


class TestKeysAndRuns:
    def test_a_deploy_key_belongs_to_one_repository(self, server: ContractServer, guest: Guest) -> None:
        server.world.repository("acme/site")
        body = {"title": "deploy", "key": f"ssh-ed25519 {alnum(68)} ada@example.org", "read_only": True}
        made = guest.call("POST", f"{REPO}/keys", body)
        assert made.status_code == 201
        assert made.json()["read_only"] is True
        taken = guest.call("POST", "/repos/acme/site/keys", body)
        assert taken.json()["errors"][0]["message"] == "key is already in use"
        path = f"{REPO}/keys/{made.json()['id']}"
        assert guest.call("GET", path).json() == guest.call("GET", f"{REPO}/keys").json()[0]
        assert guest.call("DELETE", path).status_code == 204
        assert guest.call("GET", path).status_code == 404
        assert server.violations == []

    def test_runs_are_told_by_one_status_newest_first(self, server: ContractServer, guest: Guest) -> None:
        for status in ("completed", "queued", "in_progress", "queued"):
            server.world.run("acme/shop", status)
        root = f"{REPO}/actions/runs"
        queued = guest.call("GET", f"{root}?status=queued&per_page=100").json()
        assert queued["total_count"] == 2
        assert queued["workflow_runs"][0]["id"] > queued["workflow_runs"][1]["id"]
        assert guest.call("GET", f"{root}?status=success").json()["total_count"] == 1
        assert server.violations == []
        assert guest.call("GET", f"{root}?status=busy").status_code == 422


class TestContract:
    @pytest.mark.parametrize(
        ("method", "path", "body", "status"),
        [
            ("GET", f"{SECRETS}?per_page=101", None, 422),
            ("GET", f"{SECRETS}?page=0", None, 422),
            ("GET", f"{REPO}/actions/variables?per_page=31", None, 422),
            ("GET", f"{SECRETS}?sort=name", None, 422),
            ("GET", f"{SECRETS}/public-key?page=1", None, 422),
            ("GET", "/orgs/acme/repos?per_page=101", None, 422),
            ("GET", "/orgs/acme/repos?type=owner", None, 422),
            ("GET", "/orgs/acme/repos?sort=size", None, 422),
            ("GET", "/orgs/acme/repos?visibility=all", None, 422),
            ("GET", "/users/ada/repos?type=private", None, 422),
            ("GET", "/user/repos?type=all&visibility=all", None, 422),
            ("GET", "/user/repos?affiliation=owner,member", None, 422),
            ("GET", "/user/repos?since=yesterday", None, 422),
            ("GET", f"{REPO}/secrets", None, 404),
            ("PATCH", f"{SECRETS}/A", None, 404),
            ("PUT", f"{SECRETS}/A", None, 400),
            ("PUT", f"{SECRETS}/A", [], 400),
            ("PUT", f"{SECRETS}/A", {"encrypted_value": "AAAA"}, 422),
            ("PUT", f"{SECRETS}/A", {"encrypted_value": "no", "key_id": "1"}, 422),
            ("PUT", f"{SECRETS}/A", {"encrypted_value": "AAAA", "key_id": 1}, 422),
            ("PUT", f"{SECRETS}/A", {"encrypted_value": "AAAA", "key_id": "1", "visibility": "all"}, 422),
            ("PUT", f"{REPO}/dependabot/secrets/A", {}, 422),
            ("PUT", f"{REPO}/environments/x", {"wait_timer": "5"}, 422),
            ("PUT", f"{REPO}/environments/x", {"reviewers": ["ada"]}, 422),
            ("PUT", f"{REPO}/environments/x", {"deployment_branch_policy": {}}, 422),
            ("POST", f"{REPO}/actions/variables", {"name": "A", "value": None}, 422),
            ("POST", f"{REPO}/keys", {"key": "a key"}, 422),
            ("DELETE", f"{SECRETS}/A", {}, 400),
        ],
    )
    def test_what_breaks_it_is_refused_and_noted(
        self, server: ContractServer, guest: Guest, method: str, path: str, body: Any, status: int
    ) -> None:
        assert guest.call(method, path, body).status_code == status
        assert len(server.violations) == 1
        assert server.violations[0].startswith(f"{method} {path.partition('?')[0]}: ")

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({"User-Agent": ""}, 403),
            ({"Accept": "application/json"}, 400),
            ({"X-GitHub-Api-Version": ""}, 400),
            ({"X-GitHub-Api-Version": "2020-01-01"}, 400),
        ],
    )
    def test_headers(self, server: ContractServer, headers: dict[str, str], status: int) -> None:
        with Guest(server, server.token(), headers) as guest:
            assert guest.call("GET", SECRETS).status_code == status
        assert len(server.violations) == 1

    def test_the_type_of_a_body(self, server: ContractServer, guest: Guest) -> None:
        typed = {"Content-Type": "text/plain"}
        assert guest.call("PUT", f"{SECRETS}/A", content=b"{}", headers=typed).status_code == 415
        assert guest.call("PUT", f"{SECRETS}/A", content=b'{"a":', headers=_JSON).status_code == 400
        assert guest.call("PUT", f"{SECRETS}/A", content=b'{"a":1,"a":2}', headers=_JSON).status_code == 400
        assert len(server.violations) == 3

    def test_every_operation_can_be_found_by_its_own_path(self) -> None:
        for operation in OPERATIONS:
            names = [name for name in operation.segments if name.startswith("{")]
            path = operation.template
            for number, name in enumerate(names):
                path = path.replace(name, f"p{number}")
            assert find(operation.method, path) == (
                operation,
                {name[1:-1]: f"p{number}" for number, name in enumerate(names)},
            )


_JSON = {"Content-Type": "application/json"}


class TestAccess:
    def test_without_a_token_or_with_one_that_is_not_known(self, server: ContractServer) -> None:
        for headers in (
            {"Authorization": ""},
            {"Authorization": "Bearer x"},
            {"Authorization": "Basic eA=="},
        ):
            with Guest(server, "x", headers) as guest:
                assert guest.call("GET", SECRETS).status_code == 401
        assert server.violations == []

    def test_a_missing_permission_is_named(self, server: ContractServer) -> None:
        with Guest(server, server.token({"secrets": "read"})) as guest:
            assert guest.call("GET", SECRETS).status_code == 200
            refused = guest.put(SECRETS, "A", b"v")
            assert refused.headers["X-Accepted-GitHub-Permissions"] == "secrets=write"
            environment = guest.call("GET", ROOTS[3])
            assert environment.headers["X-Accepted-GitHub-Permissions"] == "environments=read,secrets=read"
        assert {refused.status_code, environment.status_code} == {403}

    def test_what_a_token_does_not_see_is_not_there(self, server: ContractServer) -> None:
        server.world.repository("acme/site")
        token = server.token({"secrets": "write"}, repositories=["acme/SITE"])
        with Guest(server, token) as guest:
            assert guest.call("GET", SECRETS).status_code == 404
            assert guest.call("GET", "/repos/acme/site/actions/secrets").status_code == 200

    def test_the_token_says_whose_it_is(self, server: ContractServer, guest: Guest) -> None:
        assert guest.call("GET", "/user").json()["login"] == "ada"
        rate = guest.call("GET", "/rate_limit")
        assert int(rate.headers["x-ratelimit-remaining"]) == rate.json()["rate"]["remaining"]


def _proof(app: App, at: datetime, **claims: Any) -> str:
    now = int(at.timestamp())
    return jwt.encode(
        {"iat": now - 60, "exp": now + 540, "iss": app.client_id, **claims}, app.key, algorithm="RS256"
    )


class TestApps:
    def test_an_installation_gives_a_token_of_an_hour(self, server: ContractServer) -> None:
        server.clock.hold()
        app, made = server.app("acme", {"secrets": "write", "metadata": "read"})
        with Guest(server, _proof(app, server.clock.now())) as guest:
            found = guest.call("GET", f"{REPO}/installation").json()
            assert found == guest.call("GET", "/orgs/acme/installation").json()
            assert [found] == guest.call("GET", "/app/installations").json()
            assert guest.call("GET", "/repos/other/one/installation").status_code == 404
            path = f"/app/installations/{made.id}/access_tokens"
            assert guest.call("POST", path, {"permissions": {"actions": "read"}}).status_code == 422
            assert guest.call("POST", path, {"repositories": ["nothing"]}).status_code == 422
            granted = guest.call("POST", path, {"repositories": ["shop"]})
            assert granted.status_code == 201
        with Guest(server, granted.json()["token"]) as guest:
            assert guest.put(SECRETS, "A", b"v").status_code == 201
            assert guest.call("GET", "/user").status_code == 403
            server.clock.advance(3600)
            assert guest.call("GET", SECRETS).status_code == 401
        assert server.violations == []

    def test_a_token_can_be_given_back(self, server: ContractServer) -> None:
        app, made = server.app("acme", {"secrets": "write"}, ["acme/shop"])
        with Guest(server, _proof(app, server.clock.now())) as guest:
            token = guest.call("POST", f"/app/installations/{made.id}/access_tokens").json()["token"]
        with Guest(server, token) as guest:
            assert guest.call("DELETE", "/installation/token").status_code == 204
            assert guest.call("GET", SECRETS).status_code == 401

    @pytest.mark.parametrize(
        ("claims", "blamed"),
        [
            ({"iat": 10**10}, True),
            ({"iat": None}, True),
            ({"exp": 10**10}, True),
            ({"iss": "another"}, True),
            ({"exp": 1}, False),
        ],
    )
    def test_proofs_that_prove_nothing(
        self, server: ContractServer, claims: dict[str, Any], blamed: bool
    ) -> None:
        app, _ = server.app("acme", {"secrets": "write"})
        with Guest(server, _proof(app, server.clock.now(), **claims)) as guest:
            assert guest.call("GET", "/app/installations").status_code == 401
        assert bool(server.violations) is blamed

    def test_a_proof_signed_by_another_key_or_another_way(self, server: ContractServer) -> None:
        app, _ = server.app("acme", {"secrets": "write"})
        other, _ = server.app("acme", {"secrets": "write"})
        forged = _proof(other, server.clock.now(), iss=app.client_id)
        now = int(server.clock.now().timestamp())
        claims = {"iat": now, "exp": now + 60, "iss": str(app.id)}
        symmetric = jwt.encode(claims, alnum(64), algorithm="HS256")
        for proof in (forged, symmetric, "no.proof.atall", server.token()):
            with Guest(server, proof) as guest:
                assert guest.call("GET", "/app/installations").status_code == 401


class TestEnterpriseServer:
    def test_everything_stands_below_its_own_path(self) -> None:
        with ContractServer(ghes=True) as server:
            server.world.repository("acme/shop")
            with Guest(server, server.token()) as guest:
                assert server.url.endswith("/api/v3")
                answer = guest.put(SECRETS, "A", b"v")
                assert answer.status_code == 201
                assert "x-ratelimit-limit" not in answer.headers
                assert guest.call("GET", "/rate_limit").status_code == 404
                assert guest.call("GET", f"{REPO}/codespaces/secrets").status_code == 404
                assert server.violations == []
            bare = httpx.get(server.url.removesuffix("/api/v3") + SECRETS, trust_env=False)
            assert bare.status_code == 404
            assert len(server.violations) == 1


class TestFaults:
    @pytest.mark.parametrize(
        ("fault", "status", "header"),
        [
            (faults.unauthorised(), 401, ""),
            (faults.forbidden(), 403, "x-accepted-github-permissions"),
            (faults.secondary_limit(2), 403, "retry-after"),
            (faults.secondary_limit(), 403, ""),
            (faults.secondary_limit(2, status=429), 429, "retry-after"),
            (faults.primary_limit(30), 403, "x-ratelimit-reset"),
            (faults.missing(), 404, ""),
            (faults.conflicting(), 409, ""),
            (faults.stale_key(), 422, ""),
            (faults.failing(503, retry_after=1), 503, "retry-after"),
            (faults.redirected("http://127.0.0.1:9/"), 307, "location"),
            (faults.garbled(), 200, "content-type"),
        ],
        ids=lambda each: each.name if isinstance(each, faults.Fault) else "",
    )
    def test_an_answer_takes_the_place_of_the_deed(
        self, server: ContractServer, guest: Guest, fault: faults.Fault, status: int, header: str
    ) -> None:
        server.faults.add(fault, method="PUT", path="/secrets/", nth=(2,))
        answers = [guest.put(SECRETS, name, b"v") for name in ("A", "B", "C")]
        assert [each.status_code for each in answers] == [201, status, 201]
        assert not header or header in answers[1].headers
        assert sorted(server.world.repository("acme/shop").secrets["actions"].values) == ["A", "C"]
        assert server.faults.fired == [fault.name]

    @pytest.mark.parametrize(
        ("fault", "there"),
        [(faults.dropped(), []), (faults.lost_answer(), ["A"])],
        ids=["before", "after"],
    )
    def test_a_connection_breaks_before_or_after(
        self, server: ContractServer, guest: Guest, fault: faults.Fault, there: list[str]
    ) -> None:
        server.faults.add(fault, method="PUT")
        with pytest.raises(httpx.RemoteProtocolError):
            guest.put(SECRETS, "A", b"v")
        assert list(server.world.repository("acme/shop").secrets["actions"].values) == there
        assert server.log[-1].status == 0

    def test_a_failure_after_the_deed(self, server: ContractServer, guest: Guest) -> None:
        server.faults.add(faults.failing(502, done=True), method="PUT")
        assert guest.put(SECRETS, "A", b"v").status_code == 502
        assert list(server.world.repository("acme/shop").secrets["actions"].values) == ["A"]

    def test_who_comes_again_before_a_limit_is_over_breaks_the_contract(
        self, server: ContractServer, guest: Guest
    ) -> None:
        server.clock.hold()
        for fault, seconds in (
            (faults.secondary_limit(7), 7),
            (faults.secondary_limit(status=429), 60),
            (faults.primary_limit(30), 30),
            (faults.failing(503, retry_after=2), 2),
        ):
            server.violations.clear()
            server.faults.add(fault)
            guest.call("GET", SECRETS)
            server.clock.advance(seconds - 1)
            assert guest.call("GET", SECRETS).status_code == 200
            assert server.violations == [f"GET {SECRETS}: came 1.0 s before a limit was over"]
            server.clock.advance(1)
            assert guest.call("GET", SECRETS).status_code == 200
            assert len(server.violations) == 1
            server.faults.clear()

    def test_keys_are_renewed_between_two_requests(self, server: ContractServer, guest: Guest) -> None:
        server.faults.add(faults.rotated_keys(), method="PUT")
        assert guest.put(SECRETS, "A", b"v").json()["message"] == STALE_KEY
        assert guest.put(SECRETS, "A", b"v").status_code == 201
        assert server.violations == []

    def test_a_slow_answer_and_what_is_logged_of_it(self, server: ContractServer, guest: Guest) -> None:
        server.faults.add(faults.slow(0.05), path="public-key$", nth=None)
        guest.put(SECRETS, "A", b"v")
        key, put = server.log
        assert (key.method, key.path, key.status) == ("GET", f"{SECRETS}/public-key", 200)
        assert key.fault == "slow by 0.05 s"
        assert key.seconds >= 0.05
        assert put.started >= key.started + 0.05
        assert server.requests("PUT", r"/secrets/A$") == [put]

    def test_a_request_that_meets_a_fault_is_held_against_the_contract(
        self, server: ContractServer, guest: Guest
    ) -> None:
        server.faults.add(faults.failing(), nth=None)
        guest.call("GET", f"{SECRETS}?per_page=1000")
        assert len(server.violations) == 1
        server.faults.clear()
        assert guest.call("GET", SECRETS).status_code == 200


def test_a_connection_stays_open(server: ContractServer, guest: Guest) -> None:
    for _ in range(5):
        assert guest.put(SECRETS, "A", b"v").status_code in (201, 204)
    assert server.connections == 1
