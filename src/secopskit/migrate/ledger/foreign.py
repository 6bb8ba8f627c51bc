"""What other tools remember of a database: Supabase's CLI, dbmate, sqitch, Flyway. Only read.

The default tables of each are looked for in every schema, and known by their columns; the tables
that services of Supabase keep for themselves (auth, storage, …) are nobody's migrations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final

from psycopg import sql

from secopskit.errors import RefusedError
from secopskit.postgres.connect import Link
from secopskit.postgres.identity import read_only

_SERVICES: Final = ("auth", "storage", "realtime", "_realtime", "_analytics", "supabase_functions", "secops")
_CANDIDATES: Final = """
    SELECT n.nspname, c.relname, array_agg(a.attname::text),
           EXISTS (SELECT FROM pg_class r
                    WHERE r.relnamespace = n.oid AND r.relname = 'ar_internal_metadata')
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relkind IN ('r', 'p') AND c.relname IN ('schema_migrations', 'flyway_schema_history', 'changes')
       AND n.nspname <> ALL (%s) AND n.nspname !~ '^pg_'
     GROUP BY n.oid, n.nspname, c.relname ORDER BY n.nspname, c.relname
"""
# The tables are anybody's, and a policy on one of them is code that would run with our rights.
_NO_POLICIES: Final = "SET LOCAL row_security = off"


class MigrationTool(Enum):
    """Whose state it is."""

    SUPABASE = "supabase"
    DBMATE = "dbmate"
    SQITCH = "sqitch"
    FLYWAY = "flyway"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignEntry:
    """One migration that another tool applied. sqitch knows names only, dbmate versions only.

    `text` is what was run, where the tool kept it.
    """

    version: str = ""
    name: str = ""
    applied_at: datetime | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignLedger:
    """All that one table remembers, oldest first. Versions up to `floor` count as applied."""

    tool: MigrationTool
    table: str
    rows: tuple[ForeignEntry, ...]
    floor: str = ""


def foreign_ledgers(link: Link) -> tuple[ForeignLedger, ...]:
    """What is found in the database behind `link`; empty: no such tool was here.

    Raises RefusedError where a migration of Flyway's stands as failed, DatabaseError for the rest.
    """
    with read_only(link, "looking for the state of other tools"):
        link.execute(_NO_POLICIES)
        found = link.execute(_CANDIDATES, (list(_SERVICES),)).fetchall()
        return tuple(
            _READERS[source](link, schema, table, columns)
            for schema, table, columns, rails in found
            if (source := _source(schema, table, set(columns), rails=rails))
        )


def _source(schema: str, table: str, columns: set[str], *, rails: bool) -> MigrationTool | None:
    if table == "flyway_schema_history":
        return MigrationTool.FLYWAY if {"installed_rank", "version", "type", "success"} <= columns else None
    if table == "changes":
        return MigrationTool.SQITCH if {"change_id", "change", "project", "committed_at"} <= columns else None
    if schema == "supabase_migrations":
        return MigrationTool.SUPABASE if "version" in columns else None
    # Rails has the same table, and one more beside it.
    return MigrationTool.DBMATE if columns == {"version"} and not rails else None


def _rows(
    link: Link, schema: str, table: str, columns: Iterable[str], order: str
) -> Iterable[Mapping[str, Any]]:
    names = tuple(columns)
    query = sql.SQL("SELECT {} FROM {} ORDER BY {}").format(
        sql.SQL(", ").join(map(sql.Identifier, names)), sql.Identifier(schema, table), sql.Identifier(order)
    )
    return [dict(zip(names, row, strict=True)) for row in link.execute(query, binary=True).fetchall()]


def _supabase(link: Link, schema: str, table: str, columns: list[str]) -> ForeignLedger:
    wanted = [name for name in ("version", "name", "statements") if name in columns]
    rows = tuple(
        ForeignEntry(
            version=row["version"],
            name=row.get("name") or "",
            text=";".join(row["statements"]) if row.get("statements") else None,
        )
        for row in _rows(link, schema, table, wanted, "version")
    )
    return ForeignLedger(tool=MigrationTool.SUPABASE, table=f"{schema}.{table}", rows=rows)


def _dbmate(link: Link, schema: str, table: str, _columns: list[str]) -> ForeignLedger:
    rows = tuple(
        ForeignEntry(version=str(row["version"]))
        for row in _rows(link, schema, table, ["version"], "version")
    )
    return ForeignLedger(tool=MigrationTool.DBMATE, table=f"{schema}.{table}", rows=rows)


def _sqitch(link: Link, schema: str, table: str, _columns: list[str]) -> ForeignLedger:
    rows = tuple(
        ForeignEntry(name=row["change"], applied_at=row["committed_at"])
        for row in _rows(link, schema, table, ["change", "committed_at"], "committed_at")
    )
    return ForeignLedger(tool=MigrationTool.SQITCH, table=f"{schema}.{table}", rows=rows)


def _flyway(link: Link, schema: str, table: str, _columns: list[str]) -> ForeignLedger:
    """A later row of a version overrules an earlier one: it may have been undone."""
    wanted = ["version", "description", "type", "success"]
    applied: dict[str, ForeignEntry] = {}
    floor = ""
    for row in _rows(link, schema, table, wanted, "installed_rank"):
        version, kind = row["version"], row["type"]
        if not row["success"]:
            raise RefusedError(
                f"{schema}.{table}: version {version or row['description']} stands as failed",
                advice="Repair it with Flyway first, so that it is clear what is applied.",
            )
        if version is None:  # repeatable scripts and marks have none
            continue
        if kind == "BASELINE":
            floor = version
        elif kind == "DELETE" or kind.startswith("UNDO"):
            applied.pop(version, None)
        else:
            # A timestamp without a zone, of a session that we know nothing of: not taken over.
            applied[version] = ForeignEntry(version=version, name=row["description"])
    return ForeignLedger(
        tool=MigrationTool.FLYWAY, table=f"{schema}.{table}", rows=tuple(applied.values()), floor=floor
    )


_READERS: Final[Mapping[MigrationTool, Callable[[Link, str, str, list[str]], ForeignLedger]]] = {
    MigrationTool.SUPABASE: _supabase,
    MigrationTool.DBMATE: _dbmate,
    MigrationTool.SQITCH: _sqitch,
    MigrationTool.FLYWAY: _flyway,
}
