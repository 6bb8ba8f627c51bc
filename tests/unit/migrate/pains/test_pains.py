"""The rules over text: what each finds in many spellings, and what they leave alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.migrate.model import Migration
from secopskit.migrate.pains.files import PainsFound, find_pains
from secopskit.migrate.pains.rules import PAIN_RULES
from secopskit.migrate.read.files import read_script
from secopskit.migrate.read.words import words_of
from support.cli import ROOT


def migration(version: str, sql: str) -> Migration:
    script, fault = read_script(f"m/{version}_x.sql", sql)
    assert fault is None, fault
    return Migration(version=version, name="x", up=script)


def found_in(sql: str, *before: str, lock_timeout_ms: int = 2000) -> PainsFound:
    earlier = [migration(str(number), text) for number, text in enumerate(before, 1)]
    return find_pains(earlier, [migration("9", sql)], lock_timeout_ms=lock_timeout_ms)


def rules_of(sql: str, *before: str, lock_timeout_ms: int = 2000) -> list[str]:
    return [hazard.rule for hazard in found_in(sql, *before, lock_timeout_ms=lock_timeout_ms).hazards]


HURTS = {
    "rewrite-default": [
        "ALTER TABLE t ADD COLUMN c uuid DEFAULT gen_random_uuid()",
        "alter table only public.t add c timestamptz not null default clock_timestamp();",
        "ALTER TABLE IF EXISTS t ADD COLUMN IF NOT EXISTS c float8 DEFAULT random() * 2",
        'ALTER TABLE "T" ADD c text DEFAULT my_schema.my_function(1)',
        "ALTER TABLE t ADD c bigserial",
        "ALTER TABLE t ADD c bigint GENERATED ALWAYS AS IDENTITY",
        "ALTER TABLE t ADD c int GENERATED ALWAYS AS (a + b) STORED",
        "ALTER TABLE t /* now */ ADD -- later\n COLUMN c int DEFAULT nextval('s')",
    ],
    "rewrite-type": [
        "ALTER TABLE t ALTER COLUMN c TYPE bigint",
        "alter table t alter c set data type numeric using c::numeric",
        'ALTER TABLE t ALTER "c" TYPE text, ALTER d SET DEFAULT 1',
    ],
    "rewrite-table": ["ALTER TABLE t SET UNLOGGED", "ALTER TABLE t SET TABLESPACE fast", "CLUSTER t USING i"],
    "index-not-concurrent": [
        "CREATE INDEX i ON t (a)",
        "create unique index if not exists i on only s.t using gin (a);",
        "CREATE INDEX ON t ((lower(a)))",
        "DROP INDEX i",
        "DROP INDEX IF EXISTS a.i, j CASCADE",
        "REINDEX TABLE t",
        "REINDEX (VERBOSE) INDEX i",
    ],
    "constraint-validates": [
        "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u (id)",
        "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u ON DELETE CASCADE",
        "ALTER TABLE t ADD CHECK (a > 0)",
        "ALTER TABLE t ADD COLUMN c int CHECK (c > 0)",
        "ALTER TABLE t ADD COLUMN c int DEFAULT 1 REFERENCES u",
    ],
    "not-null-scans": [
        "ALTER TABLE t ALTER COLUMN c SET NOT NULL",
        "alter table t alter c set not null, alter d drop not null",
        "ALTER TABLE t ADD CONSTRAINT n NOT NULL c",
    ],
    "required-column": [
        "ALTER TABLE t ADD c int NOT NULL",
        "ALTER TABLE t ADD COLUMN c text COLLATE x NOT NULL",
    ],
    "unique-constraint": [
        "ALTER TABLE t ADD CONSTRAINT u UNIQUE (a)",
        "ALTER TABLE t ADD PRIMARY KEY (id)",
        "ALTER TABLE t ADD COLUMN c int UNIQUE",
        "ALTER TABLE t ADD EXCLUDE USING gist (r WITH &&)",
        "ALTER TABLE t ADD UNIQUE NULLS NOT DISTINCT (a)",
    ],
    "enum-value-used": [
        "ALTER TYPE mood ADD VALUE 'sad'; INSERT INTO m VALUES ('sad')",
        "ALTER TYPE s.mood ADD VALUE IF NOT EXISTS 'sad' BEFORE 'ok'; UPDATE m SET a = $$sad$$ WHERE b",
        "DO $$ BEGIN ALTER TYPE mood ADD VALUE 'sad'; END $$; ALTER TABLE m ALTER c SET DEFAULT 'sad'",
    ],
    "no-lock-timeout": [
        "-- secops: lock-timeout=0\nALTER TABLE t ADD c int",
        "SET lock_timeout = 0; ALTER TABLE t ADD c int",
        "SET LOCAL lock_timeout TO '0s'; ALTER TABLE t ADD c int",
        "SELECT set_config('lock_timeout', '0', true); ALTER TABLE t ADD c int",
    ],
    "drop-column": ["ALTER TABLE t DROP COLUMN c", "alter table t drop if exists c, add d int"],
    "drops-data": ["DROP TABLE t", "drop table if exists a, b", "DROP SCHEMA s", "DROP MATERIALIZED VIEW v"],
    "drop-cascade": [
        "DROP TABLE t CASCADE",
        "ALTER TABLE t DROP CONSTRAINT c CASCADE",
        "DROP FUNCTION f(int) CASCADE",
        "DROP VIEW IF EXISTS v CASCADE",
        "TRUNCATE t CASCADE",
        "DO $$ BEGIN IF true THEN EXECUTE format('alter table %I drop x cascade', 't'); END IF; END $$",
    ],
    "truncate": [
        "TRUNCATE t",
        "TRUNCATE TABLE ONLY a, b RESTART IDENTITY",
        "DO $x$ BEGIN truncate t; END $x$",
    ],
    "rename": [
        "ALTER TABLE t RENAME TO u",
        "ALTER TABLE t RENAME COLUMN a TO b",
        "alter table t rename a to b",
        "ALTER VIEW v RENAME TO w",
        "ALTER TYPE mood RENAME VALUE 'a' TO 'b'",
    ],
    "whole-table-write": [
        "UPDATE t SET a = 1",
        "DELETE FROM ONLY t",
        "UPDATE t SET a = (SELECT 1 FROM u WHERE b)",
    ],
    "view-not-concurrent": ["REFRESH MATERIALIZED VIEW v", "refresh materialized view s.v with data"],
    "touches-ledger": ["DELETE FROM secops.schema_migrations WHERE a", "DROP SCHEMA IF EXISTS a, secops.b"],
    "empty-file": ["", "-- only a comment\n/* and another */\n", ";;", "\n"],
}
FILES = [(rule, text) for rule, texts in HURTS.items() for text in texts]


@pytest.mark.parametrize(("rule", "sql"), FILES)
def test_what_hurts(rule: str, sql: str) -> None:
    assert rule in rules_of(sql)


def test_outside_of_a_transaction() -> None:
    assert rules_of("-- secops: no-transaction\nVACUUM FULL t") == ["rewrite-table"]
    added = "ALTER TYPE mood ADD VALUE 'sad'; INSERT INTO m VALUES ('sad')"
    assert rules_of(f"-- secops: no-transaction\n{added}") == []


def test_every_rule_is_tried_and_explained() -> None:
    assert set(HURTS) | {"column-in-view"} == set(PAIN_RULES)
    told = (ROOT / "docs" / "DATABASE_MIGRATIONS.md").read_text()
    assert [rule for rule in PAIN_RULES if f"| `{rule}` |" not in told] == []
    assert all(rule.title and rule.why.endswith(".") and rule.advice for rule in PAIN_RULES.values())


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE t (id int PRIMARY KEY, a int REFERENCES u CHECK (a > 0)); CREATE INDEX i ON t (a)",
        "CREATE TABLE IF NOT EXISTS public.t (); ALTER TABLE t ADD c uuid NOT NULL DEFAULT gen_random_uuid()",
        "CREATE TEMP TABLE t AS SELECT 1; TRUNCATE t; UPDATE t SET a = 1; DROP TABLE t CASCADE",
        "SELECT 1 AS a INTO TEMP t; DELETE FROM t",
        "CREATE TABLE t (); ALTER TABLE t RENAME TO u; ALTER TABLE u RENAME a TO b",
        "CREATE UNLOGGED TABLE t (); ALTER TABLE t ADD UNIQUE (a), ADD FOREIGN KEY (a) REFERENCES u",
        "ALTER TABLE t ADD c timestamptz NOT NULL DEFAULT now()",
        "ALTER TABLE t ADD c numeric(10, 2) DEFAULT 0::numeric(10, 2), ADD d text DEFAULT 'f()'",
        "ALTER TABLE t ADD c int, ADD COLUMN d varchar(20) REFERENCES u",
        "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c",
        "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u NOT VALID",
        "ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX i, ADD PRIMARY KEY USING INDEX j",
        "ALTER TABLE t ALTER c SET DEFAULT random(), ALTER c DROP NOT NULL, RENAME CONSTRAINT a TO b",
        "-- secops: no-transaction\nCREATE INDEX CONCURRENTLY i ON t (a); DROP INDEX CONCURRENTLY j",
        "CREATE TYPE mood AS ENUM ('a'); ALTER TYPE mood ADD VALUE 'sad'; SELECT 'sad'::mood",
        "ALTER TYPE mood ADD VALUE 'sad'; SELECT 'happy', \"sad\" FROM t",
        "ALTER TYPE mood ADD VALUE 'b'; ALTER TYPE mood ADD VALUE 'c' AFTER 'b'; COMMENT ON TYPE mood IS 'b'",
        "ALTER TYPE mood ADD VALUE 'b'; ALTER TYPE other ADD VALUE 'b' BEFORE 'c'",
        "UPDATE t SET a = 1 WHERE b; DELETE FROM t USING u WHERE t.a = u.a",
        "INSERT INTO log VALUES ('DROP TABLE t CASCADE; TRUNCATE t'); COMMENT ON TABLE t IS 'secops.x'",
        "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ TRUNCATE t $$; DROP FUNCTION f()",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY v; SET lock_timeout = '5s'; ALTER TABLE t ADD c int",
        "DO $$ BEGIN RAISE NOTICE 'truncate %', 1; END $$",
    ],
)
def test_what_does_not(sql: str) -> None:
    assert rules_of(sql) == []


def test_a_check_that_proves_it_makes_not_null_cheap() -> None:
    check = "ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID"
    valid = "ALTER TABLE public.t VALIDATE CONSTRAINT c"
    assert rules_of("ALTER TABLE t ALTER a SET NOT NULL", check, valid) == []
    assert rules_of("ALTER TABLE t ALTER a SET NOT NULL", check) == ["not-null-scans"]
    assert rules_of("ALTER TABLE t ALTER b SET NOT NULL", check, valid) == ["not-null-scans"]


def test_a_view_that_reads_the_column() -> None:
    view = "CREATE OR REPLACE VIEW v AS SELECT u.a FROM public.t u"
    assert "column-in-view" in rules_of("ALTER TABLE t DROP a", view)
    assert "column-in-view" in rules_of("ALTER TABLE t DROP COLUMN b", "CREATE VIEW v AS SELECT * FROM t")
    assert "column-in-view" not in rules_of("ALTER TABLE t DROP b", view)
    assert "column-in-view" not in rules_of("DROP VIEW v; ALTER TABLE t DROP a", view)


def test_a_configured_lock_timeout_of_none() -> None:
    assert rules_of("ALTER TABLE t ADD a int; ALTER TABLE t ADD b int", lock_timeout_ms=0) == [
        "no-lock-timeout"
    ]
    assert rules_of("-- secops: lock-timeout=1s\nALTER TABLE t ADD a int", lock_timeout_ms=0) == []


def test_lines_and_names() -> None:
    (hazard,) = found_in("SELECT 1;\n\nALTER TABLE s.t\n  ADD COLUMN a int,\n  ALTER b TYPE text;\n").hazards
    assert (hazard.line, hazard.relation, hazard.message) == (5, "s.t", "changes the type of a column: s.t.b")


@pytest.mark.parametrize(
    ("comment", "reason"),
    [
        ("-- secops: allow[truncate] it is a cache\nTRUNCATE t;", "it is a cache"),
        ("TRUNCATE t; -- secops: allow[truncate, rename] it is a cache", "it is a cache"),
        ("-- secops: allow[truncate]\nTRUNCATE\n t;", ""),
        ("-- secops: allow\nTRUNCATE t;", None),  # about a secret in the line
        ("-- secops: allow[rename] no\nTRUNCATE t;", None),
        ("-- secops: allow[truncate] too far away\n\nTRUNCATE t;", None),
    ],
)
def test_a_comment_lets_one_stand(comment: str, reason: str | None) -> None:
    found = found_in(comment)
    assert [each.reason for each in found.allowed] == ([] if reason is None else [reason])
    assert len(found.hazards) == (1 if reason is None else 0)


def test_a_comment_to_squawk_holds_for_the_same_rule_of_ours() -> None:
    text = "-- squawk-ignore require-concurrent-index-creation\nCREATE INDEX i ON t (a);"
    assert rules_of(text) == []
    assert rules_of(text.replace("index-creation", "index-deletion").replace("i ON", "j ON")) == []
    assert rules_of(text.replace("require-concurrent-index-creation", "ban-drop-table")) != []


@given(st.text(st.sampled_from("aé'\"$();,.* \n-/%1\\E"), max_size=60))
def test_any_text_has_words(text: str) -> None:
    words = words_of(text)
    assert [word.at for word in words] == sorted(word.at for word in words)
