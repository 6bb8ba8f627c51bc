"""Which statements build an index concurrently, and which one."""

from __future__ import annotations

import pytest

from secopskit.migrate.apply.concurrently import Build, build_of
from secopskit.migrate.model import Statement


def build(text: str) -> Build | None:
    return build_of(Statement(text=text, line=1, start=0, end=len(text)))


@pytest.mark.parametrize(
    ("text", "name", "table"),
    [
        ("CREATE INDEX CONCURRENTLY i ON t (a)", "i", "t"),
        ("create unique index concurrently if not exists i on only s.t using gin (a)", "i", "s.t"),
        ('CREATE INDEX CONCURRENTLY "My ""index""" ON "s"."My table"(a)', '"My ""index"""', '"s"."My table"'),
        ("CREATE /* a /* comment */ INDEX -- and\n another */ CONCURRENTLY i ON t (a)", "", ""),
        ("CREATE INDEX /* why */ CONCURRENTLY -- because\n i\nON\tt(a)", "i", "t"),
        ("CREATE INDEX CONCURRENTLY ON t (a)", "", "t"),
        ("CREATE INDEX CONCURRENTLY on_time ON only_here (a)", "on_time", "only_here"),
        ('CREATE INDEX CONCURRENTLY"i"ON"t"(a)', '"i"', '"t"'),
        ("CREATE INDEX CONCURRENTLY i ON s . t (a)", "i", "s.t"),
        ("CREATE INDEX CONCURRENTLY índice ON tábla (a)", "índice", "tábla"),
    ],
)
def test_builds(text: str, name: str, table: str) -> None:
    assert build(text) == (Build(name=name, table=table) if table else None)


@pytest.mark.parametrize(
    "text",
    [
        "CREATE INDEX i ON t (a)",
        "CREATE INDEX concurrently_i ON t (a)",
        "DROP INDEX CONCURRENTLY i",
        "REINDEX INDEX CONCURRENTLY i",
        "SELECT 'CREATE INDEX CONCURRENTLY i ON t (a)'",
        "CREATE TABLE t (a int)",
    ],
)
def test_other_statements(text: str) -> None:
    assert build(text) is None
