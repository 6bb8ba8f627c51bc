"""Which database this is: what PostgreSQL says of itself, what `init` pinned, whose tables it holds.

All of it is learnt in one read-only transaction; nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from secopskit.migrate.model import Identity
from secopskit.postgres.connect import Link
from secopskit.postgres.errors import DatabaseError, told

# Tables that every Odoo has, from its first minute on. `schema.sql` has the same list.
ODOO_TABLES: Final = (
    *("base_module_upgrade", "ir_act_server", "ir_act_window", "ir_actions", "ir_attachment"),
    *("ir_config_parameter", "ir_cron", "ir_model", "ir_model_access", "ir_model_data", "ir_model_fields"),
    *("ir_module_category", "ir_module_module", "ir_module_module_dependency", "ir_rule", "ir_sequence"),
    *("ir_ui_menu", "ir_ui_view", "res_company", "res_config_settings", "res_country", "res_currency"),
    *("res_groups", "res_lang", "res_partner", "res_users"),
)
_BEGIN: Final = "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; SET LOCAL statement_timeout = '15s';"
_FACTS: Final = """
    SELECT d.oid::bigint, d.datname, current_setting('server_version_num')::int, pg_is_in_recovery(),
           coalesce((SELECT system_identifier::text FROM pg_control_system()), ''),
           (SELECT coalesce(array_agg(n.nspname || '.' || c.relname ORDER BY n.nspname, c.relname), '{}')
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p') AND c.relname = ANY (%(odoo)s)),
           (SELECT count(*) FROM pg_namespace WHERE nspname IN ('auth', 'storage', 'realtime', 'extensions',
                'graphql', 'graphql_public', 'vault', 'supabase_functions', 'supabase_migrations')) >= 3
           AND EXISTS (SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                        WHERE n.nspname = 'auth' AND p.proname = 'uid' AND p.pronargs = 0)
           AND 2 = (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                     WHERE c.relkind IN ('r', 'p')
                       AND (n.nspname, c.relname) IN (('auth', 'users'), ('storage', 'objects'))),
           EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = 'secops' AND c.relname = 'target' AND c.relkind = 'r')
      FROM pg_database d WHERE d.datname = current_database()
"""
_PIN: Final = """
    SELECT row_security_active('secops.target'), t.id::text, t.env, t.system_identifier, t.datoid, t.layout
      FROM (SELECT 1) AS one LEFT JOIN secops.target t ON true
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """What `init` wrote down, in its own words: it may be about another database (a copy was restored)."""

    id: str
    environment: str
    system_identifier: str
    database_oid: int
    layout: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseFacts:
    """A database as found. `odoo` names the tables of an Odoo; `pin` is None before `init`."""

    database: str
    database_oid: int
    server_version: int
    system_identifier: str
    standby: bool
    odoo: tuple[str, ...]
    supabase: bool
    pin: Pin | None

    @property
    def is_odoo(self) -> bool:
        """Whether two or more different tables of Odoo are here."""
        return len({name.rpartition(".")[2] for name in self.odoo}) >= 2

    @property
    def identity(self) -> Identity | None:
        """The pinned identity, if it is about this very database."""
        pin = self.pin
        if pin is None or (pin.system_identifier, pin.database_oid) != (
            self.system_identifier,
            self.database_oid,
        ):
            return None
        return Identity(
            id=pin.id,
            environment=pin.environment,
            database=self.database,
            system_identifier=self.system_identifier,
            database_oid=self.database_oid,
            server_version=self.server_version,
        )


def survey(link: Link) -> DatabaseFacts:
    """Look at the database behind `link`, in a transaction that cannot write. Raises DatabaseError."""
    with told("looking at the database"):
        try:
            link.execute(_BEGIN)
            row = link.execute(_FACTS, {"odoo": list(ODOO_TABLES)}).fetchone()
            pin = link.execute(_PIN).fetchone() if row and row[7] else None
        finally:
            if not link.broken:
                link.execute("ROLLBACK")
    if row is None:
        raise DatabaseError("the database does not know itself")
    oid, name, version, standby, system, odoo, supabase, _ = row
    return DatabaseFacts(
        database=name,
        database_oid=oid,
        server_version=version,
        system_identifier=system,
        standby=standby,
        odoo=tuple(odoo),
        supabase=supabase,
        pin=_pin(pin),
    )


def _pin(row: tuple[object, ...] | None) -> Pin | None:
    if row is None:
        return None
    hidden, *fields = row
    if hidden:
        raise DatabaseError(
            "the state in schema secops belongs to another role: row-level security hides it from this one",
            advice="Connect as the role that ran `secops migrate init`, or as a member of it.",
        )
    match fields:
        case [str(identifier), str(environment), str(system), int(oid), int(layout)]:
            return Pin(
                id=identifier,
                environment=environment,
                system_identifier=system,
                database_oid=oid,
                layout=layout,
            )
    return None
