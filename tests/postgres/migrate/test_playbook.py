"""docs/ROLLBACK_PLAYBOOK.md, carried out: each section's commands, in the situation it is about.

A section is a heading with fenced commands below it. A scenario makes the situation, then follows
the section from its first block to its last; what stands between the blocks, it does by hand.
"""

from __future__ import annotations

import os
import re
import shlex
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from secopskit.migrate.ledger.history import RunRecord
from secopskit.migrate.ledger.initialise import initialise
from secopskit.migrate.ledger.lock import hold
from secopskit.migrate.model import Direction
from secopskit.postgres.connect import connect
from support.cli import COMMAND, ROOT, Outcome, secops
from support.links import link_to, settings_of
from support.postgres import Database, create_database, drop_database
from support.repos import Repo
from support.runner import Runners, migrate
from support.terminal import on_terminal

pytestmark = pytest.mark.usefixtures("unmeasured")

PLAYBOOK = (ROOT / "docs/ROLLBACK_PLAYBOOK.md").read_text(encoding="utf-8")
SICK = "20260301120000"
BEFORE = "20260201120000_users.sql"
ORDERS = f"{SICK}_orders.sql"
USERS = "CREATE TABLE users (id bigint PRIMARY KEY, name text, email text);"
CREATE_ORDERS = "CREATE TABLE orders (id bigint PRIMARY KEY);"
INDEXES = """-- secops: no-transaction
CREATE INDEX CONCURRENTLY users_name ON users (name);
CREATE UNIQUE INDEX CONCURRENTLY users_email ON users (email);
"""
# Runs for as long as there is a row in `slow`.
SLOW = "CREATE TABLE half (); SELECT pg_sleep(300) FROM slow; CREATE TABLE whole ();"


def sections() -> dict[str, list[tuple[str, str]]]:
    """The blocks of each heading: language and text."""
    found: dict[str, list[tuple[str, str]]] = {}
    for part in re.split(r"^##+ ", PLAYBOOK, flags=re.MULTILINE)[1:]:
        heading, _, body = part.partition("\n")
        if blocks := re.findall(r"^```(sh|sql)\n(.*?)^```", body, re.MULTILINE | re.DOTALL):
            found[heading] = blocks
    return found


Rows = list[tuple[Any, ...]]


class Night:
    """A repository, a production database, and a section to be followed."""

    def __init__(self, database: Database, root: Path, heading: str) -> None:
        self.database, self.repo = database, Repo.create(root)
        self.files = root / "migrations"
        self.blocks = iter(sections()[heading])
        self.pid = 0
        self.env = {"DATABASE_URL": database.dsn, "GIT_PAGER": "cat"}
        self.repo.git("config", "color.ui", "false")
        self.write({BEFORE: USERS})
        with link_to(database.dsn) as link:
            initialise(link, "production", RunRecord(actor="ada"))
        migrate(database.dsn, self.files)

    def write(self, files: dict[str, str]) -> None:
        self.files.mkdir(exist_ok=True)
        for name, text in files.items():
            (self.files / name).write_text(text)

    def release(self, files: dict[str, str]) -> None:
        """Files that are committed, tagged and applied."""
        self.write(files)
        self.repo.git("add", ".")
        self.repo.git("commit", "-q", "-m", "release")
        self.repo.git("tag", "v1.0.0")
        migrate(self.database.dsn, self.files)

    def rehearse(self) -> None:
        """The dry run that came before the night; the quicker kind."""
        self.secops("dry-run", "--on-target")

    def secops(self, command: str, *options: str, code: int = 0) -> Outcome:
        """Something that was done before the night."""
        done = secops("migrate", command, "--env", "production", *options, cwd=self.repo.path, env=self.env)
        assert done.code == code, done.text
        return done

    def sh(self, *codes: int) -> str:
        """Type the commands of the next block; what the terminal showed. All end well, but for `codes`."""
        lines = self._next("sh").splitlines()
        shown = ""
        for line, code in zip(lines, codes or (0,) * len(lines), strict=True):
            done = self._type(line)
            assert done.code == code, f"{line}\n{done.out}"
            shown += done.out
        return shown

    def sql(self) -> list[Rows]:
        """Run the statements of the next block; their rows. 12345 is the process that was found."""
        text = self._next("sql").replace("12345", str(self.pid))
        results: list[Rows] = []
        with self.database.connect() as connection:
            for statement in filter(str.strip, text.split(";\n")):
                cursor = connection.execute(statement.encode())
                results.append(cursor.fetchall() if cursor.description else [])
        return results

    def _next(self, language: str) -> str:
        kind, text = next(self.blocks)
        assert kind == language
        return text

    def _type(self, line: str) -> Outcome:
        answers = {"Type the name of the database": self.database.name, "[y/N]": "y"}
        script = f'secops() {{ {shlex.join(COMMAND)} "$@"; }}\n{line}\n'
        return on_terminal(["bash", "-c", script], cwd=self.repo.path, env=self.env, answers=answers)

    def there(self, *relations: str) -> list[bool]:
        """Whether each of them is there."""
        query = "SELECT to_regclass(%s) IS NOT NULL"
        return [self.database.query(query, relation)[0][0] for relation in relations]

    def versions(self) -> list[str]:
        """What counts as applied."""
        rows = self.database.query("SELECT version FROM secops.schema_migrations WHERE state = 'applied'")
        return sorted(version for (version,) in rows)


Scenario = Callable[[Night], None]
SCENARIOS: dict[str, Scenario] = {}


def section(heading: str) -> Callable[[Scenario], Scenario]:
    """The scenario of a section."""

    def register(scenario: Scenario) -> Scenario:
        SCENARIOS[heading] = scenario
        return scenario

    return register


@section("First look")
def first_look(night: Night) -> None:
    night.write({ORDERS: CREATE_ORDERS})
    shown = night.sh(1, 0, 0)
    assert "1 applied, 1 pending" in shown
    assert "Nobody holds the migration lock." in shown
    assert not any(night.there("orders"))


@section("A file failed")
def a_file_failed(night: Night) -> None:
    night.database.run("INSERT INTO users VALUES (1, NULL)")
    night.write({ORDERS: f"{CREATE_ORDERS}\nALTER TABLE users ALTER COLUMN name SET NOT NULL;"})
    assert not migrate(night.database.dsn, night.files).done
    assert night.there("orders") == [False]
    night.database.run("DELETE FROM users")
    night.sh()
    assert night.there("orders") == [True]


def half_way(night: Night) -> None:
    """One index is there, one is invalid."""
    night.database.run("INSERT INTO users VALUES (1, 'a', 'e'), (2, 'b', 'e')")
    night.write({ORDERS: INDEXES})
    failure = migrate(night.database.dsn, night.files).failure
    assert failure
    assert failure.half_done


@section("A file stopped half-way")
def stopped_half_way(night: Night) -> None:
    half_way(night)
    shown = night.sh(1, 0)
    assert "failed" in shown
    assert "stopped after 1 of 2 statements" in shown
    assert night.sql() == [[("users_email", "users")]]


@section("Go on after a stop")
def go_on(night: Night) -> None:
    half_way(night)
    night.database.run("DELETE FROM users WHERE id = 2")
    assert "which an interrupted run left invalid" in night.sh()
    assert night.database.query("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == [(0,)]


@section("Go on with an edited file")
def go_on_edited(night: Night) -> None:
    half_way(night)
    night.write({ORDERS: INDEXES.replace("UNIQUE ", "")})
    night.secops("up", code=5)
    night.sh()
    assert night.database.query("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == [(0,)]
    assert night.there("users_name", "users_email") == [True, True]


@section("Give a half-done file up")
def give_up(night: Night) -> None:
    half_way(night)
    night.sql()
    assert "1 applied, 1 pending" in night.sh(0, 1)
    assert night.there("users_name", "users_email") == [False, False]


@section("Finish a half-done file by hand")
def finish_by_hand(night: Night) -> None:
    half_way(night)
    night.sql()
    assert "2 applied, 0 pending" in night.sh()


@section("A way back stopped half-way")
def way_back_stopped(night: Night) -> None:
    back = (
        "-- secops: no-transaction\nDROP TABLE orders;\nSELECT 1 / count(*) FROM users;\nDROP TABLE lines;\n"
    )
    files = {ORDERS: f"{CREATE_ORDERS}CREATE TABLE lines ();", f"{SICK}_orders.down.sql": back}
    night.release(files)
    failure = migrate(night.database.dsn, night.files, direction=Direction.DOWN).failure
    assert failure
    assert failure.half_done
    assert "is half undone" in night.secops("up", code=5).err
    assert "is half undone" in night.secops("status", code=1).text
    night.database.run("INSERT INTO users VALUES (1)")
    night.write({f"{SICK}_orders.down.sql": back.replace("SELECT 1 / count(*) FROM users", "SELECT 1")})
    night.sh(1, 0, 0)
    assert night.there("orders", "lines") == [False, False]
    assert len(night.versions()) == 1


@section("A lock is in the way")
def a_lock(night: Night) -> None:
    night.write({ORDERS: "ALTER TABLE users ADD COLUMN age int;"})
    night.rehearse()
    night.env |= {"SECOPS_MIGRATE_LOCK_TIMEOUT": "200ms", "SECOPS_MIGRATE_RETRY_FOR": "300ms"}
    with night.database.connect(autocommit=False) as other:
        other.execute("SELECT count(*) FROM users")
        plan = night.secops("plan", "--hash").out.strip()
        failed = night.secops("up", "--confirm-production", plan, "--countdown", "0", code=3)
        assert "[55P03]" in failed.err
        ((row,),) = night.sql()
        night.pid = row[0]
        assert (row[0], row[3]) == (other.info.backend_pid, "idle in transaction")
        night.sql()
        night.sh()
        other.close()
    assert night.versions()[-1] == SICK


@section("It takes too long")
def too_long(night: Night) -> None:
    night.database.run("CREATE TABLE slow (); INSERT INTO slow DEFAULT VALUES")
    night.write({ORDERS: SLOW})
    failures: list[Any] = []
    run = threading.Thread(target=lambda: failures.append(migrate(night.database.dsn, night.files).failure))
    run.start()
    night.pid = busy(night)
    found, (cancelled,) = night.sql()
    assert [row[0] for row in found] == [night.pid]
    assert cancelled == (True,)
    run.join(30)
    assert failures[0].sqlstate == "57014"
    night.sh(0, 1)
    assert night.there("half", "whole") == [False, False]


def busy(night: Night) -> int:
    """The process that sleeps, once it does."""
    for _ in range(300):
        rows = night.database.query(
            "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
        )
        if rows:
            return int(rows[0][0])
        time.sleep(0.1)
    raise AssertionError("nothing runs")


@section("Another run holds the lock")
def lock_held(night: Night) -> None:
    night.write({ORDERS: CREATE_ORDERS})
    night.rehearse()
    night.env["SECOPS_MIGRATE_LOCK_WAIT"] = "100ms"
    settings = settings_of(night.database.dsn)
    with connect(settings) as link, hold(settings, beside=link) as lock:
        plan = night.secops("plan", "--hash").out.strip()
        refused = night.secops("up", "--confirm-production", plan, "--countdown", "0", code=5)
        assert "another run holds the migration lock" in refused.err
        assert f"backend {lock.pid}" in night.sh()
        night.pid = lock.pid
        night.sql()
        assert "Nobody holds the migration lock." in night.sh()
    assert night.there("orders") == [True]


@section("The runner died")
def runner_died(night: Night) -> None:
    night.database.run("CREATE TABLE slow ()")
    night.write({ORDERS: SLOW})
    night.rehearse()
    night.database.run("INSERT INTO slow DEFAULT VALUES")
    with Runners() as runners:
        pid = runners.start(night.database.dsn, night.files)
        server = busy(night)
        os.kill(pid, 9)
        assert runners.wait(pid) == -9
        for _ in range(100):
            if not night.database.query("SELECT FROM pg_stat_activity WHERE pid = %s", server):
                break
            time.sleep(0.1)
    night.database.run("TRUNCATE slow")
    shown = night.sh(1, 0, 0)
    assert "1 applied, 1 pending" in shown
    assert "Nobody holds the migration lock." in shown
    assert night.there("half", "whole") == [True, True]


@section("Repair forwards")
def repair_forwards(night: Night) -> None:
    night.release({ORDERS: "ALTER TABLE users DROP COLUMN name;"})
    night.sh()
    (new,) = (file for file in night.files.glob("*_bring_back_the_name.sql"))
    new.write_text("ALTER TABLE users ADD COLUMN name text;")
    new.with_name(new.name.replace(".sql", ".down.sql")).write_text("ALTER TABLE users DROP COLUMN name;")
    night.sh()
    assert len(night.versions()) == 3


@section("Go back")
def go_back(night: Night) -> None:
    night.release({ORDERS: CREATE_ORDERS, f"{SICK}_orders.down.sql": "DROP TABLE orders;"})
    night.sh(1, 0, 0)
    assert night.there("orders") == [False]
    assert len(night.versions()) == 1


@section("Data are lost")
def data_lost(night: Night) -> None:
    night.release({ORDERS: "DELETE FROM users;"})
    ((at,),) = night.database.query(
        "SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') FROM secops.migration_history"
        " WHERE version = %s",
        SICK,
    )
    assert at in night.sh()


@section("An applied file was edited")
def edited(night: Night) -> None:
    night.release({ORDERS: CREATE_ORDERS})
    night.write({ORDERS: "CREATE TABLE other ();"})
    night.secops("verify", code=1)
    shown = night.sh()
    assert "+CREATE TABLE other ();" in shown
    assert "the history is whole" in shown


@section("The edit is right")
def edit_is_right(night: Night) -> None:
    night.release({ORDERS: CREATE_ORDERS})
    night.write({ORDERS: f"-- What was ordered.\n{CREATE_ORDERS}"})
    night.secops("verify", code=1)
    night.sh()


@section("An applied file is gone")
def gone(night: Night) -> None:
    night.release({ORDERS: CREATE_ORDERS})
    night.repo.git("rm", "-q", f"migrations/{ORDERS}")
    night.repo.git("commit", "-q", "-m", "lost")
    night.secops("verify", code=1)
    assert "lost" in night.sh()


@section("It is gone for good")
def gone_for_good(night: Night) -> None:
    night.release({ORDERS: CREATE_ORDERS})
    (night.files / ORDERS).unlink()
    night.secops("verify", code=1)
    unnamed = secops("migrate", "repair", "--forget", SICK, "--yes", cwd=night.repo.path, env=night.env)
    assert unnamed.code == 5  # production is meant only by who says so
    night.sh()
    assert night.there("orders") == [True]


@section("The plan was not tried")
def not_tried(night: Night) -> None:
    night.write({ORDERS: CREATE_ORDERS})
    plan = night.secops("plan", "--hash").out.strip()
    refused = night.secops("up", "--confirm-production", plan, code=5)
    assert "has not passed a dry run" in refused.err
    night.sh(1, 0, 0)
    assert night.there("orders") == [True]


@section("It is a freeze")
def a_freeze(night: Night) -> None:
    (night.repo.path / ".secops.yaml").write_text("migrate: {freeze: ['00:00 - 12:00', '12:00 - 24:00']}")
    night.write({ORDERS: CREATE_ORDERS})
    night.rehearse()
    assert "a time without migrations" in night.secops("up", code=5).err
    night.sh()
    assert night.there("orders") == [True]


@section("A hotfix came in between")
def hotfix(night: Night) -> None:
    night.release({ORDERS: CREATE_ORDERS})
    night.write({"20260228000000_hotfix.sql": "CREATE TABLE hotfix ();"})
    assert "is older than" in night.secops("up", code=5).err
    night.sh()
    assert night.there("hotfix") == [True]


@section("It is the wrong database")
def wrong_database(night: Night) -> None:
    odoo = create_database(night.database.server)
    try:
        odoo.run("CREATE TABLE ir_module_module (); CREATE TABLE res_users ()")
        night.env["DATABASE_URL"] = odoo.dsn
        assert "is an Odoo database" in night.secops("up", code=5).err
        assert odoo.query("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == [
            (2,)
        ]
        assert odoo.query("SELECT count(*) FROM pg_namespace WHERE nspname = 'secops'") == [(0,)]
    finally:
        drop_database(odoo)
    night.env["DATABASE_URL"] = night.database.dsn
    assert "1 applied" in night.sh()


@section("The database was restored")
def restored(night: Night) -> None:
    before = night.secops("init").out
    copy = create_database(night.database.server, night.database.name)
    try:
        night.env["DATABASE_URL"] = copy.dsn
        assert "is not the one that was pinned" in night.secops("status", code=5).err
        night.sh()
        assert night.secops("init").out != before
        assert "the history is whole" in night.secops("verify").out
    finally:
        drop_database(copy)


@section("The history was tampered with")
def tampered(night: Night) -> None:
    night.database.run(
        "ALTER TABLE secops.migration_history DISABLE TRIGGER ALL;"
        "UPDATE secops.migration_history SET actor = 'nobody' WHERE id = 2"
    )
    assert "row 2 was changed" in night.sh(1, 0, 1)
    assert '"nobody"' in (night.repo.path / "history.json").read_text()
    assert "row 2 was changed" in (night.repo.path / "verify.json").read_text()


def test_every_section_with_commands_has_a_scenario() -> None:
    assert sorted(SCENARIOS) == sorted(sections())


@pytest.fixture
def night(request: pytest.FixtureRequest, any_database: Database, tmp_path: Path) -> Iterator[Night]:
    night = Night(any_database, tmp_path, request.param)
    yield night
    assert list(night.blocks) == []  # nothing was left out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("night", "heading"),
    [(heading, heading) for heading in SCENARIOS],
    indirect=["night"],
    ids=list(SCENARIOS),
)
def test_the_section(night: Night, heading: str) -> None:
    SCENARIOS[heading](night)
