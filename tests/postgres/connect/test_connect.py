"""Ways to a database: what libpq knows, TLS unless it is decided otherwise, no password in any error."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.errors import ConfigError, SecopsError
from secopskit.postgres import connect as module
from secopskit.postgres.connect import ConnectionSettings, connect
from secopskit.postgres.errors import DatabaseError, cannot_connect, database_errors
from secopskit.postgres.poolers import SupabaseHost, supabase_host
from support.links import link_to, settings_of
from support.postgres import Database, Pooler
from support.values import alnum

CLOSED = "127.0.0.1:1"
P = "p"  # a password that no scanner finds in these texts
SSL_REQUEST = bytes.fromhex("0000000804d2162f")


@pytest.fixture(autouse=True)
def _no_settings_of_the_developer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("PG"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


def _failure(dsn: str, connect_timeout_s: int = 15) -> SecopsError:
    settings = replace(settings_of(dsn), connect_timeout_s=connect_timeout_s)
    with pytest.raises(SecopsError) as caught:
        connect(settings)
    return caught.value


def _all_text(error: SecopsError) -> str:
    shown = traceback.TracebackException.from_exception(error, capture_locals=False)
    return f"{error} {error.advice} {error!r} {''.join(shown.format())}"


# --- what is said ------------------------------------------------------------------------------


@given(
    before=st.sampled_from(["", "x", "12", "%41"]),
    special=st.sampled_from([*"@/?#%:&= []\\'\"$;,", "@@", "@/", "%zz", "@%2F", "://"]),
)
def test_a_password_that_is_not_encoded_shows_in_no_error(before: str, special: str) -> None:
    """libpq would take a part of it for a host, a port or a database, and quote that."""
    one, two = alnum(12), alnum(12)
    for dsn in (
        f"postgres://ada:{before}{one}{special}{two}@{CLOSED}/db",
        f"host=127.0.0.1 port=1 user=ada password={before}{one}{special}{two}",
        f"postgres://{CLOSED}/db?user=ada&password={one}{special}{two}",
        f"postgres://ada:{before}{special}{two}{one}@{CLOSED}/db",
    ):
        text = _all_text(_failure(dsn, connect_timeout_s=2))
        assert one not in text, dsn
        assert two not in text, dsn


def test_a_refused_password_shows_in_no_error(any_database: Database) -> None:
    password = alnum(20)
    user = any_database.dsn.split("//")[1].split(":")[0]
    dsn = f"postgresql://{user}:{password}@127.0.0.1:{any_database.server.port}/{any_database.name}"
    error = _failure(dsn)
    assert "password authentication failed" in str(error)
    assert password not in _all_text(error)
    assert password not in repr(settings_of(dsn))
    assert "password" in error.advice


def test_a_server_that_quotes_the_password_is_not_repeated() -> None:
    password = alnum(20)
    error = cannot_connect(
        psycopg.OperationalError(f"FATAL: cannot let {password} in"),
        where="x",
        host="",
        secrets=(password, ""),
    )
    assert str(error) == "cannot connect to x: cannot let *** in"


@pytest.mark.parametrize(
    ("dsn", "said", "advised"),
    [
        (f"postgres://ada:{P}@{CLOSED}/db", "127.0.0.1:1", "host and port"),
        (f"postgres://ada:{P}/w@127.0.0.1/db", "not such", "%2F"),
        (f"postgres://ada:{P}@w@127.0.0.1/db", "not such", "%40"),
        ("postgres://ada:1/w@127.0.0.1/db", "holds @, / or :", "%2F"),
        (f"mysql://ada:{P}@127.0.0.1/db", "not a connection string", "the right variable"),
        ("service=none-such", "service", "pg_service.conf"),
        ("host=/none/such dbname=db", "database db at /none/such", "running"),
        ("host=none-such.invalid dbname=db", "none-such.invalid", "host's name"),
    ],
)
def test_what_is_wrong_and_what_to_do(dsn: str, said: str, advised: str) -> None:
    error = _failure(dsn)
    assert said in str(error)
    assert advised in error.advice
    assert "p@w" not in _all_text(error)


def test_a_database_that_is_not_there(any_database: Database) -> None:
    error = _failure(any_database.server.dsn("none_such"))
    assert isinstance(error, DatabaseError)
    assert 'database "none_such" does not exist' in str(error)


@pytest.mark.parametrize(
    ("parameter", "name"),
    [
        ("sslmode=bogus", "sslmode"),
        ("connect_timeout=abc", "connect_timeout"),
        ("keepalives_idle=zz", "keepalives_idle"),
        ("ssl_min_protocol_version=foo", "ssl_min_protocol_version"),
        ("port=99999", "port"),
    ],
)
def test_a_value_that_libpq_does_not_take_is_a_fault_of_the_configuration(
    any_database: Database, parameter: str, name: str
) -> None:
    error = _failure(f"{any_database.dsn}?{parameter}")
    assert isinstance(error, ConfigError)
    assert f"`{name}`" in str(error)
    assert parameter.partition("=")[2] not in _all_text(error)


@pytest.mark.parametrize(
    ("login", "connects", "said", "advised"),
    [
        ("LOGIN", False, "permission denied for database", "GRANT CONNECT"),
        ("NOLOGIN", True, "not permitted to log in", "LOGIN"),
    ],
)
def test_what_the_server_has_against_a_role(
    any_database: Database, login: str, connects: bool, said: str, advised: str
) -> None:
    role = f"role_{any_database.name}"
    any_database.run(f"CREATE ROLE {role} {login} PASSWORD '{role}'")
    try:
        if not connects:
            any_database.run(f"REVOKE CONNECT ON DATABASE {any_database.name} FROM PUBLIC")
        address = any_database.dsn.rpartition("@")[2]
        error = _failure(f"postgresql://{role}:{role}@{address}")
        assert said in str(error)
        assert advised in error.advice
        assert "firewall" not in error.advice
    finally:
        any_database.run(f"DROP ROLE {role}")


@pytest.mark.parametrize(
    ("said", "advised"),
    [
        ("ERROR:  canceling statement due to statement timeout", "RESET statement_timeout"),
        ("FATAL:  query_wait_timeout", "pool_size"),
        ("server does not support SSL, but SSL was required", "speaks no TLS"),
    ],
)
def test_no_firewall_and_no_authority_is_to_blame(said: str, advised: str) -> None:
    error = cannot_connect(psycopg.OperationalError(said), where="x", host="h", secrets=())
    assert advised in error.advice
    assert "firewall" not in error.advice
    assert "sslrootcert" not in error.advice


def test_a_server_that_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error = _failure(f"postgres://127.0.0.1:{silent.getsockname()[1]}/db", connect_timeout_s=2)
    assert "firewall" in error.advice


def test_supabase_hosts_and_their_advice() -> None:
    direct, pooled = "db.abcdefghijklmnopqrst.supabase.co", "aws-0-eu-central-1.pooler.supabase.com"
    assert supabase_host(direct) is SupabaseHost.DIRECT
    assert supabase_host(pooled) is SupabaseHost.POOLER
    assert supabase_host("db.supabase.co.example.org") is None
    advice = {}
    for host, reason in (
        (direct, "Network is unreachable"),
        (direct, "SSL error: certificate verify failed"),
        (pooled, "FATAL: Tenant or user not found"),
    ):
        error = cannot_connect(psycopg.OperationalError(reason), where=host, host=host, secrets=())
        advice[reason] = error.advice
    assert "IPv6" in advice["Network is unreachable"]
    assert "pooler.supabase.com, port 5432" in advice["Network is unreachable"]
    assert "download its certificate" in advice["SSL error: certificate verify failed"]
    assert "postgres.<project" in advice["FATAL: Tenant or user not found"]


def test_errors_of_queries_quote_no_rows(any_database: Database) -> None:
    canary = alnum(20)
    with link_to(any_database.dsn) as link:
        link.execute("CREATE TABLE t (v text UNIQUE)")
        link.execute("INSERT INTO t VALUES (%s)", (canary,))
        with pytest.raises(DatabaseError) as caught, database_errors("writing"):
            link.execute("INSERT INTO t VALUES (%s)", (canary,))
    assert str(caught.value).startswith("writing: duplicate key value")
    assert caught.value.sqlstate == "23505"
    assert canary not in f"{caught.value} {caught.value.advice}"


# --- where it comes from -----------------------------------------------------------------------


def test_the_sources_of_libpq(
    any_database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    user, _, rest = any_database.dsn.partition("//")[2].partition(":")
    password = rest.partition("@")[0]
    port, name = str(any_database.server.port), any_database.name
    (tmp_path / "pass").write_text(f"127.0.0.1:{port}:*:{user}:{password}\n")
    (tmp_path / "pass").chmod(0o600)
    (tmp_path / "services").write_text(f"[here]\nhost=127.0.0.1\nport={port}\nuser={user}\ndbname={name}\n")
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "pass"))
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    with connect(settings_of("service=here")) as link:
        assert link.info.dbname == name
    monkeypatch.setenv("PGSERVICE", "here")
    with connect(ConnectionSettings()) as link:
        assert link.info.dbname == name
        with connect(ConnectionSettings(), beside=link) as other:
            assert other.info.port == link.info.port


def test_special_characters_that_are_encoded(any_database: Database) -> None:
    password = "p@s/s:w%r d?#[]"
    any_database.run(
        "DO $$ BEGIN CREATE ROLE odd LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
        f"ALTER ROLE odd PASSWORD '{password}'"
    )
    place = f"127.0.0.1:{any_database.server.port}/{any_database.name}"
    with link_to(f"postgres://odd:{quote(password, safe='')}@{place}") as link:
        assert link.info.user == "odd"


def test_what_the_session_is_like(database: Database) -> None:
    with link_to(database.dsn) as link:
        assert link.autocommit
        assert link.execute("SHOW application_name").fetchone() == ("secops migrate",)
        assert link.execute("SHOW client_encoding").fetchone() == ("UTF8",)
        assert link.prepare_threshold is None


def test_a_second_connection_through_a_pooler(any_database: Database, pooler: Pooler) -> None:
    dsn = pooler.dsn(any_database.name)
    with link_to(dsn) as link, connect(settings_of(dsn), beside=link) as other:
        assert other.info.port == pooler.port
        assert other.pooled


# --- TLS ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "mode"),
    [
        ({"host": "db.example.org"}, "verify-full"),
        ({"host": "db.example.org", "sslmode": "prefer"}, "verify-full"),
        ({"host": "db.example.org", "sslmode": "allow"}, "verify-full"),
        ({"host": "db.example.org", "sslmode": "require"}, "require"),
        ({"host": "db.example.org", "sslmode": "disable"}, "disable"),
        ({"host": "db.example.org", "sslmode": "verify-ca"}, "verify-ca"),
        ({"host": "10.0.0.1"}, "verify-full"),
        ({"host": "0.0.0.0"}, "verify-full"),
        ({"host": "localhost.example.org"}, "verify-full"),
        ({"host": "127.0.0.1,db.example.org"}, "verify-full"),
        ({"host": "localhost", "hostaddr": "10.0.0.1"}, "verify-full"),
        ({"host": "localhost"}, None),
        ({"host": "127.3.2.1"}, None),
        ({"host": "::1"}, None),
        ({"host": "/run/postgresql"}, None),
        ({"host": "@abstract"}, None),
        ({}, None),
    ],
)
def test_tls_by_default(known: dict[str, str], mode: str | None) -> None:
    assert module._tls(known).get("sslmode") == mode


def test_the_authorities_of_the_system_or_the_users(tmp_path: Path) -> None:
    assert module._tls({"host": "db.example.org"})["sslrootcert"]
    assert "sslrootcert" not in module._tls({"host": "db.example.org", "sslrootcert": "mine.crt"})
    (tmp_path / ".postgresql").mkdir()
    (tmp_path / ".postgresql" / "root.crt").touch()
    assert "sslrootcert" not in module._tls({"host": "db.example.org"})


@contextmanager
def _server(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port of all interfaces (not the loopback one to secops) where one connection is answered."""
    with socket.create_server(("0.0.0.0", 0)) as listening:
        listening.settimeout(10)

        def serve() -> None:
            try:
                connection, _ = listening.accept()
                with connection:
                    connection.settimeout(5)
                    answer(connection)
            except OSError:
                pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)


def test_nothing_is_said_to_a_server_without_tls() -> None:
    heard: list[bytes] = []

    def answer(connection: socket.socket) -> None:
        heard.append(connection.recv(100))
        connection.sendall(b"N")
        heard.append(connection.recv(100))

    with _server(answer) as port:
        error = _failure(f"postgres://ada:{alnum(12)}@0.0.0.0:{port}/db?gssencmode=disable")
    assert heard == [SSL_REQUEST, b""]
    assert "sslmode=disable" in error.advice


def test_nothing_is_said_to_a_server_that_is_not_trusted(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed here")
    key, certificate = tmp_path / "key", tmp_path / "certificate"
    request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    files = ["-keyout", str(key), "-out", str(certificate), "-subj", "/CN=0.0.0.0"]
    subprocess.run(["openssl", *request, *files], check=True, capture_output=True, timeout=20)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    heard: list[bytes] = []

    def answer(connection: socket.socket) -> None:
        connection.recv(100)
        connection.sendall(b"S")
        with context.wrap_socket(connection, server_side=True) as secured:
            heard.append(secured.recv(100))

    with _server(answer) as port:
        error = _failure(f"postgres://ada:{alnum(12)}@0.0.0.0:{port}/db?gssencmode=disable")
    assert "certificate verify failed" in str(error)
    assert "sslrootcert" in error.advice
    assert not any(heard)


def test_the_words_are_about_us_not_about_the_settings() -> None:
    with pytest.raises(ConfigError, match=r"^DATABASE_URL: "):
        connect(settings_of("postgres://ada:1@2@3"))
