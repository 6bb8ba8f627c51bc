"""The database in which migrations are tried: made for the occasion, removed afterwards.

Files run as a role that owns everything in it but is no superuser: nothing that a file says may reach
beyond the database. On a server of ours it has the name of the target's role, and the predefined roles
that would open the machine to it (programs, files) do so no more in the throwaway cluster. On a server
of the user's it is made for the occasion, and is a member only of roles that were made for trials.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, LiteralString

import psycopg
from psycopg import sql

from secopskit.errors import RefusedError
from secopskit.migrate.shadow import binaries, given
from secopskit.migrate.shadow.elevation import Elevation
from secopskit.migrate.shadow.facts import TargetFacts
from secopskit.migrate.shadow.roles import SUPABASE_ROLES, grant_roles, grant_settings, make_roles
from secopskit.migrate.shadow.server import ShadowServer, room_for, running
from secopskit.postgres.connect import OpenSession
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowOptions:
    """Where to try: a PostgreSQL in `directory`, or on the server at `url`; else what is found here.

    `superuser` lets files do what only a superuser may, which includes running programs as the user that
    the server runs as. All of this comes from the user, never from the repository.
    """

    directory: str | None = None
    url: SecretValue | None = None
    superuser: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow:
    """A database to try things in. `version` is its server's major one; `role` is who files run as.

    `connect` opens a session as that role, `connect_admin` one of the superuser (on a given server, of
    its URL's user), both in autocommit. `elevation` helps a session where its role may not.
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
        with _given(facts, options.url, superuser=options.superuser) as shadow:
            yield shadow
        return
    found = binaries.find(options.directory, prefer=facts.version if facts else prefer)
    with running(found, settings=room_for(facts.locks) if facts else None) as server:
        yield _own(server, facts, superuser=options.superuser)


def _own(server: ShadowServer, facts: TargetFacts | None, *, superuser: bool) -> Shadow:
    role = facts.role if facts else "postgres"
    database = facts.database if facts else "postgres"
    word = secrets.token_urlsafe(24)
    with server.connect(autocommit=True) as admin:
        admin.execute(_DANGEROUS)
        make_roles(admin, (*SUPABASE_ROLES, *(facts.roles if facts else ()), role))
        admin.execute(
            sql.SQL("ALTER ROLE {} LOGIN {} CREATEROLE CREATEDB BYPASSRLS PASSWORD {}").format(
                sql.Identifier(role), sql.SQL("SUPERUSER" if superuser else "NOSUPERUSER"), sql.Literal(word)
            )
        )
        _grant_all(admin, role)
        grant_settings(admin, role)
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


def _grant_all(admin: psycopg.Connection[Any], role: str) -> None:
    """Let the role act as every other one, as far as none of them is a superuser."""
    harmless = [name for (name,) in admin.execute(_PREDEFINED)]
    others = admin.execute(
        "SELECT rolname FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_' AND NOT rolsuper AND rolname <> %s",
        (role,),
    )
    grant_roles(admin, (*harmless, *(name for (name,) in others)), role)


@contextmanager
def _given(facts: TargetFacts | None, url: SecretValue, *, superuser: bool) -> Iterator[Shadow]:
    """A database on a server of the user's, and a role that owns it and nothing else."""
    with given.lodging(url, facts.roles if facts else (), superuser=superuser) as lodging:
        with lodging.connect_admin() as admin:
            helped = lodging.superuser and not superuser
            elevation = Elevation.prepare(admin, lodging.role) if helped else Elevation()
        yield Shadow(
            version=lodging.version,
            role=lodging.role,
            connect=lodging.connect,
            connect_admin=lodging.connect_admin,
            elevation=elevation,
        )


def refuse_same_server(target: psycopg.Connection[Any], url: SecretValue) -> None:
    """Raise RefusedError if the given shadow stands on the target's own server.

    Roles and tablespaces belong to a server as a whole: trying them there is doing it there.
    """
    question: LiteralString = "SELECT system_identifier FROM pg_catalog.pg_control_system()"
    with database_errors("looking at the shadow's server"), given.enter(url) as other:
        if target.execute(question).fetchone() == other.execute(question).fetchone():
            raise RefusedError(
                "the shadow's server is the target's own",
                advice="Leave SHADOW_DATABASE_URL out to try on a server made for it, or name another one.",
            )
