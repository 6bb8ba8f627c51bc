"""What a database or the way to it can answer, in words: whose fault it is and what to do next.

libpq quotes its input freely, and a password with an unescaped `@` or `/` becomes part of a host
name. So nothing of a malformed connection string is repeated, and of a message only the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final

import psycopg

from secopskit.errors import SecopsError
from secopskit.postgres.poolers import advice_for_host
from secopskit.secret import REDACTED

_TLS: Final = (
    "Name the certificate authority with sslrootcert=FILE (or PGSSLROOTCERT), and the host as its "
    "certificate does. In a network you trust, say so yourself: sslmode=require or sslmode=disable."
)
_NO_TLS: Final = (
    "The server speaks no TLS: have it do so; or, in a network you trust, say so yourself: sslmode=disable."
)
_POOL_FULL: Final = (
    "The pooler's pool is full: secops needs two of its server connections at once. Run again when others "
    "are done, give the pool a greater size (pgbouncer: default_pool_size), or connect directly."
)
_TOO_SLOW: Final = (
    "A statement was cancelled, or took longer than statement_timeout allows: look at that of role and "
    "database (ALTER ROLE … RESET statement_timeout)."
)
_ADVICE: Final = (
    (r"query_wait_timeout", _POOL_FULL),
    (r"statement timeout", _TOO_SLOW),
    (
        r"permission denied for database",
        "The user may not connect to this database: as its owner, GRANT CONNECT ON DATABASE … TO it.",
    ),
    (r"not permitted to log in", "The role has no LOGIN: ALTER ROLE … LOGIN, or connect as another."),
    (
        r"invalid command-line argument|unrecognized configuration parameter",
        "Correct `options` in the connection string (or PGOPTIONS): it is `-cNAME=VALUE`, encoded in a URL.",
    ),
    (
        r"password authentication failed|no password supplied|SCRAM",
        "Check user and password (variable, .pgpass).",
    ),
    (r"tenant.*not found|user not found", "A Supabase pooler wants the user postgres.<project reference>."),
    (r"translate host name|resolve host|not known|no address associated", "Check the host's name."),
    (
        r"unreachable|cannot assign requested",
        "Check the route to the host; it may have an IPv6 address only.",
    ),
    (r"refused|no such file|is the server running", "Check host and port, and that the server is running."),
    (r"timeout expired|timed out|timeout", "Check host and port, and that no firewall stands between."),
    (r"not support SSL", _NO_TLS),
    (r"certificate|root\.crt|sslrootcert", _TLS),
    (r"SSL support|SSL error|SSL was required", _TLS),
    (r"no pg_hba\.conf entry|no encryption", "The server does not admit this user from here in this way."),
    (r"database .* does not exist", "Check the database's name; secops does not create databases."),
    (r"role .* does not exist", "Check the user's name."),
    (r"too many|remaining connection slots|max ?client", "secops needs two connections at once: free some."),
    (
        r"startup parameter",
        "The pooler refuses a start-up option: take `options` out of the connection string.",
    ),
    (r"starting up|shutting down|recovery mode", "Try again when the server is up."),
)
SILENT_TRIGGER: Final = (
    "Take session_replication_role = replica back (ALTER DATABASE or ROLE … RESET session_replication_role); "
    "or, as the owner of the schema secops: ALTER TABLE secops.migration_history ENABLE ALWAYS TRIGGER "
    "history_append."
)
_STATES: Final = {
    "23502": f"Rows of the history get their number from a trigger, which is silent here. {SILENT_TRIGGER}",
    "42501": "The role may not do this. Connect as the role that ran `secops migrate init`.",
    "25006": "This server or role is read-only: connect to the primary, as a role (and to a database) whose "
    "default_transaction_read_only is off.",
    "57014": _TOO_SLOW,
    "55P03": "Another session holds a lock that is needed: look into pg_locks, and try again.",
    "53300": "secops needs two connections at once: free some.",
}
# What libpq finds out only when it connects. It quotes the value, which may be a piece of something else.
_MISSET: Final = re.compile(
    r"invalid \"?(?P<named>(?!integer )[a-z_]{1,40})\"? value|bad value for (?P<bad>[a-z_]{1,40})"
    r"|for connection option \"(?P<option>[a-z_]{1,40})\"|invalid (?P<port>port) number"
)
_NOT_REASONS: Final = ("Is the server", "- host:", "DETAIL:", "HINT:")
_NO_OTHER: Final[Mapping[str, str]] = MappingProxyType({})


class DatabaseError(SecopsError):
    """The database, or the way to it, failed. `sqlstate` is PostgreSQL's code where it gave one."""

    def __init__(self, message: str, *, advice: str = "", sqlstate: str = "") -> None:
        super().__init__(message, advice=advice)
        self.sqlstate = sqlstate


def cannot_connect(error: psycopg.Error, *, where: str, host: str, secrets: tuple[str, ...]) -> DatabaseError:
    """Why no connection came about; `where` and `host` are fit to be shown, `secrets` are not."""
    reason = _reason(error)
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        reason = reason.replace(secret, REDACTED)
    advice = next((text for pattern, text in _ADVICE if re.search(pattern, reason, re.IGNORECASE)), "")
    advice = " ".join(filter(None, (advice, advice_for_host(host, reason))))
    return DatabaseError(f"cannot connect to {where}: {reason}", advice=advice, sqlstate=error.sqlstate or "")


def misset_parameter(error: psycopg.Error) -> str:
    """The parameter of a connection string whose value libpq does not take; empty where it is not that."""
    if error.sqlstate or not (found := _MISSET.search(str(error))):
        return ""
    return next(filter(None, found.groups()), "")


def no_second_session(seconds: float) -> DatabaseError:
    """Why a run does not wait any longer for a session beside the one that it has."""
    return DatabaseError(
        f"the pooler gave no second server connection within {seconds:.0f} s", advice=_POOL_FULL
    )


def _reason(error: psycopg.Error) -> str:
    """The last of libpq's reasons, without the address that it repeats before each."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    last = next((line for line in reversed(lines) if not line.startswith(_NOT_REASONS)), "")
    last = re.sub(r"^connection (?:failed|is bad): |^- host: .*?: ", "", last)
    last = re.sub(r"^connection to server .*? failed: ", "", last)
    return re.sub(r"^(?:FATAL|ERROR): +", "", last) or type(error).__name__


@contextmanager
def database_errors(doing: str, advice: Mapping[str, str] = _NO_OTHER) -> Iterator[None]:
    """Turn an error of psycopg into a DatabaseError that says what we were `doing`.

    Only the server's first line is repeated: its details quote rows. `advice` by SQLSTATE goes before what
    is said elsewhere.
    """
    try:
        yield
    except psycopg.Error as error:
        state = error.sqlstate or ""
        reason = error.diag.message_primary or _reason(error)
        code = f" [{state}]" if state else ""
        raise DatabaseError(
            f"{doing}: {reason}{code}", advice=advice.get(state) or _STATES.get(state, ""), sqlstate=state
        ) from None
