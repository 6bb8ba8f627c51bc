"""The guards before a write, each through both ways in: the command line and the HTTP server."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from secopskit.cli.boundary import run as run_command
from secopskit.errors import RefusedError
from secopskit.git.repository import Repository
from secopskit.migrate import guards
from secopskit.migrate.guards import GuardedChange
from secopskit.migrate.ledger import history
from secopskit.settings.freeze import parse_window
from support.api import serving
from support.links import initialised, link_to
from support.postgres import Database
from support.repos import Repo
from support.runner import write

FILES = {"1_users.sql": "CREATE TABLE users (id int PRIMARY KEY);"}
CONFIG = "migrate: {{countdown: 0s, {0}}}\n"


@dataclass(slots=True, kw_only=True)
class Doors:
    """A database with files for it, to be changed through either way in."""

    database: Database
    root: Path
    environment: str
    capture: pytest.CaptureFixture[str]

    def command(self, config: str = "", *, named: bool = True, confirm: str = "") -> str:
        """What `up` answers: exit code and reason; empty where it goes through."""
        (self.root / ".secops.yaml").write_text(CONFIG.format(config))
        env = ["--env", self.environment] if named else []
        confirmed = confirm or self.plan()
        self.capture.readouterr()
        code = run_command(["migrate", "up", *env, "--confirm-production", confirmed])
        return f"{int(code)} {self.capture.readouterr().err}" if code else ""

    def server(
        self,
        *,
        named: bool = True,
        confirm: str = "",
        apply_guarded: bool = True,
        name: str | None = None,
        **settings: Any,
    ) -> str:
        """What an apply over HTTP answers: status, code and reason; empty where it goes through."""
        repository = Repository.open(str(self.root)) if (self.root / ".git").exists() else None
        body = {"confirm": self.database.name if name is None else name}
        with serving(
            self.database,
            self.root / "migrations",
            environment=self.environment if named else "",
            apply_guarded=apply_guarded,
            repository=repository,
            **settings,
        ) as api:
            answer = api.apply(**body | ({"plan": confirm} if confirm else {}))
            if answer.status_code == 202:
                assert api.wait(answer.json()["id"])["state"] == "succeeded"
                return ""
            problem = answer.json()
            return f"{answer.status_code} {problem['code']} {problem['detail']} {problem['advice']}"

    def plan(self) -> str:
        """The hash of the plan."""
        with serving(self.database, self.root / "migrations", environment=self.environment) as api:
            return api.plan()

    def rehearse(self) -> None:
        """A dry run of the plan, as far as the history knows."""
        with link_to(self.database.dsn) as link:
            entry = history.HistoryEntry(action=history.Action.DRY_RUN, plan_hash=self.plan(), duration_ms=1)
            history.append(history.RunRecord(), entry).on(link)

    @property
    def changed(self) -> bool:
        """Whether the file was applied."""
        return self.database.query("SELECT to_regclass('users')::text") != [(None,)]


@pytest.fixture
def doors(
    any_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Doors:
    """A guarded database whose plan was tried: nothing but the guard in question refuses it."""
    for name in [name for name in os.environ if name.startswith(("PG", "SECOPS_", "GITHUB_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATABASE_URL", any_database.dsn)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "migrations", FILES)
    initialised(any_database.dsn, "production").close()
    found = Doors(database=any_database, root=tmp_path, environment="production", capture=capfd)
    found.rehearse()
    return found


def both(doors: Doors, command: str, server: str, *words: str) -> None:
    """Both refuse, with their code and for the reason that `words` tell; nothing was changed."""
    assert command.startswith("5 "), command
    assert server.startswith("4"), server
    for word in words:
        assert word in command
        assert word in server
    assert not doors.changed


def test_a_guard_that_is_added_is_asked_by_both(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def toy(change: GuardedChange) -> None:
        seen.append(change.plan.hash)
        raise RefusedError("the moon is full", advice="Wait.")

    monkeypatch.setattr(guards, "GUARDS", (*guards.GUARDS, toy))
    both(doors, doors.command(), doors.server(), "the moon is full")
    assert seen == [doors.plan()] * 2


@pytest.mark.parametrize("way", ["command", "server"])
def test_every_guard_is_asked_in_its_order(doors: Doors, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    asked: list[str] = []

    def watched(guard: guards.Guard) -> guards.Guard:
        def ask(change: GuardedChange) -> None:
            asked.append(guard.__name__)
            guard(change)

        return ask

    monkeypatch.setattr(guards, "GUARDS", tuple(map(watched, guards.GUARDS)))
    assert getattr(doors, way)() == ""
    assert asked == [
        "no_foreign_past",
        "plan_not_blocked",
        "history_agrees",
        "plan_confirmed",
        "files_committed",
        "outside_freeze",
        "apply_enabled",
        "database_confirmed",
        "environment_named",
        "rehearsed",
        "consented",
    ]
    assert doors.changed


def test_no_foreign_past(doors: Doors) -> None:
    doors.database.run(
        "CREATE TABLE public.schema_migrations (version varchar PRIMARY KEY);"
        "INSERT INTO public.schema_migrations VALUES ('1')"
    )
    both(doors, doors.command(), doors.server(), "dbmate has applied 1 of these files")


def test_plan_not_blocked(doors: Doors) -> None:
    write(doors.root / "migrations", {"1_other.sql": "SELECT 1"})
    both(doors, doors.command(), doors.server(), "that must be solved first")


def test_history_agrees(doors: Doors) -> None:
    """A row of the ledger that somebody deleted is not run again."""
    assert doors.command() == ""
    doors.database.run("DELETE FROM secops.schema_migrations; DROP TABLE users")
    both(doors, doors.command(), doors.server(), "the ledger has no row of it")


def test_plan_confirmed(doors: Doors) -> None:
    old = doors.plan()
    write(doors.root / "migrations", {"2_more.sql": "SELECT 1"})
    both(doors, doors.command(confirm=old), doors.server(confirm=old), "have changed")


def test_files_committed(doors: Doors) -> None:
    Repo.create(doors.root)
    clean = doors.command("require_clean_git: true"), doors.server(require_clean_git=True)
    both(doors, *clean, "changes that are not committed")
    Repo(doors.root).commit({f"migrations/{name}": text for name, text in FILES.items()})
    both(doors, doors.command("require_tag: true"), doors.server(require_tag=True), "has no tag")


def test_outside_freeze(doors: Doors) -> None:
    day = f"{datetime.now(UTC):%Y}-01-01 - {datetime.now(UTC):%Y}-12-31"
    command, server = doors.command(f"freeze: ['{day}']"), doors.server(freeze=(parse_window(day),))
    both(doors, command, server, "a time without migrations")


def test_environment_named(doors: Doors) -> None:
    both(doors, doors.command(named=False), doors.server(named=False), "--env production")


def test_rehearsed(doors: Doors) -> None:
    write(doors.root / "migrations", {"2_more.sql": "SELECT 1"})
    both(doors, doors.command(), doors.server(), "has not passed a dry run")


def test_a_server_does_not_change_a_guarded_database_unless_it_is_told_to(doors: Doors) -> None:
    assert doors.server(apply_guarded=False).startswith("403 apply-disabled ")
    assert not doors.changed


def test_the_database_is_named_over_http(doors: Doors) -> None:
    assert doors.server(name="another").startswith("403 confirmation-needed ")
    assert not doors.changed


def test_the_plan_is_consented_to_on_the_command_line(doors: Doors) -> None:
    doors.capture.readouterr()
    assert run_command(["migrate", "up", "--env", "production", "--yes"]) == 5
    assert "--yes is not enough" in doors.capture.readouterr().err
    assert not doors.changed
