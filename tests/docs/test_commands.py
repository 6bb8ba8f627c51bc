"""What documents tell the reader to type, and to write into files, is what the program understands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
import yaml

from secopskit.audit.run import known_rules
from secopskit.migrate.pains.rules import PAIN_RULES
from secopskit.rules.load import load_builtin
from secopskit.settings.file import SECTIONS, read_sections
from support.cli import ROOT
from support.command_lines import in_shell, understand

# What a recipe for a command of one's own builds.
EXAMPLES_OF_RECIPES = ("greet",)
DOCUMENTS = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "examples").rglob("*.md")),
]
EACH_DOCUMENT = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
PLACEHOLDERS = ("rule-id", "rule", "ID", "all")


def blocks(document: Path, *kinds: str) -> Iterator[str]:
    """The fenced blocks of these kinds."""
    text = document.read_text(encoding="utf-8")
    for kind, body in re.findall(r"^ *```([a-z]*)\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL):
        if kind in kinds:
            yield body


@cache
def rule_ids() -> set[str]:
    return {rule.id for rule in load_builtin()} | set(known_rules()) | set(PAIN_RULES)


@EACH_DOCUMENT
def test_each_command_line_is_understood(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    scripts = [*blocks(document, "sh", "shell", "console"), *re.findall(r"`(secops [a-z][^`]*)`", text)]
    if document.name != "cli.md":
        scripts += blocks(document, "")
    for words in (words for script in scripts for words in in_shell(script)):
        if words and words[0] in EXAMPLES_OF_RECIPES:
            continue
        try:
            context = understand(words)
        except click.BadOptionUsage:
            assert words[-1].startswith("-"), words  # an option that prose names without its argument
            continue
        except click.UsageError as error:
            pytest.fail(f"{document.name}: secops {' '.join(words)}: {error.format_message()}")
        for name in ("rule", "rule_id", "rules", "disable", "explain"):
            given = context.params.get(name) or ()
            named = [given] if isinstance(given, str) else given
            assert set(named) <= {*rule_ids(), *PLACEHOLDERS}, f"{document.name}: {words}"


@EACH_DOCUMENT
def test_each_rule_that_is_named_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = {one.strip() for ids in re.findall(r"allow\[([^\]]*)\]", text) for one in ids.split(",")}
    named |= set(re.findall(r'"rule_id": "([^"]+)"', text))
    for ids in re.findall(r"disable_rules: \[([^\]]*)\]", text):
        named |= {one.strip() for one in ids.split(",")}
    assert named <= {*rule_ids(), *PLACEHOLDERS}


@EACH_DOCUMENT
def test_each_configuration_is_accepted(document: Path, tmp_path: Path) -> None:
    for body in blocks(document, "yaml", "yml"):
        try:
            parsed = yaml.safe_load(body)
        except yaml.YAMLError:
            continue  # a part of a file
        if not isinstance(parsed, dict) or not set(parsed) <= set(SECTIONS):
            continue
        (tmp_path / ".secops.yaml").write_text(body, encoding="utf-8")
        read_sections(str(tmp_path), None)
        for section in parsed:
            _load(section, tmp_path)


@EACH_DOCUMENT
def test_each_json_is_json(document: Path) -> None:
    for body in blocks(document, "json"):
        json.loads(re.sub(r"(?m)^\s*//.*$|…", "", body))


def _load(section: str, root: Path) -> None:
    """Read one section as its command does. Raises ConfigError."""
    from importlib import import_module

    module = import_module(f"secopskit.settings.{section}")
    name = "load" if section == "scan" else f"load_{section}"
    getattr(module, name)(str(root))
