"""`secops migrate` as its users run it, against a real PostgreSQL."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from secopskit.cli.boundary import run
from support.cli import COMMAND, UNMEASURED, Outcome
from support.cli import run as process
from support.forked import secops
from support.postgres import Database
from support.repos import Repo
from support.terminal import on_terminal

Secops = Callable[..., Outcome]
FILES = {
    "001_users.sql": "CREATE TABLE users (id bigint PRIMARY KEY, email text);\n"
    "INSERT INTO users VALUES (1, 'a');",
    "001_users.down.sql": "DROP TABLE users;",
    "002_email.sql": "-- secops: no-transaction\nCREATE INDEX CONCURRENTLY users_email ON users (email);",
}
# Slow to import, and not needed to find that all is applied.
NEEDLESS = {
    "secopskit.findings",
    "secopskit.migrate.apply",
    "secopskit.migrate.guards",
    "secopskit.migrate.ledger.history",
    "secopskit.migrate.read.split",
    "secopskit.migrate.tell",
    "secopskit.report.page",
}
_LOADED = re.compile(r"import time:[^|]*\|[^|]*\| *(\S+)")


@pytest.fixture
def migrate(
    any_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Secops:
    """`secops migrate` in this process, in a directory with FILES, for an empty database."""
    for name in [name for name in os.environ if name.startswith(("PG", "SECOPS_", "GITHUB_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATABASE_URL", any_database.dsn)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)
    write(tmp_path, FILES)

    def call(*arguments: str) -> Outcome:
        capfd.readouterr()
        code = run(["migrate", *arguments])
        out, err = capfd.readouterr()
        assert any_database.server.password.reveal().decode() not in out + err
        return Outcome(int(code), out, err)

    return call


def write(root: Path, files: dict[str, str]) -> None:
    (root / "migrations").mkdir(exist_ok=True)
    for name, text in files.items():
        (root / "migrations" / name).write_text(text)


def document(outcome: Outcome) -> Any:
    return json.loads(outcome.out)


def test_unattended_in_ci(any_database: Database, tmp_path: Path) -> None:
    write(tmp_path, FILES)
    env = {"DATABASE_URL": any_database.dsn, "CI": "true"}
    assert secops("migrate", "init", "--yes", cwd=tmp_path, env=env).code == 0
    up = secops("migrate", "up", "--yes", "--dir", "migrations", cwd=tmp_path, env=env)
    assert (up.code, up.out) == (0, "2 files applied on development.\n"), up.err
    again = secops("migrate", "up", "--yes", "--dir", "migrations", cwd=tmp_path, env=env)
    assert (again.code, again.out) == (0, "Nothing to do on development: 2 applied.\n")
    assert any_database.query("SELECT count(*) FROM users") == [(1,)]


def test_where_there_is_nothing_to_do_little_is_loaded(any_database: Database, tmp_path: Path) -> None:
    write(tmp_path, {name: text for name, text in FILES.items() if ".down." not in name})
    env = {"DATABASE_URL": any_database.dsn, **UNMEASURED}
    for words in (("init", "--yes"), ("up", "--yes")):
        assert secops("migrate", *words, cwd=tmp_path, env=env).code == 0
    up = process(
        sys.executable, "-X", "importtime", "-m", "secopskit", "migrate", "up", cwd=tmp_path, env=env
    )
    assert (up.code, up.out) == (0, "Nothing to do on development: 2 applied.\n")
    loaded = set(_LOADED.findall(up.err))
    assert {"psycopg.connection", "secopskit.migrate.plan"} <= loaded  # the list is read aright
    assert loaded & NEEDLESS == set()


def test_a_life_of_migrations(migrate: Secops, any_database: Database, tmp_path: Path) -> None:
    early = migrate("status")
    assert early.code == 2
    assert "secops migrate init" in early.err

    assert migrate("init", "--yes", "--env", "staging").code == 0
    identity = migrate("init").out.strip()
    assert re.fullmatch(r"[0-9a-f-]{36}", identity)
    assert document(migrate("init", "--json"))["target"]["id"] == identity

    plan = migrate("plan")
    assert plan.code == 1
    assert "002" in plan.out
    digest = migrate("plan", "--hash")
    assert digest.code == 0
    assert f"plan {digest.out.strip()}" in plan.out

    assert migrate("up", "--steps", "1", "--yes").out == "1 file applied on staging.\n"
    pending = migrate("status", "--json")
    assert pending.code == 1
    assert [row["state"] for row in document(pending)["migrations"]] == ["applied", "pending"]
    done = document(migrate("up", "--yes", "--json"))
    assert [step["version"] for step in done["done"]] == ["002"]
    status = migrate("status")
    assert status.code == 0
    assert "2 applied, 0 pending" in status.out

    verified = migrate("verify")
    assert verified.code == 0
    assert "the history is whole" in verified.out
    rows = document(migrate("history", "--json"))["history"]
    assert [(row["action"], row["version"], row["ok"]) for row in rows] == [
        ("up", "002", True),
        ("up", "001", True),
        ("init", None, True),
    ]
    assert "002" in migrate("history", "--version", "002").out
    assert migrate("shell-lock").out == "Nobody holds the migration lock.\n"

    no_way = migrate("down", "--yes")
    assert no_way.code == 5
    assert "there is no file that undoes it" in no_way.err
    write(tmp_path, {"002_email.down.sql": "-- secops: no-transaction\nDROP INDEX CONCURRENTLY users_email;"})
    assert migrate("undo", "--yes", "--to", "0").out == "2 files undone on staging.\n"
    assert any_database.query("SELECT to_regclass('users')::text") == [(None,)]


def test_nothing_happens_without_consent(migrate: Secops, any_database: Database) -> None:
    refused = migrate("init")
    assert refused.code == 2
    assert "--yes" in refused.err
    migrate("init", "--yes")
    assert migrate("up").code == 2
    assert any_database.query("SELECT count(*) FROM secops.schema_migrations") == [(0,)]


def test_a_file_that_fails(
    migrate: Secops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, any_database: Database
) -> None:
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    write(tmp_path, {"003_bad.sql": "CREATE TABLE a ();\nSELECT 1/0;", "004_never.sql": "CREATE TABLE b ();"})
    migrate("init", "--yes")
    failed = migrate("up", "--yes", "--json")
    assert failed.code == 3
    assert "migrations/003_bad.sql:2: division by zero [22012]" in failed.err
    report = document(failed)
    assert [step["version"] for step in report["done"]] == ["001", "002"]
    assert (report["failure"]["line"], report["failure"]["sqlstate"]) == (2, "22012")
    assert any_database.query("SELECT to_regclass('a')::text, to_regclass('b')::text") == [(None, None)]
    assert "**Failed:** migrations/003\\_bad.sql:2" in summary.read_text()
    assert document(migrate("history", "--json"))["history"][0]["ok"] is False


def test_files_and_ledger_that_disagree(migrate: Secops, tmp_path: Path) -> None:
    migrate("init", "--yes")
    migrate("up", "--yes")
    write(tmp_path, {"001_users.sql": "SELECT 1", "004_late.sql": "SELECT 1"})
    refused = migrate("up", "--yes")
    assert refused.code == 5
    assert "was edited after it was applied" in refused.err
    assert "version 3 is missing before 004" in refused.err
    assert migrate("verify").code == 1
    kinds = {problem["kind"] for problem in document(migrate("verify", "--json"))["problems"]}
    assert kinds == {"edited", "gap"}
    assert migrate("repair", "--accept", "001", "--yes").code == 0
    assert migrate("up", "--yes", "--allow-out-of-order").code == 0
    (tmp_path / "migrations" / "004_late.sql").unlink()
    assert "its file is gone" in migrate("verify").err
    assert migrate("repair", "--forget", "4", "--yes").code == 0
    assert migrate("verify").code == 0
    assert migrate("repair", "--mark-applied", "9", "--yes").code == 2


def test_a_renamed_file_is_followed_and_not_run_again(
    migrate: Secops, tmp_path: Path, any_database: Database
) -> None:
    files = {"001_a.sql": "CREATE TABLE a ();", "002_b.sql": "CREATE TABLE b ();", "003_c.sql": "SELECT 3;"}
    for path in (tmp_path / "migrations").iterdir():
        path.unlink()
    write(tmp_path, files)
    migrate("init", "--yes")
    assert migrate("up", "--yes").code == 0
    for old, new in (("003_c", "004_c"), ("002_b", "003_b"), ("001_a", "002_a")):  # all of them by one
        (tmp_path / "migrations" / f"{old}.sql").rename(tmp_path / "migrations" / f"{new}.sql")
    status = migrate("status")
    assert (status.code, "renamed to 002" in status.out, "0 pending" in status.out) == (1, True, True)
    for command in (("up", "--yes"), ("dry-run",), ("verify",), ("plan",), ("down", "--yes")):
        told = migrate(*command)
        assert (told.code, "it was renamed" in told.err) == (
            1 if command[0] in ("verify", "plan") else 5,
            True,
        )
        assert "its file is gone" not in told.err
    rows = document(migrate("status", "--json"))["migrations"]
    assert [(row["version"], row["state"], row["renamed_to"]) for row in rows] == [
        ("001", "renamed", "002"), ("002", "renamed", "003"), ("003", "renamed", "004")
    ]  # fmt: skip
    unasked = migrate("repair", "--rename")
    assert (unasked.code, "001 a: is 002 a from now on" in unasked.err) == (2, True)
    assert migrate("repair", "--rename", "--yes").code == 0
    ledger = "SELECT version || name FROM secops.schema_migrations ORDER BY 1"
    assert [name for (name,) in any_database.query(ledger)] == ["002a", "003b", "004c"]
    assert migrate("verify", "--allow-out-of-order").code == 0
    assert migrate("up", "--yes", "--allow-out-of-order").out == "Nothing to do on development: 3 applied.\n"
    # With another content a person must say that it is the same file; the edit is still told.
    (tmp_path / "migrations" / "004_c.sql").unlink()
    write(tmp_path, {"005_see.sql": "SELECT 5;"})
    assert migrate("repair", "--rename", "004", "--yes").code == 2
    assert migrate("repair", "--rename", "004", "--as", "005", "--yes").code == 0
    assert "was edited after it was applied" in migrate("verify").err


@pytest.mark.parametrize(
    ("tampering", "told"),
    [
        ("DELETE FROM secops.schema_migrations WHERE version = '001'", "the ledger has no row of it"),
        (
            (
                "INSERT INTO secops.schema_migrations (version, name, kind, state, run_id)"
                " VALUES ('005', 'x', 'repaired', 'applied', '')"
            ),
            "005 counts as applied, and the history does not know of it",
        ),
        (
            "UPDATE secops.schema_migrations SET checksum = repeat('0', 64) WHERE version = '001'",
            "another checksum",
        ),
        (
            (
                "ALTER TABLE secops.migration_history DISABLE TRIGGER history_refuse;"
                "DELETE FROM secops.migration_history WHERE version = '002';"
                "ALTER TABLE secops.migration_history ENABLE TRIGGER history_refuse"
            ),
            "002 counts as applied, and the history does not know of it",
        ),
    ],
    ids=["deleted", "forged", "changed", "history"],
)
def test_what_was_written_past_secops_is_drift(
    migrate: Secops, any_database: Database, tmp_path: Path, tampering: str, told: str
) -> None:
    migrate("init", "--yes")
    assert migrate("up", "--yes").code == 0
    assert migrate("verify").code == 0
    any_database.run(tampering)
    (tmp_path / "migrations" / "005_x.sql").write_text("SELECT 5;")
    found = migrate("verify", "--allow-out-of-order")
    assert (found.code, told in found.err) == (1, True), found.err
    assert len(document(migrate("verify", "--json"))["ledger"]) == 1
    if "DELETE FROM secops.schema" in tampering:  # it would run again
        for command in (("up", "--yes"), ("dry-run",)):
            again = migrate(*command, "--allow-out-of-order")
            assert (again.code, "the ledger has no row of it" in again.err) == (5, True)
        assert migrate("repair", "--mark-applied", "001", "--yes").code == 0
        assert migrate("verify", "--allow-out-of-order").code == 0
        any_database.run(tampering)
        assert migrate("repair", "--forget", "001", "--yes").code == 0
        assert document(migrate("verify", "--json"))["ledger"] == []


def test_what_was_applied_last_is_undone_first(
    migrate: Secops, tmp_path: Path, any_database: Database
) -> None:
    (tmp_path / "migrations" / "002_email.sql").unlink()
    write(
        tmp_path,
        {"003_c.sql": "CREATE TABLE c ();", "003_c.down.sql": "DROP TABLE c;"},
    )
    migrate("init", "--yes")
    assert migrate("up", "--yes", "--allow-out-of-order").code == 0
    write(tmp_path, {"002_b.sql": "CREATE TABLE b ();", "002_b.down.sql": "DROP TABLE b;"})
    assert migrate("up", "--yes", "--allow-out-of-order").code == 0
    stays = migrate("down", "--to", "002", "--yes")
    assert (stays.code, "002_b was applied after 003_c" in stays.err) == (5, True)
    assert migrate("down", "--yes").code == 0
    assert any_database.query("SELECT to_regclass('b')::text, to_regclass('c')::text") == [(None, "c")]


def test_an_odoo_database_is_left_alone(migrate: Secops, any_database: Database) -> None:
    any_database.run("CREATE SCHEMA x; CREATE TABLE x.ir_module_module (); CREATE TABLE x.res_users ();")
    for arguments in (("init", "--yes"), ("up", "--yes"), ("status",), ("baseline", "001", "--yes")):
        refused = migrate(*arguments)
        assert refused.code == 5
        assert "is an Odoo database" in refused.err
    assert any_database.query("SELECT count(*) FROM pg_namespace WHERE nspname = 'secops'") == [(0,)]


def test_another_database_than_the_expected_one_is_refused(migrate: Secops, tmp_path: Path) -> None:
    migrate("init", "--yes", "--env", "staging")
    assert migrate("up", "--yes", "--env", "production").code == 5
    (tmp_path / ".secops.yaml").write_text("migrate: {identity: 00000000-0000-0000-0000-000000000000}")
    assert migrate("up", "--yes").code == 5


def test_production_needs_more_than_a_yes(
    migrate: Secops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".secops.yaml").write_text("migrate: {environments: {production: {countdown: 1s}}}")
    write(tmp_path, {"002_email.sql": "CREATE INDEX users_email ON users (email);"})
    migrate("init", "--yes", "--env", "production")
    for unnamed in (("up",), ("repair", "--mark-applied", "001"), ("baseline", "001")):
        refused = migrate(*unnamed, "--yes")
        assert refused.code == 5
        assert "that was not asked for" in refused.err
    up = ("up", "--env", "production")
    assert "has not passed a dry run" in migrate(*up, "--yes").err
    tried = migrate("dry-run", "--env", "production", "--on-target")
    assert tried.code == 0, tried.err
    unconfirmed = migrate(*up, "--yes")
    assert unconfirmed.code == 5
    assert "--yes is not enough" in unconfirmed.err
    digest = migrate("plan", "--env", "production", "--hash").out.strip()
    assert digest in unconfirmed.err
    wrong = migrate(*up, "--confirm-production", "0" * 64)
    assert wrong.code == 5
    assert "not the one that was confirmed" in wrong.err
    # What was tried is not what would be done now.
    write(tmp_path, {"003_more.sql": "SELECT 1"})
    assert migrate(*up, "--confirm-production", digest).code == 5
    (tmp_path / "migrations" / "003_more.sql").unlink()
    (tmp_path / ".secops.yaml").write_text(
        "migrate: {environments: {production: {countdown: 1s, freeze: [00:00 - 12:00, 12:00 - 24:00]}}}"
    )
    frozen = migrate(*up, "--confirm-production", digest)
    assert frozen.code == 5
    assert "a time without migrations" in frozen.err
    done = migrate(*up, "--confirm-production", digest, "--during-freeze")
    assert done.code == 0, done.err
    assert "Going on with production in 1 s" in done.err


def test_files_must_be_those_of_the_tag(migrate: Secops, tmp_path: Path) -> None:
    repo = Repo.create(tmp_path)
    repo.commit({".gitignore": "summary.md\n"} | {f"migrations/{name}": text for name, text in FILES.items()})
    migrate("init", "--yes")
    untagged = migrate("up", "--yes", "--require-tag")
    assert untagged.code == 5
    assert "has no tag" in untagged.err
    repo.git("tag", "v1")
    repo.git("config", "filter.evil.clean", f"touch {tmp_path}/ran; cat")
    repo.write(".git/info/attributes", "* filter=evil\n")
    write(tmp_path, {"001_users.sql": FILES["001_users.sql"] + "\n-- changed"})
    changed = migrate("up", "--yes", "--require-tag")
    assert changed.code == 5
    assert "001_users.sql: is not the file of the tagged commit (v1)" in changed.err
    dirty = migrate("up", "--yes", "--require-clean-git")
    assert dirty.code == 5
    assert "migrations/001_users.sql" in dirty.err
    assert not (tmp_path / "ran").exists()
    repo.write(".git/info/attributes", "")
    # Line ends of another system are no change.
    write(tmp_path, {"001_users.sql": FILES["001_users.sql"]})
    (tmp_path / "migrations/002_email.sql").write_bytes(FILES["002_email.sql"].replace("\n", "\r\n").encode())
    assert migrate("up", "--yes", "--require-tag").code == 0


def test_a_past_with_another_tool(migrate: Secops, any_database: Database) -> None:
    any_database.run(
        "CREATE TABLE public.schema_migrations (version varchar PRIMARY KEY);"
        "INSERT INTO public.schema_migrations VALUES ('001');" + FILES["001_users.sql"]
    )
    assert "secops migrate baseline --from dbmate" in migrate("init", "--yes").err
    for command in ("up", "dry-run"):
        refused = migrate(command, *(["--yes"] if command == "up" else []))
        assert refused.code == 5
        assert "secops migrate baseline --from dbmate" in refused.err
    assert migrate("baseline", "--from", "flyway", "--yes").code == 2
    adopted = migrate("baseline", "--from", "dbmate", "--yes", "--json")
    assert [item["version"] for item in document(adopted)["adopted"]] == ["001"]
    assert migrate("up", "--yes").out == "1 file applied on development.\n"


def test_a_past_that_nobody_wrote_down(migrate: Secops, any_database: Database) -> None:
    any_database.run(FILES["001_users.sql"])
    migrate("init", "--yes")
    assert migrate("baseline", "7", "--yes").code == 2
    assert migrate("baseline", "001", "--yes").code == 0
    assert [row["state"] for row in document(migrate("status", "--json"))["migrations"]] == [
        "baseline",
        "pending",
    ]
    assert migrate("up", "--yes").code == 0


def test_who_holds_the_lock(migrate: Secops, any_database: Database) -> None:
    from secopskit.migrate.ledger.lock import hold
    from secopskit.postgres.connect import ConnectionSettings, connect
    from secopskit.secret import SecretValue

    migrate("init", "--yes")
    settings = ConnectionSettings(conninfo=SecretValue(any_database.dsn.encode()))
    link = connect(settings)
    with hold(settings, beside=link) as lock:
        assert f"backend {lock.pid}" in migrate("shell-lock").out
        assert document(migrate("shell-lock", "--json"))["holder"]["pid"] == lock.pid
    link.close()


def test_a_dry_run_on_a_shadow_and_lint(migrate: Secops, any_database: Database, tmp_path: Path) -> None:
    migrate("init", "--yes")
    migrate("up", "--yes", "--to", "001")
    write(tmp_path, {"002_email.sql": "ALTER TABLE users ALTER COLUMN id TYPE numeric;"})
    tried = migrate("dry-run", "--json")
    assert tried.code == 0, tried.err
    (step,) = document(tried)["steps"]
    (statement,) = step["statements"]
    assert "users" in statement["rewrites"]
    assert ("users", "AccessExclusiveLock") in [
        (lock["relation"], lock["mode"]) for lock in statement["locks"]
    ]
    assert document(migrate("history", "--json"))["history"][0]["action"] == "dry-run"
    assert any_database.query("SELECT count(*) FROM secops.schema_migrations") == [(1,)]
    hurts = migrate("lint", "--since", "001", "--json")
    assert hurts.code == 1
    assert "rewrite" in {hazard["rule"] for hazard in document(hurts)["hazards"]}
    write(tmp_path, {"003_bad.sql": "SELECT 1/0"})
    failed = migrate("dry-run")
    assert failed.code == 3
    assert "migrations/003_bad.sql:1: division by zero" in failed.err


def test_lint_says_where_it_looked(migrate: Secops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from secopskit.migrate.look import squawk

    monkeypatch.setattr(squawk, "find_program", lambda: None)
    write(tmp_path, {"003_nothing.sql": "-- to be written\n", "004_new.sql": "CREATE TABLE a (i int);"})
    untried = migrate("lint", "--no-shadow", "--since", "003")
    assert untried.code == 0
    assert re.search(r"nothing found by the text \(\d+ rules\)", untried.out)
    assert "not looked at: what the files do on a database (--no-shadow)" in untried.err
    assert "not looked at: what squawk's rules say (not installed" in untried.err
    assert "not looked at" in migrate("lint", "--no-shadow", "--since", "003", "-q").err
    empty = migrate("lint", "--no-shadow", "--since", "002", "--json")
    assert empty.code == 1
    assert "warning: migrations/003_nothing.sql: holds no statement" in empty.err
    told = document(empty)
    assert [(h["rule"], h["version"]) for h in told["hazards"]] == [("empty-file", "003")]
    assert (len(told["looked"]), len(told["not_looked"])) == (1, 2)
    write(
        tmp_path,
        {"005_x.sql": "-- secops: allow[truncate] a cache\nTRUNCATE users;\nDROP INDEX users_email;"},
    )
    found = migrate("lint", "--no-shadow", "--since", "004")
    assert (found.code, "[index-not-concurrent]" in found.out) == (1, True)
    assert "allowed 005, line 2 [truncate]: a cache" in found.err
    tried = migrate("lint", "--since", "004", "--exclude", "index-not-concurrent")
    assert "a trial on a shadow database" in tried.out
    assert "(--no-shadow)" not in tried.err
    assert "allow[truncate]" in migrate("lint", "--explain", "truncate").out
    assert migrate("lint", "--explain", "none-such").code == 2
    write(tmp_path, {"006_v.sql": "VACUUM users;"})
    refused = migrate("lint", "--no-shadow", "--since", "005")
    assert (refused.code, "VACUUM cannot run inside a transaction" in refused.err) == (2, True)


def test_what_the_server_says_is_shown_and_kept_if_asked(
    migrate: Secops, tmp_path: Path, any_database: Database
) -> None:
    dsn, escape = any_database.dsn, "E'\\x1b[31m'"
    for path in (tmp_path / "migrations").iterdir():
        path.unlink()
    write(
        tmp_path,
        {
            "001_a.sql": "CREATE TABLE IF NOT EXISTS a ();\nCREATE TABLE IF NOT EXISTS a ();\n"
            f"DO $$ BEGIN RAISE WARNING 'from % to %', '{dsn}', {escape}; END $$;\n"
            "DO $$ BEGIN FOR i IN 1..60 LOOP RAISE NOTICE 'row %', i; END LOOP; END $$;",
            "001_a.down.sql": "DROP TABLE IF EXISTS never; DROP TABLE a;",
            "002_b.sql": "-- secops: no-transaction\nDROP TABLE IF EXISTS never;",
        },
    )
    migrate("init", "--yes")
    tried = migrate("dry-run")
    done = migrate("up", "--yes")
    for told in (tried, done):
        assert told.code == 0, told.err
        assert '001: NOTICE: relation "a" already exists, skipping' in told.err
        assert "001: WARNING: from postgres" in told.err
        assert "\x1b[31m" not in told.err
        assert "NOTICE: row 5" in told.err
        assert "NOTICE: row 50" not in told.err
        assert '002: NOTICE: table "never" does not exist, skipping' in told.err
    assert "and more" in done.err
    kept = "SELECT version, message FROM secops.migration_history WHERE action = 'notice' ORDER BY id"
    assert any_database.query(kept) == []
    assert migrate("down", "--yes", "--to", "001").code == 5  # 002 has no way back
    (tmp_path / "migrations" / "002_b.down.sql").write_text(
        "-- secops: no-transaction\nDROP TABLE IF EXISTS x;"
    )
    undone = migrate("down", "--yes", "--to", "0", "-v")
    assert undone.code == 0, undone.err
    assert '001: NOTICE: table "never" does not exist, skipping' in undone.err
    assert [version for version, _ in any_database.query(kept)] == ["002", "001"]
    assert migrate("up", "--yes", "-v").code == 0
    (message,) = [text for version, text in any_database.query(kept)[2:] if version == "001"]
    assert "… and 42 more" in message
    assert any_database.server.password.reveal().decode() not in message
    assert migrate("verify").code == 0


def test_the_name_is_typed_on_a_terminal(migrate: Secops, any_database: Database, tmp_path: Path) -> None:
    write(tmp_path, {"002_email.sql": "SELECT 1"})
    migrate("init", "--yes", "--env", "production")
    assert migrate("dry-run", "--on-target", "--env", "production").code == 0
    env = {"DATABASE_URL": any_database.dsn}
    arguments = ["migrate", "up", "--yes", "--env", "production"]
    name = {"Type the name": "something"}
    refused = on_terminal([*COMMAND, *arguments], cwd=tmp_path, env=env, answers=name)
    assert (refused.code, "that is not its name" in refused.out) == (5, True)
    assert any_database.query("SELECT to_regclass('users')::text") == [(None,)]
    name = {"Type the name": any_database.name}
    done = on_terminal([*COMMAND, *arguments], cwd=tmp_path, env=env, answers=name)
    assert done.code == 0, done.out
    assert any_database.query("SELECT to_regclass('users')::text") == [("users",)]


@pytest.mark.parametrize(
    ("arguments", "question"),
    [
        (("init",), "Make the schema secops in database"),
        (("up",), "Apply 1 file on development"),
        (("down",), "Undo 1 file on development"),
        (("baseline", "003"), "Count all files up to 003 as applied"),
        (("baseline", "--from", "dbmate"), "Take this over on development"),
        (("repair", "--forget", "001"), "Change the ledger of development"),
        (("workflows",), "Write 2 files?"),
    ],
)
@pytest.mark.parametrize("answer", ["n", ""], ids=["no", "nothing"])
def test_a_declined_consent_is_a_refusal(
    migrate: Secops,
    any_database: Database,
    tmp_path: Path,
    arguments: tuple[str, ...],
    question: str,
    answer: str,
) -> None:
    """Exit code 5, in every command that asks, and nothing is changed."""
    write(tmp_path, {"002_email.sql": "SELECT 1", "003_more.sql": "SELECT 1"})
    if "init" not in arguments:
        any_database.run(
            "CREATE TABLE public.schema_migrations (version varchar PRIMARY KEY);"
            "INSERT INTO public.schema_migrations VALUES ('002')"
        )
        migrate("init", "--yes")
        assert migrate("repair", "--mark-applied", "002", "--yes").code == 0
        assert migrate("up", "--yes", "--allow-out-of-order", "--to", "001").code == 0
        write(tmp_path, {"002_email.down.sql": "SELECT 1"})
    before = any_database.query("SELECT count(*) FROM pg_namespace WHERE nspname = 'secops'")
    ledger = ledger_of(any_database)
    command = [*COMMAND, "migrate", *arguments]
    env = {"DATABASE_URL": any_database.dsn, "NO_COLOR": "1"}
    declined = on_terminal(command, cwd=tmp_path, env=env, answers={question: answer})
    assert question in declined.out
    assert (declined.code, "declined" in declined.out) == (5, True), declined.out
    assert "Nothing was changed." in declined.out
    assert any_database.query("SELECT count(*) FROM pg_namespace WHERE nspname = 'secops'") == before
    assert ledger_of(any_database) == ledger
    assert not (tmp_path / ".github").exists()


def ledger_of(database: Database) -> list[Any]:
    """What the ledger and the history hold; nothing where there is neither."""
    if database.query("SELECT to_regnamespace('secops')") == [(None,)]:
        return []
    return database.query(
        "SELECT version, state, (SELECT count(*) FROM secops.migration_history)"
        " FROM secops.schema_migrations ORDER BY 1"
    )


def test_what_is_asked_on_a_terminal_is_done_after_a_yes(
    migrate: Secops, any_database: Database, tmp_path: Path
) -> None:
    assert migrate("init", "--yes").code == 0
    answers = {"Apply 2 files on development": "y"}
    env = {"DATABASE_URL": any_database.dsn}
    done = on_terminal([*COMMAND, "migrate", "up"], cwd=tmp_path, env=env, answers=answers)
    assert done.code == 0, done.out
    assert any_database.query("SELECT count(*) FROM users") == [(1,)]


def test_the_countdown_leaves_no_line_behind(migrate: Secops, any_database: Database, tmp_path: Path) -> None:
    write(tmp_path, {"002_email.sql": "SELECT 1"})
    migrate("init", "--yes", "--env", "production")
    assert migrate("dry-run", "--on-target", "--env", "production").code == 0
    digest = migrate("plan", "--env", "production", "--hash").out.strip()
    command = [*COMMAND, "migrate", "up", "--env", "production", "--confirm-production", digest]
    env = {"DATABASE_URL": any_database.dsn, "NO_COLOR": "1"}
    done = on_terminal([*command, "--countdown", "2"], cwd=tmp_path, env=env, answers={})
    assert done.code == 0, done.out
    cleared = f"\r{' ' * 40}\r"
    lines = f"{cleared}Going on in 2 s. Ctrl-C stops it.{cleared}Going on in 1 s. Ctrl-C stops it.{cleared}"
    assert f"{lines}applied 001 users" in done.out


def test_results_are_whole_on_one_stream_and_notes_on_the_other(
    migrate: Secops, any_database: Database, tmp_path: Path
) -> None:
    """Whoever reads one of them alone reads whole sentences, and the result without the rest."""
    any_database.run(
        "CREATE TABLE public.schema_migrations (version varchar PRIMARY KEY);"
        "INSERT INTO public.schema_migrations VALUES ('001');" + FILES["001_users.sql"]
    )
    made = migrate("init", "--yes")
    identity = made.out.strip()
    assert re.fullmatch(r"[0-9a-f-]{36}", identity)
    first, pin, *_ = made.err.splitlines()
    assert first == f"Database {any_database.name} is now pinned as development."
    assert pin.endswith(f"migrate.environments.development.identity: {identity}")
    assert migrate("init", "-q").out == f"{identity}\n"
    taken = migrate("baseline", "--from", "dbmate", "--yes")
    assert taken.out == "1 versions count as applied now; `secops migrate status` lists all.\n"
    assert taken.err.startswith("public.schema_migrations knows 1 migrations, 1 with a file")
    repaired = migrate("repair", "--mark-applied", "002", "--yes")
    assert (repaired.out, repaired.err) == ("The ledger is corrected: mark-applied 002.\n", "")
    tried = migrate("dry-run")
    assert (tried.out, tried.err) == ("Nothing to try: 2 applied, none pending.\n", "")
    nothing = migrate("up", "--yes")
    assert (nothing.out, nothing.err) == ("Nothing to do on development: 2 applied.\n", "")
