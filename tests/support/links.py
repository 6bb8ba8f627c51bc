"""Connections of secops' own kind for tests, and databases that `init` has been to."""

from __future__ import annotations

from secopskit.migrate.ledger.history import RunRecord
from secopskit.migrate.ledger.initialise import initialise
from secopskit.postgres.connect import ConnectionSettings, Link, connect
from secopskit.secret import SecretValue


def settings_of(dsn: str) -> ConnectionSettings:
    """How to reach what the URL `dsn` names."""
    return ConnectionSettings(conninfo=SecretValue(dsn.encode()), origin="DATABASE_URL")


def link_to(dsn: str) -> Link:
    """A connection to what the URL `dsn` names."""
    return connect(settings_of(dsn))


def initialised(dsn: str, environment: str = "staging") -> Link:
    """A connection to a database that has the state tables."""
    link = link_to(dsn)
    initialise(link, environment, RunRecord(actor="ada"))
    return link
