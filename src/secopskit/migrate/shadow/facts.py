"""What a dry run must know of the database that the migrations are meant for. Reads only.

Nothing of the rows: names, sizes and roles, in one read-only transaction that waits for nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, LiteralString

import psycopg

from secopskit.postgres.errors import database_errors
from secopskit.postgres.names import sql_name

_LIMITS: Final[LiteralString] = (
    "SET TRANSACTION READ ONLY; SET LOCAL lock_timeout = '1s'; SET LOCAL statement_timeout = '30s';"
    " SET LOCAL search_path = pg_catalog, pg_temp"  # see read_only
)
_ABOUT: Final[LiteralString] = """
    SELECT current_setting('server_version_num')::int / 10000, current_database(), current_user,
           current_setting('is_superuser') = 'on',
           to_regprocedure('auth.uid()') IS NOT NULL AND to_regclass('auth.users') IS NOT NULL,
           (SELECT reset_val FROM pg_settings WHERE name = 'search_path'),
           current_setting('max_locks_per_transaction')::int
           * (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int)"""
_CREATABLE: Final[LiteralString] = (
    "SELECT name, bool_or(trusted OR NOT superuser) FROM pg_available_extension_versions GROUP BY name"
)
_ROLES: Final[LiteralString] = "SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY rolname"
_EXTENSIONS: Final[LiteralString] = "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'"
# Whole sizes, with indexes and all; a partitioned table is as large as its partitions.
_SIZES: Final[LiteralString] = """
    SELECT n.nspname, c.relname, CASE c.relkind
             WHEN 'p' THEN (SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(c.oid))
             ELSE pg_total_relation_size(c.oid) END::bigint
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'm', 'p', 'i') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"""
# From the statistics of the last VACUUM or ANALYZE: waits for no lock.
_ESTIMATES: Final[LiteralString] = """
    SELECT n.nspname, c.relname, c.relpages::bigint * current_setting('block_size')::bigint
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'm', 'i') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"""
# Schemas that pg_dump would stumble over.
_UNREADABLE: Final[LiteralString] = """
    SELECT DISTINCT n.nspname FROM pg_namespace n LEFT JOIN pg_class c
        ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
     WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
       AND (NOT has_schema_privilege(n.oid, 'USAGE')
            OR (c.relkind = 'S' AND NOT has_sequence_privilege(c.oid, 'SELECT'))
            OR (c.relkind <> 'S' AND NOT has_table_privilege(c.oid, 'SELECT')))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFacts:
    """A database as far as it matters. `version` is the server's major one, `sizes` are in bytes.

    `unreadable` are schemas that hold something the role may not read. `search_path` is where names are
    looked up, `locks` how many the server has room for. `creatable` are the extensions that the server has:
    whether any role may create them.
    """

    version: int
    database: str
    role: str
    superuser: bool
    supabase: bool
    roles: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    search_path: str = ""
    locks: int = 0
    creatable: Mapping[str, bool] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)


def read_facts(connection: psycopg.Connection[Any]) -> TargetFacts:
    """Ask the database. Raises DatabaseError."""
    with database_errors("looking at the database"), connection.transaction():
        connection.execute(_LIMITS)
        about = connection.execute(_ABOUT).fetchone()
        assert about  # noqa: S101 - a SELECT without FROM has one row
        version, database, role, superuser, supabase, path, locks = about
        return TargetFacts(
            version=version,
            database=database,
            role=role,
            superuser=superuser,
            supabase=supabase,
            roles=tuple(name for (name,) in connection.execute(_ROLES)),
            extensions=tuple(name for (name,) in connection.execute(_EXTENSIONS)),
            unreadable=tuple(name for (name,) in connection.execute(_UNREADABLE)),
            search_path=path or "",
            locks=locks,
            creatable=dict(connection.execute(_CREATABLE).fetchall()),
            sizes=_sizes(connection),
        )


def _sizes(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """Bytes by name; estimates where somebody holds a table for itself."""
    try:
        with connection.transaction():
            rows = connection.execute(_SIZES).fetchall()
    except (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled, psycopg.errors.UndefinedTable):
        rows = connection.execute(_ESTIMATES).fetchall()
    return {sql_name(schema, name): size or 0 for schema, name, size in rows}
