"""Dotenv files and templates as facts."""

from __future__ import annotations

import pytest

from secopskit.collect.dotenv import COLLECTOR, is_local_environment
from secopskit.collect.facts import SettingKind, VariableSetting
from secopskit.findings import Blob
from support.collecting import text_of

WANTED = (
    ".env",
    ".env.local",
    "api/.env.production",
    "prod.env",
    "env/netbox.env",
    ".envrc",
    ".flaskenv",
    ".envs/.production/.django",
    "ci/base/env",
)
TEMPLATES = (
    ".env.example",
    ".env-sample",
    "env.example",
    "example.env",
    "sample.env",
    "env.sample",
    ".env.template",
    ".env.dist",
    ".env.dev-azure.example",
    "config/db.env.jinja",
)
OTHERS = (
    "env.ts",
    ".env.d.ts",
    "check-env.js",
    "env.mjs",
    "environments.md",
    ".env.vault",
    "environment.yml",
    "testenv",
    "env/bin/pip",
)


@pytest.mark.parametrize("path", WANTED)
def test_files(path: str) -> None:
    assert COLLECTOR.wants(path)
    assert is_local_environment(path)


@pytest.mark.parametrize("path", TEMPLATES)
def test_templates(path: str) -> None:
    assert COLLECTOR.wants(path)
    assert not is_local_environment(path)


@pytest.mark.parametrize("path", OTHERS)
def test_others(path: str) -> None:
    assert not COLLECTOR.wants(path)


def told(path: str, text: str) -> list[tuple[str, str, int, bool, SettingKind]]:
    facts = COLLECTOR.collect(Blob(path, text.encode()))
    return [
        (fact.name, text_of(fact.value), fact.place.line, fact.commented, fact.kind)
        for fact in facts
        if isinstance(fact, VariableSetting)
    ]


def test_every_line_that_sets_something() -> None:
    text = "# The port\nPORT=80 # usual\nexport URL='http://a b'\n#OLD_ONE=5\n#  OLD_TWO='x y' # why\n"
    text += "EMPTY=\n# Set X=1 to do it\n"
    kind = SettingKind.TEMPLATE
    assert told(".env.example", text) == [
        ("PORT", "80", 2, False, kind),
        ("URL", "http://a b", 3, False, kind),
        ("EMPTY", "", 6, False, kind),
        ("OLD_ONE", "5", 4, True, kind),
        ("OLD_TWO", "x y", 5, True, kind),
    ]


def test_a_file_is_no_template() -> None:
    assert told(".env", "A=1\n") == [("A", "1", 1, False, SettingKind.DOTENV)]
