"""The roles of a shadow: those that files name, and the one that files run as."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import psycopg
from psycopg import sql

# Settings that platforms let their users set, and that reach no further than the database and its log.
_SETTINGS: Final = (
    *("session_replication_role", "deadlock_timeout", "temp_file_limit", "lc_messages", "track_io_timing"),
    *("log_min_duration_statement", "log_min_messages", "log_statement", "log_lock_waits", "track_functions"),
)
SUPABASE_ROLES: Final = (
    *("anon", "authenticated", "service_role", "authenticator", "dashboard_user", "pgbouncer", "postgres"),
    *("supabase_admin", "supabase_auth_admin", "supabase_storage_admin", "supabase_realtime_admin"),
    *("supabase_replication_admin", "supabase_functions_admin", "supabase_read_only_user"),
)


def make_roles(admin: psycopg.Connection[Any], roles: Sequence[str]) -> list[str]:
    """Make the roles that are not there; those are returned. Raises psycopg.Error."""
    there = {name for (name,) in admin.execute("SELECT rolname FROM pg_catalog.pg_roles")}
    new = [name for name in dict.fromkeys(roles) if name not in there]
    for name in new:
        admin.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(name)))
    return new


def grant_roles(admin: psycopg.Connection[Any], roles: Sequence[str], role: str) -> None:
    """Let `role` act as each of `roles`, and hand that on. Raises psycopg.Error."""
    for name in roles:
        admin.execute(
            sql.SQL("GRANT {} TO {} WITH ADMIN OPTION").format(sql.Identifier(name), sql.Identifier(role))
        )


def grant_settings(admin: psycopg.Connection[Any], role: str) -> None:
    """Let `role` set what platforms let their users set; `admin` is a superuser. Raises psycopg.Error."""
    if admin.info.server_version >= 150000:  # before, such rights were a superuser's alone
        names = sql.SQL(", ").join(sql.Identifier(name) for name in _SETTINGS)
        admin.execute(sql.SQL("GRANT SET ON PARAMETER {} TO {}").format(names, sql.Identifier(role)))
