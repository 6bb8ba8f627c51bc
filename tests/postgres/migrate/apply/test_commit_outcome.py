"""What becomes of a COMMIT: that fails, that nobody confirms, that travels with the next file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from secopskit.migrate.apply import transaction
from secopskit.migrate.apply.exchange import Query, exchange
from secopskit.migrate.apply.progress import Noted, RunEvent, StepDone
from secopskit.migrate.ledger import history
from secopskit.migrate.model import MigrationStep
from secopskit.postgres.connect import Link
from support.cutting import Cut, cutting
from support.links import initialised, link_to
from support.postgres import Database
from support.runner import migrate, write

FILES = {f"{n}_x.sql": f"CREATE TABLE t{n} ();" for n in (1, 2, 3)}


@pytest.fixture
def ready(database: Database) -> Database:
    """A database that `init` has seen."""
    initialised(database.dsn).close()
    return database


def tables(database: Database) -> list[str]:
    return [
        name for (name,) in database.query("SELECT relname FROM pg_class WHERE relname ~ '^t\\d$' ORDER BY 1")
    ]


@pytest.mark.parametrize("sight", [1, 3], ids=["with the next file", "at the end"])
def test_a_commit_that_nobody_confirmed(ready: Database, tmp_path: Path, sight: int) -> None:
    told: list[RunEvent] = []
    with cutting(ready.server.port, b"COMMIT\0", Cut.AFTER, sight=sight) as port:
        dsn = ready.dsn.replace(f":{ready.server.port}/", f":{port}/")
        outcome = migrate(dsn, write(tmp_path / "m", FILES), tell=told.append)
    assert outcome.failure is None
    assert [event.step.migration.version for event in told if isinstance(event, StepDone)] == ["1", "2", "3"]
    assert [event.message for event in told if isinstance(event, Noted)] == [
        "The connection was lost at COMMIT; the server says that it has committed."
    ]
    assert tables(ready) == ["t1", "t2", "t3"]
    assert ready.query("SELECT count(*) FROM secops.migration_history WHERE version IS NOT NULL") == [(3,)]


@pytest.mark.parametrize("sight", [1, 3], ids=["with the next file", "at the end"])
def test_a_commit_that_never_arrived(ready: Database, tmp_path: Path, sight: int) -> None:
    directory = write(tmp_path / "m", FILES)
    with cutting(ready.server.port, b"COMMIT\0", Cut.BEFORE, sight=sight) as port:
        outcome = migrate(ready.dsn.replace(f":{ready.server.port}/", f":{port}/"), directory)
    assert outcome.failure
    assert outcome.failure.version == str(sight)
    assert "lost at COMMIT, and the server rolled back" in outcome.failure.message
    assert tables(ready) == [f"t{n}" for n in range(1, sight)]
    with link_to(ready.dsn) as link:
        assert [row.ok for row in history.read(link, version=str(sight))] == [False]
    assert migrate(ready.dsn, directory).failure is None
    assert tables(ready) == ["t1", "t2", "t3"]


def test_nothing_runs_behind_a_commit_that_fails(ready: Database, tmp_path: Path) -> None:
    ready.run(
        "CREATE TABLE parent (i int PRIMARY KEY); CREATE SEQUENCE seen;"
        "CREATE TABLE child (i int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)"
    )
    files = {
        "1_a.sql": "CREATE TABLE t1 ();",
        "2_b.sql": "CREATE TABLE t2 (); INSERT INTO child VALUES (7);",
        "3_c.sql": "SELECT nextval('seen');",
    }
    outcome = migrate(ready.dsn, write(tmp_path / "m", files))
    assert outcome.failure
    assert (outcome.failure.version, outcome.failure.line, outcome.failure.sqlstate) == ("2", None, "23503")
    assert [done.step.migration.version for done in outcome.done] == ["1"]
    assert tables(ready) == ["t1"]
    assert ready.query("SELECT is_called FROM seen") == [(False,)]


def test_a_connection_lost_before_the_commit(ready: Database, tmp_path: Path) -> None:
    files = {
        "1_a.sql": "CREATE TABLE t1 ();",
        "2_b.sql": "CREATE TABLE t2 ();\n\nSELECT pg_terminate_backend(pg_backend_pid());\nSELECT 1;",
    }
    directory = write(tmp_path / "m", files)
    lines: list[int | None] = []
    # A server that ends while more is being sent to it resets the connection, and answers that were not read
    # yet are gone: then nobody knows which statement was the last.
    while not lines or (lines[-1] is None and len(lines) < 10):
        outcome = migrate(ready.dsn, directory)
        assert outcome.failure
        assert outcome.failure.version == "2"
        lines.append(outcome.failure.line)
        assert tables(ready) == ["t1"]
    assert lines[-1] == 3
    with link_to(ready.dsn) as link:
        assert [row.ok for row in history.read(link, version="2")] == [False] * len(lines)


def test_a_file_costs_one_round_trip(
    ready: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trips: list[list[bytes]] = []

    def counting(link: Link, queries: Sequence[Query], *meanwhile: Callable[[], object]) -> None:
        trips.append([query.text for query in queries if query.text in {b"BEGIN", b"COMMIT"}])
        exchange(link, queries, *meanwhile)

    monkeypatch.setattr(transaction, "exchange", counting)
    assert migrate(ready.dsn, write(tmp_path / "m", FILES)).failure is None
    assert trips == [[b"BEGIN"], [b"COMMIT", b"BEGIN"], [b"COMMIT", b"BEGIN"], [b"COMMIT"]]


def test_a_file_is_made_ready_while_the_server_works_on_the_one_before(
    ready: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is made ready once, and sent over the connection that it was made for."""
    events = list[str]()
    made, original = transaction._Batch._part, exchange

    def part(self: transaction._Batch, step: MigrationStep) -> list[Query]:
        events.append(f"make {step.migration.version}")
        return made(self, step)

    def telling(link: Link, queries: Sequence[Query], *meanwhile: Callable[[], object]) -> None:
        events.append("send")
        original(link, queries, *meanwhile)

    monkeypatch.setattr(transaction._Batch, "_part", part)
    monkeypatch.setattr(transaction, "exchange", telling)
    assert migrate(ready.dsn, write(tmp_path / "m", FILES)).failure is None
    versions = sorted(name.partition("_")[0] for name in FILES)
    expected = [f"make {versions[0]}"]
    for version in versions[1:]:
        expected += ["send", f"make {version}"]
    assert events == [*expected, "send", "send"]
