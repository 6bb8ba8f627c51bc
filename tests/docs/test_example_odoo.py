"""The example in examples/odoo-supabase: its files are sound, and git tracks what it should not."""

from __future__ import annotations

import pytest
import yaml

from secopskit.audit.request import AuditRequest
from secopskit.audit.run import audit
from secopskit.collect.project import read_project
from secopskit.findings import Severity
from support.cli import run
from support.example_odoo import EXAMPLE, EXPECTED, SILENT, ExpectedMismatch
from support.workflow_linters import actionlint, zizmor

WORKFLOWS = sorted((EXAMPLE / ".github" / "workflows").glob("*.yml"))


def test_the_workflows_are_sound() -> None:
    assert len(WORKFLOWS) == 4
    assert zizmor(*WORKFLOWS) == []
    assert actionlint(*WORKFLOWS) == []


def test_each_python_file_compiles() -> None:
    files = sorted(EXAMPLE.rglob("*.py"))
    assert len(files) >= 6
    for file in files:
        compile(file.read_text(encoding="utf-8"), file.name, "exec", dont_inherit=True)


def test_whatever_compose_mounts_and_builds_is_there() -> None:
    services = yaml.safe_load((EXAMPLE / "compose.yml").read_text(encoding="utf-8"))["services"]
    mounted = [volume.split(":")[0] for each in services.values() for volume in each.get("volumes", [])]
    builds = [each["build"] for each in services.values() if "build" in each]
    contexts = [each if isinstance(each, str) else each["context"] for each in builds]
    assert len(contexts) == 3
    for path in [
        *(path for path in mounted if path.startswith(".")),
        *(f"{each}/Dockerfile" for each in contexts),
    ]:
        assert (EXAMPLE / path).exists(), path


def test_git_tracks_what_it_is_told_to_ignore() -> None:
    listed = run("git", "ls-files", "--cached", "--ignored", "--exclude-standard", cwd=EXAMPLE)
    if listed.code == 128:
        pytest.skip("not a git checkout")
    assert set(listed.out.split()) == {".env.staging", "odoo/config/odoo.conf", "odoo/config/odoo.prod.conf"}


def test_the_audit_finds_one_case_of_each_kind_and_none_that_only_looks_like_one() -> None:
    facts = read_project(str(EXAMPLE))
    found = [each for _, each in audit(facts, AuditRequest(min_severity=Severity.INFO)).mismatches]
    told = {ExpectedMismatch(each.rule_id, each.subject, each.evidence[0].place.path) for each in found}
    assert told == EXPECTED
    words = {word for each in found for word in each.subject.replace(":", " ").split()}
    assert words.isdisjoint(SILENT)
    assert {each.subject for each in found}.isdisjoint(SILENT)
