"""The template of the environment: who uses what, and no value."""

from __future__ import annotations

from secopskit.collect.facts import (
    FactPlace,
    FileRole,
    Manifest,
    ProjectFacts,
    SettingKind,
    UseKind,
    VariableSetting,
    VariableUse,
)
from secopskit.collect.value import ConfigValue
from secopskit.harden.sample_text import new_sample
from secopskit.harden.variables import lookups, used_variables
from support.values import alnum

SECRET = alnum(20)


def _use(name: str, path: str, kind: UseKind = UseKind.CODE, **more: object) -> VariableUse:
    return VariableUse(name, FactPlace(path, 1), kind, "any", **more)  # type: ignore[arg-type]  # by name


FACTS = ProjectFacts(
    name="shop",
    uses=(
        _use("SECRET_KEY", "api/settings.py", required=True),
        _use("LOG_LEVEL", "api/log.py", default=ConfigValue(b"info")),
        _use("API_TOKEN", "api/client.py", default=ConfigValue(SECRET.encode())),
        _use("DB_HOST", "compose.yaml", UseKind.COMPOSE, scope="worker"),
        _use("WEB_PORT", "web/server.js"),
        _use("IN_A_TEST", "api/tests/test_a.py", role=FileRole.TEST),
        _use("OUTPUT", "scripts/build.sh", UseKind.SHELL),
        _use("GITHUB_TOKEN", "api/release.py"),
        _use("NODE_ENV", "web/server.js"),
        _use("lower", "web/server.js"),
    ),
    settings=(
        VariableSetting("WEB_PORT", ConfigValue(b"80"), FactPlace("compose.yaml", 3), SettingKind.COMPOSE),
    ),
    manifests=(
        Manifest("api/pyproject.toml", "python", "api", frozenset()),
        Manifest("web/package.json", "npm", "web", frozenset()),
    ),
)


def test_the_template_groups_by_user_and_copies_no_value() -> None:
    text = new_sample("shop", used_variables(FACTS, lookups(FACTS), {"POSTGRES_USER": [".env"]}), "")
    assert text.splitlines()[3:] == [
        "",
        "# --- api ---",
        "# Required. Used in api/settings.py.",
        "SECRET_KEY=",
        "# Has a default. Used in api/client.py.",
        "# API_TOKEN=",
        "# Default: info. Used in api/log.py.",
        "# LOG_LEVEL=info",
        "",
        "# --- web ---",
        "# Set in compose.yaml. Used in web/server.js.",
        "# WEB_PORT=",
        "",
        "# --- worker ---",
        "# Used in compose.yaml.",
        "DB_HOST=",
        "",
        "# --- application ---",
        "# Used in .env.",
        "POSTGRES_USER=",
    ]
    assert SECRET not in text


def test_a_file_that_all_of_a_group_are_used_in_is_named_once() -> None:
    uses = (_use("A_NAME", "app/settings.py", required=True), _use("B_NAME", "app/settings.py"))
    facts = ProjectFacts(name="shop", uses=uses)
    text = new_sample("shop", used_variables(facts, lookups(facts), {}), "")
    assert text.splitlines()[3:] == [
        "",
        "# --- application ---",
        "# All are used in app/settings.py.",
        "# Required.",
        "A_NAME=",
        "B_NAME=",
    ]


def test_what_lives_in_scripts_tests_and_ci_alone_is_left_out() -> None:
    assert {use.name for use in lookups(FACTS)} == {
        "SECRET_KEY",
        "LOG_LEVEL",
        "API_TOKEN",
        "DB_HOST",
        "WEB_PORT",
    }


def test_a_hostile_name_of_a_file_stays_on_its_line() -> None:
    facts = ProjectFacts(name="a\nEVIL=1", uses=(_use("A_NAME", "x\nEVIL=2\n.py"),))
    text = new_sample(facts.name, used_variables(facts, lookups(facts), {}), "")
    assert not [line for line in text.splitlines() if line.startswith("EVIL")]
