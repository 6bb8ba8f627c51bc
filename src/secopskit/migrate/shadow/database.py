"""The database in which migrations are tried: made for the occasion, removed afterwards.

Files run as a role of the same name as the target's, which owns everything but is no superuser:
on a server of ours nothing that a file says may reach beyond the database. The predefined roles
that would open the machine to it (programs, files) do so no more in the throwaway cluster.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, LiteralString

import psycopg
from psycopg import conninfo, sql

from secopskit.errors import RefusedError
from secopskit.migrate.shadow import binaries
from secopskit.migrate.shadow.elevation import Elevation
from secopskit.migrate.shadow.facts import TargetFacts
from secopskit.migrate.shadow.server import ShadowServer, running
from secopskit.postgres.connect import ConnectionSettings, OpenSession, connect
from secopskit.postgres.errors import database_errors
from secopskit.secret import SecretValue

# PostgreSQL knows these roles by their oids. With others they are names that can be granted, as the
# files and some extensions do, and that open nothing.
_DANGEROUS: Final[LiteralString] = (
    "UPDATE pg_catalog.pg_authid SET oid ="
    " pg_catalog.pg_nextoid('pg_catalog.pg_authid', 'oid', 'pg_catalog.pg_authid_oid_index') WHERE rolname IN"
    " ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files')"
)
_PREDEFINED: Final[LiteralString] = (
    "SELECT rolname FROM pg_catalog.pg_roles WHERE rolname ~ '^pg_' AND rolname <> 'pg_database_owner'"
)
# Settings that platforms let their users set, and that reach no further than the database and its log.
_SETTINGS: Final = (
    *("session_replication_role", "deadlock_timeout", "temp_file_limit", "lc_messages", "track_io_timing"),
    *("log_min_duration_statement", "log_min_messages", "log_statement", "log_lock_waits", "track_functions"),
)
_SUPABASE_ROLES: Final = (
    *("anon", "authenticated", "service_role", "authenticator", "dashboard_user", "pgbouncer", "postgres"),
    *("supabase_admin", "supabase_auth_admin", "supabase_storage_admin", "supabase_realtime_admin"),
    *("supabase_replication_admin", "supabase_functions_admin", "supabase_read_only_user"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowOptions:
    """Where to try: a PostgreSQL in `directory`, or on the server at `url`; else what is found here.

    `superuser` lets files do on a server of ours what only a superuser may, which includes running
    programs as the user that the server runs as. All of this comes from the user, never from the
    repository.
    """

    directory: str | None = None
    url: SecretValue | None = None
    superuser: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow:
    """A database to try things in. `version` is its server's major one; `role` is who files run as.

    `connect` opens a session as that role, `connect_admin` one of the superuser (on a given server,
    of the same user), both in autocommit. `elevation` helps a session where its role may not.
    """

    version: int
    role: str
    connect: OpenSession
    connect_admin: OpenSession
    elevation: Elevation

    def look_in(self, path: str) -> None:
        """Let sessions look names up in `path`, as `search_path` spells it."""
        with self.connect_admin() as admin:
            admin.execute("SELECT pg_catalog.set_config('search_path', %s, false)", (path,))
            admin.execute(
                sql.SQL("ALTER DATABASE {} SET search_path FROM CURRENT").format(
                    sql.Identifier(admin.info.dbname)
                )
            )


@contextmanager
def shadow_for(
    facts: TargetFacts | None, options: ShadowOptions, *, prefer: int | None = None
) -> Iterator[Shadow]:
    """An empty database, with the roles that the target has, for the length of the block.

    The target's major version is taken if it is here; without a target, the version `prefer`.
    """
    if options.url is not None:
        with _given(facts, options.url) as shadow:
            yield shadow
        return
    found = binaries.find(options.directory, prefer=facts.version if facts else prefer)
    with running(found) as server:
        yield _own(server, facts, superuser=options.superuser)


def _own(server: ShadowServer, facts: TargetFacts | None, *, superuser: bool) -> Shadow:
    role = facts.role if facts else "postgres"
    database = facts.database if facts else "postgres"
    word = secrets.token_urlsafe(24)
    with server.connect(autocommit=True) as admin:
        admin.execute(_DANGEROUS)
        _make_roles(admin, (*_SUPABASE_ROLES, *(facts.roles if facts else ()), role))
        admin.execute(
            sql.SQL("ALTER ROLE {} LOGIN {} CREATEROLE CREATEDB BYPASSRLS PASSWORD {}").format(
                sql.Identifier(role), sql.SQL("SUPERUSER" if superuser else "NOSUPERUSER"), sql.Literal(word)
            )
        )
        _grant_roles(admin, role)
        if server.version >= 15:  # before, such rights were a superuser's alone
            names = sql.SQL(", ").join(sql.Identifier(name) for name in _SETTINGS)
            admin.execute(sql.SQL("GRANT SET ON PARAMETER {} TO {}").format(names, sql.Identifier(role)))
        if database != "postgres":
            admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(database)))
        admin.execute(
            sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(database), sql.Identifier(role))
        )
    with server.connect(database, autocommit=True) as admin:
        elevation = Elevation() if superuser else Elevation.prepare(admin, role)
    return Shadow(
        version=server.version,
        role=role,
        connect=lambda: server.connect(database, user=role, password=word, autocommit=True),
        connect_admin=lambda: server.connect(database, autocommit=True),
        elevation=elevation,
    )


def _make_roles(admin: psycopg.Connection[Any], roles: tuple[str, ...]) -> list[str]:
    """Make the roles that are not there; those are returned."""
    there = {name for (name,) in admin.execute("SELECT rolname FROM pg_catalog.pg_roles")}
    new = [name for name in dict.fromkeys(roles) if name not in there]
    for name in new:
        admin.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(name)))
    return new


def _grant_roles(admin: psycopg.Connection[Any], role: str) -> None:
    """Let the role act as every other one, as far as none of them is a superuser."""
    harmless = [name for (name,) in admin.execute(_PREDEFINED)]
    others = admin.execute(
        "SELECT rolname FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_' AND NOT rolsuper AND rolname <> %s",
        (role,),
    )
    for name in (*harmless, *(name for (name,) in others)):
        admin.execute(
            sql.SQL("GRANT {} TO {} WITH ADMIN OPTION").format(sql.Identifier(name), sql.Identifier(role))
        )


@contextmanager
def _given(facts: TargetFacts | None, url: SecretValue) -> Iterator[Shadow]:
    """A database on a server of the user's; roles made there for it go with it."""
    name = f"secops_shadow_{secrets.token_hex(6)}"
    with database_errors("preparing the shadow database"), connect(_settings(url)) as admin:
        roles = _make_roles(admin, (*_SUPABASE_ROLES, *(facts.roles if facts else ())))
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        role, version = admin.info.user, admin.info.server_version // 10000

    def enter() -> psycopg.Connection[Any]:
        return connect(_settings(url, name))

    try:
        yield Shadow(version=version, role=role, connect=enter, connect_admin=enter, elevation=Elevation())
    finally:
        with database_errors("removing the shadow database"), connect(_settings(url)) as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            for made in roles:
                admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(made)))


def _settings(url: SecretValue, database: str | None = None) -> ConnectionSettings:
    settings = ConnectionSettings(conninfo=url, origin="the shadow's URL")
    if database is None:
        return settings
    text = conninfo.make_conninfo(url.reveal().decode(), dbname=database)
    return replace(settings, conninfo=SecretValue(text.encode()))


def refuse_same_server(target: psycopg.Connection[Any], url: SecretValue) -> None:
    """Raise RefusedError if the given shadow stands on the target's own server.

    Roles and tablespaces belong to a server as a whole: trying them there is doing it there.
    """
    question: LiteralString = "SELECT system_identifier FROM pg_catalog.pg_control_system()"
    with database_errors("looking at the shadow's server"), connect(_settings(url)) as other:
        if target.execute(question).fetchone() == other.execute(question).fetchone():
            raise RefusedError(
                "the shadow's server is the target's own",
                advice="Leave SHADOW_DATABASE_URL out to try on a server made for it, or name another one.",
            )
