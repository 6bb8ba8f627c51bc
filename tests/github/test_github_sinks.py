"""The sinks at GitHub, against the contract server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secopskit.errors import ConfigError, RefusedError
from secopskit.github.errors import GitHubError, GitHubNotFoundError
from secopskit.secret import SecretValue
from secopskit.sink.interface import EntryKind, Sink
from support.github import faults
from support.github.answers import Answer
from support.github.plans import PASSING, FaultPlan
from support.github.server import ContractServer
from support.github_talk import sink, talk
from support.values import alnum

REPOSITORY = "acme/shop"
SECRETS: dict[str, dict[str, Any]] = {
    "repository": {"repository": REPOSITORY},
    "environment": {"repository": REPOSITORY, "environment": "prod/eu"},
    "organization": {"name": "acme"},
    "dependabot": {"repository": REPOSITORY},
    "dependabot-organization": {"name": "acme"},
    "codespaces": {"repository": REPOSITORY},
    "codespaces-organization": {"name": "acme"},
    "codespaces-user": {"repository": REPOSITORY},
}
VARIABLES = ("repository", "environment", "organization")
STORES = {kind: kind.split("-")[0] for kind in SECRETS if kind.startswith(("dependabot", "codespaces"))}
ORGANISATIONS = ("organization", "dependabot-organization", "codespaces-organization")


def value(text: str | bytes = "") -> SecretValue:
    text = text or alnum(32)
    return SecretValue(text.encode() if isinstance(text, str) else text)


def held(server: ContractServer, kind: str, *, variables: bool = False) -> dict[str, Any]:
    """What the server has there."""
    world = server.world
    repository = world.repository(REPOSITORY)
    if kind == "environment":
        place = world.repositories[REPOSITORY].environments["prod/eu"]
        return place.variables.held if variables else place.secrets.held
    if kind == "codespaces-user":
        return world.person("ada").secrets["codespaces"].held
    owner: Any = world.organisation("acme") if kind.endswith("organization") else repository
    if variables:
        return owner.variables.held  # type: ignore[no-any-return]  # an account or a repository
    return owner.secrets[STORES.get(kind, "actions")].held  # type: ignore[no-any-return]  # the same


@pytest.fixture
def github(github: ContractServer) -> ContractServer:
    github.world.repository(REPOSITORY)
    github.world.environment(REPOSITORY, "prod/eu", wait_timer=30)
    return github


# --- what is written --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", SECRETS)
def test_a_hundred_secrets_cost_one_key_and_a_hundred_writes(github: ContractServer, kind: str) -> None:
    place = sink(talk(github), kind, **SECRETS[kind])
    values = {f"NAME_{number}": value() for number in range(100)}
    for name, each in values.items():
        assert place.put(name, each) is not None
    assert {name: SecretValue(one.value) for name, one in held(github, kind).items()} == values
    writes = github.requests("PUT")
    assert len(writes) == 100
    assert len(github.requests("GET", "public-key$")) == 1
    others = len(github.log) - 101
    # An organisation's entries are looked at before they are written; a user's name repositories, too.
    assert others <= (2 if kind in (*ORGANISATIONS, "codespaces-user") else 0)


@pytest.mark.parametrize("kind", VARIABLES)
def test_variables_are_made_and_changed_with_one_request_each(github: ContractServer, kind: str) -> None:
    place = sink(talk(github), kind, **SECRETS[kind], kind=EntryKind.VARIABLE)
    assert place.entries() == {}
    first = {f"NAME_{number}": value() for number in range(35)}
    second = {f"name_{number}": value() for number in range(35)}
    for values in (first, second):
        for name, each in values.items():
            assert place.put(name, each) is not None
    assert [len(github.requests(method)) for method in ("POST", "PATCH", "PUT")] == [35, 35, 0]
    found = place.entries()
    assert {name.lower(): entry.value for name, entry in found.items()} == second
    assert len(held(github, kind, variables=True)) == 35


def test_a_variable_that_was_not_listed_before_is_written_either_way(github: ContractServer) -> None:
    for _ in range(2):
        place = sink(talk(github), "repository", repository=REPOSITORY, kind=EntryKind.VARIABLE)
        place.put("A", value("1"))
        place.put("A", value("2"))
    assert held(github, "repository", variables=True)["A"].value == b"2"


def test_lists_have_a_hundred_a_page(github: ContractServer) -> None:
    vault = github.world.organisation("acme").secrets["actions"]
    for number in range(250):
        vault.put(f"NAME_{number}", b"x").visibility = "private"
    place = sink(talk(github), "organization", name="acme")
    found = place.entries()
    assert len(found) == 250
    assert len(github.log) == 3
    assert {entry.scope for entry in found.values()} == {"private and internal repositories"}
    assert all(entry.value is None and entry.updated_at for entry in found.values())


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(raw=st.binary(max_size=300))
def test_every_byte_is_kept(github: ContractServer, raw: bytes) -> None:
    sink(talk(github), "repository", repository=REPOSITORY).put("BYTES", SecretValue(raw))
    assert held(github, "repository")["BYTES"].value == raw


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=300))
def test_every_character_of_a_variable_is_kept(github: ContractServer, text: str) -> None:
    place = sink(talk(github), "repository", repository=REPOSITORY, kind=EntryKind.VARIABLE)
    place.put("TEXT", value(text))
    entry = place.entries()["TEXT"]
    assert entry.value == SecretValue(text.encode())


def test_the_largest_value_fits_and_the_next_is_refused_before_the_network(github: ContractServer) -> None:
    place = sink(talk(github), "repository", repository=REPOSITORY)
    largest = value(b"x" * 48 * 1024)
    place.check("BIG", largest)
    place.put("BIG", largest)
    assert len(held(github, "repository")["BIG"].value) == 48 * 1024
    before = len(github.log)
    with pytest.raises(ConfigError, match="49,153 bytes"):
        place.check("BIG", value(b"x" * (48 * 1024 + 1)))
    assert len(github.log) == before


def test_the_date_of_a_write_is_the_servers(github: ContractServer) -> None:
    github.clock.advance(-86_400)
    place = sink(talk(github), "repository", repository=REPOSITORY)
    written = place.put("A", value())
    entry = place.entries()["A"]
    assert written is not None
    assert entry.updated_at is not None
    assert abs((written - entry.updated_at).total_seconds()) <= 1


@pytest.mark.parametrize("kind", SECRETS)
def test_what_is_removed_is_gone_and_may_be_removed_again(github: ContractServer, kind: str) -> None:
    place = sink(talk(github), kind, **SECRETS[kind])
    place.put("a", value())
    assert "A" in place.entries()
    for _ in range(2):
        place.remove("a")
    assert not held(github, kind)


def test_a_removed_variable_is_made_anew(github: ContractServer) -> None:
    place = sink(talk(github), "repository", repository=REPOSITORY, kind=EntryKind.VARIABLE)
    place.entries()
    place.put("A", value("1"))
    place.remove("A")
    place.remove("A")
    place.put("A", value("2"))
    assert [len(github.requests(method)) for method in ("POST", "PATCH")] == [2, 0]


# --- faults -----------------------------------------------------------------------------------


@pytest.mark.parametrize("plan", PASSING, ids=lambda plan: plan.name)
def test_nothing_is_lost_when_things_go_wrong(github: ContractServer, plan: FaultPlan) -> None:
    plan.inject(github)
    place = sink(talk(github), "repository", repository=REPOSITORY)
    values = {f"NAME_{number}": value() for number in range(12)}
    begun = github.clock.exact()
    for name, each in values.items():
        place.put(name, each)
    assert {name: SecretValue(one.value) for name, one in held(github, "repository").items()} == values
    assert github.faults.fired
    assert (github.clock.exact() - begun).total_seconds() >= plan.waits


@pytest.mark.parametrize("kind", SECRETS)
def test_nothing_is_lost_anywhere_when_all_of_it_goes_wrong(github: ContractServer, kind: str) -> None:
    PASSING[-1].inject(github)
    place = sink(talk(github), kind, **SECRETS[kind])
    values = {f"NAME_{number}": value() for number in range(12)}
    for name, each in values.items():
        place.put(name, each)
    assert {name: SecretValue(one.value) for name, one in held(github, kind).items()} == values
    assert len(github.faults.fired) >= 8


def test_nothing_is_lost_by_threads_when_all_of_it_goes_wrong(github: ContractServer) -> None:
    PASSING[-1].inject(github)
    client = talk(github)
    places = []
    for number in range(4):
        github.world.repository(f"acme/r{number}")
        places.append(sink(client, "repository", repository=f"acme/r{number}"))
    values = {(at, name): value() for at in range(4) for name in map("N{}".format, range(10))}
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda key: places[key[0]].put(key[1], values[key]), values))
    for (at, name), each in values.items():
        assert github.world.repository(f"acme/r{at}").secrets["actions"].held[name].value == each.reveal()


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize(
    "fault",
    [
        faults.lost_answer(),
        faults.dropped(),
        faults.failing(502, done=True),
        faults.failing(500),
        faults.secondary_limit(1),
        faults.primary_limit(30),
    ],
    ids=lambda fault: fault.name,
)
def test_no_variable_is_lost_when_things_go_wrong(
    github: ContractServer, fault: faults.Fault, method: str
) -> None:
    github.faults.add(fault, method=method, nth=(1, 4))
    place = sink(talk(github), "repository", repository=REPOSITORY, kind=EntryKind.VARIABLE)
    place.entries()
    values = {f"NAME_{number}": value() for number in range(6)}
    for _ in range(2):
        for name, each in values.items():
            place.put(name, each)
    assert {name: entry.value for name, entry in place.entries().items()} == values
    assert len(github.faults.fired) == 2


def test_a_value_that_is_refused_for_good_is_not_sent_for_ever(github: ContractServer) -> None:
    github.faults.add(faults.stale_key(), method="PUT", nth=None)
    place = sink(talk(github), "repository", repository=REPOSITORY)
    with pytest.raises(GitHubError, match="HTTP 422") as caught:
        place.put("A", value())
    assert caught.value.status == 422
    assert len(github.requests("PUT")) == 1
    assert len(github.requests("GET", "public-key")) == 2


def test_a_conflict_is_tried_once_more(github: ContractServer) -> None:
    github.faults.add(faults.conflicting(), method="PUT", nth=(1, 3, 4))
    place = sink(talk(github), "repository", repository=REPOSITORY)
    place.put("A", value())
    with pytest.raises(GitHubError, match="HTTP 409"):
        place.put("B", value())
    assert set(held(github, "repository")) == {"A"}


def test_a_permanent_fault_ends_after_a_few_tries(github: ContractServer) -> None:
    github.faults.add(faults.failing(500), method="PUT", nth=None)
    place = sink(talk(github), "repository", repository=REPOSITORY)
    begun = github.clock.exact()
    with pytest.raises(GitHubError, match="after 6 tries") as caught:
        place.put("A", value())
    assert caught.value.status == 500
    assert len(github.requests("PUT")) == 6
    assert (github.clock.exact() - begun).total_seconds() > 20


def test_threads_share_the_key_and_never_mix_up_values(github: ContractServer) -> None:
    client = talk(github)
    places: list[Sink] = []
    for number in range(6):
        github.world.repository(f"acme/r{number}")
        places.append(sink(client, "repository", repository=f"acme/r{number}"))
    github.faults.add(faults.rotated_keys(), method="PUT", nth=(17, 60))
    values = {(at, name): value() for at in range(6) for name in map("N{}".format, range(15))}
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda key: places[key[0]].put(key[1], values[key]), values))
    for (at, name), each in values.items():
        assert github.world.repository(f"acme/r{at}").secrets["actions"].held[name].value == each.reveal()
    assert len(github.requests("GET", "public-key")) <= 6 * 3


# --- never wider, never narrower --------------------------------------------------------------


@pytest.mark.parametrize("kind", ORGANISATIONS)
@pytest.mark.parametrize("visibility", ["all", "private", "selected"])
@pytest.mark.parametrize("declared", ["all", "private", "selected"])
def test_who_may_use_an_organisations_secret_stays(
    github: ContractServer, kind: str, visibility: str, declared: str
) -> None:
    ids = {github.world.repository(f"acme/r{number}").id for number in range(130)}
    chosen = ids if visibility == "selected" else set[int]()
    there = github.world.organisation("acme").secrets[STORES.get(kind, "actions")].put("SHARED", b"old")
    there.visibility, there.selected = visibility, set(chosen)
    place = sink(talk(github), kind, name="acme", visibility=declared, repositories=(REPOSITORY,))
    place.put("shared", value("new"))
    assert (there.value, there.visibility, there.selected) == (b"new", visibility, chosen)


@pytest.mark.parametrize("visibility", ["all", "private", "selected"])
def test_who_may_use_an_organisations_variable_stays(github: ContractServer, visibility: str) -> None:
    chosen = {github.world.repository("acme/r1").id} if visibility == "selected" else set[int]()
    there = github.world.organisation("acme").variables.put("SHARED", b"old")
    there.visibility, there.selected = visibility, set(chosen)
    place = sink(talk(github), "organization", name="acme", visibility="all", kind=EntryKind.VARIABLE)
    place.entries()
    place.put("SHARED", value("new"))
    assert (there.value, there.visibility, there.selected) == (b"new", visibility, chosen)


@pytest.mark.parametrize("kind", ORGANISATIONS)
@pytest.mark.parametrize("declared", ["all", "private", "selected"])
def test_a_new_secret_is_for_whom_it_is_declared(github: ContractServer, kind: str, declared: str) -> None:
    place = sink(talk(github), kind, name="acme", visibility=declared, repositories=(REPOSITORY,))
    place.put("NEW", value())
    made = held(github, kind)["NEW"]
    assert made.visibility == declared
    assert made.selected == ({github.world.repository(REPOSITORY).id} if declared == "selected" else set())


def test_a_users_own_secret_stays_with_its_repositories(github: ContractServer) -> None:
    there = github.world.person("ada").secrets["codespaces"].put("MINE", b"old")
    there.visibility, there.selected = "selected", {github.world.repository("acme/other").id}
    kept = set(there.selected)
    place = sink(talk(github), "codespaces-user", repository=REPOSITORY)
    place.put("MINE", value("new"))
    place.put("NEW", value())
    assert (there.value, there.selected) == (b"new", kept)
    assert held(github, "codespaces-user")["NEW"].selected == {github.world.repository(REPOSITORY).id}


def test_what_the_token_does_not_see_whole_is_not_written(github: ContractServer) -> None:
    there = github.world.organisation("acme").secrets["actions"].put("SHARED", b"old")
    there.visibility, there.selected = "selected", {github.world.repository(REPOSITORY).id}
    part = {"total_count": 2, "repositories": [{"id": github.world.repository(REPOSITORY).id}]}
    shown = [part, {"total_count": 2, "repositories": []}]
    for number, each in enumerate(shown, 1):
        fault = faults.Fault(name="part", answer=lambda _, each=each: Answer(200, each))  # type: ignore[misc]  # a default keeps this one
        github.faults.add(fault, path="/repositories$", nth=(number,))
    place = sink(talk(github), "organization", name="acme")
    with pytest.raises(RefusedError, match="sees 1 of the 2 repositories"):
        place.put("SHARED", value("new"))
    assert there.value == b"old"


def test_an_existing_environment_is_never_written(github: ContractServer) -> None:
    place = sink(talk(github), "environment", repository=REPOSITORY, name="prod/eu")
    assert place.exists()
    place.make()
    there = github.world.repositories[REPOSITORY].environments["prod/eu"]
    assert (there.puts, there.rules) == (0, {"wait_timer": 30})


def test_a_missing_environment_is_empty_until_it_is_made(github: ContractServer) -> None:
    for kind in EntryKind:
        place = sink(talk(github), "environment", repository=REPOSITORY, name="new one", kind=kind)
        if kind is EntryKind.SECRET:
            assert not place.exists()
            assert place.entries() == {}
            with pytest.raises(GitHubNotFoundError):
                place.put("A", value())
            place.make()
        assert place.exists()
        place.put("A", value())
        assert list(place.entries()) == ["A"]
    assert github.world.repositories[REPOSITORY].environments["new one"].puts == 1


def test_only_an_environment_is_made(github: ContractServer) -> None:
    place = sink(talk(github), "repository", repository="acme/nothing")
    assert place.exists()
    place.make()
    assert not github.log
    with pytest.raises(GitHubNotFoundError):
        place.entries()


def test_a_repository_that_is_not_there_is_no_missing_environment(github: ContractServer) -> None:
    place = sink(talk(github), "environment", repository="acme/nothing", environment="prod")
    for act in (place.exists, place.entries, place.make):
        with pytest.raises(GitHubNotFoundError):
            act()


# --- what they are called, and what they do not take ------------------------------------------


def test_no_two_sinks_have_the_same_address(github: ContractServer) -> None:
    client = talk(github)
    places = [sink(client, kind, **place) for kind, place in SECRETS.items()]
    places += [sink(client, kind, **SECRETS[kind], kind=EntryKind.VARIABLE) for kind in VARIABLES]
    addresses = [place.address for place in places]
    assert len(set(addresses)) == len(places)
    host = client.host
    assert f"{host}/acme/shop environment prod/eu secrets" in addresses
    assert f"{host}/acme organization Actions variables" in addresses
    assert f"{host} user Codespaces secrets" in addresses
    assert not github.log


@pytest.mark.parametrize("kind", ["repository", "environment", "organization"])
def test_names_of_any_case_are_one_address(github: ContractServer, kind: str) -> None:
    client = talk(github)
    one = sink(client, kind, **SECRETS[kind])
    other = sink(client, kind, **{name: text.upper() for name, text in SECRETS[kind].items()})
    assert one.address == other.address


@pytest.mark.parametrize("kind", sorted(set(SECRETS) - set(VARIABLES)))
def test_who_has_no_variables_says_so(github: ContractServer, kind: str) -> None:
    with pytest.raises(ConfigError, match="has no variables"):
        sink(talk(github), kind, **SECRETS[kind], kind=EntryKind.VARIABLE)


@pytest.mark.parametrize("kind", sorted(set(SECRETS) - {"codespaces-user"}))
def test_a_place_without_its_name_is_none(github: ContractServer, kind: str) -> None:
    with pytest.raises(ConfigError):
        sink(talk(github), kind)


@pytest.mark.parametrize("kind", [*ORGANISATIONS, "codespaces-user"])
def test_selected_repositories_have_to_be_named(github: ContractServer, kind: str) -> None:
    with pytest.raises(ConfigError, match="need repositories"):
        sink(talk(github), kind, name="acme", visibility="selected")


@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "github_x", "1A", "", "A B", "Ä", "A-B", "A" * 256])
def test_names_that_github_does_not_take(github: ContractServer, name: str) -> None:
    with pytest.raises(ConfigError):
        sink(talk(github), "repository", repository=REPOSITORY).check(name, value())


def test_values_that_nobody_takes(github: ContractServer) -> None:
    secrets = sink(talk(github), "repository", repository=REPOSITORY)
    others = sink(talk(github), "repository", repository=REPOSITORY, kind=EntryKind.VARIABLE)
    for place in (secrets, others):
        with pytest.raises(ConfigError, match="NUL"):
            place.check("A", value(b"a\0b"))
    with pytest.raises(ConfigError, match="UTF-8"):
        others.check("A", value(b"\xff\xfe"))
    with pytest.raises(ConfigError, match="UTF-8"):
        others.put("A", value(b"\xff\xfe"))
    others.check("A", value("ü"))
    secrets.check("A", value(b"\xff\xfe"))
    assert secrets.canonical("aB_c") == "AB_C"
