"""A PostgreSQL server of our own: found, started as somebody harmless, and never left behind."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from secopskit.errors import RefusedError, SecopsError, UsageError
from secopskit.migrate.shadow import binaries
from secopskit.migrate.shadow.database import Shadow, ShadowOptions, refuse_same_server, shadow_for
from secopskit.migrate.shadow.facts import TargetFacts, read_facts
from secopskit.migrate.shadow.launch import Launcher
from secopskit.migrate.shadow.server import ShadowServer, running, start
from secopskit.secret import SecretValue
from support.cli import SOURCE
from support.postgres import Database, Pooler, create_database, drop_database, need_version, versions
from support.values import alnum

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may not run PostgreSQL")


@pytest.fixture(scope="module")
def shadow() -> Iterator[Shadow]:
    need_version(max(versions(), default=None))
    with shadow_for(None, ShadowOptions()) as shadow:
        yield shadow


def processes() -> dict[int, str]:
    """Command lines by process id."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (OSError, UnicodeDecodeError):
            continue
    return found


def alive(pid: int) -> bool:
    """Whether there is such a process, whoever it belongs to."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def gone(pid: int, directory: Path, seconds: float = 20) -> bool:
    """Whether process and directory are gone within `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not directory.exists() and not alive(pid):
            return True
        time.sleep(0.02)
    return False


def test_a_database_of_each_version(database: Database) -> None:
    assert database.query("SELECT current_database()") == [(database.name,)]
    assert database.query("SELECT current_setting('server_version_num')::int / 10000") == [
        (database.server.version,)
    ]


def test_a_database_through_a_pooler(pooler: Pooler) -> None:
    database = create_database(pooler.server)
    with psycopg.connect(pooler.dsn(database.name), prepare_threshold=None) as connection:
        reported = connection.info.backend_pid
        assert connection.execute("SELECT pg_backend_pid()").fetchone() != (reported,)
    drop_database(database)


def test_a_server_is_ours_alone_and_leaves_nothing() -> None:
    before = stat.S_IMODE(Path("/tmp").stat().st_mode)
    with running(binaries.find()) as server:
        assert stat.S_IMODE(server.directory.stat().st_mode) == 0o700
        assert server.host == str(server.directory)
        assert not [line for line in _listening() if f":{server.port} " in line]
        assert server.password.reveal().decode() not in "".join(processes().values())
        with pytest.raises(psycopg.OperationalError, match="password"):
            server.connect(password="wrong")
        pid = server.pid
    assert gone(pid, server.directory)
    assert stat.S_IMODE(Path("/tmp").stat().st_mode) == before


def _listening() -> list[str]:
    try:
        return Path("/proc/net/tcp").read_text().splitlines()
    except OSError:
        return []


def test_a_server_ends_when_we_are_killed() -> None:
    program = (
        "import sys, time; from secopskit.migrate.shadow import binaries, server;"
        "s = server.start(binaries.find());"
        "print(s.pid, s.directory, flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
    ) as process:
        assert process.stdout
        pid, directory = process.stdout.readline().split()
        assert alive(int(pid))
        process.send_signal(signal.SIGKILL)
    assert gone(int(pid), Path(directory))


@AS_ROOT
def test_root_hands_over_to_nobody(any_postgres: ShadowServer) -> None:
    assert Path(f"/proc/{any_postgres.pid}").stat().st_uid != 0


@AS_ROOT
def test_root_hands_over_where_nobody_may_not_go(tmp_path: Path) -> None:
    found = binaries.find()
    (tmp_path / "bin").symlink_to(found.directory)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    hidden = binaries.Binaries(directory=tmp_path / "bin", version=found.version, origin="named")
    try:
        server = start(hidden)
    except SecopsError as error:
        pytest.skip(f"no user namespaces here: {error}")
    with server.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    pid = server.pid
    assert "Uid:\t0\t" in Path(f"/proc/{pid}/status").read_text()  # as seen from outside
    server.stop()
    assert gone(pid, server.directory)


def test_a_server_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []
    make = Launcher.make_directory

    def note(launcher: Launcher) -> Path:
        made.append(make(launcher))
        return made[-1]

    monkeypatch.setattr(Launcher, "make_directory", note)
    with pytest.raises(SecopsError, match="no_such_setting"):
        start(binaries.find(), settings={"no_such_setting": "1"})
    assert [directory.exists() for directory in made] == [False]


def test_the_place_that_is_named_is_used(tmp_path: Path) -> None:
    found = binaries.find()
    assert binaries.find(str(found.directory)).origin == "named"
    with pytest.raises(UsageError, match="no PostgreSQL server here"):
        binaries.find(str(tmp_path))


def test_a_program_of_the_repository_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("initdb", "postgres"):
        (tmp_path / name).write_text("#!/bin/sh\ntouch hacked\necho 'postgres (PostgreSQL) 99.1'\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.pathsep}{os.environ['PATH']}")
    assert all(found.version != 99 for found in binaries.candidates())
    assert not (tmp_path / "hacked").exists()


def test_the_version_asked_for_is_preferred() -> None:
    for version in versions():
        assert binaries.find(prefer=version).version == version
    assert binaries.find(prefer=1).version in versions()


@pytest.mark.parametrize(
    "statement",
    [
        "COPY (SELECT 1) TO PROGRAM 'touch /tmp/never'",
        "COPY (SELECT 1) TO '/tmp/never'",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT lo_import('/etc/passwd')",
        "SET ROLE {superuser}",
        "SET SESSION AUTHORIZATION {superuser}",
        "GRANT {superuser} TO CURRENT_USER",
        "ALTER ROLE {superuser} PASSWORD 'x'",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "CREATE ROLE other SUPERUSER",
        "ALTER SYSTEM SET archive_command = 'touch /tmp/never'",
        "LOAD 'plperl'",
        "CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'libc', 'getpid'",
    ],
)
def test_a_file_reaches_nothing_but_its_database(shadow: Shadow, statement: str) -> None:
    with shadow.connect_admin() as admin:
        superuser = admin.info.user
    with shadow.connect() as connection, pytest.raises(psycopg.Error) as caught:
        connection.execute(statement.format(superuser=superuser).encode())
    assert caught.value.sqlstate in {"42501", "42704", "58P01"}
    assert not Path("/tmp/never").exists()


def test_a_role_that_opens_the_machine_is_a_name_only(shadow: Shadow) -> None:
    """Files and extensions grant it; nobody may do more for that."""
    with shadow.connect() as connection:
        for role in ("pg_execute_server_program", "pg_read_server_files", "pg_write_server_files"):
            connection.execute(f"GRANT {role} TO CURRENT_USER".encode())
        for text in ("COPY (SELECT 1) TO PROGRAM 'touch /tmp/never'", "SELECT pg_read_file('/etc/passwd')"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(text.encode())


def test_only_who_has_the_word_is_helped(shadow: Shadow) -> None:
    with shadow.connect() as connection:
        for word in ("", "x" * 32):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("SELECT secops.elevated(%s, '', ARRAY['SELECT 1'])", (word,))
        shadow.elevation.run(connection, ["CREATE TABLE helped AS SELECT current_user AS by"])
        made = connection.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'helped'").fetchone()
        assert made != (shadow.role,)
        shadow.elevation.run(connection, ["DROP TABLE helped"])


def test_what_a_file_may_do(shadow: Shadow) -> None:
    with shadow.connect() as connection:
        connection.execute("CREATE ROLE app_reader")
        connection.execute("CREATE SCHEMA app AUTHORIZATION CURRENT_USER")
        connection.execute("GRANT USAGE ON SCHEMA app TO app_reader, anon")
        connection.execute("CREATE TABLE app.t (id int)")
        connection.execute("SET ROLE anon")


def test_a_file_may_do_more_where_the_user_says_so() -> None:
    with shadow_for(None, ShadowOptions(superuser=True)) as shadow, shadow.connect() as connection:
        connection.execute("CREATE ROLE app_owner")
        connection.execute("CREATE TABLE t (id int)")
        connection.execute("ALTER TABLE t OWNER TO app_owner")


def test_the_roles_of_the_target_are_there(any_database: Database) -> None:
    role = f"role_{any_database.name}"
    any_database.run(f"CREATE ROLE {role}; CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)")
    with any_database.connect() as connection:
        facts = read_facts(connection)
    any_database.run(f"DROP ROLE {role}")
    assert role in facts.roles
    assert facts.sizes["t"] > 0
    assert not facts.supabase
    assert facts.database == any_database.name
    with shadow_for(facts, ShadowOptions()) as shadow, shadow.connect() as connection:
        assert shadow.version == any_database.server.version
        assert connection.info.dbname == any_database.name
        assert connection.execute("SELECT to_regrole(%s) IS NOT NULL", (role,)).fetchone() == (True,)


def test_a_shadow_has_room_for_as_many_locks_as_the_target(any_database: Database) -> None:
    with any_database.connect() as connection:
        facts = replace(read_facts(connection), locks=100_000)
        assert read_facts(connection).locks == 64 * (120 + 10)
    with shadow_for(facts, ShadowOptions()) as shadow, shadow.connect() as connection:
        room = connection.execute(
            "SELECT current_setting('max_locks_per_transaction')::int"
            " * current_setting('max_connections')::int"
        ).fetchone()
    assert room == (100_000,)


def test_sizes_are_estimated_where_somebody_holds_a_table(any_database: Database) -> None:
    any_database.run("CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, 5000); ANALYZE t")
    with any_database.connect() as holder, any_database.connect() as connection:
        holder.execute("BEGIN; LOCK TABLE t")
        assert read_facts(connection).sizes["t"] > 100_000


def test_a_given_server_is_left_as_it_was(any_database: Database) -> None:
    def state() -> list[tuple[object, ...]]:
        return any_database.query(
            "SELECT datname FROM pg_database UNION SELECT rolname FROM pg_roles ORDER BY 1"
        )

    before = state()
    options = ShadowOptions(url=SecretValue(any_database.dsn.encode()))
    facts = TargetFacts(
        version=15, database="x", role="app", superuser=False, supabase=False, roles=("one", "two")
    )
    with shadow_for(facts, options) as shadow, shadow.connect() as connection:
        assert connection.info.dbname.startswith("secops_shadow_")
        connection.execute("CREATE SCHEMA s AUTHORIZATION one; CREATE TABLE s.t (id int)")
        connection.execute("ALTER TABLE s.t OWNER TO one")
    assert state() == before


def test_the_target_is_no_shadow(any_database: Database) -> None:
    with any_database.connect() as target, pytest.raises(RefusedError, match="target's own"):
        refuse_same_server(target, SecretValue(any_database.dsn.encode()))


def test_an_url_that_is_none_is_not_repeated() -> None:
    value = alnum(8)
    options = ShadowOptions(url=SecretValue(f"postgresql://u:{value}%zz@h/d".encode()))
    with pytest.raises(SecopsError) as caught, shadow_for(None, options):
        pass
    assert value not in f"{caught.value}{caught.value.advice}"
