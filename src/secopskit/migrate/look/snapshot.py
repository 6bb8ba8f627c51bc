"""What a transaction sees and holds: its relations, and its locks on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString

import psycopg

from secopskit.named_tuple import NamedTuple
from secopskit.postgres.names import sql_name

_OURS: Final[LiteralString] = (
    "n.nspname OPERATOR(pg_catalog.<>) ALL ('{pg_catalog,information_schema,pg_toast,secops}')"
    " AND n.nspname OPERATOR(pg_catalog.!~) '^pg_(toast_)?temp_'"
)
_RELATIONS: Final[LiteralString] = f"""
    SELECT c.oid::bigint, n.nspname, c.relname, c.relkind::pg_catalog.text, c.relfilenode::bigint,
           pg_catalog.pg_stat_get_xact_numscans(c.oid), c.relnatts
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
     WHERE c.relkind OPERATOR(pg_catalog.=) ANY ('{{r,p,m,i,I,v,f,S}}') AND {_OURS}
       AND (c.oid::bigint OPERATOR(pg_catalog.<=) %s OR c.oid::bigint OPERATOR(pg_catalog.>) %s)"""  # noqa: S608 - a constant
_LOCKS: Final[LiteralString] = """
    SELECT relation::bigint, mode FROM pg_catalog.pg_locks
     WHERE locktype OPERATOR(pg_catalog.=) 'relation'
       AND pid OPERATOR(pg_catalog.=) coalesce(%s, pg_catalog.pg_backend_pid())
       AND (relation::bigint OPERATOR(pg_catalog.<=) %s OR relation::bigint OPERATOR(pg_catalog.>) %s)
       AND database OPERATOR(pg_catalog.=) (
           SELECT oid FROM pg_catalog.pg_database
            WHERE datname OPERATOR(pg_catalog.=) pg_catalog.current_database())"""


class Relation(NamedTuple):
    """A table, index, view or sequence. `name` has its schema, unless that is `public`."""

    name: str
    kind: str
    filenode: int
    scans: int
    columns: int


Relations = Mapping[int, Relation]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockSnapshot:
    """What a transaction sees and holds: relations by oid, and locks as (oid, mode).

    `rows` is what the server answered of the relations.
    """

    relations: Relations
    locks: frozenset[tuple[int, str]]
    rows: Sequence[tuple[Any, ...]] = ()


class LeftOut(NamedTuple):
    """Relations that are not looked at: those with oids above `over`, up to `upto`."""

    over: int = 0
    upto: int = 0


def take_snapshot(
    connection: psycopg.Connection[Any],
    pid: int | None = None,
    *,
    last: LockSnapshot | None = None,
    left_out: LeftOut = LeftOut(),  # noqa: B008 - immutable
) -> LockSnapshot:
    """A snapshot of the relations, and of the locks of session `pid` (without it, this session's own).

    What is as it was in the `last` one is taken from there: files of ten thousand statements are traced.
    """
    with connection.cursor(row_factory=psycopg.rows.tuple_row) as cursor:
        locks = take_locks(cursor, pid, left_out)
        rows = sorted(cursor.execute(_RELATIONS, left_out).fetchall())
    if last and rows == last.rows:
        return LockSnapshot(
            relations=last.relations, locks=last.locks if locks == last.locks else locks, rows=rows
        )
    known = {row[0]: row for row in last.rows} if last else {}
    relations = {
        row[0]: last.relations[row[0]] if last and known.get(row[0]) == row else _relation(*row)
        for row in rows
    }
    return LockSnapshot(relations=relations, locks=locks, rows=rows)


def take_locks(
    cursor: psycopg.Cursor[Any],
    pid: int | None = None,
    left_out: LeftOut = LeftOut(),  # noqa: B008 - immutable
) -> frozenset[tuple[int, str]]:
    """The locks of session `pid` (without it, this session's own) on relations of this database."""
    return frozenset(cursor.execute(_LOCKS, (pid, *left_out)).fetchall())


def _relation(_oid: int, schema: str, name: str, *facts: Any) -> Relation:
    return Relation(sql_name(schema, name), *facts)
