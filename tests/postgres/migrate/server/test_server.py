"""The HTTP API: what each call does, what it needs, and that the history tells of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from secopskit.errors import ConfigError, UsageError
from secopskit.git.repository import Repository
from secopskit.migrate.ledger import history, lock
from secopskit.migrate.server import auth, limits, settings
from secopskit.secret import SecretValue
from secopskit.settings.freeze import parse_window
from support.api import Api, make_token, ring, serving
from support.links import initialised, link_to, settings_of
from support.postgres import Database, create_database, drop_database
from support.repos import Repo
from support.runner import write

FILES = {
    "1_users.sql": "CREATE TABLE users (id int PRIMARY KEY);",
    "2_orders.sql": "CREATE TABLE orders (id int PRIMARY KEY); CREATE INDEX ON orders (id);",
}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return write(tmp_path / "migrations", FILES)


@pytest.fixture
def api(any_database: Database, directory: Path) -> Iterator[Api]:
    initialised(any_database.dsn).close()
    with serving(any_database, directory) as api:
        yield api


@pytest.fixture
def production(any_database: Database) -> Database:
    initialised(any_database.dsn, "production").close()
    return any_database


def rows(database: Database) -> list[Any]:
    return database.query(
        "SELECT action, ok, actor, message, plan_hash FROM secops.migration_history ORDER BY id"
    )


def rehearse(database: Database, plan: str) -> None:
    """A dry run of the plan, as far as the history knows."""
    with link_to(database.dsn) as link:
        entry = history.HistoryEntry(action=history.Action.DRY_RUN, plan_hash=plan, duration_ms=1)
        history.append(history.RunRecord(), entry).on(link)


# --- reading ------------------------------------------------------------------------------------


def test_liveness_and_document_need_no_token_and_tell_nothing(api: Api) -> None:
    del api.client.headers["user-agent"]
    assert api.client.get("/healthz").json() == {"status": "ok"}
    assert api.client.head("/healthz").status_code == 200
    described = api.client.get("/v1/openapi.json")
    assert described.json()["openapi"] == "3.1.0"
    assert api.client.post("/healthz").status_code == 401


def test_health_status_plan_and_history(api: Api, any_database: Database) -> None:
    health = api.get("/v1/health").json()
    assert health["target"]["database"] == any_database.name
    assert (health["lock"], health["job"]) == (None, None)
    status = api.get("/v1/status").json()
    assert (status["applied"], status["pending"]) == (0, 2)
    plan = api.get("/v1/plan").json()
    assert [step["version"] for step in plan["steps"]] == ["1", "2"]
    assert (plan["guarded"], plan["apply_enabled"]) == (False, True)
    first = api.get("/v1/plan", params={"to": "1"}).json()
    assert [step["version"] for step in first["steps"]] == ["1"]
    assert first["hash"] == api.get("/v1/plan?steps=1").json()["hash"] != plan["hash"]
    assert api.get("/v1/plan?to=9").status_code == 422
    newest = api.get("/v1/history?limit=2").json()["history"]
    assert len(newest) == 2
    assert newest[0]["action"] == "api"


def test_health_says_who_holds_the_lock(api: Api, any_database: Database) -> None:
    with link_to(any_database.dsn) as link, lock.hold(settings_of(any_database.dsn), beside=link):
        held = api.get("/v1/health").json()["lock"]
    assert held["application"] == "secops migrate"


# --- jobs ---------------------------------------------------------------------------------------


def test_apply_is_a_job_that_can_be_watched(api: Api, any_database: Database) -> None:
    plan = api.plan()
    answer = api.post("/v1/apply", {"plan": plan}, key="first-time")
    assert answer.status_code == 202
    job = answer.json()
    assert answer.headers["location"] == f"/v1/jobs/{job['id']}"
    ended = api.wait(job["id"])
    assert ended["state"] == "succeeded", ended
    assert (ended["done"], ended["total"], ended["plan"]) == (2, 2, plan)
    assert sorted(event["what"] for event in ended["events"]) == ["done", "done", "started", "started"]
    assert [done["version"] for done in ended["result"]["done"]] == ["1", "2"]
    assert any_database.query("SELECT count(*) FROM orders") == [(0,)]
    assert api.get("/v1/jobs").json()["jobs"][0]["id"] == job["id"]
    runs = any_database.query("SELECT run_id, git_sha FROM secops.migration_history WHERE action = 'up'")
    assert runs == [(job["id"], "c0ffee")] * 2


def test_the_same_key_is_the_same_job(api: Api) -> None:
    plan = api.plan()
    first = api.post("/v1/apply", {"plan": plan}, key="only-once").json()
    api.wait(first["id"])
    again = api.post("/v1/apply", {"plan": plan}, key="only-once")
    assert (again.status_code, again.json()["id"]) == (200, first["id"])
    other = api.post("/v1/apply", {"plan": "0" * 64}, key="only-once")
    assert (other.status_code, other.json()["code"]) == (422, "key-reused")
    fresh = api.post("/v1/apply", {"plan": plan}, key="another-key")
    assert (fresh.status_code, fresh.json()["code"]) == (409, "plan-changed")


def test_apply_needs_the_hash_of_this_very_plan(api: Api, directory: Path) -> None:
    plan = api.plan()
    write(directory, {"3_more.sql": "SELECT 1;"})
    answer = api.post("/v1/apply", {"plan": plan}, key="a-key-of-mine")
    assert (answer.status_code, answer.json()["code"]) == (409, "plan-changed")
    assert answer.json()["plan"] == api.plan() != plan
    # What was refused can be asked for again under the same key.
    assert api.post("/v1/apply", {"plan": api.plan()}, key="a-key-of-mine").status_code == 202


def test_a_failing_file_fails_the_job_and_tells_no_value(api: Api, directory: Path) -> None:
    write(
        directory,
        {"2_orders.sql": "CREATE TABLE o (v text UNIQUE); INSERT INTO o VALUES ('cnry'), ('cnry');"},
    )
    ended = api.wait(api.apply().json()["id"])
    assert (ended["state"], ended["done"]) == ("failed", 1)
    assert ended["result"]["failure"]["sqlstate"] == "23505"
    assert "cnry" not in str(ended)


def test_a_blocked_plan_is_not_begun(api: Api, directory: Path) -> None:
    write(directory, {"2_other.sql": "SELECT 1;"})
    answer = api.apply()
    assert (answer.status_code, answer.json()["code"]) == (409, "blocked")
    assert answer.json()["problems"][0]["kind"] == "duplicate"
    assert api.get("/v1/jobs").json()["jobs"] == []


def test_one_job_at_a_time(api: Api, any_database: Database) -> None:
    with link_to(any_database.dsn) as link, lock.hold(settings_of(any_database.dsn), beside=link):
        first = api.apply().json()["id"]
        api.wait(first, until=("running",))
        assert api.get("/v1/health").json()["job"] == first
        second = api.apply()
        assert (second.status_code, second.json()["code"]) == (409, "busy")
        assert first in second.json()["advice"]
        deadline = time.monotonic() + 20
        while "another run" not in str(api.get(f"/v1/jobs/{first}").json()["waiting"]):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        cancel = api.post(f"/v1/jobs/{first}/cancel")
        assert (cancel.status_code, cancel.json()["code"]) == (409, "not-cancellable")
    assert api.wait(first)["state"] == "succeeded"


def test_a_bug_in_a_job_ends_it_and_tells_nothing(
    any_database: Database, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the password is canary")

    monkeypatch.setattr("secopskit.migrate.run.apply", broken)
    initialised(any_database.dsn).close()
    with serving(any_database, directory) as api:
        ended = api.wait(api.apply().json()["id"])
        assert (ended["state"], ended["error"]["code"]) == ("failed", "bug")
        monkeypatch.setattr("secopskit.migrate.run.make_plan", broken)
        assert api.get("/v1/plan").status_code == 500
    assert "canary" not in str(ended) + "\n".join(api.log)
    assert "RuntimeError at" in "\n".join(api.log)


def test_dry_run_runs_and_is_noted(api: Api, any_database: Database) -> None:
    answer = api.post("/v1/dry-run", {"steps": 1})
    assert answer.status_code == 202
    ended = api.wait(answer.json()["id"])
    assert ended["state"] == "succeeded", ended
    assert [step["version"] for step in ended["result"]["steps"]] == ["1"]
    noted = any_database.query("SELECT ok, plan_hash FROM secops.migration_history WHERE action = 'dry-run'")
    assert noted == [(True, ended["plan"])]
    assert any_database.query("SELECT to_regclass('users')") == [(None,)]


# --- production ---------------------------------------------------------------------------------


def test_production_is_off_unless_enabled(production: Database, directory: Path) -> None:
    with serving(production, directory, environment="production") as api:
        plan = api.get("/v1/plan").json()
        assert (plan["guarded"], plan["apply_enabled"]) == (True, False)
        answer = api.apply(confirm=production.name)
    assert (answer.status_code, answer.json()["code"]) == (403, "apply-disabled")


def test_production_needs_rehearsal_and_confirmation(production: Database, directory: Path) -> None:
    with serving(production, directory, environment="production", apply_guarded=True) as api:
        for body in ({}, {"confirm": "another"}):
            answer = api.apply(**body)
            assert (answer.status_code, answer.json()["code"]) == (403, "confirmation-needed")
        answer = api.apply(confirm=production.name)
        assert (answer.status_code, answer.json()["code"]) == (409, "refused")
        assert "dry run" in answer.json()["detail"]
        rehearse(production, api.plan())
        assert api.wait(api.apply(confirm=production.name).json()["id"])["state"] == "succeeded"


def test_production_must_have_been_meant(production: Database, directory: Path) -> None:
    with serving(production, directory, apply_guarded=True) as api:
        rehearse(production, api.plan())
        answer = api.apply(confirm=production.name)
    assert answer.status_code == 409
    assert "--env production" in answer.json()["advice"]


def test_a_countdown_can_be_cancelled(production: Database, directory: Path) -> None:
    serve = serving(production, directory, environment="production", apply_guarded=True, countdown=30_000)
    with serve as api:
        rehearse(production, api.plan())
        job = api.apply(confirm=production.name).json()
        assert job["state"] == "countdown"
        cancelled = api.post(f"/v1/jobs/{job['id']}/cancel")
        assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
        assert api.post(f"/v1/jobs/{job['id']}/cancel").status_code == 409
        again = api.apply(confirm=production.name).json()
    # The end of the server cancels a countdown as well.
    assert api.server.jobs.get(again["id"]).data()["state"] == "cancelled"  # type: ignore[union-attr]  # it is there
    assert production.query("SELECT to_regclass('users')") == [(None,)]


def test_freeze_windows_and_files_are_looked_at(any_database: Database, directory: Path) -> None:
    initialised(any_database.dsn).close()
    day = f"{datetime.now(UTC):%Y}-01-01 - {datetime.now(UTC):%Y}-12-31"
    with serving(any_database, directory, freeze=(parse_window(day),)) as api:
        assert "time without migrations" in api.apply().json()["detail"]

    repo = Repo.create(directory.parent)
    with serving(
        any_database, directory, repository=Repository.open(str(repo.path)), require_clean_git=True
    ) as api:
        answer = api.apply()
    assert answer.status_code == 409
    assert "changes that are not committed: migrations/" in answer.json()["detail"]


def test_the_wrong_database_is_not_served(any_database: Database, directory: Path) -> None:
    any_database.run("CREATE TABLE res_users (); CREATE TABLE ir_module_module ();")
    with serving(any_database, directory) as api:
        apply = api.post("/v1/apply", {"plan": "0" * 64}, key="any-key-at-all")
        for answer in (api.get("/v1/status"), api.get("/v1/health"), apply):
            assert (answer.status_code, answer.json()["code"]) == (409, "refused")
    assert any_database.query("SELECT to_regnamespace('secops')") == [(None,)]


def test_what_another_tool_has_applied_is_not_applied_again(any_database: Database, directory: Path) -> None:
    initialised(any_database.dsn).close()
    any_database.run(
        "CREATE SCHEMA supabase_migrations;"
        "CREATE TABLE supabase_migrations.schema_migrations"
        " (version text PRIMARY KEY, statements text[], name text);"
        "INSERT INTO supabase_migrations.schema_migrations VALUES ('1', NULL, 'users');"
    )
    with serving(any_database, directory) as api:
        answer = api.apply()
    assert (answer.status_code, answer.json()["code"]) == (409, "refused")
    assert "supabase" in answer.json()["detail"]


# --- the history of calls ------------------------------------------------------------------------


def test_every_call_is_in_the_history(api: Api, any_database: Database) -> None:
    plan = api.plan()
    api.get("/v1/status")
    job = api.apply().json()["id"]
    api.wait(job)
    api.post("/v1/apply", {"plan": "0" * 64}, key="stale-plan")
    api.get("/v1/no-such-path/with-canary")
    api.client.get("/v1/status", headers={"Authorization": "Bearer canary"})
    api.server.audit.close()
    mark = api.server.settings.tokens.tokens[0].mark
    found = [row for row in rows(any_database) if row[0] == "api"]
    messages = [row[3] for row in found]
    assert {row[2] for row in found} == {f"api token {mark}", "api without a valid token"}
    assert messages[0] == "GET /v1/plan from 127.0.0.1: 200"
    assert f"POST /v1/apply from 127.0.0.1: accepted as job {job}" in messages
    assert f"apply job {job}: succeeded, 2 of 2 files" in messages
    assert "POST /v1/apply from 127.0.0.1: 409 plan-changed" in messages
    assert "GET (unknown path) from 127.0.0.1: 404 not-found" in messages
    assert "GET (path not looked at) from 127.0.0.1: 401 unauthorized" in messages
    assert {row[4] for row in found if "accepted" in row[3]} == {plan}
    assert [row[1] for row in found if ": 409 " in row[3] or ": 401 " in row[3]] == [False, False]
    assert "canary" not in str(found) + "\n".join(api.log)
    assert api.token not in str(found) + "\n".join(api.log)
    with link_to(any_database.dsn) as link:
        assert history.verify(link).broken == ()


def test_repeated_reads_are_counted_not_listed(api: Api, any_database: Database) -> None:
    for _ in range(10):
        api.get("/v1/jobs")
        api.client.get("/v1/status")
    api.server.audit.close()
    messages = [row[3] for row in rows(any_database) if row[0] == "api"]
    assert messages == [
        "GET /v1/jobs from 127.0.0.1: 200",
        "GET (path not looked at) from 127.0.0.1: 401 unauthorized",
        "GET /v1/jobs from 127.0.0.1: 200 (and 8 like it before)",
        "GET (path not looked at) from 127.0.0.1: 401 unauthorized (and 8 like it before)",
    ]


def test_what_cannot_be_recorded_is_not_begun(api: Api, any_database: Database) -> None:
    plan = api.plan()
    api.server.audit.close()
    any_database.run(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;"
        "CREATE TRIGGER a_refuse BEFORE INSERT ON secops.migration_history"
        " FOR EACH ROW WHEN (NEW.action = 'api') EXECUTE FUNCTION refuse();"
    )
    answer = api.post("/v1/apply", {"plan": plan}, key="not-recorded")
    assert (answer.status_code, answer.json()["code"]) == (503, "database")
    assert api.get("/v1/jobs").json()["jobs"] == []
    assert any("not recorded" in line for line in api.log)
    any_database.run("DROP TRIGGER a_refuse ON secops.migration_history")
    api.get("/v1/status")
    assert any("recorded late" in str(row[3]) for row in rows(any_database))


def test_the_audit_survives_a_lost_connection(api: Api, any_database: Database) -> None:
    api.get("/v1/status")
    any_database.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    api.get("/v1/plan")
    assert "GET /v1/plan from 127.0.0.1: 200" in [row[3] for row in rows(any_database)]


def test_a_database_that_is_gone_is_told_without_the_password(any_postgres: Any, directory: Path) -> None:
    database = create_database(any_postgres)
    initialised(database.dsn).close()
    with serving(database, directory) as api:
        drop_database(database)
        answer = api.get("/v1/health")
        assert (answer.status_code, answer.json()["code"]) == (503, "database")
        assert answer.headers["retry-after"]
        password = any_postgres.password.reveal().decode()
        assert password not in answer.text + "\n".join(api.log)


# --- tokens, limits, addresses ----------------------------------------------------------------------


def test_two_tokens_are_valid_and_only_their_digests_are_kept(any_database: Database) -> None:
    current, previous = make_token(), make_token()
    tokens = ring(current, previous)
    for token, name in ((current, "current"), (previous, "previous")):
        found = tokens.recognise([f"Bearer {token}".encode()])
        assert found is not None
        assert found.mark.startswith(f"{name} ")
    for wrong in (b"", b"Bearer", b"Bearer ", b"Basic " + current.encode(), current.encode() + b"x"):
        assert tokens.recognise([wrong]) is None
    assert tokens.recognise([]) is None
    both = [f"Bearer {current}".encode()] * 2
    assert tokens.recognise(both) is None
    assert current not in repr(tokens)
    assert tokens.tokens[0].digest.hex() not in repr(tokens)


def test_a_digest_is_as_good_as_the_token() -> None:
    token = make_token()
    digest = auth.token_of("current", SecretValue(token.encode()), origin="T").digest.hex()
    for spelt in (digest, f"sha256:{digest.upper()}\n"):
        read = auth.token_of_digest("current", SecretValue(spelt.encode()), origin="T")
        assert auth.TokenRing([read]).recognise([f"bearer {token}".encode()]) is read
    with pytest.raises(ConfigError, match="not a SHA-256"):
        auth.token_of_digest("current", SecretValue(token.encode()), origin="T")


@pytest.mark.parametrize("text", ["a" * 31, "a1" * 32, "x" * 513, "ü" * 40, "a b" * 20])
def test_a_token_that_could_be_guessed_is_refused(text: str) -> None:
    with pytest.raises(ConfigError) as error:
        auth.token_of("current", SecretValue(text.encode()), origin="INTERNAL_ADMIN_TOKEN")
    assert text not in f"{error.value}{error.value.advice}"


def test_rate_and_lock_out() -> None:
    now = [0.0]
    door = limits.CallLimiter(
        settings.Limits(per_minute=60, burst=3, failures=2, lock_out_s=10), clock=lambda: now[0]
    )
    assert [door.admit("a") for _ in range(4)] == [0, 0, 0, 1]
    assert door.admit("b") == 0
    now[0] = 1.0
    assert [door.admit("a") for _ in range(2)] == [0, 1]
    assert [door.wrong("a"), door.wrong("a")] == [False, True]
    assert (door.locked("a"), door.locked("b"), door.locked("never seen")) == (10, 0, 0)
    now[0] = 11.0
    assert door.locked("a") == 0
    assert not door.wrong("a")
    now[0] = 21.0  # long after: the first one is forgotten
    assert not door.wrong("a")


def test_a_flood_of_clients_does_not_free_one_that_is_locked_out() -> None:
    door = limits.CallLimiter(settings.Limits(failures=1), clock=lambda: 0.0)
    door.wrong("bad")
    for number in range(20_000):
        door.admit(str(number))
    assert door.locked("bad")
    assert len(door._clients) <= 10_001


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", [b"198.51.100.7"], "192.0.2.1"),  # not a proxy of ours: not believed
        ("127.0.0.1", [b"198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", [b"6.6.6.6", b"198.51.100.7, 127.0.0.1"], "198.51.100.7"),
        ("127.0.0.1", [b"<script>"], "unknown"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("2001:db8::1:2", [], "2001:db8::/64"),
        ("::1", [], "::1"),
        ("::ffff:192.0.2.1", [], "192.0.2.1"),
        ("", [], "unknown"),
    ],
)
def test_who_is_one_client(peer: str, forwarded: list[bytes], client: str) -> None:
    assert limits.client_of(peer, forwarded, frozenset({"127.0.0.1"})) == client


def test_too_many_wrong_tokens_lock_out_who_has_no_valid_one(any_database: Database, directory: Path) -> None:
    initialised(any_database.dsn).close()
    strict = settings.Limits(failures=3, lock_out_s=60)
    with serving(any_database, directory, limits=strict) as api:
        wrong = {"Authorization": f"Bearer {make_token()}"}
        codes = [api.client.get("/v1/status", headers=wrong).status_code for _ in range(4)]
        assert codes == [401, 401, 401, 429]
        locked = api.client.get("/v1/status", headers=wrong)
        assert (locked.status_code, locked.json()["code"]) == (429, "locked-out")
        assert 0 < int(locked.headers["retry-after"]) <= 60
        assert api.get("/v1/status").status_code == 200  # somebody else, at the same address
        assert api.client.get("/v1/status", headers=wrong).status_code == 429  # and that frees nobody
        assert api.client.get("/healthz").status_code == 200
    with serving(any_database, directory, limits=settings.Limits(burst=5, failures=100)) as api:
        flood = [api.client.get("/v1/jobs", headers=wrong).status_code for _ in range(7)]
        assert flood == [401] * 5 + [429] * 2
        answers = [api.get("/v1/jobs") for _ in range(6)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429]
        assert answers[-1].headers["retry-after"] == "1"


def test_more_than_can_be_done_is_refused(
    any_database: Database, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    initialised(any_database.dsn).close()
    release = threading.Event()
    monkeypatch.setattr(
        "secopskit.migrate.server.backend.Backend.status", lambda _: {"done": release.wait(10)}
    )
    narrow = settings.Limits(workers=1, queue=1, burst=1000)
    with serving(any_database, directory, limits=narrow) as api:
        codes: list[int] = []
        threads = [
            threading.Thread(
                target=lambda: codes.append(api.client.get("/v1/status", headers=api.headers).status_code)
            )
            for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 5
        while not codes:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        release.set()
        for thread in threads:
            thread.join(10)
    assert sorted(codes) == [200, 200, 503]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_loopback_needs_no_leave(host: str) -> None:
    assert settings.check_host(host, exposed=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "2001:db8::1"])
def test_another_address_must_be_meant(host: str) -> None:
    with pytest.raises(UsageError, match="speaks no TLS") as error:
        settings.check_host(host, exposed=False)
    assert "--expose-unencrypted" in error.value.advice
    assert settings.check_host(host, exposed=True) == host


def test_a_name_is_no_address() -> None:
    with pytest.raises(UsageError, match="no IP address"):
        settings.check_host("example.org", exposed=True)
