"""What must not run twice, and what stopped half-way: on the way up, or on the way back."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from secopskit.errors import ExitCode, RefusedError, UsageError
from secopskit.migrate.apply.progress import MigrationFailedError, RunEvent, StatementDone, Waiting
from secopskit.migrate.ledger import account, history, repair, versions
from secopskit.migrate.ledger.history import RunRecord
from secopskit.migrate.model import Direction, Migration, MigrationPlan
from secopskit.migrate.plan import make_plan
from secopskit.migrate.read.files import load_migrations
from support.links import initialised, link_to
from support.postgres import Database
from support.runner import migrate, write

HEAD = "-- secops: no-transaction\n"
IMPATIENT = "-- secops: no-transaction lock-timeout=100ms\n"
BUMPS = "CREATE PROCEDURE bump() LANGUAGE plpgsql AS $$ BEGIN {} END $$;"
ADDS = "UPDATE acc SET n = n + 1; COMMIT; ALTER TABLE busy ADD COLUMN b int;"


@pytest.fixture
def ready(database: Database) -> Database:
    """A database that `init` has seen, of each version, with something to count in."""
    initialised(database.dsn).close()
    database.run("CREATE TABLE acc (n int); INSERT INTO acc VALUES (0); CREATE TABLE busy (a int)")
    return database


def row(database: Database) -> tuple[object, ...]:
    return database.query("SELECT state, stmts_done, stmts_total FROM secops.schema_migrations")[0]


def planned(database: Database, directory: Path, direction: Direction = Direction.UP) -> MigrationPlan:
    with link_to(database.dsn) as link:
        files = load_migrations(str(directory)).migrations
        return make_plan(files, versions.read(link), None, direction=direction)


def first_file(directory: Path) -> Migration:
    return load_migrations(str(directory)).migrations[0]


@pytest.mark.parametrize("statement", ["CALL bump();", f"DO $$ BEGIN {ADDS} END $$;"])
def test_what_may_have_committed_is_not_tried_again(ready: Database, tmp_path: Path, statement: str) -> None:
    ready.run(BUMPS.format(ADDS))
    directory = write(tmp_path / "m", {"1_a.sql": f"{IMPATIENT}SELECT 1;\n{statement}\n"})
    told: list[RunEvent] = []
    with ready.connect(autocommit=False) as reader:
        reader.execute("SELECT FROM busy")
        outcome = migrate(ready.dsn, directory, tell=told.append)
        reader.rollback()
    assert outcome.failure
    assert (outcome.failure.line, outcome.failure.sqlstate) == (3, "55P03")
    assert "may be committed" in outcome.failure.advice
    with pytest.raises(MigrationFailedError) as raised:
        outcome.raise_for_failure()
    assert raised.value.exit_code is ExitCode.INCOMPLETE
    assert not any(isinstance(event, Waiting) for event in told)
    assert ready.query("SELECT n FROM acc") == [(1,)]
    assert row(ready) == ("failed", 1, 2)
    (note,) = planned(ready, directory).problems
    assert "(line 3): part of it may be committed" in note.advice
    assert not note.blocking


def test_a_call_that_is_through_is_counted_and_not_run_again(ready: Database, tmp_path: Path) -> None:
    """Also where its count has to wait."""
    ready.run(BUMPS.format("UPDATE acc SET n = n + 1; COMMIT; PERFORM pg_sleep(0.5);"))
    directory = write(tmp_path / "m", {"1_a.sql": f"{IMPATIENT}CALL bump();\n"})
    holds, waited = threading.Event(), threading.Event()

    def hold() -> None:
        with ready.connect(autocommit=False) as other:
            while other.execute("SELECT n FROM acc").fetchone() != (1,):
                other.rollback()
            other.execute("SELECT FROM secops.schema_migrations FOR UPDATE")
            holds.set()
            waited.wait(30)

    def tell(event: RunEvent) -> None:
        if isinstance(event, Waiting):
            waited.set()

    holder = threading.Thread(target=hold)
    holder.start()
    outcome = migrate(ready.dsn, directory, tell=tell)
    waited.set()
    holder.join()
    assert holds.is_set()
    assert outcome.failure is None
    assert ready.query("SELECT n FROM acc") == [(1,)]


BACK = f"{HEAD}DROP TABLE b;\nSELECT 1 / n FROM acc;\nDROP TABLE a;\n"


@pytest.fixture
def half_undone(ready: Database, tmp_path: Path) -> Path:
    """The files of a version whose way back stopped at its second statement."""
    files = {"1_a.sql": "CREATE TABLE a ();\nCREATE TABLE b ();", "1_a.down.sql": BACK}
    directory = write(tmp_path / "m", files)
    assert migrate(ready.dsn, directory).failure is None
    failure = migrate(ready.dsn, directory, direction=Direction.DOWN).failure
    assert failure
    assert (failure.line, failure.half_done) == (3, True)
    assert row(ready) == ("failed", 1, 3)
    return directory


def test_a_way_back_goes_on_where_it_stopped(ready: Database, half_undone: Path) -> None:
    plan = planned(ready, half_undone, Direction.DOWN)
    assert [step.resume_at for step in plan.steps] == [1]
    (note,) = plan.problems
    assert not note.blocking
    assert "the way back of 1_a stopped after 1 of 3 statements" in note.message
    assert "`secops migrate down` goes on with the next one (line 3)" in note.advice
    with link_to(ready.dsn) as link:
        assert account.disagreements(versions.read(link), account.read_events(link)) == ()
    ready.run("UPDATE acc SET n = 1")
    told: list[RunEvent] = []
    assert migrate(ready.dsn, half_undone, direction=Direction.DOWN, tell=told.append).failure is None
    assert [event.done for event in told if isinstance(event, StatementDone)] == [2, 3]
    assert ready.query("SELECT version FROM secops.schema_migrations") == []
    assert ready.query("SELECT to_regclass('a'), to_regclass('b')") == [(None, None)]
    with link_to(ready.dsn) as link:
        rows = [(each.action, each.ok) for each in history.read(link, limit=4)]
        assert account.disagreements(versions.read(link), account.read_events(link)) == ()
    assert rows == [("down", True), ("down", False), ("down", True), ("up", True)]


def test_what_is_half_undone_is_not_applied_from_the_middle(ready: Database, half_undone: Path) -> None:
    write(half_undone, {"2_b.sql": "CREATE TABLE c ();"})
    plan = planned(ready, half_undone)
    assert [step.migration.version for step in plan.steps] == ["2"]
    assert plan.applied == 0
    (problem,) = plan.blocked
    assert "1_a is half undone: its way back stopped after 1 of 3 statements" in problem.message
    with pytest.raises(RefusedError, match="half undone"):
        migrate(ready.dsn, half_undone)


def test_what_is_half_undone_can_be_repaired(ready: Database, half_undone: Path) -> None:
    file = first_file(half_undone)
    with link_to(ready.dsn) as link:
        with pytest.raises(UsageError, match="half undone"):
            repair.accept(link, file, RunRecord())
        ready.run("CREATE TABLE b ()")
        repair.mark_applied(link, file, RunRecord())
        assert account.disagreements(versions.read(link), account.read_events(link)) == ()
        assert "of its way back" in history.read(link, limit=1)[0].message
    assert row(ready) == ("applied", 2, 2)
    assert planned(ready, half_undone).problems == ()
    assert [step.resume_at for step in planned(ready, half_undone, Direction.DOWN).steps] == [0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BACK.removeprefix(HEAD), "is gone from it"),
        (HEAD, "cannot be run"),
        ("SELECT 1;", "is gone from it"),
    ],
)
def test_another_way_back_does_not_go_on(ready: Database, half_undone: Path, text: str, words: str) -> None:
    write(half_undone, {"1_a.down.sql": text})
    assert words in planned(ready, half_undone, Direction.DOWN).blocked[0].message


def test_a_way_back_that_never_began_leaves_the_row_alone(ready: Database, tmp_path: Path) -> None:
    files = {"1_a.sql": "CREATE TABLE a ();\nCREATE TABLE b ();", "1_a.down.sql": BACK}
    directory = write(tmp_path / "m", files)
    assert migrate(ready.dsn, directory).failure is None
    ready.run(
        "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;"
        "CREATE TRIGGER no BEFORE UPDATE ON secops.schema_migrations FOR EACH ROW"
        " WHEN (new.state = 'running') EXECUTE FUNCTION no()"
    )
    assert migrate(ready.dsn, directory, direction=Direction.DOWN).failure
    assert row(ready) == ("applied", 2, 2)


def test_a_half_done_file_keeps_its_directive(ready: Database, tmp_path: Path) -> None:
    text = "CREATE TABLE a ();\nSELECT nope;\n"
    directory = write(tmp_path / "m", {"1_a.sql": HEAD + text})
    assert migrate(ready.dsn, directory).failure
    write(directory, {"1_a.sql": text})
    with link_to(ready.dsn) as link:
        with pytest.raises(UsageError, match="`-- secops: no-transaction` is gone from it"):
            repair.accept(link, first_file(directory), RunRecord())
        file = first_file(directory)  # as it was accepted once
        versions.accept("1", file.name, file.up.checksum, done=1, total=2).on(link)
    with pytest.raises(RefusedError, match="is gone from it"):
        migrate(ready.dsn, directory)
