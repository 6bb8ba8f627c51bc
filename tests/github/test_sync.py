"""A whole sync before GitHub: plan, write, look, and again after it broke off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from secopskit.errors import ExitCode
from secopskit.origin import ORIGINS
from secopskit.sink.interface import SinkSurroundings
from secopskit.sync import run
from secopskit.sync.model import SyncState
from secopskit.sync.outcome import SyncOutcome
from secopskit.sync.request import SyncRequest
from support.github import faults, plans
from support.github.connected import Connection
from support.github.server import ContractServer
from support.github.values import awkward_values
from support.sync import HOSTS, FakeHost, request_for

DECLARED = """
sync:
  repositories: [acme/shop, acme/site]
  environments:
    production:
      source: {{shelf: prod}}
      sinks: [environment, repository, dependabot]
      secrets: [{secrets}]
      variables:
        API_URL: {{sinks: [repository]}}
    shared:
      source: {{shelf: shared}}
      sinks: ["organization:acme"]
      secrets: [ORG_A, ORG_B]
"""
NAMES = awkward_values(12)
PLACES = 2 * 3  # repositories, and places of secrets in each


class Scene:
    """A GitHub with two repositories, and the request to fill it."""

    def __init__(self, github: ContractServer, root: Path, host: FakeHost) -> None:
        self.github = github
        self.host = host
        host.sources["prod"] = {**NAMES, "API_URL": b"https://api.example"}
        host.sources["shared"] = {"ORG_A": b"one", "ORG_B": b"two"}
        for name in ("acme/shop", "acme/site"):
            github.world.repository(name)
            github.world.environment(name, "production", wait_timer=30)
        held = github.world.organisation("acme").secrets["actions"].put("ORG_A", b"old")
        held.visibility, held.selected = "selected", {github.world.repository("acme/shop").id}
        self.request: SyncRequest = request_for(root, DECLARED.format(secrets=", ".join(NAMES)))
        client = Connection(github).client
        self.sinks = SinkSurroundings(base=str(root), github=lambda: client)

    def apply(self) -> SyncOutcome:
        made = run.plan(self.request, sinks=self.sinks)
        return run.apply(made, self.request, consented=True)

    def resume(self) -> SyncOutcome:
        return run.resume(self.request, sinks=self.sinks, consented=True)

    def assert_everything_arrived(self) -> None:
        world = self.github.world
        for name in ("acme/shop", "acme/site"):
            repository, environment = (
                world.repository(name),
                world.repository(name).environments["production"],
            )
            for vault in (
                environment.secrets,
                repository.secrets["actions"],
                repository.secrets["dependabot"],
            ):
                assert vault.values == NAMES
            assert repository.variables.values == {"API_URL": b"https://api.example"}
            assert (environment.puts, environment.rules) == (0, {"wait_timer": 30})
        shared = world.organisation("acme").secrets["actions"]
        assert shared.values == {"ORG_A": b"one", "ORG_B": b"two"}
        assert shared.held["ORG_A"].selected == {world.repository("acme/shop").id}
        assert (shared.held["ORG_A"].visibility, shared.held["ORG_B"].visibility) == ("selected", "private")


@pytest.fixture
def scene(github: ContractServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setitem(ORIGINS, "shelf", "support.sync:FakeOrigin")
    HOSTS[str(tmp_path)] = host = FakeHost()
    yield Scene(github, tmp_path, host)
    del HOSTS[str(tmp_path)]


def test_everything_arrives_in_as_few_requests_as_can_be(scene: Scene) -> None:
    outcome = scene.apply()
    assert (outcome.code, len(outcome.written)) == (ExitCode.OK, PLACES * len(NAMES) + 2 + 2)
    scene.assert_everything_arrived()
    assert len(scene.github.requests("PUT")) == PLACES * len(NAMES) + 2
    assert len(scene.github.requests("POST")) == 2
    assert len(scene.github.requests("GET", "/public-key$")) == PLACES + 1
    lists = scene.github.requests("GET", r"/(secrets|variables)$")
    # Before and after the writes, each place once.
    assert len(lists) == 2 * (PLACES + 2 + 1)


def test_a_second_run_writes_nothing(scene: Scene) -> None:
    scene.apply()
    before = len(scene.github.log)
    made = run.plan(scene.request, sinks=scene.sinks)
    assert {item.state for item in made.items} == {SyncState.UNCHANGED}
    assert run.check(made) is ExitCode.OK
    assert run.apply(made, scene.request, consented=True).written == ()
    assert {each.method for each in scene.github.log[before:]} == {"GET"}


def test_what_somebody_else_wrote_is_drift(scene: Scene) -> None:
    scene.apply()
    scene.github.clock.advance(60)
    scene.github.world.repository("acme/site").secrets["actions"].put("VALUE_001", b"another")
    scene.github.world.repository("acme/site").variables.put("API_URL", b"https://evil.example")
    made = run.plan(scene.request, sinks=scene.sinks)
    drifted = sorted((item.name, item.state.value) for item in made.items if made.is_work(item))
    assert [name for name, _ in drifted] == ["API_URL", "VALUE_001"]
    assert run.check(made) is ExitCode.FINDINGS
    assert scene.apply().code is ExitCode.OK
    scene.assert_everything_arrived()


@pytest.mark.parametrize("plan", plans.PASSING, ids=str)
def test_nothing_is_lost_while_something_goes_wrong(scene: Scene, plan: plans.FaultPlan) -> None:
    plan.inject(scene.github)
    assert scene.apply().code is ExitCode.OK
    assert scene.github.faults.fired
    scene.assert_everything_arrived()


@pytest.mark.parametrize(
    "fault", [faults.unauthorised(), faults.forbidden(), faults.failing(500), faults.lost_answer()], ids=str
)
@pytest.mark.parametrize("after", [0, 7, 40])
def test_what_broke_off_is_resumed(scene: Scene, fault: faults.Fault, after: int) -> None:
    scene.github.faults.add(fault, method="PUT", nth=range(after + 1, 10_000))
    broken = scene.apply()
    assert broken.code is not ExitCode.OK
    assert broken.failures
    scene.github.faults.clear()
    scene.github.clock.advance(3600)
    outcome = scene.resume() if broken.resumable else scene.apply()
    assert outcome.code is ExitCode.OK
    scene.assert_everything_arrived()
    if fault.done:
        return
    for vault in scene.github.world.vaults():
        # What was done before is not done again; ORG_A was there.
        assert {each.writes for each in vault.held.values() if each.name != "ORG_A"} <= {1}
