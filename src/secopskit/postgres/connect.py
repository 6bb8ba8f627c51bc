"""Connections to a database, direct or through a pooler, with TLS that is verified.

Where the server stands comes from a URL or from libpq's own sources (PG* variables, service files,
.pgpass); it is libpq that reads those. A password is never on a command line, nor in an error.
"""

from __future__ import annotations

import ipaddress
import os
import random
import re
import selectors
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, LiteralString, TypeAlias

import psycopg
from psycopg import conninfo, pq
from psycopg.rows import TupleRow

from secopskit.errors import ConfigError
from secopskit.named_tuple import NamedTuple
from secopskit.postgres.errors import DatabaseError, cannot_connect, misset_parameter, no_second_session
from secopskit.secret import SecretValue

OLDEST_SERVER: Final = 130000
_SECRETS: Final = ("password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key")
CHECK_CLIENT_MS: Final = 500  # how often a busy server looks whether we are still there
_POOL_WAIT_S: Final = (5.0, 15.0)
_NOT_PREPARED: Final = frozenset({"26000", "42P05"})  # it is gone, or somebody else's
_CHECK_CLIENT: Final = "SET LOCAL client_connection_check_interval = 500;"
OpenSession: TypeAlias = Callable[[], psycopg.Connection[Any]]
"""Opens a session of its own in a database that was chosen before; whoever calls it closes it."""

_HOST: Final = re.compile(r"[A-Za-z0-9._:%-]*|[/@][^\0@]*")
_NOT_TAKEN: Final = "PostgreSQL's library does not take the value of `{}`"
_CORRECT: Final = "Correct it there, or in the PG… variable or service file that it comes from."
_ENCODE: Final = "In a URL, write the special characters of a password as %XX (@ is %40, / is %2F, # is %23)."


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings:
    """How to reach a database.

    `conninfo` is a URL or libpq's `key=value` text; what it leaves out comes from libpq's sources.
    `origin` names the place it was read from, for messages.
    """

    conninfo: SecretValue = field(default_factory=lambda: SecretValue(b""))
    origin: str = "the PG* variables"
    connect_timeout_s: int = 15
    application_name: str = "secops migrate"


class Link(psycopg.Connection[TupleRow]):
    """A connection in autocommit. `pooled`: a pooler stands between, the session is not ours alone.

    `prepared` are the names of statements by their texts that this session has prepared, while it `prepares`:
    a migration may take them away.
    """

    pooled: bool = False
    checks_client: bool = False
    prepares: bool = True
    _statements: dict[bytes, bytes] | None = None

    @property
    def prepared(self) -> dict[bytes, bytes]:
        """The names of what is prepared, by its text."""
        if self._statements is None:
            self._statements = {}
        return self._statements

    def lost_prepared(self, error: psycopg.Error) -> bool:
        """Whether `error` may be of a statement that is not (or no more) prepared; none is from now on."""
        lost = self.prepares and error.sqlstate in _NOT_PREPARED
        self.prepares = self.prepares and not lost
        return lost

    @property
    def local_settings(self) -> LiteralString:
        """What each transaction starts with: the server gives up soon after this process has died."""
        return _CHECK_CLIENT if self.checks_client else ""


class Command(NamedTuple):
    """A statement of ours with its values, to be sent alone (`on`) or in the company of others."""

    text: bytes
    values: Sequence[object] = ()

    def on(self, link: Link) -> psycopg.Cursor[TupleRow]:
        """Send it over `link`, within the transaction at hand if there is one. Raises psycopg.Error."""
        return link.execute(self.text, self.values)


def connect(settings: ConnectionSettings, *, beside: Link | None = None) -> Link:
    """Connect; with `beside`, to the very host that that connection reached.

    Raises ConfigError for a connection string that cannot be read, DatabaseError for all else.
    """
    given = _parse(settings)
    known = _resolve(given, settings)
    host, where = known.get("host", ""), _where(known)
    wanted = given | _tls(known) | _ours(known, settings) | _same_host(beside)
    try:
        text = conninfo.make_conninfo("", **wanted)
        link = Link.connect(text, autocommit=True, prepare_threshold=None)
        if beside is not None and beside.pooled:
            _await_server(link)
        return _prepare(link)
    except psycopg.Error as error:
        if name := misset_parameter(error):
            raise ConfigError(f"{settings.origin}: {_NOT_TAKEN.format(name)}", advice=_CORRECT) from None
        secrets = tuple(known.get(key, "") for key in _SECRETS)
        raise cannot_connect(error, where=where, host=host, secrets=secrets) from None


def _parse(settings: ConnectionSettings) -> dict[str, str]:
    try:
        parsed = conninfo.conninfo_to_dict(settings.conninfo.reveal().decode())
    except (psycopg.Error, UnicodeDecodeError, ValueError):
        message, advice = _fault_of(settings)
        raise ConfigError(message, advice=advice) from None
    return {key: str(value) for key, value in parsed.items() if value is not None}


def _fault_of(settings: ConnectionSettings) -> tuple[str, str]:
    """Why libpq does not take the connection string, as far as that can be said without repeating it."""
    from secopskit.postgres.strings import fault_of

    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()} | {"ssl"}
    found = fault_of(settings.conninfo.reveal().decode("utf-8", "replace"), known)
    fault = f": it {found[0]}" if found and not found[0].startswith("`") else f": {found[0]}" if found else ""
    return f"{settings.origin}: not a connection string of PostgreSQL{fault}", found[1] if found else _ENCODE


def _resolve(given: Mapping[str, str], settings: ConnectionSettings) -> dict[str, str]:
    """What libpq makes of `given`, its variables and service files, without a look at the network.

    It is asked for a connection that it must decline before it looks for a host.
    """
    impossible = dict(given) | {"target_session_attrs": "none-such"}
    attempt = pq.PGconn.connect_start(conninfo.make_conninfo("", **impossible).encode())
    try:
        options = {option.keyword.decode(): option.val for option in attempt.info if option.val}
    finally:
        attempt.finish()
    known = {key: value.decode("utf-8", "replace") for key, value in options.items()}
    if not known:  # libpq gave up before it had filled in anything
        raise ConfigError(
            f"{settings.origin}: the service that it, or PGSERVICE, names is not there",
            advice="Look into ~/.pg_service.conf, or the file that PGSERVICEFILE names.",
        )
    hosts, ports = known.get("host", "").split(","), known.get("port", "").split(",")
    if not all(map(_HOST.fullmatch, hosts)) or not all(port.isdigit() or not port for port in ports):
        raise ConfigError(f"{settings.origin}: host or port are not such", advice=_ENCODE)
    if re.search(r"[@/:]", known.get("dbname", "")):
        raise ConfigError(f"{settings.origin}: the database's name holds @, / or :", advice=_ENCODE)
    return known


def _where(known: Mapping[str, str]) -> str:
    """The server in words, without user and password."""
    host = known.get("host") or known.get("hostaddr") or "the local socket"
    port = f":{known['port']}" if known.get("port") and not host.startswith(("/", "@", "the ")) else ""
    return f"database {known.get('dbname', '')} at {host}{port}"


def _tls(known: Mapping[str, str]) -> dict[str, str]:
    """Verification, unless the server is on this machine or the user decided otherwise.

    `prefer` and `allow` are no decision: they protect from nobody who could listen.
    """
    mode = known.get("sslmode", "prefer")
    if mode in {"prefer", "allow"}:
        if _is_local(known):
            return {}
        mode = "verify-full"
    chosen = {"sslmode": mode}
    own_roots = os.path.expanduser("~/.postgresql/root.crt")
    if mode == "verify-full" and "sslrootcert" not in known and not os.path.exists(own_roots):
        import ssl

        # The OpenSSL inside psycopg's wheel does not know where this system keeps its authorities.
        chosen["sslrootcert"] = ssl.get_default_verify_paths().cafile or "system"
    return chosen


def _is_local(known: Mapping[str, str]) -> bool:
    addresses = (known.get("hostaddr") or known.get("host", "")).split(",")
    return all(map(_is_loopback, addresses))


def _is_loopback(address: str) -> bool:
    if not address or address.startswith(("/", "@")) or address.rstrip(".").lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _ours(known: Mapping[str, str], settings: ConnectionSettings) -> dict[str, str]:
    """What we add where the user said nothing: limits on waiting, and who we are."""
    wanted = {
        "connect_timeout": str(settings.connect_timeout_s),
        "keepalives_idle": "30",
        "keepalives_interval": "10",
        "keepalives_count": "3",
    }
    mine = {key: value for key, value in wanted.items() if key not in known}
    return mine | {"application_name": settings.application_name, "client_encoding": "utf8"}


def _same_host(beside: Link | None) -> dict[str, str]:
    """A name may stand for several servers; two connections of one run must reach the same."""
    if beside is None:
        return {}
    place = {"host": beside.info.host, "port": str(beside.info.port), "target_session_attrs": "any"}
    return place | ({"hostaddr": beside.info.hostaddr} if beside.info.hostaddr else {})


def _await_server(link: Link) -> None:
    """Wait until the pooler has a server connection for `link`, though not for long.

    Runs that have one each, and wait for a second, would wait for each other: so some give up before others.
    """
    seconds = random.uniform(*_POOL_WAIT_S)  # noqa: S311 - jitter
    link.pgconn.send_query(b"")
    with selectors.DefaultSelector() as selector:
        selector.register(link.pgconn.socket, selectors.EVENT_READ)
        if not selector.select(seconds):
            link.close()
            raise no_second_session(seconds)
    while result := link.pgconn.get_result():
        if result.status == pq.ExecStatus.FATAL_ERROR:
            raise psycopg.OperationalError(result.error_message.decode("utf-8", "replace"))


def _prepare(link: Link) -> Link:
    """Learn what stands between, and have the server notice our death. One round trip."""
    if link.info.server_version < OLDEST_SERVER:
        version = link.info.server_version // 10000
        link.close()
        raise DatabaseError(f"PostgreSQL {version} is too old", advice="secops needs PostgreSQL 13 or newer.")
    pid = link.info.backend_pid
    able = link.info.server_version >= 140000
    # A setting of the session may be made on a session of our own only.
    other = f"pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.<>) {pid}"
    setting = f"pg_catalog.set_config('client_connection_check_interval', '500', {other})"
    try:
        row = link.execute(
            f"SELECT pg_catalog.pg_backend_pid(), {setting if able else 0}".encode()
        ).fetchone()
        link.checks_client = able
    except psycopg.errors.InvalidParameterValue:  # the server's system cannot
        row = link.execute("SELECT pg_catalog.pg_backend_pid()").fetchone()
    link.pooled = row is not None and row[0] != pid
    return link
