"""Refusals of databases that secops never writes to, whichever command asks. Pure: facts in.

There is no way around: an Odoo database is refused with exit code 5, by looking only.
"""

from __future__ import annotations

from typing import Final

from secopskit.errors import RefusedError
from secopskit.postgres.errors import DatabaseError
from secopskit.postgres.identity import DatabaseFacts

_SHOWN: Final = 4


def refuse_odoo(facts: DatabaseFacts) -> None:
    """Raise RefusedError for an Odoo database."""
    if facts.is_odoo:
        names = ", ".join(facts.odoo[:_SHOWN]) + (", …" if len(facts.odoo) > _SHOWN else "")
        raise RefusedError(
            f"database {facts.database} is an Odoo database (it holds {names}); nothing was written",
            advice="Check the connection: secops never touches an Odoo database, and nothing overrides this.",
        )


def refuse_standby(facts: DatabaseFacts) -> None:
    """Raise DatabaseError where nothing can be written."""
    if facts.standby:
        raise DatabaseError(
            f"database {facts.database} is on a standby server", advice="Connect to the primary server."
        )
