"""The directory of migrations: names, texts, directives, and what is refused."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.errors import RefusedError, UsageError
from secopskit.migrate.model import Directives, ProblemKind
from secopskit.migrate.read.checksum import checksum, normalise
from secopskit.migrate.read.files import Loaded, load_migrations
from secopskit.migrate.read.names import FileName, parse_name, version_key
from secopskit.settings.duration import parse_duration


def load(directory: Path, files: dict[str, str | bytes]) -> Loaded:
    for name, content in files.items():
        (directory / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return load_migrations(str(directory))


def problem(directory: Path, content: str | bytes, name: str = "1_a.sql") -> str:
    (found,) = load(directory, {name: content}).problems
    assert found.kind is ProblemKind.FILE
    assert found.advice
    assert found.message.startswith(str(directory / name))
    return found.message.removeprefix(str(directory / name))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("1_a.sql", FileName("1", "a", False)),
        ("002_add_users.sql", FileName("002", "add_users", False)),
        ("20260101120000_x.up.sql", FileName("20260101120000", "x", False)),
        ("20260101120000_x.down.sql", FileName("20260101120000", "x", True)),
        ("7.down.sql", FileName("7", "", True)),
        ("7.sql", FileName("7", "", False)),
        ("7_dotted.name.sql", FileName("7", "dotted.name", False)),
        ("V1__init.sql", FileName("1", "init", False)),
        ("V1_2__init.sql", FileName("1.2", "init", False)),
        ("U1.2__init.sql", FileName("1.2", "init", True)),
        ("seed.sql", None),
        ("R__views.sql", None),
        ("1-a.sql", None),
        ("1a.sql", None),
        ("٣_arabic.sql", None),
        ("123456789012345678901_x.sql", None),
    ],
)
def test_names(name: str, expected: FileName | None) -> None:
    assert parse_name(name) == expected


def test_versions_are_ordered_as_numbers(tmp_path: Path) -> None:
    names = ["10_c", "2_b", "001_a", "20260101_d", "20260101120000_e", "V1.5__a2"]
    loaded = load(tmp_path, {f"{name}.sql": "SELECT 1" for name in names})
    assert [m.version for m in loaded.migrations] == ["001", "1.5", "2", "10", "20260101", "20260101120000"]
    assert loaded.problems == ()
    assert version_key("7") == version_key("007")


def test_times_are_ordered_by_time_however_precise() -> None:
    ordered = [
        *("2", "010", "1660333326", "20240321000020", "20240321000020002", "20240321000021", "20250811"),
        *("2025081100", "20250811000000", "20250811093000", "20250812", "20251332000000"),
    ]
    assert sorted(sorted(ordered), key=version_key) == ordered
    assert len({version_key(version) for version in ordered}) == len(ordered)
    assert version_key("020250811") == version_key("20250811")


def test_what_a_migration_holds(tmp_path: Path) -> None:
    head = "-- secops: lock-timeout=2s requires=001,0002\n--secops: statement-timeout=5min\n"
    loaded = load(
        tmp_path,
        {
            "3_x.sql": f"\ufeff{head}SELECT 1;\r\nSELECT 2;\r\n",
            "3_x.down.sql": "SELECT 3",
            "README.md": "x",
            ".hidden.sql": "x",
        },
    )
    (migration,) = loaded.migrations
    assert (migration.version, migration.name, migration.up.path) == ("3", "x", str(tmp_path / "3_x.sql"))
    assert migration.up.directives == Directives(
        lock_timeout_ms=2000, statement_timeout_ms=300_000, requires=("001", "0002")
    )
    assert [(s.text, s.line) for s in migration.up.statements] == [("SELECT 1", 3), ("SELECT 2", 4)]
    assert migration.up.text == f"{head}SELECT 1;\nSELECT 2;\n"
    assert migration.up.checksum == hashlib.sha256(migration.up.text.encode()).hexdigest()
    assert migration.down
    assert migration.down.statements[0].text == "SELECT 3"
    assert loaded.problems == ()


@given(st.text(alphabet="ab;\n é", max_size=30))
def test_the_checksum_does_not_depend_on_editors(text: str) -> None:
    windows = ("\ufeff" + text.replace("\n", "\r\n")).encode()
    assert checksum(normalise(windows)) == checksum(normalise(text.encode()))


@pytest.mark.parametrize(
    ("sql", "lines"),
    [
        ("begin;\nCREATE TABLE a();\nCREATE TABLE b();\nCommit Work;\n", (1, 4)),
        ("START TRANSACTION;\nCREATE TABLE a();\nCREATE TABLE b();\nEND", (1, 4)),
        ("CREATE TABLE a();\nbegin;\nCREATE TABLE b();\ncommit;\n-- done\n", (2, 4)),
    ],
)
def test_a_wrapper_that_nothing_follows_is_ours_to_do(
    tmp_path: Path, sql: str, lines: tuple[int, ...]
) -> None:
    loaded = load(tmp_path, {"1_a.sql": sql})
    assert [s.text for s in loaded.migrations[0].up.statements] == ["CREATE TABLE a()", "CREATE TABLE b()"]
    assert loaded.migrations[0].up.wrapper == lines
    assert loaded.problems == ()


def test_a_notification_may_follow_the_wrapper(tmp_path: Path) -> None:
    sql = "BEGIN;\nCREATE TABLE a();\nCOMMIT;\n-- reload\nNOTIFY pgrst, 'reload schema';\n"
    loaded = load(tmp_path, {"1_a.sql": sql})
    assert [s.line for s in loaded.migrations[0].up.statements] == [2, 5]
    assert loaded.problems == ()


@pytest.mark.parametrize(
    ("sql", "line", "advice"),
    [
        ("BEGIN;\nSELECT 1;\nCOMMIT;\n\nSELECT 2;", 3, ("(line 1, 3)", "move line 5 and below")),
        (
            "begin;\nSELECT 1;\ncommit;\nbegin;\nSELECT 2;\ncommit;",
            3,
            ("(line 1, 3, 4, 6)", "move line 5 and below", "`-- secops: no-transaction` the first line"),
        ),
        ("SELECT 1;\nSAVEPOINT a;\nSELECT 2;", 2, ("DO block with EXCEPTION",)),
        ("-- secops: no-transaction\nBEGIN;\nSELECT 1;\nCOMMIT;", 2, ("committed by itself",)),
    ],
)
def test_what_to_do_about_transaction_control(
    tmp_path: Path, sql: str, line: int, advice: tuple[str, ...]
) -> None:
    (found,) = load(tmp_path, {"1_a.sql": sql}).problems
    assert f":{line}: transaction control" in found.message
    assert [words for words in advice if words not in found.advice] == []


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE a();\nCOMMIT;\nCREATE TABLE b();",
        "BEGIN;\nCOMMIT;\nCREATE TABLE b();",
        "SELECT 1;\nBEGIN ISOLATION LEVEL SERIALIZABLE;COMMIT;",
        "SELECT 1;\nROLLBACK TO SAVEPOINT a;",
        "SELECT 1;\n/* x */ savepoint a;",
        "SELECT 1;\nPREPARE TRANSACTION 'a';",
        "SELECT 1;\nEND;",
        "SELECT 1;\nstart transaction read only;",
        "-- secops: no-transaction\nBEGIN;\nSELECT 1;\nCOMMIT;",
    ],
)
def test_transaction_control_is_refused_with_its_line(tmp_path: Path, sql: str) -> None:
    found = problem(tmp_path, sql)
    assert found.startswith((":2: transaction control", ":1: transaction control"))
    (migration,) = load_migrations(str(tmp_path)).migrations
    assert migration.up.fault
    assert migration.up.statements == ()


@pytest.mark.parametrize(
    "sql",
    [
        "PREPARE p AS SELECT 1",
        "CREATE TABLE begin()",
        "SELECT 'a' AS commit",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
    ],
)
def test_what_only_looks_like_it_is_not(tmp_path: Path, sql: str) -> None:
    assert load(tmp_path, {"1_a.sql": sql}).problems == ()


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE INDEX CONCURRENTLY i ON t (a)",
        "create unique index\nconcurrently i on t (a)",
        "DROP INDEX CONCURRENTLY i",
        "REINDEX (VERBOSE) TABLE CONCURRENTLY t",
        "ALTER TABLE t DETACH PARTITION p CONCURRENTLY",
        "VACUUM (ANALYZE) t",
        "CREATE DATABASE d",
        "ALTER SYSTEM SET a = 1",
    ],
)
def test_what_cannot_run_in_a_transaction_says_so_before_it_fails(tmp_path: Path, sql: str) -> None:
    assert "cannot run inside a transaction" in problem(tmp_path, sql)
    (tmp_path / "1_a.sql").write_text("-- secops: no-transaction\n" + sql)
    loaded = load_migrations(str(tmp_path))
    assert loaded.problems == ()
    assert loaded.migrations[0].up.directives.transaction is False


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("-- secops: no-transactions\nSELECT 1", ":1: unknown directive 'no-transactions'"),
        ("\n-- secops: lock-timeout=soon\nSELECT 1", ":2: `lock-timeout=` needs"),
        ("-- secops: lock-timeout\nSELECT 1", ":1: `lock-timeout=` needs"),
        ("-- secops: requires=\nSELECT 1", ":1: `requires=` needs versions"),
        ("-- secops: requires=a;b\nSELECT 1", ":1: `requires=` needs versions"),
        ("SELECT 1;\n-- secops: no-transaction\nSELECT 2", ":2: a `-- secops:` line below"),
        ("SELECT 1;\n-- secops: no-transaction", ":2: a `-- secops:` line below"),
    ],
)
def test_directives_that_would_be_overlooked(tmp_path: Path, text: str, words: str) -> None:
    assert problem(tmp_path, text).startswith(words)


def test_a_comment_in_a_body_and_a_note_to_the_scan_are_no_directives(tmp_path: Path) -> None:
    body = "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\n-- secops: hello\nSELECT 1 $$"
    data = "COPY t FROM stdin;\n-- secops: data\n\\.\n"
    text = f"-- secops: allow\n{body};\n{data}SELECT 1; -- secops: allow[jwt] x\n"
    assert load(tmp_path, {"1_a.sql": text}).problems == ()


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("0", 0), ("250", 250), ("250ms", 250), ("2s", 2000), ("5min", 300_000), ("1h", 3_600_000)],
)
def test_durations(text: str, milliseconds: int) -> None:
    assert parse_duration(text) == milliseconds


@pytest.mark.parametrize("text", ["", "s", "-1s", "1.5s", "2 weeks", "999999999h", "٣s"])
def test_no_durations(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - it has nothing to say
        parse_duration(text)


@pytest.mark.parametrize(
    "marker",
    [
        "-- migrate:down",
        "-- +goose Down",
        "-- +migrate Down",
        "-- Down Migration",
        "--migrate:down transaction:false",
    ],
)
def test_a_file_that_holds_both_ways_would_undo_itself(tmp_path: Path, marker: str) -> None:
    assert "also holds its way back" in problem(
        tmp_path, f"-- migrate:up\nCREATE TABLE a();\n\n{marker}\nDROP TABLE a;"
    )


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE a();\n-- Down migration\n-- DROP TABLE a;\n",
        "CREATE TABLE a();\n-- migrate:down\n",
        "-- Down migration is in another file\nCREATE TABLE a();",
        "-- slow down migration of rows\nCREATE TABLE a();",
        "CREATE TABLE a();\n/*\n-- migrate:down\nDROP TABLE a;\n*/\n",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\n-- down migration\nSELECT 1 $$;\nSELECT 2;",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\n-- migrate:down\nSELECT 1 $$;\nSELECT 2;",
    ],
)
def test_a_note_about_the_way_back_is_none(tmp_path: Path, text: str) -> None:
    assert load(tmp_path, {"1_a.sql": text}).problems == ()


def test_a_way_back_below_a_statement_without_semicolon(tmp_path: Path) -> None:
    assert problem(tmp_path, "CREATE TABLE a()\n-- migrate:down\nDROP TABLE a").startswith(
        ":2: the file also"
    )
    assert problem(tmp_path, "SELECT 1;\n-- Down Migration: a\nDROP TABLE a").startswith(":2: the file also")


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    assert problem(tmp_path, b"SELECT 1;\nSELECT '\xff'") == ":2: is not UTF-8"
    assert problem(tmp_path, b"SELECT '\0'") == ": holds a null byte"
    assert problem(tmp_path, "SELECT 1".encode("utf-16")).startswith(": ")


def test_links_fifos_and_directories(tmp_path: Path) -> None:
    inside = tmp_path / "migrations"
    inside.mkdir()
    (tmp_path / "secret").write_text("SELECT 1")
    (inside / "1_a.sql").symlink_to(tmp_path / "secret")
    os.mkfifo(inside / "2_b.sql")
    (inside / "3_c.sql").mkdir()
    (inside / "4_d.sql").write_text("SELECT 1")
    (inside / "5_e.sql").symlink_to(inside / "4_d.sql")
    loaded = load_migrations(str(inside))
    assert [m.version for m in loaded.migrations] == ["4", "5"]
    messages = "\n".join(p.message for p in loaded.problems)
    assert [p.version for p in loaded.problems if p.blocking] == ["1", "2", "3"]
    assert "leads out" in messages
    assert "not a regular file" in messages


def test_duplicates_orphans_strangers_and_the_empty(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        {
            "1_a.sql": "SELECT 1",
            "01_b.sql": "SELECT 2",
            "2_x.down.sql": "SELECT 3",
            "seed.sql": "x",
            "3_e.sql": "-- todo\n",
        },
    )
    assert [(p.kind.name, p.version, p.blocking) for p in loaded.problems] == [
        ("DUPLICATE", "1", True),
        ("FILE", "3", False),
        ("NAME", "", False),
        ("NAME", "2", False),
    ]
    assert all(p.advice for p in loaded.problems)


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file or directory") as caught:
        load_migrations(str(tmp_path / "none"))
    assert "--dir" in caught.value.advice
    with pytest.raises(UsageError):
        load_migrations(__file__)


def test_settled_files_are_not_taken_apart_unless_they_changed(tmp_path: Path) -> None:
    first = load(
        tmp_path, {"1_a.sql": "SELECT 1", "2_b.sql": "SELECT 2", "1_a.down.sql": "SELECT 3"}
    ).migrations
    sums: dict[str, str | None] = {m.version: m.up.checksum for m in first}
    (tmp_path / "2_b.sql").write_text("SELECT 22")
    one, two = load_migrations(str(tmp_path), settled=sums).migrations
    assert (one.up.statements, one.up.checksum) == ((), sums["1"])
    assert one.up.fault
    assert one.down
    assert one.down.statements
    assert two.up.statements[0].text == "SELECT 22"


def test_a_directory_that_leads_out_of_the_tree_is_refused(tmp_path: Path) -> None:
    outside, tree = tmp_path / "outside", tmp_path / "tree"
    (tree / "deep").mkdir(parents=True)
    outside.mkdir()
    (outside / "1_a.sql").write_text("SELECT 1")
    (tree / "migrations").symlink_to(outside)
    (tree / "deep" / "link").symlink_to(tmp_path)
    (tree / "near").symlink_to(tree / "deep")
    (tree / "deep" / "2_b.sql").symlink_to(outside / "1_a.sql")
    for directory in ("migrations", "deep/link/outside"):
        with pytest.raises(RefusedError, match="a link leads out of") as caught:
            load_migrations(str(tree / directory), within=str(tree))
        assert "--dir" in caught.value.advice
    # What is named where it is was meant; a link within the tree leads nowhere else.
    assert len(load_migrations(str(outside), within=str(tree)).migrations) == 1
    (problem,) = load_migrations(str(tree / "near"), within=str(tree)).problems
    assert (problem.kind, "leads out of" in problem.message) == (ProblemKind.FILE, True)
