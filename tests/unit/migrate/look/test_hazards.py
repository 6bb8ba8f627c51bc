"""The judgement on what statements did: pure, so told here without a database."""

from __future__ import annotations

import pytest

from secopskit.migrate.look.hazards import LARGE, ExposedRelation, exposed, find_hazards, size_text
from secopskit.migrate.model import LockTaken, StatementReport

GIGABYTES = 12 * 2**30
ALL = "AccessExclusiveLock"


def lock(
    relation: str = "orders", mode: str = ALL, *, size: int | None = GIGABYTES, existed: bool = True
) -> LockTaken:
    return LockTaken(relation=relation, mode=mode, existed=existed, size=size)


def report(text: str, *locks: LockTaken, line: int = 1, **what: tuple[str, ...]) -> StatementReport:
    return StatementReport(line=line, text=text, duration_ms=1.0, locks=locks, **what)  # type: ignore[arg-type]  # the tuples only


def rules(*reports: StatementReport, transaction: bool = True) -> list[str]:
    return [hazard.rule for hazard in find_hazards("1", reports, transaction=transaction)]


def test_a_rewrite_is_told_with_its_size() -> None:
    (hazard,) = find_hazards(
        "7", [report("ALTER TABLE orders ALTER id TYPE bigint", lock(), rewrites=("orders",))]
    )
    assert (hazard.rule, hazard.version, hazard.relation, hazard.size) == (
        "rewrite",
        "7",
        "orders",
        GIGABYTES,
    )
    assert hazard.message == (
        "rewrites orders (12 GB) under AccessExclusiveLock: nobody reads or writes it meanwhile"
    )
    assert "batches" in hazard.advice


@pytest.mark.parametrize(
    ("text", "mode", "rule", "advice"),
    [
        ("CREATE INDEX ON orders (id)", "ShareLock", "index-not-concurrent", "CREATE INDEX CONCURRENTLY"),
        ("ALTER TABLE orders ALTER a SET NOT NULL", ALL, "scan-under-lock", "VALIDATE CONSTRAINT"),
        ("ALTER TABLE orders ADD CHECK (a > 1)", ALL, "scan-under-lock", "NOT VALID"),
        ("ALTER TABLE orders ADD UNIQUE (a)", ALL, "scan-under-lock", "USING INDEX"),
        (
            "ALTER TABLE orders ADD FOREIGN KEY (a) REFERENCES b",
            "ShareRowExclusiveLock",
            "scan-under-lock",
            "NOT VALID",
        ),
    ],
)
def test_a_whole_table_read_under_a_lock(text: str, mode: str, rule: str, advice: str) -> None:
    (hazard,) = find_hazards("1", [report(text, lock(mode=mode), scans=("orders",))])
    assert hazard.rule == rule
    assert advice in hazard.advice


def test_what_is_small_new_or_in_nobodys_way_is_no_hazard() -> None:
    text = "ALTER TABLE orders ALTER id TYPE bigint"
    assert rules(report(text, lock(size=8192), rewrites=("orders",))) == []
    assert rules(report(text, lock(existed=False), rewrites=("orders",))) == []
    concurrently = report(
        "CREATE INDEX CONCURRENTLY", lock(mode="ShareUpdateExclusiveLock"), scans=("orders",)
    )
    assert rules(concurrently) == []
    assert rules(report("ALTER TABLE orders ADD x int", lock(size=LARGE - 1))) == []


def test_of_unknown_size_is_told() -> None:
    assert rules(
        report("ALTER TABLE orders ALTER id TYPE bigint", lock(size=None), rewrites=("orders",))
    ) == ["rewrite"]


def test_a_short_lock_on_a_large_table() -> None:
    assert rules(report("ALTER TABLE orders ADD x int", lock())) == ["exclusive-lock"]


def test_a_lock_that_is_held_while_another_table_is_worked_on() -> None:
    first = report("ALTER TABLE small ADD x int", lock("small", size=8192), line=1)
    second = report("CREATE INDEX ON orders (id)", lock(mode="ShareLock"), line=3, scans=("orders",))
    assert rules(first, second) == ["index-not-concurrent", "lock-held"]
    assert rules(first, second, transaction=False) == ["index-not-concurrent"]
    assert rules(second, first) == ["index-not-concurrent"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("UPDATE orders SET a = 1", ["whole-table-write"]),
        ("DELETE FROM orders", ["whole-table-write"]),
        ("UPDATE orders SET a = 1 WHERE id = 7", []),
    ],
)
def test_writing_every_row(text: str, found: list[str]) -> None:
    assert rules(report(text, lock(mode="RowExclusiveLock"))) == found


def test_losses() -> None:
    dropped = report("DROP TABLE orders", lock(), drops=("orders",))
    hazards = find_hazards("1", [dropped])
    assert [hazard.message for hazard in hazards if hazard.rule == "drops-data"] == ["drops orders (12 GB)"]
    assert rules(report("ALTER TABLE a RENAME TO b", renames=("a to b",))) == ["rename"]
    assert rules(report("ALTER TABLE a ADD b int NOT NULL", required=("a.b",))) == ["required-column"]


def test_a_new_table_is_told_at_its_statement() -> None:
    made = report("CREATE TABLE notes ()", lock("notes", existed=False), line=4)
    files = [("1", [report("SELECT 1")]), ("2", [made]), ("3", [report("SELECT 1")])]
    hazard = exposed(ExposedRelation(relation="notes", kind="table"), files)
    assert (hazard.rule, hazard.version, hazard.line) == ("rls-missing", "2", 4)
    renamed = exposed(ExposedRelation(relation="other", kind="view"), files)
    assert (renamed.rule, renamed.version) == ("view-bypasses-rls", "3")


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (None, ""),
        (0, " (0 bytes)"),
        (1023, " (1023 bytes)"),
        (8192, " (8.0 kB)"),
        (GIGABYTES, " (12 GB)"),
        (2**50, " (1024 TB)"),
    ],
)
def test_sizes(size: int | None, text: str) -> None:
    assert size_text(size) == text
