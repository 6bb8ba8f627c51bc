"""The table from rules to providers: no rule without a provider, no name that is not there."""

from __future__ import annotations

import pytest

from secopskit.provider import PROVIDERS
from secopskit.provider.guidance import guidance_for
from secopskit.provider.recognise import HINT_BY_RULE, PROVIDER_BY_RULE, hint_of, provider_of
from secopskit.rules.load import load_builtin
from secopskit.secret import SecretValue
from support.values import alnum

KINDS = set(PROVIDERS)


@pytest.fixture(scope="module")
def rules() -> set[str]:
    return {rule.id for rule in load_builtin()}


def test_every_rule_has_a_provider(rules: set[str]) -> None:
    assert {provider_of(rule) for rule in rules} == {
        "postgres",
        "odoo",
        "supabase",
        "digitalocean",
        "aws",
        "manual",
    }
    assert provider_of("no-such-rule") == provider_of("") == "manual"
    assert set(PROVIDER_BY_RULE.values()) <= KINDS


def test_every_name_in_the_tables_is_a_rule(rules: set[str]) -> None:
    for table in (PROVIDER_BY_RULE, HINT_BY_RULE):
        assert set(table) <= rules
        assert list(table) == sorted(table)


def test_a_hint_is_for_what_is_manual_and_names_a_provider() -> None:
    assert not set(HINT_BY_RULE) & set(PROVIDER_BY_RULE)
    assert {hint.rpartition("provider: ")[2].rstrip("`.") for hint in HINT_BY_RULE.values()} <= KINDS
    assert hint_of("github-pat") == hint_of("github-pat", in_url=True) == ""
    assert "provider: random" in hint_of("dotenv-secret")
    assert "provider: postgres" in hint_of("dotenv-secret", in_url=True)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("odoo-admin-password", "odoo"), ("odoo-db-password", "manual"),
        ("supabase-secret-key", "supabase"),
        ("supabase-service-role-key", "supabase"), ("supabase-access-token", "manual"),
        ("digitalocean-pat", "digitalocean"), ("digitalocean-spaces-secret", "digitalocean"),
        ("aws-secret-access-key", "aws"), ("private-key-pem", "manual"), ("generic-secret", "manual"),
        ("dotenv-secret", "manual"), ("supabase-jwt-secret", "manual"),
    ],
)  # fmt: skip
def test_what_can_be_done_by_whom(rule: str, expected: str) -> None:
    assert provider_of(rule) == expected


def test_a_url_tells_its_database() -> None:
    password = alnum(12)

    def found(url: str) -> str:
        return provider_of("dotenv-secret", SecretValue(url.encode()))

    assert found(f"postgres://u:{password}@db.internal:5432/app") == "postgres"
    assert found(f"postgresql+psycopg://u:p%40{password}@10.0.0.1/app") == "postgres"
    assert found(f"postgresql://postgres:{password}@db.abc.supabase.co:5432/postgres") == "supabase"
    assert (
        found(f"postgres://postgres.abc:{password}@aws-0-eu.pooler.supabase.com:6543/postgres") == "supabase"
    )
    assert found(f"postgres://u:{password}@supabase.co.evil.example/app") == "postgres"
    assert found(f"mysql://u:{password}@db/app") == "manual"
    assert found(password) == "manual"


def test_every_rule_has_guidance(rules: set[str]) -> None:
    for rule in sorted(rules)[::17]:
        guidance = guidance_for(rule)
        assert guidance is not None
        assert guidance.remediation
        assert "\n" not in guidance.remediation
        assert guidance.pages[0].startswith("https://")
    assert guidance_for("no-such-rule") is guidance_for("") is None
    pem = guidance_for("private-key-pem")
    assert pem is not None
    assert pem.several_lines
