"""Many statements in one round trip: what was answered is known, however it ends."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from secopskit.migrate.apply.exchange import Query, _name_of, exchange, query_of
from secopskit.migrate.apply.failure import ClientCopyError
from secopskit.migrate.ledger import history
from secopskit.migrate.model import Statement
from secopskit.postgres.connect import Command
from support.links import initialised, link_to
from support.postgres import Database
from support.runner import migrate, write


def texts(*statements: str) -> list[Query]:
    return [Query(text=text.encode()) for text in statements]


def test_each_answer_is_known(any_database: Database) -> None:
    queries = texts(
        "BEGIN", "CREATE TABLE t (i int)", "INSERT INTO t VALUES (1), (2)", "SELECT NULL, i FROM t"
    )
    with link_to(any_database.dsn) as link:
        exchange(link, queries)
        assert [query.tag for query in queries] == ["BEGIN", "CREATE TABLE", "INSERT 0 2", "SELECT 2"]
        assert [query.rows for query in queries[2:]] == [2, 2]
        assert queries[3].row == (None, "1")
        assert (queries[3].value, queries[0].row) == ("", None)
        assert link.info.transaction_status is TransactionStatus.INTRANS


def test_what_is_done_meanwhile_is_done_between_the_questions_and_their_answers(
    any_database: Database,
) -> None:
    queries = texts("SELECT 1", "SELECT 2")
    seen = list[list[bool]]()
    with link_to(any_database.dsn) as link:
        exchange(link, queries, lambda: seen.append([query.answered for query in queries]))
        assert seen == [[False, False]]
        assert [query.value for query in queries] == ["1", "2"]
        with pytest.raises(ZeroDivisionError):
            exchange(link, texts("SELECT 3"), lambda: 1 // 0)
        assert link.closed  # nobody will read the answer


def test_values_arrive_as_what_they_are(any_database: Database) -> None:
    command = Command(b"SELECT %s::text, %s::int + 1, %s::bool, %s::text", ("a'é\\", 41, False, None))
    query = query_of(command)
    with link_to(any_database.dsn) as link:
        exchange(link, [query])
        assert query.row == ("a'é\\", "42", "f", None)
        assert command.on(link).fetchone() == ("a'é\\", 42, False, None)


def test_what_is_repeated_is_prepared_once(any_database: Database) -> None:
    def repeated(value: int) -> Query:
        return query_of(Command(b"SELECT %s::int", (value,)), repeated=True)

    with link_to(any_database.dsn) as link:
        queries = [repeated(1), repeated(2)]
        exchange(link, queries)
        exchange(link, [*texts("SELECT 0"), third := repeated(3)])
        assert [query.value for query in (*queries, third)] == ["1", "2", "3"]
        prepared = link.execute("SELECT statement FROM pg_prepared_statements").fetchall()
        assert prepared == [("SELECT $1::int",)]
        with pytest.raises(psycopg.errors.UndefinedTable):
            exchange(link, [*texts("SELECT FROM no_such"), query_of(Command(b"SELECT 4"), repeated=True)])
        exchange(
            link, [fourth := query_of(Command(b"SELECT 4"), repeated=True)]
        )  # it was skipped, not prepared
        assert fourth.value == "4"


def test_a_name_that_somebody_else_has_taken(any_database: Database) -> None:
    name = _name_of(b"SELECT 1").decode()
    with link_to(any_database.dsn) as link:
        link.execute(f"PREPARE {name} AS SELECT 2".encode())
        with pytest.raises(psycopg.errors.DuplicatePreparedStatement) as caught:
            exchange(link, [query_of(Command(b"SELECT 1"), repeated=True)])
        assert link.lost_prepared(caught.value)
        assert not link.lost_prepared(caught.value)
        exchange(link, [again := query_of(Command(b"SELECT 1"), repeated=True)])
        assert again.value == "1"


def test_nothing_is_prepared_where_the_session_is_not_ours(any_database: Database) -> None:
    with link_to(any_database.dsn) as link:
        link.pooled = True
        exchange(link, [query_of(Command(b"SELECT %s::int", (1,)), repeated=True)])
        assert link.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)


@pytest.mark.parametrize("header", ["", "-- secops: no-transaction\n"])
@pytest.mark.parametrize("text", ["DEALLOCATE ALL", "DISCARD PLANS; DISCARD TEMP; DEALLOCATE PREPARE ALL"])
def test_a_file_that_takes_prepared_statements_away(
    any_database: Database, tmp_path: Path, header: str, text: str
) -> None:
    initialised(any_database.dsn).close()
    files = {f"{n}_x.sql": f"CREATE TABLE t{n} ();" for n in (1, 2, 4, 5)}
    files["3_x.sql"] = f"{header}CREATE TABLE t3 ();\n{text};\nCREATE TABLE t33 ();"
    outcome = migrate(any_database.dsn, write(tmp_path / "m", files))
    assert outcome.failure is None
    assert [done.step.migration.version for done in outcome.done] == ["1", "2", "3", "4", "5"]
    told = any_database.query(
        "SELECT version, ok FROM secops.migration_history WHERE action = 'up' ORDER BY id"
    )
    assert told == [(str(n), True) for n in range(1, 6)]


def test_the_first_error_is_told_and_the_rest_skipped(any_database: Database) -> None:
    queries = texts("SELECT 1", "SELECT 1 / 0", "SELECT no_such", "SELECT 2")
    with link_to(any_database.dsn) as link:
        with pytest.raises(psycopg.errors.DivisionByZero):
            exchange(link, queries)
        assert [query.answered for query in queries] == [True, False, False, False]
        assert (queries[0].value, queries[3].rows) == ("1", -1)
        assert link.execute("SELECT 3").fetchone() == (3,)


def test_what_was_answered_before_the_connection_ended(any_database: Database) -> None:
    """A server that ends with something unread resets the connection, and the last answers may be lost."""
    for is_read in (True, *(False,) * 9):
        many = texts(*(f"SELECT {n}" for n in range(300)), "SELECT pg_terminate_backend(pg_backend_pid())")
        # More than a socket takes at once.
        behind = [] if is_read else texts(*(f"SELECT '{'x' * 2_000_000}'" for _ in range(3)))
        with link_to(any_database.dsn) as link:
            with pytest.raises(psycopg.OperationalError):
                exchange(link, [*many, *behind])
            assert link.closed
            with pytest.raises(psycopg.OperationalError):
                exchange(link, texts("SELECT 1"))
        answered = [query.answered for query in (*many, *behind)]
        assert answered == sorted(answered, reverse=True)
        assert [query.value for query in many if query.answered] == [str(n) for n in range(sum(answered))]
        assert sum(answered) == 300 or not is_read


def test_both_sides_have_much_to_say(any_database: Database) -> None:
    """Each would wait for the other, if we only wrote."""
    queries = texts(*(f"SELECT repeat('y', 3000000), '{'x' * 1_000_000}'" for _ in range(12)))
    with link_to(any_database.dsn) as link:
        exchange(link, queries)
    assert {len((query.row or ("",))[0] or "") for query in queries} == {3_000_000}


@pytest.mark.parametrize("text", ["COPY t FROM STDIN", "COPY (SELECT 1) TO STDOUT"])
def test_a_copy_without_its_data_is_an_error(any_database: Database, text: str) -> None:
    any_database.run("CREATE TABLE t (i int)")
    statement = Query(text=text.encode(), statement=Statement(text=text, line=1, start=0, end=len(text)))
    with link_to(any_database.dsn) as link:
        queries = [*texts("SELECT 1"), statement, *texts("SELECT 2")]
        with pytest.raises(ClientCopyError):
            exchange(link, queries)
        assert [query.answered for query in queries] == [True, False, False]


def test_a_file_with_such_a_copy_fails_at_its_line(any_database: Database, tmp_path: Path) -> None:
    initialised(any_database.dsn).close()
    directory = write(tmp_path / "m", {"1_x.sql": "CREATE TABLE t ();\nCOPY t TO STDOUT;\nSELECT 1;"})
    failure = migrate(any_database.dsn, directory).failure
    assert failure
    assert (failure.line, failure.message.split()[0]) == (2, "COPY")
    with link_to(any_database.dsn) as link:
        assert [row.ok for row in history.read(link, version="1")] == [False]


def test_whoever_listens_may_give_up(any_database: Database) -> None:
    first, second = texts("SELECT 1", "SELECT pg_sleep(60)")

    def gives_up() -> None:
        raise BrokenPipeError

    first.heard = gives_up
    with link_to(any_database.dsn) as link:
        with pytest.raises(BrokenPipeError):
            exchange(link, [first, second])
        assert link.closed
