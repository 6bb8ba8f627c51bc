"""What `secops remediate` tells to declare: secops itself takes it, whatever was found and wherever."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.conduct.consent import NOBODY
from secopskit.conduct.tell import SILENCE
from secopskit.incident.model import (
    ExposedSecret,
    IncidentEvidence,
    IncidentRow,
    IncidentState,
    NextStep,
)
from secopskit.incident.walk.declare import declarable, snippet
from secopskit.provider import PROVIDERS, build_provider, parse_settings
from secopskit.provider.interface import Credential, RotationPhase, Surroundings
from secopskit.provider.recognise import PROVIDER_BY_RULE, provider_of
from secopskit.rotate.model import PlannedRotation
from secopskit.rules.load import load_builtin
from secopskit.secret import SecretValue
from secopskit.settings.rotate import load_rotate
from secopskit.settings.sync import load_sync
from support.values import alnum

PATHS = ("app.py", "deploy/.env.staging", "a b/{odd}: #1, ü/.env.live", "deploy/odoo.conf")


def planned(rule: str, name: str, provider: str) -> PlannedRotation:
    return PlannedRotation(
        id=name,
        name=name,
        environment="",
        provider=provider,
        rule_id=rule,
        phase=RotationPhase.MANUAL,
        fingerprint="",
        outline=None,
    )


def row_at(path: str, title: str = "a secret") -> IncidentRow:
    return IncidentRow(
        secret=ExposedSecret(
            fingerprint="0" * 64, rule_id="", title=title, severity="high", place=f"{path}:1", paths=(path,)
        ),
        evidence=IncidentEvidence(),
        state=IncidentState.FOUND,
        next=NextStep("rotate it"),
    )


def declared(place: Path, lines: tuple[str, ...]) -> tuple[str, Credential | None]:
    """The one name that these lines declare, and the credential, its settings read by its provider."""
    (place / ".secops.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (environment,) = load_sync(place, environ={}).environments
    (value,) = environment.values
    found = load_rotate(place, environ={}).credentials
    if not found:
        return value.name, None
    (one,) = found
    assert (one.environment, one.name) == (environment.name, value.name)
    settings = parse_settings(one.provider, one.settings, source=one.place)
    return value.name, Credential(
        name=one.name, environment=one.environment, provider=one.provider, settings=settings
    )


def test_each_rule_and_each_provider(tmp_path: Path) -> None:
    cases = {(rule.id, provider_of(rule.id)) for rule in load_builtin()}
    cases |= {("generic-secret", provider) for provider in PROVIDERS}
    for number, (rule, provider) in enumerate(sorted(cases)):
        name = rule.replace("-", "_").upper()
        path = PATHS[number % len(PATHS)]
        told, credential = declared(tmp_path, snippet(planned(rule, name, provider), row_at(path)))
        assert told == declarable(name)
        assert (credential.provider if credential else "manual") == provider


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("GITHUB_TOKEN", "GH_TOKEN"),
        ("github_token_7be94f", "GH_token_7be94f"),
        ("1PASSWORD_KEY", "SECRET_1PASSWORD_KEY"),
        ("db.password", "db_password"),
        ("API_KEY", "API_KEY"),
        ("A" * 300, "A" * 255),
    ],
)
def test_a_name_that_may_not_be_is_kept_as_the_key(tmp_path: Path, name: str, word: str) -> None:
    lines = snippet(planned("github-pat", name, "manual"), None)
    assert declared(tmp_path, lines)[0] == word
    (environment,) = load_sync(tmp_path, environ={}).environments
    assert environment.values[0].key == name


# A service role key names its project itself.
@pytest.mark.parametrize("rule", sorted(PROVIDER_BY_RULE.keys() - {"supabase-service-role-key"}))
def test_a_provider_has_what_it_needs(tmp_path: Path, rule: str) -> None:
    provider = provider_of(rule)
    lines = snippet(planned(rule, "NAME", provider), row_at("deploy/odoo.conf"))
    credential = declared(tmp_path, lines)[1]
    assert credential is not None
    old = SecretValue(alnum(24).encode())
    credential = Credential(
        name=credential.name, provider=provider, settings=credential.settings, old=old, rule_id=rule
    )
    surroundings = Surroundings(base=str(tmp_path), variable=lambda _: None, respondent=NOBODY, tell=SILENCE)
    build_provider(credential, surroundings).outline()


def test_a_database_url_rotates_by_one_role(tmp_path: Path) -> None:
    lines = snippet(planned("url-password", "DATABASE_URL", "postgres"), row_at(".env.live"))
    assert lines[-1] == "      DATABASE_URL: {provider: postgres, mode: one-role}"
    declared(tmp_path, lines)
