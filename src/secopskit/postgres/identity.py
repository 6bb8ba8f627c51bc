"""Database facts: which database a connection reached, and whose tables it holds. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from secopskit.postgres.connect import Link
from secopskit.postgres.errors import DatabaseError, database_errors

if TYPE_CHECKING:
    import psycopg

# Tables that every Odoo has, from its first minute on. `migrate/ledger/schema.sql` has the same list.
ODOO_TABLES: Final = (
    *("base_module_upgrade", "ir_act_server", "ir_act_window", "ir_actions", "ir_attachment"),
    *("ir_config_parameter", "ir_cron", "ir_model", "ir_model_access", "ir_model_data", "ir_model_fields"),
    *("ir_module_category", "ir_module_module", "ir_module_module_dependency", "ir_rule", "ir_sequence"),
    *("ir_ui_menu", "ir_ui_view", "res_company", "res_config_settings", "res_country", "res_currency"),
    *("res_groups", "res_lang", "res_partner", "res_users"),
)
_FEWEST_ODOO_TABLES: Final = 2  # different names; one alone may be anybody's
# As an expression of SQL: those that are here, with blanks between. With every name in full: it is asked
# beside files, which may have made a `public` of their own kind.
ODOO_NAMES: Final = f"""
    (SELECT pg_catalog.string_agg(DISTINCT c.relname::pg_catalog.text, ' ') FROM pg_catalog.pg_class AS c
      WHERE c.relname OPERATOR(pg_catalog.=) ANY ('{{{",".join(ODOO_TABLES)}}}'::pg_catalog.name[])
        AND c.relkind OPERATOR(pg_catalog.=) ANY ('{{r,p}}'::pg_catalog."char"[]))"""  # noqa: S608 - constants
# In `public`, or wherever else the session looks names up, somebody may have made an operator or function
# that fits better than PostgreSQL's own, and it would run with our rights.
_BEGIN: Final = (
    "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; SET LOCAL statement_timeout = '15s';"
    " SET LOCAL search_path = pg_catalog, pg_temp;"
)
_FACTS: Final = """
    SELECT d.oid::bigint, d.datname, current_setting('server_version_num')::int, pg_is_in_recovery(),
           coalesce((SELECT system_identifier::text FROM pg_control_system()), ''),
           (SELECT coalesce(array_agg(ARRAY[n.nspname, c.relname] ORDER BY n.nspname, c.relname), '{}')
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p') AND c.relname = ANY (%(odoo)s)),
           (SELECT count(*) FROM pg_namespace WHERE nspname IN ('auth', 'storage', 'realtime', 'extensions',
                'graphql', 'graphql_public', 'vault', 'supabase_functions', 'supabase_migrations')) >= 3
           AND EXISTS (SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                        WHERE n.nspname = 'auth' AND p.proname = 'uid' AND p.pronargs = 0)
           AND 2 = (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                     WHERE c.relkind IN ('r', 'p')
                       AND (n.nspname, c.relname) IN (('auth', 'users'), ('storage', 'objects'))),
           (SELECT coalesce(jsonb_object_agg(c.relname, CASE WHEN c.relkind = 'r' THEN
                        ARRAY(SELECT a.attname FROM pg_attribute a
                               WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) END), '{}')
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = %(schema)s AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S'))
      FROM pg_database d WHERE d.datname = current_database()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseFacts:
    """A database as found. `odoo` names the tables of an Odoo, with their schemas.

    `server_version` is PostgreSQL's number (170002), `system_identifier` the cluster's own. `relations` are
    those in the schema that was asked for: of a table its columns, of anything else none.
    """

    database: str
    database_oid: int
    server_version: int
    system_identifier: str
    standby: bool
    odoo: tuple[str, ...]
    supabase: bool
    relations: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def is_odoo(self) -> bool:
        """Whether two or more different tables of Odoo are here."""
        return len({name.rpartition(".")[2] for name in self.odoo}) >= _FEWEST_ODOO_TABLES


def odoo_among(names: str | None) -> tuple[str, ...]:
    """The tables that ODOO_NAMES gave, if they are enough to be an Odoo's; else none. Pure."""
    found = tuple(sorted((names or "").split()))
    return found if len(found) >= _FEWEST_ODOO_TABLES else ()


@contextmanager
def read_only(link: psycopg.Connection[Any], doing: str) -> Iterator[None]:
    """A transaction that cannot write, rolled back at its end. Raises DatabaseError that says `doing`.

    Names are PostgreSQL's own in it: all others need their schema.
    """
    with database_errors(doing):
        try:
            link.execute(_BEGIN)
            yield
        finally:
            if not link.broken:
                link.execute("ROLLBACK")


def read_database_facts(link: Link, *, schema: str = "") -> DatabaseFacts:
    """The facts of the database behind `link`, within `read_only`; also what is in `schema`.

    Raises psycopg.Error, DatabaseError.
    """
    names = {"odoo": list(ODOO_TABLES), "schema": schema}
    row = link.execute(_FACTS, names).fetchone()
    if row is None:
        raise DatabaseError("the database does not know itself")
    oid, name, version, standby, system, odoo, supabase, relations = row
    return DatabaseFacts(
        database=name,
        database_oid=oid,
        server_version=version,
        system_identifier=system,
        standby=standby,
        odoo=tuple(".".join(names) for names in odoo),
        supabase=supabase,
        relations={name: frozenset(columns or ()) for name, columns in relations.items()},
    )
