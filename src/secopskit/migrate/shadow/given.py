"""A lodging on a server of the user's: a database, and a role that owns it and reaches nothing else.

Trials share that server, with each other and with other databases. A trial holds a lock for as long as
it lasts, which ends with its process: what trials left that were killed is known by it, and removed by
the next one. The roles that files name carry a comment, and go with the last trial.
"""

from __future__ import annotations

import re
import secrets
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, Final, LiteralString

import psycopg
from psycopg import conninfo, sql

from secopskit.errors import SecopsError
from secopskit.migrate.shadow.roles import SUPABASE_ROLES, grant_roles, grant_settings, make_roles
from secopskit.postgres.connect import ConnectionSettings, Link, connect
from secopskit.postgres.errors import DatabaseError, database_errors
from secopskit.postgres.identity import read_database_facts, read_only
from secopskit.postgres.refusal import refuse_odoo
from secopskit.secret import SecretValue

_PREFIX: Final = "secops_shadow_"
_OURS: Final = re.compile(rf"{_PREFIX}[0-9a-f]{{12}}")
_MARK: Final = "made by secops for a trial, goes with the last one"
_TRIALS: Final = 1936024435  # a namespace of advisory locks
_AT_ROLES: Final = 0  # held while roles come and go; every other number is a trial's
_GROWN_UP: Final = 160_000  # from here on, CREATEROLE gives no power over the roles of others
_PATH: Final[LiteralString] = "SET search_path TO pg_catalog, pg_temp"  # see read_only
_HOLD: Final[LiteralString] = (
    "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0;"
)
_NO_LIMIT: Final[LiteralString] = "SET LOCAL transaction_timeout = 0;"  # there from PostgreSQL 17 on
_LOCK: Final[LiteralString] = "SELECT pg_advisory_xact_lock(%s, %s)"
_UNDER_WAY: Final[LiteralString] = (
    "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objsubid = 2"
)
_MARKED: Final[LiteralString] = (
    "SELECT rolname FROM pg_roles WHERE shobj_description(oid, 'pg_authid') = %s ORDER BY rolname"
)
# What is the user's own may be acted as where nothing comes with it: no database, no right on the server.
_HARMLESS: Final[LiteralString] = """
    SELECT rolname FROM pg_roles r
     WHERE rolname = ANY (%s) AND NOT (rolsuper OR rolcreaterole OR rolreplication)
       AND shobj_description(oid, 'pg_authid') IS DISTINCT FROM %s
       AND NOT EXISTS (SELECT FROM pg_database WHERE datdba = r.oid)
       AND NOT EXISTS (SELECT FROM pg_tablespace WHERE spcowner = r.oid)
       AND NOT EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid)"""
_OWNED: Final[LiteralString] = (
    "SELECT datname FROM pg_database"
    " WHERE datname = %s OR datdba = (SELECT oid FROM pg_roles WHERE rolname = %s)"
)
# Roles that a file has made: their maker may hand them on, as it may only what carries our mark.
_MADE_BY: Final[LiteralString] = """
    SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
     WHERE m.member = (SELECT oid FROM pg_roles WHERE rolname = %s) AND m.admin_option
       AND shobj_description(r.oid, 'pg_authid') IS DISTINCT FROM %s"""
_DEPENDED_ON: Final = psycopg.errors.DependentObjectsStillExist
_NOT_OURS: Final = psycopg.errors.InsufficientPrivilege
_NOT_ADMITTED: Final = (
    "Files run as a role of their own there, which logs in with a password: have pg_hba.conf admit it. "
    "Or, for files that you would run as a program: --shadow-superuser."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lodging:
    """A database and the role that owns it, both called `name`. `version` is the server's major one.

    `superuser`: whether the URL's user is one. Without a `password` there is no role: files run as that user.
    """

    url: SecretValue
    name: str
    password: SecretValue | None
    version: int
    user: str
    superuser: bool

    @property
    def role(self) -> str:
        """Who files run as."""
        return self.name if self.password else self.user

    def connect(self) -> Link:
        """A session as that role, in autocommit. Raises DatabaseError."""
        if self.password is None:
            return self.connect_admin()
        word = self.password.reveal().decode()
        return connect(_settings(self.url, dbname=self.name, user=self.name, password=word))

    def connect_admin(self) -> Link:
        """A session as the URL's user, in the database. Raises DatabaseError."""
        return connect(_settings(self.url, dbname=self.name))


@contextmanager
def lodging(url: SecretValue, roles: Sequence[str], *, superuser: bool) -> Iterator[Lodging]:
    """A lodging for the length of the block, on a server where all of `roles` are.

    With `superuser`, files run as the URL's user if that is one. Raises RefusedError where the URL names an
    Odoo database, DatabaseError for the rest.
    """
    name = f"{_PREFIX}{secrets.token_hex(6)}"
    doing = "preparing the shadow database"
    with _orderly_end(), enter(url) as guard:
        with database_errors(doing):
            guard.execute(_HOLD + (_NO_LIMIT if guard.info.server_version >= 170000 else ""))
            guard.execute(_LOCK, (_TRIALS, _number(name)))
        try:
            with database_errors(doing), enter(url) as admin:
                _sweep(admin)
                made = _move_in(admin, url, name, roles, superuser=superuser)
            _try_the_door(made)
            yield made
        finally:
            with database_errors("removing the shadow database"), enter(url) as admin:
                _move_out(admin, name, force=True)


@contextmanager
def enter(url: SecretValue) -> Iterator[Link]:
    """A session as the URL's user, for the length of the block. Refuses (RefusedError) an Odoo database."""
    link = connect(_settings(url))
    try:
        with read_only(link, "looking at the shadow's server"):
            facts = read_database_facts(link)
        refuse_odoo(facts)
        with database_errors("looking at the shadow's server"):
            link.execute(_PATH)
        yield link
    finally:
        link.close()


def _settings(url: SecretValue, **more: str) -> ConnectionSettings:
    settings = ConnectionSettings(conninfo=url, origin="the shadow's URL")
    if not more:
        return settings
    text = conninfo.make_conninfo(url.reveal().decode(), **more)
    return replace(settings, conninfo=SecretValue(text.encode()))


def _number(name: str) -> int:
    """The lock of the trial in the database `name`."""
    return int(name.removeprefix(_PREFIX)[:7], 16) + 1


@contextmanager
def _orderly_end() -> Iterator[None]:
    """SIGTERM ends the block as an error does, so that what was made is removed."""
    mine = threading.current_thread() is threading.main_thread()
    if not mine or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def end(number: int, _frame: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough: now it is tidied up
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _move_in(admin: Link, url: SecretValue, name: str, roles: Sequence[str], *, superuser: bool) -> Lodging:
    row = admin.execute("SELECT rolsuper FROM pg_roles WHERE rolname = session_user").fetchone()
    powerful = row == (True,)
    word = None if superuser and powerful else secrets.token_urlsafe(24)
    with admin.transaction():
        admin.execute(_LOCK, (_TRIALS, _AT_ROLES))
        _provide(admin, (*SUPABASE_ROLES, *roles))
        if word is not None:
            _make_owner(admin, name, word, roles, powerful=powerful)
    owner = name if word else admin.info.user
    text = sql.SQL("CREATE DATABASE {} TEMPLATE template0 OWNER {}")
    admin.execute(text.format(sql.Identifier(name), sql.Identifier(owner)))
    return Lodging(
        url=url,
        name=name,
        password=SecretValue(word.encode()) if word else None,
        version=admin.info.server_version // 10000,
        user=admin.info.user,
        superuser=powerful,
    )


def _provide(admin: Link, roles: Sequence[str]) -> None:
    for made in make_roles(admin, roles):
        admin.execute(sql.SQL("COMMENT ON ROLE {} IS {}").format(sql.Identifier(made), sql.Literal(_MARK)))


def _make_owner(admin: Link, name: str, word: str, roles: Sequence[str], *, powerful: bool) -> None:
    """The role that files run as: no superuser, and a member only of what gives it nothing."""
    rights = ["LOGIN", "CREATEDB", *(["BYPASSRLS"] if powerful else [])]
    rights += ["CREATEROLE"] if admin.info.server_version >= _GROWN_UP else []
    owner = sql.Identifier(name)
    admin.execute(
        sql.SQL("CREATE ROLE {} {} PASSWORD {}").format(
            owner,
            sql.SQL(" ".join(rights)),
            sql.Literal(word),
        )
    )
    if admin.info.server_version >= _GROWN_UP:  # it may act as what it makes, as a superuser may
        own = sql.SQL("ALTER ROLE {} SET createrole_self_grant = 'set, inherit'")
        admin.execute(own.format(owner))
    ours = _grantable(admin)
    grant_roles(admin, [one for one in _names(admin, _MARKED, _MARK) if one in ours], name)
    for harmless in _names(admin, _HARMLESS, [*SUPABASE_ROLES, *roles], _MARK):
        if harmless not in ours:
            continue
        admin.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(harmless), owner))
    if powerful:
        grant_settings(admin, name)
    else:  # who is no superuser gives a database only to a role that it may act as
        admin.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(owner))


def _grantable(admin: Link) -> set[str]:
    """The roles that the URL's user may hand on: others may have been made by somebody else's trials."""
    if admin.info.server_version < _GROWN_UP:
        return set(_names(admin, "SELECT rolname FROM pg_roles"))
    may = "SELECT rolname FROM pg_roles WHERE pg_has_role(oid, 'USAGE WITH ADMIN OPTION')"
    return set(_names(admin, may))


def _try_the_door(made: Lodging) -> None:
    try:
        made.connect().close()
    except DatabaseError as error:
        raise DatabaseError(
            f"the shadow's server does not admit the role that was made there for the trial: {error}",
            advice=_NOT_ADMITTED,
            sqlstate=error.sqlstate,
        ) from None


def _move_out(admin: Link, name: str, *, force: bool) -> None:
    """Remove a trial: its databases, its role, and what only it needed. Raises psycopg.Error."""
    with_force = sql.SQL(" WITH (FORCE)" if force else "")
    for database in _names(admin, _OWNED, name, name):
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(database)) + with_force)
    with admin.transaction():
        admin.execute(_LOCK, (_TRIALS, _AT_ROLES))
        if _names(admin, "SELECT rolname FROM pg_roles WHERE rolname = %s", name):
            mine = [*_names(admin, _MADE_BY, name, _MARK), name]
            admin.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)))  # what it granted
            _drop_roles(admin, mine)
        if not _others(admin, name):
            _drop_roles(admin, _names(admin, _MARKED, _MARK))


def _drop_roles(admin: Link, names: Sequence[str]) -> None:
    """Those that nothing depends on, and that are ours; what stays is tried again by the next trial."""
    for name in names:
        with suppress(_DEPENDED_ON, _NOT_OURS), admin.transaction():
            admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))


def _sweep(admin: Link) -> None:
    """Remove what killed trials left. What cannot be removed is left to the next one."""
    under_way = _others(admin, "")
    left = [
        name
        for name in _names(
            admin, "SELECT datname FROM pg_database UNION SELECT rolname FROM pg_roles ORDER BY 1"
        )
        if _OURS.fullmatch(name) and _number(name) not in under_way
    ]
    for name in left:
        with suppress(psycopg.Error, SecopsError):
            _move_out(admin, name, force=False)


def _others(admin: Link, name: str) -> set[int]:
    """The locks of the trials under way, but for that of `name`."""
    held = {number for (number,) in admin.execute(_UNDER_WAY, (_TRIALS,))}
    return held - {_AT_ROLES, _number(name) if name else _AT_ROLES}


def _names(admin: Link, question: LiteralString, *values: Any) -> list[str]:
    return [name for (name,) in admin.execute(question, values).fetchall()]
