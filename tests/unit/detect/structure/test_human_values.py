"""Values that people chose or left as they were: phrases, placeholders that run, hashes, references."""

from __future__ import annotations

import pytest

from secopskit.detect.structure import DETECTORS
from secopskit.findings import Blob, Severity
from secopskit.secret import SecretValue
from support.values import alnum


def rules(path: str, text: str) -> dict[str, Severity | None]:
    """The rules of the matches about values, with the severity a match has of its own."""
    blob = Blob(path, text.encode())
    found = [match for each in DETECTORS if each.wants(path) for match in each.detect(blob)]
    return {match.rule_id: match.severity for match in found if match.secret is not None}


def in_compose(value: str, key: str = "POSTGRES_PASSWORD") -> dict[str, Severity | None]:
    return rules("compose.yaml", f"services:\n  db:\n    image: x\n    environment:\n      {key}: {value}\n")


def in_yaml(value: str) -> dict[str, Severity | None]:
    return rules("config/app.yml", f"app:\n  password: {value}\n")


@pytest.mark.parametrize("value", ["amber ferry cactus", "Amber Ferry Cactus 7", "one lamp two rivers north"])
def test_a_phrase_is_a_password_where_a_password_stands(value: str) -> None:
    assert set(in_compose(value)) == {"compose-secret"}
    assert set(in_yaml(f'"{value}"')) == {"yaml-secret"}


@pytest.mark.parametrize(
    "value", ["Enter your password", "must be set before start", "Passwort bitte hier.", "the one you like"]
)
def test_a_sentence_is_none(value: str) -> None:
    assert not in_compose(value)
    assert not in_yaml(f'"{value}"')


@pytest.mark.parametrize(
    "value", ["replace-me", "please-change-me", "your-super-secret-key", "${K:-replaceme}"]
)
def test_a_placeholder_that_runs_is_a_weak_secret(value: str) -> None:
    assert set(in_compose(value, "APP_SECRET")) == {"weak-password"}
    assert not in_compose(value, "ACME_API_TOKEN")  # nobody issues that
    assert not rules("compose.example.yaml", f"services:\n  a:\n    environment:\n      SECRET: {value}\n")


def test_a_placeholder_for_the_length_of_a_job_is_nothing() -> None:
    assert not rules(".github/workflows/a.yml", "on: push\nenv:\n  APP_SECRET: your-app-secret\njobs: {}\n")


@pytest.mark.parametrize("value", ["<password>", "YOUR_PASSWORD", "xxxxxxxx", "[password]", "%DB_PW%"])
def test_a_slot_runs_nowhere(value: str) -> None:
    assert not in_compose(f'"{value}"')


HASHES = {
    "bcrypt": "$2b$12$" + alnum(53),
    "bcrypt of Compose": "$$2y$$10$$" + alnum(53),
    "htpasswd": "bot:" + "$apr1$" + alnum(8) + "$" + alnum(22),
    "argon2": "$argon2id$v=19$m=65536,t=3,p=4$" + alnum(22) + "$" + alnum(43),
    "Django": "pbkdf2_sha256$600000$" + alnum(22) + "$" + alnum(43) + "=",
    "Werkzeug": "scrypt:32768:8:1$" + alnum(16) + "$" + "9f" * 64,
    "SCRAM": "SCRAM-SHA-256$4096:" + alnum(22) + "==$" + alnum(43) + "=:" + alnum(43) + "=",
    "PostgreSQL": "md5" + "0f3a9b7c" * 4,
    "LDAP": "{SSHA}" + alnum(32),
    "crypt": "$6$" + alnum(16) + "$" + alnum(86),
}


@pytest.mark.parametrize("name", HASHES)
def test_a_hash_is_told_as_one(name: str) -> None:
    assert in_yaml(f"'{HASHES[name]}'") == {"password-hash": Severity.INFO}


def test_a_hash_does_not_make_a_dotenv_file_critical() -> None:
    blob = Blob(".env", f"ADMIN_PASSWORD='$2b$12${alnum(53)}'\n".encode())
    found = [match for each in DETECTORS if each.wants(".env") for match in each.detect(blob)]
    assert Severity.CRITICAL not in {match.severity for match in found}


def test_what_startproject_has_drawn_is_told_one_step_lower() -> None:
    text = f"MIDDLEWARE = []\nSECRET_KEY = 'django-insecure-{alnum(50)}'\n"
    assert rules("app/settings.py", text) == {"django-secret-key": Severity.MEDIUM}
    assert not rules("app/settings.py", "MIDDLEWARE = []\nSECRET_KEY = 'django-insecure-change-me'\n")
    assert not rules("app.properties", f"db.password=django-insecure-{alnum(50)}\n")


def test_the_trust_store_of_java_holds_public_certificates() -> None:
    assert not rules("app.properties", "trustStorePassword=changeit\na.trust-store-password=changeit\n")
    assert set(rules("app.properties", "keyStorePassword=changeit\n")) == {"weak-password"}


@pytest.mark.parametrize("name", ["db-password", "db.password", "my.long-name.password"])
def test_a_property_with_a_dash_has_no_default(name: str) -> None:
    assert not rules("application.properties", f"spring.datasource.password=${{{name}}}\n")


def test_what_stands_in_single_quotes_is_not_expanded() -> None:
    value = "$Summer2031x"
    blob = Blob("deploy.sh", f"export DB_PASSWORD='{value}'\nexport PGPASSWORD=\"$1\"\n".encode())
    found = [match for each in DETECTORS if each.wants(blob.path) for match in each.detect(blob)]
    assert [match.secret for match in found] == [SecretValue(value.encode())]
