"""The lock: one holder, gone with its process, in nobody's way, directly and through a pooler."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from secopskit.errors import RefusedError
from secopskit.migrate.ledger import lock
from secopskit.migrate.ledger.lock import Holder, hold, who_holds
from secopskit.postgres.connect import Link
from secopskit.postgres.errors import DatabaseError
from support.cli import ROOT, environment
from support.links import link_to, settings_of
from support.postgres import Database, Pooler

HOLD = """
import os, sys, time
from support.links import link_to, settings_of
from secopskit.migrate.ledger.lock import hold
dsn = os.environ["DSN"]
with link_to(dsn) as link, hold(settings_of(dsn), beside=link):
    print("held", flush=True)
    time.sleep(60)
"""


def test_one_holder_at_a_time(database: Database) -> None:
    told: list[tuple[Holder | None, float]] = []
    settings = settings_of(database.dsn)
    with link_to(database.dsn) as link, link_to(database.dsn) as other:
        assert who_holds(link) is None
        with hold(settings, beside=link) as held:
            held.check()
            holder = who_holds(other)
            assert holder
            assert holder.pid == held.pid
            assert holder.application == "secops migrate"
            assert holder.since
            assert 0 <= holder.seconds < 30
            assert "secops migrate by" in str(holder)
            with (
                pytest.raises(RefusedError, match=f"backend {held.pid}"),
                hold(settings, beside=other, wait_s=1.5, waiting=lambda *word: told.append(word)),
            ):
                pass
        assert who_holds(link) is None
        with hold(settings, beside=other, wait_s=0):
            pass
    assert told
    assert told[0][0]
    assert told[0][0].pid == held.pid
    assert 0.5 <= told[0][1] < 5


def test_databases_do_not_lock_each_other(any_database: Database) -> None:
    elsewhere = any_database.server.dsn("postgres")
    with (
        link_to(any_database.dsn) as link,
        hold(settings_of(any_database.dsn), beside=link),
        link_to(elsewhere) as other,
        hold(settings_of(elsewhere), beside=other, wait_s=0),
    ):
        pass


def test_indexes_can_be_made_concurrently_meanwhile(any_database: Database) -> None:
    with link_to(any_database.dsn) as link, hold(settings_of(any_database.dsn), beside=link):
        link.execute("CREATE TABLE t (i int)")
        link.execute("SET statement_timeout = '10s'")
        link.execute("CREATE INDEX CONCURRENTLY ON t (i)")


def test_a_snapshot_would_have_stopped_them(any_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check that the lock's transaction is harmless can fail."""
    monkeypatch.setattr(lock, "_BEGIN", lock._BEGIN.replace(b"READ COMMITTED", b"REPEATABLE READ"))
    with link_to(any_database.dsn) as link:
        with (
            pytest.raises(DatabaseError, match="in the way"),
            hold(settings_of(any_database.dsn), beside=link),
        ):
            pass
        assert who_holds(link) is None


def test_time_outs_of_the_role_do_not_end_it(any_database: Database) -> None:
    limits = ["idle_in_transaction_session_timeout"]
    limits += ["transaction_timeout"] if any_database.server.version >= 17 else []
    for limit in limits:
        any_database.run(f"ALTER DATABASE {any_database.name} SET {limit} = '200ms'")
    with link_to(any_database.dsn) as link, hold(settings_of(any_database.dsn), beside=link) as held:
        time.sleep(0.6)
        held.check()


def test_a_lost_lock_is_noticed_without_asking(any_database: Database) -> None:
    with link_to(any_database.dsn) as link, hold(settings_of(any_database.dsn), beside=link) as held:
        link.execute("SELECT pg_terminate_backend(%s, 5000)", (held.pid,))
        time.sleep(0.1)
        with pytest.raises(DatabaseError, match="cut off"):
            held.check()
        with link_to(any_database.dsn) as other, hold(settings_of(any_database.dsn), beside=other, wait_s=5):
            pass


def _holder(dsn: str) -> subprocess.Popen[bytes]:
    tests = str(ROOT / "tests")
    env = environment(DSN=dsn)
    env["PYTHONPATH"] = os.pathsep.join((env["PYTHONPATH"], tests))
    process = subprocess.Popen([sys.executable, "-c", HOLD], env=env, stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"held\n"
    return process


def _free_after_kill(dsn: str, direct: str) -> float:
    process = _holder(dsn)
    try:
        with link_to(direct) as link:
            assert who_holds(link)
            process.send_signal(signal.SIGKILL)
            started = time.monotonic()
            while who_holds(link) and time.monotonic() - started < 10:
                time.sleep(0.01)
            return time.monotonic() - started
    finally:
        process.kill()
        process.wait()
        assert process.stdout
        process.stdout.close()


def test_the_lock_dies_with_its_process(database: Database) -> None:
    assert _free_after_kill(database.dsn, database.dsn) < 1


def test_the_lock_dies_with_its_process_behind_a_pooler(any_database: Database, pooler: Pooler) -> None:
    assert _free_after_kill(pooler.dsn(any_database.name), any_database.dsn) < 1


def test_a_pooler_is_recognised(any_database: Database, pooler: Pooler) -> None:
    """Behind it the session has no settings: what one client set would reach another."""
    with link_to(any_database.dsn) as link:
        assert not link.pooled
        assert link.execute("SHOW client_connection_check_interval").fetchone() == ("500ms",)
    with link_to(pooler.dsn(any_database.name)) as link:
        assert link.pooled
        assert link.execute("SHOW client_connection_check_interval").fetchone() == ("0",)
        link.execute("BEGIN;" + link.local_settings)
        assert link.execute("SHOW client_connection_check_interval").fetchone() == ("500ms",)
        link.execute("COMMIT")
        assert link.execute("SHOW client_connection_check_interval").fetchone() == ("0",)


@pytest.mark.parametrize("through_pooler", [False, True], ids=["direct", "pooler"])
def test_many_at_once(any_database: Database, request: pytest.FixtureRequest, through_pooler: bool) -> None:
    """Never two holders, and each has its turn."""
    dsn = any_database.dsn
    if through_pooler:
        dsn = request.getfixturevalue("pooler").dsn(any_database.name)
    holders: list[int] = []
    most: list[int] = []
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with link_to(dsn) as link, hold(settings_of(dsn), beside=link, wait_s=30) as held:
                holders.append(held.pid)
                most.append(len(holders))
                time.sleep(0.02)
                held.check()
                holders.remove(held.pid)
        except BaseException as error:  # noqa: BLE001 - a thread of the test has no other way to fail it
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    assert most == [1] * 10


def test_waiting_takes_no_connection_of_the_pool(any_database: Database, pooler: Pooler) -> None:
    dsn = pooler.dsn(any_database.name)
    with (
        link_to(any_database.dsn) as watcher,
        hold(settings_of(any_database.dsn), beside=watcher),
        link_to(dsn) as link,
    ):
        thread = threading.Thread(target=_expect_refusal, args=(dsn, link))
        thread.start()
        looks, idle = 0, 0
        while thread.is_alive():
            row = watcher.execute(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE state = 'idle in transaction' AND datname = current_database()"
            ).fetchone()
            looks, idle = looks + 1, idle + bool(row and row[0] > 1)
            time.sleep(0.02)
        assert looks > 10
        assert idle <= looks / 3  # only in the moment of trying


def _expect_refusal(dsn: str, link: Link) -> None:
    with pytest.raises(RefusedError), hold(settings_of(dsn), beside=link, wait_s=1):
        pass
