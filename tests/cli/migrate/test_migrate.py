"""`secops migrate` where no database is at hand: usage, new files, and what never reaches the screen."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from support.cli import Outcome
from support.forked import secops

NOWHERE = {"DATABASE_URL": "", "PGHOST": "", "PGHOSTADDR": "", "PGSERVICE": "", "PGDATABASE": ""}


def migrate(*arguments: str, cwd: Path, **env: str) -> Outcome:
    return secops("migrate", *arguments, cwd=cwd, env=NOWHERE | env)


def files(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_new_files_are_named_by_the_time(tmp_path: Path) -> None:
    made = migrate("new", "Add users' table!", "--down", cwd=tmp_path)
    assert made.code == 0
    up, down = sorted(made.out.split(), key=len)
    assert re.fullmatch(r"migrations/\d{14}_add_users_table\.sql", up)
    assert down == up.replace(".sql", ".down.sql")
    assert (tmp_path / up).read_text() == "-- Add users' table!\n"
    again = migrate("new", "next", "--json", "--no-transaction", cwd=tmp_path)
    document = json.loads(again.out)
    assert document["version"] > Path(up).name[:14]
    assert (tmp_path / document["files"][0]).read_text().startswith("-- secops: no-transaction\n")


@pytest.mark.parametrize(("newest", "expected"), [("009_a", "010_b"), ("1_a", "2_b"), ("99_a", "100_b")])
def test_new_files_go_on_counting_where_others_counted(tmp_path: Path, newest: str, expected: str) -> None:
    directory = tmp_path / "db"
    directory.mkdir()
    (directory / f"{newest}.sql").write_text("SELECT 1")
    assert migrate("new", "b", "--dir", "db", cwd=tmp_path).code == 0
    assert f"{expected}.sql" in files(directory)


def test_a_new_file_in_the_future_of_the_clock_is_still_the_newest(tmp_path: Path) -> None:
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "29990101000000_a.sql").write_text("SELECT 1")
    migrate("new", "b", cwd=tmp_path)
    assert "29990101000001_b.sql" in files(tmp_path / "migrations")


def test_a_name_must_have_letters(tmp_path: Path) -> None:
    refused = migrate("new", "!!!", cwd=tmp_path)
    assert refused.code == 2
    assert not (tmp_path / "migrations").exists()


@pytest.mark.parametrize(
    "command", ["init", "status", "plan", "up", "down", "undo", "verify", "history", "shell-lock", "dry-run"]
)
def test_without_a_database_the_variable_is_named(tmp_path: Path, command: str) -> None:
    outcome = migrate(command, cwd=tmp_path)
    assert outcome.code == 2
    assert "the variable DATABASE_URL is not set" in outcome.err
    assert "hint: " in outcome.err


def test_a_variable_that_was_named_has_no_stand_in(tmp_path: Path) -> None:
    outcome = migrate("status", "--database-url-env", "STAGING", cwd=tmp_path, PGHOST="127.0.0.1", PGPORT="1")
    assert outcome.code == 2
    assert "the variable STAGING is not set" in outcome.err


def test_a_url_on_the_command_line_is_refused_and_not_repeated(tmp_path: Path) -> None:
    outcome = migrate("up", "--database-url-env", "postgresql://me:canary7@host/db", cwd=tmp_path)
    assert outcome.code == 2
    assert "everybody on this machine" in outcome.err
    assert "canary7" not in outcome.text


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:canary7@127.0.0.1:1/app",
        "postgresql://me:can@ary7@127.0.0.1:1/app",
        "postgresql://me:canary7@none-such.invalid/app?sslmode=what",
        "not a url canary7",
        "postgresql://me:canary7@[::1",
    ],
)
def test_a_password_is_in_no_message(tmp_path: Path, url: str) -> None:
    for command in ("status", "up"):
        outcome = migrate(
            command, "-vv", "--yes" if command == "up" else "--json", cwd=tmp_path, DATABASE_URL=url
        )
        assert outcome.code in (2, 3)
        assert "canary7" not in outcome.text
        assert "ary7" not in outcome.text


def test_a_wrong_environment_or_setting_stops_before_anything(tmp_path: Path) -> None:
    assert migrate("status", "--env", "Prod!", cwd=tmp_path).code == 2
    (tmp_path / ".secops.yaml").write_text("migrate: {lock_timout: 1s}")
    outcome = migrate("status", cwd=tmp_path)
    assert outcome.code == 2
    assert "Did you mean lock_timeout?" in outcome.err


def test_repair_and_baseline_want_to_know_what(tmp_path: Path) -> None:
    url = "postgresql://127.0.0.1:1/x"
    assert "one of --accept" in migrate("repair", cwd=tmp_path, DATABASE_URL=url).err
    two = migrate("repair", "--accept", "1", "--forget", "2", cwd=tmp_path, DATABASE_URL=url)
    assert "one of --accept" in two.err
    assert "either a VERSION or --from" in migrate("baseline", cwd=tmp_path, DATABASE_URL=url).err


def test_a_typing_error_has_a_suggestion(tmp_path: Path) -> None:
    outcome = migrate("statsu", cwd=tmp_path)
    assert outcome.code == 2
    assert "did you mean 'status'?" in outcome.err
