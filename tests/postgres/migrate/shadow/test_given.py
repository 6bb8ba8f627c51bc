"""A shadow on a server of the user's: files reach their own database there, and nothing stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from secopskit.errors import RefusedError
from secopskit.migrate.shadow.database import ShadowOptions, refuse_same_server, shadow_for
from secopskit.migrate.shadow.facts import TargetFacts
from secopskit.secret import SecretValue
from support.postgres import Database

FACTS = TargetFacts(version=15, database="x", role="app", superuser=False, supabase=False, roles=("one",))
SLEEPER = """
import sys, time
from secopskit.migrate.shadow.database import ShadowOptions, shadow_for
from secopskit.secret import SecretValue
options = ShadowOptions(url=SecretValue(sys.argv[1].encode()))
with shadow_for(None, options) as shadow, shadow.connect() as link:
    link.execute("CREATE TABLE a (i int); GRANT SELECT ON a TO anon")
    print(shadow.role, flush=True)
    link.execute("SELECT pg_sleep(60)")
"""


def options(database: Database, *, superuser: bool = False) -> ShadowOptions:
    return ShadowOptions(url=SecretValue(database.dsn.encode()), superuser=superuser)


def state(database: Database) -> list[tuple[object, ...]]:
    return database.query("SELECT datname FROM pg_database UNION SELECT rolname FROM pg_roles ORDER BY 1")


@pytest.fixture
def neighbour(database: Database) -> Iterator[str]:
    """Another database of the server, and the role that owns it."""
    name = f"neighbour_{database.name}"
    database.run(f"CREATE ROLE {name}")
    database.run(f"CREATE DATABASE {name} OWNER {name}")
    yield name
    database.run(f"DROP DATABASE IF EXISTS {name}")
    database.run(f"DROP ROLE {name}")


REACHING_OUT = (
    "DROP DATABASE {neighbour}",
    "ALTER DATABASE {neighbour} RENAME TO other",
    "SET ROLE {neighbour}",
    "GRANT {neighbour} TO CURRENT_USER",
    "GRANT pg_execute_server_program TO CURRENT_USER",
    "COPY (SELECT 1) TO PROGRAM 'touch /tmp/never'",
    "SELECT pg_read_file('/etc/passwd')",
    "SET SESSION AUTHORIZATION {superuser}",
    "ALTER ROLE {superuser} PASSWORD 'x'",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "ALTER SYSTEM SET archive_command = 'touch /tmp/never'",
)


def test_a_file_reaches_nothing_else(database: Database, neighbour: str) -> None:
    facts = replace(FACTS, roles=(neighbour,))
    before = state(database)
    with shadow_for(facts, options(database)) as shadow, shadow.connect() as connection:
        for text in REACHING_OUT:
            statement = text.format(neighbour=neighbour, superuser=database.server.user)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())
    assert not Path("/tmp/never").exists()
    assert state(database) == before


def test_what_a_file_may_do(database: Database) -> None:
    before = state(database)
    with shadow_for(FACTS, options(database)) as shadow, shadow.connect() as connection:
        connection.execute("CREATE SCHEMA s AUTHORIZATION one; CREATE TABLE s.t (id int)")
        connection.execute("ALTER TABLE s.t OWNER TO one; GRANT ALL ON SCHEMA s TO anon WITH GRANT OPTION")
        connection.execute("SET ROLE anon")
        connection.execute("RESET ROLE")
        connection.execute(f"CREATE DATABASE db_{database.name}".encode())
        if database.server.version >= 15:
            connection.execute("SET session_replication_role = replica")
        if database.server.version >= 16:  # before, who makes roles has power over those of others
            connection.execute(f"CREATE ROLE role_{database.name}".encode())
            connection.execute("GRANT one TO anon")
        shadow.elevation.run(connection, ["CREATE TABLE helped ()"])
    assert state(database) == before


def test_a_file_may_do_more_where_the_user_says_so(database: Database) -> None:
    before = state(database)
    with (
        shadow_for(FACTS, options(database, superuser=True)) as shadow,
        shadow.connect() as connection,
    ):
        assert shadow.role == database.server.user
        assert connection.execute("SELECT pg_read_file('PG_VERSION') <> ''").fetchone() == (True,)
    assert state(database) == before


def test_a_user_without_superuser_rights(database: Database) -> None:
    role, theirs = f"guest_{database.name}", f"theirs_{database.name}"
    database.run(f"CREATE ROLE {role} LOGIN CREATEDB CREATEROLE PASSWORD '{role}'")
    database.run(f"CREATE ROLE {theirs}")  # which the guest may not hand on
    url = database.dsn.replace(database.dsn.split("@")[0], f"postgresql://{role}:{role}")
    before = state(database)
    try:
        with (
            shadow_for(
                replace(FACTS, roles=("one", theirs)), ShadowOptions(url=SecretValue(url.encode()))
            ) as shadow,
            shadow.connect() as connection,
        ):
            shadow.look_in("public")
            connection.execute("CREATE TABLE t (id int); GRANT SELECT ON t TO one")
        assert state(database) == before
    finally:
        database.run(f"DROP ROLE {role}")
        database.run(f"DROP ROLE {theirs}")


def test_roles_that_were_there_stay_and_may_be_acted_as(database: Database) -> None:
    role = f"app_{database.name}"
    database.run(f"CREATE ROLE {role}")
    facts = replace(FACTS, roles=(role,))
    try:
        with shadow_for(facts, options(database)) as shadow, shadow.connect() as connection:
            connection.execute(f"SET ROLE {role}".encode())
            connection.execute("RESET ROLE")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"DROP ROLE {role}".encode())
        assert (role,) in state(database)
    finally:
        database.run(f"DROP ROLE {role}")


def test_an_odoo_database_is_no_shadow(database: Database) -> None:
    database.run("CREATE TABLE res_users (); CREATE TABLE ir_model ()")
    before = state(database)
    with pytest.raises(RefusedError, match="Odoo"), shadow_for(None, options(database)):
        pass
    with database.connect() as target, pytest.raises(RefusedError, match="Odoo"):
        refuse_same_server(target, SecretValue(database.dsn.encode()))
    assert state(database) == before


def test_two_trials_at_once(database: Database) -> None:
    """The first to come made the roles, and is the first to go."""
    before = state(database)
    with ExitStack() as later:
        with shadow_for(FACTS, options(database)) as first, first.connect() as other:
            other.execute("CREATE TABLE a (i int); GRANT SELECT ON a TO anon")
            second = later.enter_context(shadow_for(FACTS, options(database)))
            connection = later.enter_context(second.connect())
            connection.execute("CREATE TABLE a (i int); GRANT SELECT ON a TO anon")
        connection.execute("GRANT SELECT ON a TO authenticated")
        connection.execute("SET ROLE one")
    assert state(database) == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_a_killed_trial_leaves_is_removed(any_database: Database, number: signal.Signals) -> None:
    before = state(any_database)
    with subprocess.Popen(
        [sys.executable, "-c", SLEEPER, any_database.dsn],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as process:
        assert process.stdout
        name = process.stdout.readline().decode().strip()
        assert (name,) in state(any_database)
        with shadow_for(None, options(any_database)):  # it lives: nothing of it is touched
            assert (name,) in state(any_database)
        process.send_signal(number)
    if number is signal.SIGTERM:
        assert process.returncode == 128 + number
        assert state(any_database) == before
        return
    assert (name,) in state(any_database)
    _await_end(any_database, name)
    with shadow_for(None, options(any_database)):
        assert (name,) not in state(any_database)
    assert state(any_database) == before


def _await_end(database: Database, name: str) -> None:
    """Until the server has noticed that the process is gone."""
    deadline = time.monotonic() + 20
    while database.query(
        "SELECT FROM pg_stat_activity WHERE datname = %s UNION ALL"
        " SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 1936024435",
        name,
    ):
        assert time.monotonic() < deadline
        time.sleep(0.05)
