"""`secops audit --ask-database` as its users run it: real databases that are what their names say, or not."""

from __future__ import annotations

import json
from pathlib import Path

from support.cli import COMMAND, Outcome, run
from support.postgres import Database
from support.values import alnum

ODOO = "CREATE TABLE ir_model (); CREATE TABLE ir_module_module (); CREATE TABLE res_users ();"
SUPABASE = """
    CREATE SCHEMA auth; CREATE SCHEMA storage; CREATE SCHEMA realtime; CREATE SCHEMA vault;
    CREATE TABLE auth.users (id uuid); CREATE TABLE storage.objects (id uuid);
    CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid';
"""
TABLES = "SELECT count(*) FROM pg_class"
WORKFLOW = """
on: push
jobs:
  migrate:
    runs-on: ubuntu-latest
    steps:
      - run: npx prisma migrate deploy
        env: {DATABASE_URL: "${{ secrets.SHOP_URL }}"}
"""


def asked(place: Path, *arguments: str, **variables: str) -> Outcome:
    rule = ("--rule", "database-nature", "-f", "json")
    return run(*COMMAND, "audit", *rule, *arguments, cwd=place, env=variables)


def test_a_database_that_is_not_what_its_name_says(any_database: Database, tmp_path: Path) -> None:
    any_database.run(ODOO)
    tables = any_database.query(TABLES)
    workflow = tmp_path / ".github" / "workflows" / "migrate.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(WORKFLOW)
    (tmp_path / ".env").write_text(f"SUPABASE_DB_URL={any_database.dsn}\n")
    nobody = f"postgresql://u:{alnum(20)}@127.0.0.1:1/x"
    outcome = asked(
        tmp_path,
        *(
            "--ask-database",
            "SHOP_URL",
            "--ask-database",
            ".env:SUPABASE_DB_URL",
            "--ask-database",
            "LOST_URL",
        ),
        SHOP_URL=any_database.dsn,
        LOST_URL=nobody,
    )
    report = json.loads(outcome.out)
    assert outcome.code == 1
    by_subject = {each["subject"]: each["message"] for each in report["mismatches"]}
    assert "says Supabase" in by_subject["SUPABASE_DB_URL"]
    assert "is an Odoo database" in by_subject["migrate: SHOP_URL"]
    assert report["summary"]["unanswered"] == 1
    assert any(limit.startswith("database-nature: LOST_URL was asked in vain") for limit in report["limits"])
    for url in (any_database.dsn, nobody):
        assert url.partition("://")[2].partition("@")[0].rpartition(":")[2] not in outcome.text
    assert any_database.query(TABLES) == tables


def test_databases_that_are_what_their_names_say(any_database: Database, tmp_path: Path) -> None:
    any_database.run(SUPABASE)
    names = ("SUPABASE_DB_URL", "SHOP_URL")
    options = [word for name in names for word in ("--ask-database", name)]
    outcome = asked(tmp_path, *options, **dict.fromkeys(names, any_database.dsn))
    assert (outcome.code, json.loads(outcome.out)["mismatches"]) == (0, [])
