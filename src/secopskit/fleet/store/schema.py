"""The tables of the store, and how it is opened.

`repository`: what there is, by name. `run`: a selection that was scanned, or is being scanned. `unit`: a
repository of a run and what became of it, once. `scan`: a result; units that found nothing changed refer to
an earlier one. `sighting`: a secret under a rule in a repository, and the runs that saw it first and last,
though it may have been held back in the last.
"""

from __future__ import annotations

import os
import sqlite3
from typing import Final

from secopskit.errors import ConfigError, SecopsError
from secopskit.state.private import private_directory

DATABASE: Final = "fleet.sqlite"
_VERSION: Final = 1
_PATIENCE: Final = 30.0  # seconds, for another process that writes
_TABLES: Final = """
CREATE TABLE fact (name TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE repository (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    address TEXT NOT NULL,
    branch TEXT NOT NULL,
    size INTEGER NOT NULL,
    visibility TEXT NOT NULL,
    archived INTEGER NOT NULL,
    fork INTEGER NOT NULL,
    latest_scan INTEGER REFERENCES scan
);
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    selection TEXT NOT NULL,
    started TEXT NOT NULL,
    ended TEXT NOT NULL DEFAULT '',
    listed TEXT NOT NULL DEFAULT '',
    notes TEXT NOT NULL DEFAULT '[]'
);
CREATE TABLE unit (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES run,
    repository INTEGER NOT NULL REFERENCES repository,
    state TEXT NOT NULL DEFAULT 'waiting',
    killed INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    advice TEXT NOT NULL DEFAULT '',
    seconds REAL NOT NULL DEFAULT 0,
    scan INTEGER REFERENCES scan,
    UNIQUE (run, repository)
);
CREATE TABLE scan (
    id INTEGER PRIMARY KEY,
    repository INTEGER NOT NULL REFERENCES repository,
    run INTEGER NOT NULL REFERENCES run,
    ended TEXT NOT NULL,
    state TEXT NOT NULL,
    rules TEXT NOT NULL,
    day TEXT NOT NULL,
    document BLOB NOT NULL,
    UNIQUE (run, repository)
);
CREATE TABLE sighting (
    repository INTEGER NOT NULL REFERENCES repository,
    fingerprint TEXT NOT NULL,
    rule TEXT NOT NULL,
    first_run INTEGER NOT NULL REFERENCES run,
    first_seen TEXT NOT NULL,
    last_run INTEGER NOT NULL REFERENCES run,
    PRIMARY KEY (repository, fingerprint, rule)
) WITHOUT ROWID;
"""


def opened(directory: str, *, create: bool) -> sqlite3.Connection:
    """The store in `directory`. Raises ConfigError where there is none, or one of a later version."""
    path = os.path.join(directory, DATABASE)
    if not create and not os.path.isfile(path):
        raise ConfigError(
            f"{directory}: no fleet has been scanned here",
            advice="Run `secops fleet scan` first, or --fleet DIR.",
        )
    private_directory(directory)
    try:
        connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
        os.chmod(path, 0o600)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")
        _make(connection, path)
    except sqlite3.DatabaseError as error:
        raise damaged(path, error) from None
    return connection


def damaged(path: str, error: sqlite3.Error) -> SecopsError:
    """The error for a store that cannot be used."""
    return SecopsError(
        f"{path}: cannot be used: {error}",
        advice="Is the disk full, or the file damaged? Without it, the fleet is scanned anew.",
    )


def _make(connection: sqlite3.Connection, path: str) -> None:
    """Make the tables of a store that has none."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > _VERSION:
        raise ConfigError(f"{path}: was made by a newer secops", advice="Use that one, or another directory.")
    if version == 0:
        connection.executescript(f"BEGIN;{_TABLES}PRAGMA user_version={_VERSION};COMMIT;")
