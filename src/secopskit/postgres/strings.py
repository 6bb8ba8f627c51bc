"""Connection strings of other programs: whose they are, and how libpq wants the same. Pure.

Nothing of a string is repeated but the names that are known here, and a parameter's name where it
cannot be a piece of a password: what is not encoded may stand anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Final
from urllib.parse import unquote

_SCHEME: Final = re.compile(
    r"(?P<scheme>(?:jdbc:)?[A-Za-z][A-Za-z0-9.]{0,30}(?:\+[A-Za-z0-9_]{1,30})?)://", re.IGNORECASE
)
_ASSIGNMENT: Final = re.compile(r"(?:export[ \t]+)?[A-Z][A-Z0-9_]{0,60}=['\"]?[A-Za-z][A-Za-z0-9+:]{0,40}://")
_PLACEHOLDER: Final = re.compile(r"\$\{?[A-Za-z_]\w{0,60}\}?")
_OURS: Final = frozenset({"postgres", "postgresql"})
# All that stands before the parameters, with nothing in it that a password could have brought along.
_WHOLE_HEAD: Final = re.compile(r"[a-z]+://[^@]*@[A-Za-z0-9][A-Za-z0-9.:-]*/[A-Za-z0-9_-]+")
_PLAIN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,40}")
_FORM: Final = "Write postgresql://user:password@host:5432/name."
_OF_DRIVERS: Final = "Take the `+{driver}` out: it names SQLAlchemy's driver, and the rest may stay as it is."
_JDBC: Final = "Take `jdbc:` away; user and password may stay as parameters, or stand before the host."
_SAME: Final = "It is PostgreSQL's by another name: write postgresql:// instead."
_SCHEMES: Final = {
    "jdbc:postgresql": ("a URL of JDBC", _JDBC),
    "prisma": ("Prisma's own service", "Use the database's own URL (Prisma's `directUrl`)."),
    "prisma+postgres": ("Prisma's own service", "Use the database's own URL (Prisma's `directUrl`)."),
    "postgis": ("a URL of Django", _SAME),
    "pgsql": ("a URL of PDO or Laravel", _SAME),
    "psql": ("a URL of Django", _SAME),
    "pg": ("a URL of another program", _SAME),
    "cockroachdb": ("CockroachDB", "secops migrates PostgreSQL."),
    "redshift": ("Redshift", "secops migrates PostgreSQL."),
}
_SMALL: Final = "Write postgresql:// in small letters."
_SLIPS: Final[tuple[tuple[str, str, Callable[[str], object]], ...]] = (
    (
        "stands in quotes",
        "Take the quotes away: they belong to a file's syntax, not to the value.",
        lambda text: len(text) > 1 and text[0] in "\"'`" and text[-1] == text[0],
    ),
    ("begins with a variable's name and `=`", "Give the value alone.", _ASSIGNMENT.match),
    (
        "is the name of a variable that nothing has replaced",
        "Set it to the URL itself.",
        _PLACEHOLDER.fullmatch,
    ),
)
_OTHER_DATABASES: Final = frozenset(
    {"mysql", "mysql2", "mariadb", "sqlite", "sqlite3", "mssql", "sqlserver", "oracle", "mongodb", "redis"}
    | {"rediss", "clickhouse", "snowflake", "libsql", "file", "http", "https", "ssh"}
)
_PRISMA, _SQLALCHEMY, _JDBC_NAME, _RAILS = "Prisma's", "SQLAlchemy's or asyncpg's", "JDBC's", "Rails'"
_POOL: Final = "it sizes a pool, and secops opens two connections: take it out."
_POOLED: Final = "take it out: secops notices a pooler by itself."
_PATH: Final = "take it out; where a search_path is needed, it is `options=-csearch_path%3DNAME`."
_NOT_NEEDED: Final = "take it out: secops has no use for it."
_TLS: Final = "TLS is said by sslmode=verify-full (or require, disable) and sslrootcert=FILE."
_PARAMETERS: Final = {
    **dict.fromkeys(("connection_limit", "pool_timeout"), (_PRISMA, _POOL)),
    "pgbouncer": (_PRISMA, _POOLED),
    "schema": (_PRISMA, _PATH),
    "sslaccept": (_PRISMA, "write sslmode=verify-full for `strict`, sslmode=require for the other."),
    "sslidentity": (_PRISMA, "write sslcert=FILE and sslkey=FILE."),
    "socket_timeout": (_PRISMA, "write tcp_user_timeout (milliseconds), or take it out."),
    "statement_cache_size": (_PRISMA, _NOT_NEEDED),
    "max_idle_connection_lifetime": (_PRISMA, _POOL),
    "max_connection_lifetime": (_PRISMA, _POOL),
    **dict.fromkeys(("prepared_statement_cache_size", "async_fallback"), (_SQLALCHEMY, _NOT_NEEDED)),
    "prepared_statement_name_func": (_SQLALCHEMY, _NOT_NEEDED),
    "server_settings": (_SQLALCHEMY, "write `options=-cNAME%3DVALUE`."),
    "command_timeout": (_SQLALCHEMY, _NOT_NEEDED),
    **dict.fromkeys(("pool_size", "max_overflow", "pool_recycle", "pool_pre_ping"), (_SQLALCHEMY, _POOL)),
    "ssl": (_SQLALCHEMY, _TLS),
    "currentschema": (_JDBC_NAME, _PATH),
    **dict.fromkeys(("sslfactory", "sslhostnameverifier", "sslpasswordcallback"), (_JDBC_NAME, _TLS)),
    "applicationname": (_JDBC_NAME, "write application_name."),
    "logintimeout": (_JDBC_NAME, "write connect_timeout (seconds)."),
    "connecttimeout": (_JDBC_NAME, "write connect_timeout (seconds)."),
    "sockettimeout": (_JDBC_NAME, "write tcp_user_timeout (milliseconds), or take it out."),
    "tcpkeepalive": (_JDBC_NAME, "write keepalives=1."),
    "targetservertype": (_JDBC_NAME, "write target_session_attrs=read-write."),
    **dict.fromkeys(
        ("preparethreshold", "rewritebatchedinserts", "stringtype", "binarytransfer", "autosave"),
        (_JDBC_NAME, _NOT_NEEDED),
    ),
    **dict.fromkeys(("loadbalancehosts", "defaultrowfetchsize", "readonly"), (_JDBC_NAME, _NOT_NEEDED)),
    **dict.fromkeys(("pool", "adapter", "encoding", "prepared_statements"), (_RAILS, _NOT_NEEDED)),
    "search_path": ("dbmate's or pgx's", _PATH),
    **dict.fromkeys(("pool_max_conns", "pool_min_conns", "default_query_exec_mode"), ("pgx's", _POOL)),
    **dict.fromkeys(("supa", "workaround"), ("Supabase's or Vercel's", _NOT_NEEDED)),
    "charset": ("Doctrine's", _NOT_NEEDED),
    "serverversion": ("Doctrine's", _NOT_NEEDED),
    "uselibpqcompat": ("node-postgres'", _NOT_NEEDED),
}


def fault_of(text: str, known: Collection[str]) -> tuple[str, str] | None:
    """What is wrong with a connection string that libpq refuses: the fault and the advice, or None.

    `known` are libpq's own parameters. Nothing that could be a part of a password is in either.
    """
    bare = text.strip()
    for fault, advice, is_it in _SLIPS:
        if is_it(bare):
            return fault, advice
    found = _SCHEME.match(bare)
    if not found:
        return None
    scheme = found["scheme"]
    if scheme in _OURS:
        return _parameters(bare, known)
    return ("has a scheme in capitals", _SMALL) if scheme.lower() in _OURS else _foreign(scheme.lower())


def _foreign(scheme: str) -> tuple[str, str] | None:
    base, _, driver = scheme.partition("+")
    if scheme in _SCHEMES:
        what, advice = _SCHEMES[scheme]
    elif base in _OURS and driver:
        what, advice = "a URL of SQLAlchemy", _OF_DRIVERS.format(driver=driver)
    elif base.removeprefix("jdbc:") in _OTHER_DATABASES:
        what, advice = "of another kind of database", "secops migrates PostgreSQL. Is it the right variable?"
    else:
        return "begins with a scheme that is not PostgreSQL's", _FORM
    return f"`{scheme}://` is {what}", advice if "postgresql://" in advice else f"{advice} {_FORM}"


def _parameters(text: str, known: Collection[str]) -> tuple[str, str] | None:
    """The parameters of a URL that libpq does not know."""
    head, _, query = text.partition("?")
    if "@" in query:  # then all before it may be a password with a question mark in it
        return None
    names = [unquote(pair.partition("=")[0]) for pair in query.split("&") if pair]
    strange = list(dict.fromkeys(name for name in names if name not in known))
    behind_the_host = _WHOLE_HEAD.fullmatch(head)
    told = [
        name
        for name in strange
        if name.lower() in _PARAMETERS or (behind_the_host and _PLAIN_NAME.fullmatch(name))
    ]
    if not told:
        return None
    many = "parameters" if len(told) > 1 else "a parameter"
    lines = []
    for name in told:
        whose, advice = _PARAMETERS.get(name.lower(), ("not PostgreSQL's", "take it out, or correct it."))
        lines.append(f"`{name}` is {whose}: {advice}")
    return f"has {many} that PostgreSQL does not know ({', '.join(told)})", " ".join(lines)
