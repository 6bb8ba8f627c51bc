"""State tables and pin: what `init` makes in a database, in the private schema `secops`."""

from __future__ import annotations

import re
from importlib import resources
from typing import Final

from psycopg import sql

from secopskit.errors import UsageError
from secopskit.migrate.ledger import history
from secopskit.migrate.ledger.pin import check_pin, survey_writable
from secopskit.migrate.model import Identity
from secopskit.postgres.connect import Link
from secopskit.postgres.errors import database_errors

_DENIED: Final = {
    "42501": "This role may not make the schema: as the database's owner, GRANT CREATE ON DATABASE … TO "
    "it, and run it again; or run it as the owner."
}
_ENVIRONMENT: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_SETTINGS: Final = (
    "SET LOCAL lock_timeout = '10s'; SET LOCAL client_min_messages = warning;"
    " SET LOCAL search_path = pg_catalog, pg_temp"  # see read_only
)
_IS_OURS: Final = """
    SELECT xmin OPERATOR(pg_catalog.=) pg_catalog.pg_current_xact_id()::pg_catalog.xid FROM secops.target
"""


def schema_text() -> str:
    """The SQL that makes the state tables; it can run again."""
    return resources.files("secopskit.migrate.ledger").joinpath("schema.sql").read_text("utf-8")


def initialise(
    link: Link, environment: str, run: history.RunRecord, *, copy: bool = False
) -> tuple[Identity, bool]:
    """Make the state tables and pin the database as `environment`; also tell whether anything was new.

    With `copy`, a database that holds the state of another one gets an identity of its own. Raises
    RefusedError for an Odoo database, a copy otherwise, or one that is pinned as something else, and
    UsageError for a name that is none.
    """
    if not _ENVIRONMENT.fullmatch(environment):
        raise UsageError(
            f"{environment[:60]!r} is no name of an environment",
            advice="Use small letters, digits, - and _, such as `staging` or `production`.",
        )
    found = survey_writable(link)
    foreign = copy and found.pin is not None and found.identity is None
    if found.pin is not None and not foreign:
        return check_pin(found, environment=environment), False
    with database_errors("making the state tables", _DENIED), link.transaction():
        link.execute(_SETTINGS)
        link.execute(sql.SQL("SET LOCAL secops.environment = {}").format(environment))
        if foreign:
            link.execute("DELETE FROM secops.target")
        link.execute(schema_text().encode())
        ours = link.execute(_IS_OURS).fetchone() == (True,)
        if ours:  # and not of another run that was quicker
            message = f"pinned as {environment}" + (", a copy of another database" if foreign else "")
            history.append(run, history.HistoryEntry(action=history.Action.INIT, message=message)).on(link)
    return check_pin(survey_writable(link), environment=environment), ours
