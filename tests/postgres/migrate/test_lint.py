"""What a trial of the files makes of what their text lets fear."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.migrate.lint import LintOutcome, choose_files, lint
from secopskit.migrate.look import squawk
from secopskit.migrate.read.files import load_migrations
from secopskit.migrate.shadow.database import ShadowOptions
from secopskit.secret import SecretValue
from support.postgres import Database
from support.runner import write

BASE = (
    "CREATE TYPE mood AS ENUM ('fine'); CREATE TABLE logs (what text);"
    "CREATE TABLE t (a int); CREATE INDEX i ON t (a); CREATE UNIQUE INDEX u ON t (a);"
)


@pytest.fixture(autouse=True)
def _without_squawk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(squawk, "find_program", lambda: None)


def linted(directory: Path, text: str, shadow: ShadowOptions | None) -> LintOutcome:
    write(directory, {"1_base.sql": BASE, "2_new.sql": text})
    before, chosen = choose_files(load_migrations(str(directory)), since="1")
    return lint(before, chosen, shadow)


def rules(outcome: LintOutcome) -> list[str]:
    return [hazard.rule for hazard in outcome.hazards]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("DROP INDEX i;", "index-not-concurrent"),
        ("DROP INDEX IF EXISTS i, u;", "index-not-concurrent"),
        ("DO $$ BEGIN DROP INDEX i; END $$;", "index-not-concurrent"),
        ("REINDEX INDEX i;", "scan-under-lock"),
        ("CREATE INDEX j ON t (a);", "index-not-concurrent"),
    ],
)
def test_an_index_is_dropped_under_a_lock_also_where_nothing_is_read(
    any_database: Database, tmp_path: Path, text: str, rule: str
) -> None:
    shadow = ShadowOptions(url=SecretValue(any_database.server.dsn().encode()))
    assert rules(linted(tmp_path, text, shadow)) == [rule]


@pytest.mark.parametrize(
    "text",
    [
        "DROP INDEX IF EXISTS none_such;",
        "CREATE TABLE n (a int);\nCREATE INDEX k ON n (a);\nDROP INDEX k;",
        "ALTER TYPE mood ADD VALUE 'bad';\nINSERT INTO logs VALUES ('bad');",
    ],
)
def test_what_a_trial_has_disproved(any_database: Database, tmp_path: Path, text: str) -> None:
    shadow = ShadowOptions(url=SecretValue(any_database.server.dsn().encode()))
    assert rules(linted(tmp_path, text, shadow)) == []
    assert rules(linted(tmp_path, text, None)) != []  # the text alone has to fear it
