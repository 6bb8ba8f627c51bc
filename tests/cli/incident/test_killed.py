"""`kill -9` at random points of a whole incident: `secops remediate` again, and it comes to the same end."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from support.cli import UNMEASURED, Outcome
from support.repos import Repo
from support.workshop import KILLED, ForkedWorkshop

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")]
WALK = ("remediate", "--yes", "--accept-outage", "all", "--push", "--no-backup")
MOST_KILLS = 10


class Leaked(ForkedWorkshop):
    """A workshop whose dotenv file was committed and pushed. `used` are all values there ever were."""

    def __init__(self, place: Path) -> None:
        super().__init__(place / "shop")
        self.variables = dict(UNMEASURED)  # who is killed tells no coverage
        self.server = Repo.create(place / "server.git", "--bare")
        self.repo.git("config", "user.name", "Ada")
        self.repo.git("config", "user.email", "ada@example.org")
        self.repo.git("remote", "add", "origin", f"file://{self.server.path}")
        files = (".env.production", ".secops.yaml", ".gitignore")
        self.repo.commit({name: (self.path / name).read_bytes() for name in files}, "deploy")
        self.repo.git("push", "-q", "origin", "main")
        self.used = {self.token, self.password}

    def walk(self, *, at: int = 0) -> Outcome:
        """Begin, or go on, and die at the change `at` of the file system."""
        outcome = self.secops(*WALK, at=at)
        self.used |= {self.values["API_TOKEN"], self.values["DB_PASSWORD"]}
        return outcome

    def check_alive(self) -> None:
        """Whoever reads the token gets in: only the password's outage was accepted."""
        for place in (self.values, self.shelf):
            assert place.get("API_TOKEN", self.values["API_TOKEN"]) in self.vendor.live("api")

    def check_closed(self) -> None:
        """The end that it always comes to: new values everywhere, the old ones nowhere, and on record."""
        document = json.loads(self.secops("status", "-f", "json").out)
        assert document["counts"] == {"closed": 2}, document
        assert document["unfinished"] == []
        values = self.values
        assert self.vendor.live("api") == [values["API_TOKEN"]]
        assert self.vendor.live("db") == [values["DB_PASSWORD"]]
        assert {name: values[name] for name in self.shelf} == self.shelf
        assert self.secops("status", "--check").code == 0
        for repo in (self.repo, self.server):
            everything = repo.git("log", "-p", "--all", "--reflog")
            assert not [value for value in self.used if value in everything]
        state = self.path / ".git" / "secops"
        for path in (one for one in state.rglob("*") if one.is_file() and one.name != "history-scan"):
            content = path.read_bytes()
            assert not [value for value in self.used if value.encode() in content], path


@pytest.mark.parametrize("seed", range(2))
def test_killed_at_random_points(tmp_path: Path, seed: int) -> None:
    chance, shop = random.Random(seed), Leaked(tmp_path)
    kills = 0
    while kills < MOST_KILLS:
        outcome = shop.walk(at=chance.randrange(10, 130))
        shop.check_alive()
        if outcome.code != KILLED:
            break
        kills += 1
    assert kills >= 3
    for _ in range(2):  # what a kill has left to a person is done by the second run at the latest
        outcome = shop.walk()
    assert outcome.code == 0, outcome.text
    shop.check_closed()
