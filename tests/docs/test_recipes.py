"""The recipes in CONTRIBUTING.md, tried as they stand there."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from secopskit.audit import mismatch
from secopskit.audit.request import AuditRequest
from secopskit.audit.run import audit
from secopskit.audit.tell import load_form
from secopskit.audit.tell.interface import AuditView
from secopskit.cli import group
from secopskit.cli.boundary import run
from secopskit.cli.lazy import LazyCommand
from secopskit.collect import registry
from secopskit.collect.gather import ProjectIndex, gather
from secopskit.collect.value import ConfigValue
from secopskit.errors import RefusedError
from secopskit.findings import Blob
from secopskit.origin import ORIGINS, build_origin
from secopskit.origin.interface import OriginValue
from secopskit.report import FORMATS, load
from secopskit.report.interface import RenderOptions
from secopskit.secret import SecretValue
from secopskit.settings.declaration import parse_origin
from support.cli import ROOT, secops
from support.mismatches import service, shop_facts
from support.origins import origin_surroundings
from support.report_samples import CANARY, rich_result
from support.values import alnum


def block(document: str, language: str, sign: str) -> str:
    """The fenced block of a document that holds `sign`."""
    text = (ROOT / document).read_text(encoding="utf-8")
    blocks = re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    (found,) = (each for each in blocks if sign in each)
    return str(found)


def module(monkeypatch: pytest.MonkeyPatch, name: str, code: str) -> None:
    made = ModuleType(name)
    exec(compile(code, name, "exec"), made.__dict__)
    monkeypatch.setitem(sys.modules, name, made)


def test_the_rule(tmp_path: Path) -> None:
    rules = tmp_path / "acme.yml"
    rules.write_text(block("docs/rules-format.md", "yaml", "vendor: Acme"), encoding="utf-8")
    checked = secops("rules", "check", rules, cwd=tmp_path)
    assert checked.code == 0, checked.text
    (tmp_path / ".secops.yaml").write_text("scan: {extra_rules: [acme.yml]}\n", encoding="utf-8")
    (tmp_path / "app.py").write_text(f"TOKEN = 'acme_dt_{alnum(32)}'\n", encoding="utf-8")
    found = secops("scan", "app.py", "--config", ".secops.yaml", cwd=tmp_path)
    assert found.code == 1, found.text
    assert "acme-deploy-token" in found.out


def test_a_rule_whose_example_is_not_found_is_refused(tmp_path: Path) -> None:
    text = block("docs/rules-format.md", "yaml", "vendor: Acme").replace("acme_dt_[A-Z", "acme_xt_[A-Z")
    (tmp_path / "acme.yml").write_text(text, encoding="utf-8")
    assert secops("rules", "check", "acme.yml", cwd=tmp_path).code != 0


def test_the_report_format(monkeypatch: pytest.MonkeyPatch) -> None:
    module(monkeypatch, "recipe_report", block("CONTRIBUTING.md", "python", "REPORTER"))
    monkeypatch.setitem(FORMATS, "dashboard", "recipe_report")
    result = rich_result()
    reporter = load("dashboard")
    text = reporter.render(result, RenderOptions())
    assert reporter.name == "dashboard"
    assert all(finding.rule_id in text for finding in result.findings)
    assert all(limit in text for limit in result.limits)
    assert text.count("skipped ") == len(result.skipped)
    assert CANARY.decode() not in text
    assert [c for c in text if not c.isprintable() and c != "\n"] == []


def test_the_source(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    module(monkeypatch, "recipe_source", block("CONTRIBUTING.md", "python", "class DirectoryOrigin"))
    monkeypatch.setitem(ORIGINS, "directory", "recipe_source:DirectoryOrigin")
    (tmp_path / "mounted").mkdir()
    (tmp_path / "mounted" / "TOKEN").write_bytes(b"$kept\r\n")
    source = build_origin(parse_origin({"directory": "mounted"}), origin_surroundings(tmp_path))
    assert source.read(["TOKEN", "OTHER"]) == {
        "TOKEN": OriginValue(SecretValue(b"$kept\r\n"), "mounted/TOKEN")
    }
    with pytest.raises(RefusedError):
        source.write({})


def test_the_collector(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    module(monkeypatch, "secopskit.collect.recipe_fly", block("CONTRIBUTING.md", "python", "COLLECTOR"))
    monkeypatch.setattr(registry, "MODULES", ("recipe_fly",))
    registry.collectors.cache_clear()
    try:
        data = b"app = 'shop'\n[env]\nPORT = '8080'\n[http]\nport = 1\n"
        facts = gather([Blob("api/fly.toml", data)], ProjectIndex(name="shop"))
    finally:
        registry.collectors.cache_clear()
    assert [(one.name, one.place.line, one.value) for one in facts.settings] == [
        ("PORT", 3, ConfigValue(b"8080"))
    ]


def test_the_mismatch_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    module(
        monkeypatch, "secopskit.audit.mismatch.recipe", block("CONTRIBUTING.md", "python", "MismatchRule(")
    )
    monkeypatch.setattr(mismatch, "MODULES", ("recipe",))
    mismatch.rules.cache_clear()
    try:
        facts = shop_facts()
        stack = replace(facts.stacks[0], services=(service("agent", 7, "acme/agent:1", host_network=True),))
        outcome = audit(replace(facts, stacks=(stack,)), AuditRequest())
    finally:
        mismatch.rules.cache_clear()
    (line,) = outcome.lines
    assert (line.priority.name, line.rule.id, line.mismatches[0].subject) == ("P3", "shared-network", "agent")
    assert "shares the host's network" in load_form("md").render(outcome, AuditView())


def test_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    module(monkeypatch, "recipe_command", block("CONTRIBUTING.md", "python", "def greet"))
    monkeypatch.setitem(group.COMMANDS, "greet", LazyCommand("recipe_command:greet", "Say hello."))
    assert run(["greet", "Ada"]) == 0
    assert capsys.readouterr().out == "Hello, Ada.\n"
    assert run(["greet", "\x1b"]) == 2
    assert run(["greet", "--help"]) == 0
