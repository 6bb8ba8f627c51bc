"""What a rotation sends to the server: passwords as verifiers, and questions about sessions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, LiteralString

from psycopg import sql

from secopskit.errors import RefusedError, SecopsError
from secopskit.postgres.connect import Link
from secopskit.postgres.errors import DatabaseError, database_errors
from secopskit.provider.postgres.verifier import ITERATIONS, ScramVerifier, new_password, new_salt
from secopskit.secret import SecretValue
from secopskit.settings.options import shown

# Whoever waits for a lock on a role waits briefly; what is answered is on the server's disk.
_LIMITS: Final = (
    "SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = '15s'; SET LOCAL synchronous_commit = on"
)
# A role that acts as another at once may do nothing to itself and its sessions as that other. Behind a
# pooler a session is not ours: so it is for a transaction only. Names are PostgreSQL's own in it.
_AS_ITSELF: LiteralString = """
    SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true),
           CASE WHEN session_user OPERATOR(pg_catalog.=) %s
                THEN pg_catalog.set_config('role', 'none', true) END
"""
_FORBIDDEN: Final = "42501"
_CAN_LOG_IN: LiteralString = (
    "SELECT rolcanlogin FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) %s"
)
_SESSIONS: LiteralString = """
    SELECT coalesce(application_name, ''), coalesce(host(client_addr), ''), count(*)
      FROM pg_stat_activity
     WHERE usename = %s AND pid <> pg_backend_pid()
       AND (%s::timestamptz IS NULL OR backend_start IS NULL OR backend_start <= %s::timestamptz)
     GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
"""
_END: LiteralString = """
    SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
     WHERE usename = %s AND pid <> pg_backend_pid()
       AND (%s::timestamptz IS NULL OR backend_start IS NULL OR backend_start <= %s::timestamptz)
"""
_SIGNALS: LiteralString = """
    SELECT pg_has_role(current_user, %s, 'USAGE') OR pg_has_role(current_user, 'pg_signal_backend', 'USAGE')
"""
_FEW: Final = 5


def set_password(link: Link, role: str, password: SecretValue, *, salt: str, login: bool) -> str:
    """Give `role` this password, and the right to log in if `login`; when that was, as the server says.

    `salt` is hexadecimal: the same call is the same change. Raises DatabaseError.
    """
    change = sql.SQL(" LOGIN PASSWORD {}" if login else " PASSWORD {}")
    text = _verifier(link, role, password, bytes.fromhex(salt)).text
    with database_errors(f"setting the password of {role}"), _itself(link, role):
        link.execute(_LIMITS)
        link.execute(_alter(role) + change.format(sql.Literal(text)))
        row = link.execute("SELECT clock_timestamp()::text").fetchone()
    return str(row[0]) if row else ""


def shut(link: Link, role: str) -> None:
    """Take password and login from `role`. Its sessions go on. Raises DatabaseError."""
    with database_errors(f"shutting the role {role}"), link.transaction():
        link.execute(_LIMITS)
        link.execute(_alter(role) + sql.SQL(" NOLOGIN PASSWORD NULL"))


def rehearse(link: Link, role: str, *, login: bool) -> None:
    """Set a password that nobody has, and take it back before anybody could notice.

    Only the server knows whether it would let us: the rights differ by version and by hosting company.
    Raises RefusedError, DatabaseError.
    """
    try:
        with database_errors(f"trying to set the password of {role}"), link.transaction(force_rollback=True):
            set_password(link, role, new_password(), salt=new_salt(), login=login)
    except DatabaseError as error:
        if error.sqlstate != _FORBIDDEN:
            raise
        raise RefusedError(
            f"{link.info.user} may not set the password of {role}",
            advice="It needs CREATEROLE and, from PostgreSQL 16 on, ADMIN OPTION: "
            f'GRANT "{role}" TO "{link.info.user}" WITH ADMIN OPTION, INHERIT FALSE, SET FALSE;',
        ) from None


def logged_in_as(link: Link) -> str:
    """The role that has logged in, whatever role it acts as. Raises DatabaseError."""
    with database_errors("looking who is logged in"):
        row = link.execute("SELECT session_user::pg_catalog.text").fetchone()
    return str(row[0]) if row else ""


def may_log_in(link: Link, role: str) -> bool | None:
    """Whether the role has LOGIN; None where there is no such role. Raises DatabaseError."""
    with database_errors("reading the roles"):
        row = link.execute(_CAN_LOG_IN, [role]).fetchone()
    return None if row is None else bool(row[0])


def sessions_of(link: Link, role: str, *, since_before: str | None = None) -> str:
    """The sessions of `role` but ours, in words: how many, of which program, from where; empty for none.

    With `since_before`, a time of the server, only those that began until then. Never what they run.
    Raises DatabaseError.
    """
    with database_errors("looking for sessions"), _itself(link, role):
        rows = link.execute(_SESSIONS, [role, since_before, since_before]).fetchall()
    if not rows:
        return ""
    total = sum(row[2] for row in rows)
    parts = [_group(*row) for row in rows[:_FEW]] + (["…"] if len(rows) > _FEW else [])
    return f"{total} session{'s' if total > 1 else ''} of {role}: {', '.join(parts)}"


def end_sessions(link: Link, role: str, *, since_before: str | None = None) -> int:
    """End the sessions that `sessions_of` tells of; how many. Raises DatabaseError."""
    with database_errors(f"ending the sessions of {role}"), _itself(link, role):
        row = link.execute(_END, [role, since_before, since_before]).fetchone()
    return int(row[0]) if row else 0


def require_signals(link: Link, role: str) -> None:
    """Raise RefusedError unless we may end the sessions of `role`."""
    with database_errors("reading the roles"), _itself(link, role):
        row = link.execute(_SIGNALS, [role]).fetchone()
    if row is None or not row[0]:
        raise RefusedError(
            f"{link.info.user} may not end the sessions of {role}, as `end_sessions` wants",
            advice=f'GRANT pg_signal_backend TO "{link.info.user}";',
        )


def scram_iterations(link: Link) -> int:
    """How often the server has a password hashed: a setting from 16 on."""
    with database_errors("reading a setting"):
        row = link.execute("SELECT pg_catalog.current_setting('scram_iterations', true)").fetchone()
    return int(row[0]) if row and row[0] else ITERATIONS


def keeps_md5(link: Link) -> bool:
    """Whether the server would make MD5 hashes by itself: its clients may know nothing else."""
    with database_errors("reading a setting"):
        row = link.execute("SELECT pg_catalog.current_setting('password_encryption')").fetchone()
    return row is not None and row[0] in {"md5", "on"}


def _verifier(link: Link, role: str, password: SecretValue, salt: bytes) -> ScramVerifier:
    own = ScramVerifier.of(password, salt=salt, iterations=scram_iterations(link))
    if own is not None:
        return own
    made = link.pgconn.encrypt_password(password.reveal(), role.encode(), b"scram-sha-256")
    return ScramVerifier.parse(made.decode("ascii", "replace"))


@contextmanager
def _itself(link: Link, role: str) -> Iterator[None]:
    """A transaction in which a session of `role` is nobody else; for any other session just that."""
    with link.transaction():
        link.execute(_AS_ITSELF, [role])
        yield


def _alter(role: str) -> sql.Composed:
    if not role:
        raise SecopsError("no role is named")
    return sql.SQL("ALTER ROLE {}").format(sql.Identifier(role))


def _group(program: str, address: str, count: int) -> str:
    who = shown(program) or "a program that does not say its name"
    return f"{count} of {who}" + (f" from {shown(address)}" if address else "")
