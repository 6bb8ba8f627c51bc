"""CREATE INDEX CONCURRENTLY that was interrupted: what it left, and whether that is ours to drop.

An interrupted build leaves an INVALID index that costs writes and serves no query, and that
IF NOT EXISTS takes for done. Ours is only an index of the name and table that our statement
gives, made after we noted in the ledger that the statement was about to run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from secopskit.migrate.model import Statement
from secopskit.migrate.read.lexis import LETTER
from secopskit.postgres.connect import Link

_GAP: Final = r"(?:\s|--[^\n]*\n|/\*.*?\*/)"
_NAME: Final = rf'(?:"(?:[^"]|"")+"|{LETTER}[\w$]*)'
_CREATE: Final = re.compile(
    rf"create{_GAP}+(?:unique{_GAP}+)?index{_GAP}+concurrently\b{_GAP}*"
    rf"(?:if{_GAP}+not{_GAP}+exists{_GAP}+)?(?:(?P<name>{_NAME}){_GAP}*)?\bon\b{_GAP}*(?:only{_GAP}+)?"
    rf"(?P<table>{_NAME}(?:{_GAP}*\.{_GAP}*{_NAME})?)",
    re.IGNORECASE | re.DOTALL,
)
# With every name but the table's in full, as that one is looked up where the file does it.
# `mark` is a transaction id of ours, older than the statement: older still is what was there before.
_LOOK: Final = """
SELECT pg_catalog.format('%%I.%%I', n.nspname, c.relname), x.indisvalid,
       pg_catalog.age(c.xmin) OPERATOR(pg_catalog.<)
       pg_catalog.age((%(mark)s::pg_catalog.text::pg_catalog.xid8)::pg_catalog.xid),
       EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index AS p
               WHERE p.datid OPERATOR(pg_catalog.=) (
                         SELECT oid FROM pg_catalog.pg_database
                          WHERE datname OPERATOR(pg_catalog.=) pg_catalog.current_database())
                 AND p.relid OPERATOR(pg_catalog.=) x.indrelid
                 AND p.index_relid OPERATOR(pg_catalog.=) ANY (ARRAY['0', x.indexrelid]))
FROM pg_catalog.pg_index AS x
JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) x.indexrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE x.indrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(%(table)s)
  AND c.relname OPERATOR(pg_catalog.=) ANY (pg_catalog.parse_ident(%(name)s))
"""
_INVALID_NEW: Final = """
SELECT pg_catalog.format('%%I.%%I', n.nspname, c.relname)
FROM pg_catalog.pg_index AS x
JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) x.indexrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE x.indrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(%(table)s) AND NOT x.indisvalid
  AND pg_catalog.age(c.xmin) OPERATOR(pg_catalog.<)
       pg_catalog.age((%(mark)s::pg_catalog.text::pg_catalog.xid8)::pg_catalog.xid)
"""


class IndexState(Enum):
    """What stands where an index was to be built."""

    NOTHING = "no index of that name"
    DONE = "built by us, and valid"
    INVALID = "left by us, invalid"
    BUILDING = "another session is still building it"
    FOREIGN = "an index that was there before"
    FOREIGN_INVALID = "an invalid index that was there before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """A CREATE INDEX CONCURRENTLY. `name` is empty where PostgreSQL is to choose one."""

    name: str
    table: str


def build_of(statement: Statement) -> Build | None:
    """The index that the statement builds concurrently, if that is what it does."""
    found = _CREATE.match(statement.text)
    if found is None:
        return None
    table = re.sub(_GAP, "", found["table"]) if '"' not in found["table"] else found["table"]
    return Build(name=found["name"] or "", table=table)


def find_index(link: Link, build: Build, mark: str) -> tuple[IndexState, str]:
    """The index that stands where `build` puts one: its state, its qualified and quoted name.

    `mark` is a transaction id (xid8 in decimal) of ours, older than the build.
    """
    if not build.name:
        row = link.execute(_INVALID_NEW, {"table": build.table, "mark": mark}).fetchone()
        return (IndexState.FOREIGN_INVALID, str(row[0])) if row else (IndexState.NOTHING, "")
    row = link.execute(_LOOK, {"table": build.table, "name": build.name, "mark": mark}).fetchone()
    if row is None:
        return IndexState.NOTHING, ""
    name, valid, ours, building = str(row[0]), row[1], row[2], row[3]
    if building and not valid:
        return IndexState.BUILDING, name
    if not ours:
        return (IndexState.FOREIGN if valid else IndexState.FOREIGN_INVALID), name
    return (IndexState.DONE if valid else IndexState.INVALID), name


def drop(link: Link, name: str) -> None:
    """Drop the index `name` (qualified and quoted, as `find_index` gives it) without blocking anybody."""
    link.execute(b"DROP INDEX CONCURRENTLY IF EXISTS " + name.encode())
