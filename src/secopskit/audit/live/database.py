"""Live facts of a PostgreSQL: what kind of database it is.

It is only read, in a transaction that cannot write. Where it is comes from an environment variable or a
declared source, never from a command line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.audit.live.model import DatabaseNature, LiveDatabase
from secopskit.errors import UsageError
from secopskit.postgres.connect import ConnectionSettings, connect
from secopskit.postgres.identity import DatabaseFacts, read_database_facts, read_only
from secopskit.settings.environment import database_url

if TYPE_CHECKING:
    from secopskit.origin.interface import Origin
    from secopskit.secret import SecretValue

CONNECT_TIMEOUT_S: Final = 5
_NAME: Final = "secops audit"


def database_of_variable(name: str) -> ConnectionSettings:
    """How to reach the database whose URL the variable `name` holds. Raises UsageError, ConfigError."""
    url = database_url(name)
    if url is None:
        raise UsageError(
            f"the variable {name} is not set",
            advice="Set it to the URL of the database: postgresql://…",
        )
    return _settings(url, name)


def database_of_origin(origin: Origin, key: str) -> ConnectionSettings:
    """How to reach the database whose URL a declared source has under `key`. Raises SecopsError."""
    found = origin.read((key,)).get(key)
    if found is None:
        raise UsageError(f"{origin.label} has no {key}", advice="Name a key that it has, or another source.")
    return _settings(found.value, found.place)


def look_at_database(settings: ConnectionSettings, key: str = "") -> LiveDatabase:
    """What kind of database answers; `key` is the name that it is known by in the project.

    Raises ConfigError, DatabaseError; messages name the place, never the password.
    """
    link = connect(settings)
    try:
        with read_only(link, "looking at the database"):
            facts = read_database_facts(link)
        host = link.info.host or "the local socket"
        port = "" if host.startswith(("/", "@", "the ")) else f":{link.info.port}"
    finally:
        link.close()
    return LiveDatabase(
        place=f"database {facts.database} at {host}{port}",
        nature=_nature(facts),
        version=_version(facts.server_version),
        key=key,
    )


def _settings(url: SecretValue, origin: str) -> ConnectionSettings:
    return ConnectionSettings(
        conninfo=url, origin=origin, connect_timeout_s=CONNECT_TIMEOUT_S, application_name=_NAME
    )


def _nature(facts: DatabaseFacts) -> DatabaseNature:
    if facts.is_odoo:
        return DatabaseNature.ODOO
    return DatabaseNature.SUPABASE if facts.supabase else DatabaseNature.OTHER


def _version(number: int) -> str:
    """`17.2` for PostgreSQL's number 170002."""
    return f"{number // 10000}.{number % 10000}"
