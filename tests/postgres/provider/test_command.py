"""`secops rotate` with a real database: whoever reads the dotenv file gets in at every moment, also when
the command is killed in the middle.
"""

from __future__ import annotations

import random
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from secopskit.errors import ExitCode
from secopskit.provider.postgres.dsn import read_dsn
from secopskit.secret import SecretValue
from support.cli import UNMEASURED, Outcome, run
from support.repos import Repo
from support.shops import NAME, Shop, Storm
from support.workshop import DRIVER, KILLED

_CONFIG = """
rotate:
  drain_timeout: "0"
  environments:
    production:
      {name}: {{provider: postgres, roles: ["{one}", {two}], admin_url_env: ADMIN_URL}}
sync:
  environments:
    production:
      source: {{dotenv: .env.production}}
      secrets:
        {name}: {{sinks: []}}
"""
_CHANGES = 60  # of the file system, more or less, in one rotation


class Counter:
    """A repository whose dotenv file has the connection string of a shop."""

    def __init__(self, path: Path, shop: Shop) -> None:
        self._shop = shop
        self._repo = Repo.create(path)
        self._repo.write(".secops.yaml", _CONFIG.format(name=NAME, one=shop.one, two=shop.two))
        self._repo.write(".gitignore", ".env*\n")
        self._file = self._repo.write(".env.production", f"# ours\n{NAME}={shop.value}\nCOLOUR=green\n")

    def published(self) -> str:
        """What a reader of the file has at this moment."""
        return self.value(NAME)

    def value(self, name: str) -> str:
        """What the file has under a name."""
        lines = self._file.read_text().splitlines()
        line = next(line for line in lines if line.startswith(f"{name}="))
        return line.partition("=")[2].strip("'\"")

    def add(self, name: str, value: str) -> None:
        """One more declared value."""
        self._file.write_text(f"{self._file.read_text()}{name}='{value}'\n")
        settings = self._repo.path / ".secops.yaml"
        settings.write_text(f"{settings.read_text()}        {name}: {{sinks: []}}\n")

    def declare_user(self, name: str) -> None:
        """Say which name has the user alone."""
        settings = self._repo.path / ".secops.yaml"
        known = "provider: postgres, "
        settings.write_text(settings.read_text().replace(known, f"{known}user_name: {name}, "))

    def rotate(self, *arguments: str, at: int = 0) -> Outcome:
        """Run `secops rotate`; it dies at the change `at` of the file system."""
        admin = self._shop.url(self._shop.admin, self._shop.admin_word)
        command = (*DRIVER, str(at), "rotate", *arguments)
        return run(*command, cwd=self._repo.path, env={"ADMIN_URL": admin, **UNMEASURED})

    @property
    def role(self) -> str:
        """The role that the file names."""
        dsn = read_dsn(SecretValue(self.published().encode()))
        assert dsn is not None
        return dsn.role


@pytest.fixture
def counter(any_shop: Shop, tmp_path: Path) -> Counter:
    return Counter(tmp_path / "repo", any_shop)


def test_from_the_plan_to_the_end(any_shop: Shop, counter: Counter) -> None:
    old = any_shop.value
    plan = counter.rotate("plan", NAME)
    assert plan.code in {0, 1}, plan.text
    assert any_shop.two in plan.text
    applied = counter.rotate("apply", NAME, "--yes")
    assert applied.code == 0, applied.text
    assert counter.role == any_shop.two
    assert any_shop.admits(counter.published())
    assert not any_shop.admits(old)
    for word in (any_shop.word, any_shop.admin_word, counter.published()):
        assert word not in plan.text + applied.text


def test_a_bare_password_beside_it_is_refused_before_anything_changes(
    any_shop: Shop, counter: Counter
) -> None:
    counter.add("SHOP_WORD", quote(any_shop.word, safe=""))  # a bare password, however it is written
    counter.add("SHOP_USER", any_shop.one)
    for command in (("plan", NAME), ("apply", NAME, "--yes")):
        outcome = counter.rotate(*command)
        told = " ".join(outcome.text.split())
        assert "a bare password of" in told
        assert "`user_name`" in told
    assert any_shop.admits(any_shop.value)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(any_shop.url(any_shop.two, any_shop.word), sslmode="disable")
    counter.declare_user("SHOP_USER")
    plan = counter.rotate("plan", NAME)
    assert "SHOP_USER of production" in " ".join(plan.text.split())
    applied = counter.rotate("apply", NAME, "--yes")
    assert applied.code == 0, applied.text
    assert (counter.value("SHOP_USER"), counter.role) == (any_shop.two, any_shop.two)
    assert any_shop.admits(any_shop.url(any_shop.two, counter.value("SHOP_WORD")))


@pytest.mark.slow
def test_killed_at_any_moment_nobody_fails(any_shop: Shop, counter: Counter) -> None:
    chance = random.Random()
    with Storm(counter.published, threads=2) as storm:
        storm.wait_for(20)
        for number in range(3):
            before = counter.role
            at = chance.randrange(5, _CHANGES)
            outcome = counter.rotate("apply", NAME, "--yes", at=at)
            assert any_shop.admits(counter.published()), (number, at)
            for _ in range(10):
                if outcome.code == 0 and counter.role != before:
                    break
                # Killed, or stopped because a login of the storm is using the old role at that very moment.
                assert outcome.code in {0, KILLED, ExitCode.INCOMPLETE}, outcome.text
                resumed = outcome.code != 0
                outcome = counter.rotate("apply", *(("--resume",) if resumed else (NAME,)), "--yes")
            assert (outcome.code, counter.role != before) == (0, True), outcome.text
            storm.wait_for(storm.total + 20)
    assert len(storm.failures) == storm.overtaken, storm.total
