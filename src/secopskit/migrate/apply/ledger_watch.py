"""Notices a file that reaches into the state of secops (its own row, other rows, the history, the pin), and
one that makes an Odoo of the database.

A file runs with the rights of who owns the ledger, in the transaction that writes it. So before each
COMMIT it is counted: of the ledger, only the rows of this transaction's own versions may be new, and none
may be gone; the history may only have grown, with its triggers in place. One query, sent together with
the rest: no round trip.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from secopskit.errors import RefusedError
from secopskit.migrate.apply.exchange import Query, exchange
from secopskit.migrate.model import Direction, Identity, MigrationStep
from secopskit.named_tuple import NamedTuple
from secopskit.postgres.connect import Link
from secopskit.postgres.errors import SILENT_TRIGGER, DatabaseError, database_errors
from secopskit.postgres.identity import ODOO_NAMES, odoo_among

if TYPE_CHECKING:
    import psycopg

# The age of a row that this transaction wrote is 0, and below in a part of it that has a later number. It is
# sent with each file: one pass over each table, no join, and the transaction's number asked for once. With
# operators, functions and types in full: of those that a file, or anybody, has made in `public` one may fit
# better than PostgreSQL's own.
_LOOK: Final = f"""
    SELECT m.rows, m.written, p.pins, p.pin,
           coalesce((SELECT id FROM secops.migration_history ORDER BY id DESC LIMIT 1), 0),
           (SELECT pg_catalog.string_agg(pg_catalog.concat(
                       t.tgname, t.tgenabled, t.tgtype,
                       (SELECT pg_catalog.hashtext(f.prosrc) FROM pg_catalog.pg_proc AS f
                         WHERE f.oid OPERATOR(pg_catalog.=) t.tgfoid)), ' ' ORDER BY t.tgname)
              FROM pg_catalog.pg_trigger AS t
             WHERE t.tgrelid OPERATOR(pg_catalog.=) ANY (ARRAY[
                       'secops.migration_history'::pg_catalog.regclass::pg_catalog.oid,
                       'secops.schema_migrations'::pg_catalog.regclass::pg_catalog.oid])
               AND NOT t.tgisinternal),
           coalesce(pg_catalog.pg_stat_get_xact_tuples_updated(
                        'secops.migration_history'::pg_catalog.regclass::pg_catalog.oid), 0)
           OPERATOR(pg_catalog.+)
           coalesce(pg_catalog.pg_stat_get_xact_tuples_deleted(
                        'secops.migration_history'::pg_catalog.regclass::pg_catalog.oid), 0),
           {ODOO_NAMES}
      FROM (SELECT pg_catalog.count(*)::int,
                   (pg_catalog.count(*) FILTER (
                       WHERE (SELECT pg_catalog.pg_current_xact_id() IS NOT NULL)
                         AND pg_catalog.age(xmin) OPERATOR(pg_catalog.>=) -1000000
                         AND pg_catalog.age(xmin) OPERATOR(pg_catalog.<=) 0))::int
              FROM secops.schema_migrations) AS m (rows, written),
           (SELECT pg_catalog.count(*)::int, pg_catalog.max(pg_catalog.concat(id, ' ', env))
              FROM secops.target) AS p (pins, pin)
""".encode()  # noqa: S608 - constants
# Whether rows of the history get number, date and seal here: a trigger that is not ENABLE ALWAYS is silent
# under session_replication_role = replica. And whether anything can be written.
_SEALS: Final = b"""
    SELECT CASE WHEN t.tgenabled OPERATOR(pg_catalog.=) 'A' THEN 'yes'
                WHEN pg_catalog.current_setting('session_replication_role') OPERATOR(pg_catalog.=) 'replica'
                THEN 'session_replication_role is replica'
                WHEN t.tgenabled OPERATOR(pg_catalog.=) 'O' THEN 'yes' END,
           pg_catalog.current_setting('default_transaction_read_only')
      FROM pg_catalog.pg_trigger AS t
     WHERE t.tgrelid OPERATOR(pg_catalog.=) 'secops.migration_history'::pg_catalog.regclass::pg_catalog.oid
       AND t.tgname OPERATOR(pg_catalog.=) 'history_append'
"""
REACHED_IN: Final = "the file changes the state that secops keeps in its schema (ledger, history or pin)"
ADVICE: Final = (
    "Take that out of the file (SET session_replication_role as well: it silences triggers). What is to be "
    "corrected there, `secops migrate repair` corrects."
)
MAKES_ODOO: Final = "with this the database would be an Odoo: it would hold {}"
ODOO_ADVICE: Final = (
    "secops never touches an Odoo database, and nothing overrides this: every command would refuse it from "
    "then on. Give the tables other names."
)
_GONE: Final = frozenset({"42P01", "3F000", "42883", "42703"})  # no such table, schema, function, column


class Objection(NamedTuple):
    """Why a transaction must not be committed."""

    message: str
    advice: str


class LedgerSight(NamedTuple):
    """What is to be seen of our state: rows in all, those written by the transaction, and the rest.

    `odoo` are the tables of Odoo that are here, if they are enough to be one's.
    """

    rows: int
    written: int
    pins: int
    pin: str
    newest: int
    triggers: str
    torn: int
    odoo: tuple[str, ...]


class LedgerWatch:
    """Knows what is in the ledger, as far as this run has seen and done. Made under the run's lock.

    Raises RefusedError where the history could not be sealed, DatabaseError where nothing can be written.
    """

    def __init__(self, link: Link, identity: Identity) -> None:
        pin = f"{identity.id} {identity.environment}"
        self._expected = _look(link, at_first=True)._replace(written=0, pins=1, pin=pin)

    def query(self) -> Query:
        """The look, to be sent as the last thing before COMMIT."""
        return Query(text=_LOOK, repeated=True)

    def objection_to(self, steps: Sequence[MigrationStep], seen: Query) -> Objection | None:
        """What `seen` has against a COMMIT of `steps`, which may write their own rows and nothing else."""
        ups = sum(step.direction is Direction.UP for step in steps)
        return self.objection(seen, change=2 * ups - len(steps), written=ups)

    def objection(self, seen: Query, *, change: int = 0, written: int = 0) -> Objection | None:
        """The same, where the ledger has `change` rows more, and `written` ones by this transaction."""
        sight = _sight(seen.row) if seen.row else None
        if sight and sight.odoo:
            return Objection(MAKES_ODOO.format(", ".join(sight.odoo)), ODOO_ADVICE)
        return None if sight and self._fits(sight, change, written) else Objection(REACHED_IN, ADVICE)

    def committed(self, change: int) -> None:
        """The ledger has `change` rows more from now on, or is about to."""
        self._expected = self._expected._replace(rows=self._expected.rows + change)

    def holds(self, link: Link) -> bool:
        """Whether all is as this run left it, seen from outside of any transaction."""
        return self._fits(_look(link), 0, 0)

    def _fits(self, now: LedgerSight, change: int, written: int) -> bool:
        wanted = self._expected._replace(rows=self._expected.rows + change, written=written, odoo=now.odoo)
        return now.newest >= wanted.newest and now._replace(newest=wanted.newest) == wanted


def took_away(error: psycopg.Error) -> bool:
    """Whether `error` says that something of our schema is gone, or does no longer do its work."""
    state, primary = error.sqlstate or "", error.diag.message_primary or ""
    return (state in _GONE and "secops." in primary) or (
        state.startswith("23") and error.diag.schema_name == "secops"
    )


def _look(link: Link, *, at_first: bool = False) -> LedgerSight:
    look, seals = Query(text=_LOOK), Query(text=_SEALS)
    with database_errors("looking at the ledger"):
        exchange(link, [look, seals] if at_first else [look])
    if at_first and (seals.row or ("", ""))[1] == "on":
        raise DatabaseError(
            "transactions are read-only here: default_transaction_read_only is on; nothing was run",
            advice="Connect as another role; or ALTER ROLE (or DATABASE) … RESET that setting.",
            sqlstate="25006",
        )
    if at_first and seals.value != "yes":
        raise RefusedError(
            "the trigger that numbers and seals the rows of the history is silent here "
            f"({seals.value or 'somebody has disabled it'}): nothing was run",
            advice=SILENT_TRIGGER,
        )
    row = look.row
    assert row is not None  # noqa: S101 - a query without FROM answers with one row
    return _sight(row)


def _sight(row: tuple[str | None, ...]) -> LedgerSight:
    rows, written, pins, pin, newest, triggers, torn, odoo = row
    return LedgerSight(
        rows=int(rows or 0),
        written=int(written or 0),
        pins=int(pins or 0),
        pin=pin or "",
        newest=int(newest or 0),
        triggers=triggers or "",
        torn=int(torn or 0),
        odoo=odoo_among(odoo),
    )
