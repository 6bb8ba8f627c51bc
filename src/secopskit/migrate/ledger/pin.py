"""The pin: which database `init` was run on, and the refusal of every other one before a write.

There is no way around: an Odoo database, a copy of the pinned one, another environment's. What is
refused is refused with exit code 5, and by looking only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from secopskit.errors import RefusedError, UsageError
from secopskit.migrate.model import Identity
from secopskit.postgres.connect import Link
from secopskit.postgres.errors import DatabaseError
from secopskit.postgres.identity import DatabaseFacts, read_database_facts, read_only
from secopskit.postgres.refusal import refuse_odoo, refuse_standby

_SCHEMA: Final = "secops"
_TARGET: Final = "target"
# What our tables are known by: these columns have been there from the first version on.
_OURS: Final = {
    _TARGET: {"id", "env", "system_identifier", "datoid", "layout"},
    "schema_migrations": {"version", "name", "checksum", "kind", "state", "stmts_done", "run_id"},
    "migration_history": {"id", "run_id", "version", "action", "ok", "prev_hash", "hash"},
}
_SHOWN: Final = 4
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
class SurveyedDatabase:
    """A database as found, and the pin that lies in it; None before `init`."""

    facts: DatabaseFacts
    pin: Pin | None

    @property
    def identity(self) -> Identity | None:
        """The pinned identity, if it is about this very database."""
        pin, facts = self.pin, self.facts
        if pin is None or (pin.system_identifier, pin.database_oid) != (
            facts.system_identifier,
            facts.database_oid,
        ):
            return None
        return Identity(
            id=pin.id,
            environment=pin.environment,
            database=facts.database,
            system_identifier=facts.system_identifier,
            database_oid=facts.database_oid,
            server_version=facts.server_version,
        )


def survey(link: Link) -> SurveyedDatabase:
    """Look at the database behind `link`, in a transaction that cannot write. Raises DatabaseError.

    Or RefusedError, where somebody else has a schema of the name that ours has.
    """
    with read_only(link, "looking at the database"):
        facts = read_database_facts(link, schema=_SCHEMA)
        _refuse_strangers(facts)
        row = link.execute(_PIN).fetchone() if _TARGET in facts.relations else None
    return SurveyedDatabase(facts=facts, pin=_pin(row))


def survey_writable(link: Link) -> SurveyedDatabase:
    """As `survey`, unless the database is an Odoo (RefusedError) or a standby (DatabaseError)."""
    found = survey(link)
    refuse_odoo(found.facts)
    refuse_standby(found.facts)
    return found


def admit(link: Link, *, environment: str = "", expected_id: str = "") -> Identity:
    """The identity of the database behind `link` if it is the pinned one, else RefusedError.

    `environment` and `expected_id` are what the user or the configuration expects; empty: no
    matter. Raises UsageError where `init` has not run yet.
    """
    found = survey_writable(link)
    if found.pin is None:
        raise UsageError(
            f"database {found.facts.database} has no migration state",
            advice="Run `secops migrate init` first, if this is the right database.",
        )
    return check_pin(found, environment=environment, expected_id=expected_id)


def check_pin(found: SurveyedDatabase, *, environment: str = "", expected_id: str = "") -> Identity:
    """The pinned identity, if the pin is about this very database and what is expected. Or RefusedError."""
    identity, pin, database = found.identity, found.pin, found.facts.database
    if identity is None or pin is None:
        raise RefusedError(
            f"database {database} is not the one that was pinned: its state came along from another "
            f"(environment {pin.environment if pin else 'unknown'}), by a restore or a copy",
            advice="Check the connection. If it is a copy meant to live on: `secops migrate init --copy`.",
        )
    if environment and identity.environment != environment:
        raise RefusedError(
            f"database {database} is pinned as {identity.environment}, not as {environment}",
            advice="Check the connection and --env.",
        )
    if expected_id and identity.id != expected_id:
        raise RefusedError(
            f"database {database} has the identity {identity.id}, and {expected_id} is expected",
            advice="Check the connection and the identity in .secops.yaml.",
        )
    return identity


def _refuse_strangers(facts: DatabaseFacts) -> None:
    """Raise RefusedError for a schema with tables of our names that are not ours, or without our pin."""
    found = facts.relations
    strange = [name for name, columns in found.items() if not _OURS.get(name, columns) <= columns]
    if _TARGET not in found:
        strange += sorted(found.keys() - _OURS)
    if strange:
        names = ", ".join(strange[:_SHOWN]) + (", …" if len(strange) > _SHOWN else "")
        raise RefusedError(
            f"the schema secops in database {facts.database} is not ours (it holds {names}); nothing was "
            "written",
            advice="secops keeps its state in a schema of that name, and shares it with nobody. Rename that "
            "one (ALTER SCHEMA secops RENAME TO …), or use another database.",
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
