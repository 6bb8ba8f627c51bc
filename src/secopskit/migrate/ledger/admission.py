"""Refuses the wrong database before anything is written to it.

There is no way around: an Odoo database, a copy of the pinned one, another environment's. What is
refused is refused with exit code 5, and by looking only.
"""

from __future__ import annotations

from secopskit.errors import RefusedError, UsageError
from secopskit.migrate.ledger.identity import DatabaseFacts, survey
from secopskit.migrate.model import Identity
from secopskit.postgres.connect import Link
from secopskit.postgres.errors import DatabaseError

_SHOWN = 4


def refuse_odoo(link: Link) -> DatabaseFacts:
    """What is known of the database behind `link`, unless it is an Odoo: then RefusedError."""
    facts = survey(link)
    if facts.is_odoo:
        names = ", ".join(facts.odoo[:_SHOWN]) + (", …" if len(facts.odoo) > _SHOWN else "")
        raise RefusedError(
            f"database {facts.database} is an Odoo database (it holds {names}); nothing was written",
            advice="Check the connection: secops never touches an Odoo database, and nothing overrides this.",
        )
    return facts


def admit(link: Link, *, environment: str = "", expected_id: str = "") -> Identity:
    """The identity of the database behind `link` if it is the pinned one, else RefusedError.

    `environment` and `expected_id` are what the user or the configuration expects; empty: no
    matter. Raises UsageError where `init` has not run yet.
    """
    facts = refuse_odoo(link)
    refuse_standby(facts)
    if facts.pin is None:
        raise UsageError(
            f"database {facts.database} has no migration state",
            advice="Run `secops migrate init` first, if this is the right database.",
        )
    return check_pin(facts, environment=environment, expected_id=expected_id)


def check_pin(facts: DatabaseFacts, *, environment: str = "", expected_id: str = "") -> Identity:
    """The pinned identity, if the pin is about this very database and what is expected. Or RefusedError."""
    identity, pin = facts.identity, facts.pin
    if identity is None or pin is None:
        raise RefusedError(
            f"database {facts.database} is not the one that was pinned: its state came along from another "
            f"(environment {pin.environment if pin else 'unknown'}), by a restore or a copy",
            advice="Check the connection. If it is a copy meant to live on: `secops migrate init --copy`.",
        )
    if environment and identity.environment != environment:
        raise RefusedError(
            f"database {facts.database} is pinned as {identity.environment}, not as {environment}",
            advice="Check the connection and --env.",
        )
    if expected_id and identity.id != expected_id:
        raise RefusedError(
            f"database {facts.database} has the identity {identity.id}, and {expected_id} is expected",
            advice="Check the connection and the identity in .secops.yaml.",
        )
    return identity


def refuse_standby(facts: DatabaseFacts) -> None:
    """Raise DatabaseError where nothing can be written."""
    if facts.standby:
        raise DatabaseError(
            f"database {facts.database} is on a standby server", advice="Connect to the primary server."
        )
