"""Placeholders: in what is deployed they run, in settings they are filled in before."""

from __future__ import annotations

import pytest

from secopskit.detect.structure import DETECTORS
from secopskit.findings import Blob, Match, Severity
from support.values import alnum

ASKS = ("CHANGE_ME", "CHANGEME", "change-me", "yourPassword", "your-secret", "SECRET", "PASSWORD")
SHIPPED = ("changeme", "changeit", "changethis", "password", "admin", "Secret")


def scan(path: str, data: bytes) -> list[Match]:
    """The matches about values."""
    blob = Blob(path, data)
    found = [match for each in DETECTORS if each.wants(path) for match in each.detect(blob)]
    return [match for match in found if match.secret is not None]


def rules(path: str, text: str) -> set[str]:
    return {match.rule_id for match in scan(path, text.encode())}


@pytest.mark.parametrize("value", ASKS)
def test_what_asks_to_be_replaced_is_no_password_of_settings(value: str) -> None:
    assert rules("app.properties", f"db.password={value}\n") == set()
    assert rules("app.yml", f"db:\n  password: {value}\n") == set()


@pytest.mark.parametrize("value", SHIPPED)
def test_what_is_shipped_is(value: str) -> None:
    assert rules("app.properties", f"smtp.pwd={value}\n") == {"weak-password"}


@pytest.mark.parametrize("value", ["changeme", "change-me", "yourpassword"])
def test_in_what_is_deployed_it_runs(value: str) -> None:
    assert rules("compose.yml", f"services:\n  db:\n    environment:\n      DB_PASSWORD: {value}\n") == {
        "weak-password"
    }


@pytest.mark.parametrize("host", ["localhost:5432", "127.0.0.1", "host", "hostname"])
def test_the_login_that_manuals_show(host: str) -> None:
    assert rules(".env", f"DATABASE_URL=postgres://user:password@{host}/shop\n") == set()


@pytest.mark.parametrize(
    "login",
    ["user:password@db", "shop:password@localhost", f"user:{alnum(16)}@localhost"],
    ids=["host", "user", "password"],
)
def test_logins_that_only_look_like_it(login: str) -> None:
    assert rules(".env", f"DATABASE_URL=postgres://{login}/shop\n") != set()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("places.json", '{"PW-004": "Airai", "MU-PW": "Plaines Wilhems", "RU-PSK": "Pskov"}'),
        ("api.yml", "server:\n  apiKeys: list<ApiKeySummary>\n"),
        ("labels.yml", '"product / auth":\n  - "(auth|session|login|logout|2fa|oauth2|sso|jwt)"\n'),
        ("compose.yml", 'services:\n  a:\n    environment:\n      - |\n        "password": null,\n'),
        (
            "seed.sql",
            """INSERT INTO setting(key,value) VALUES
            ('ACCESS_TOKENS','{"tokens":[{"tokenHash":"7631cdaa5b56a39371dab01d5d186fd7"}]}');\n""",
        ),
    ],
)
def test_names_and_values_of_other_things(path: str, text: str) -> None:
    assert rules(path, text) == set()


WORKFLOW = """
jobs:
  test:
    services:
      db:
        image: mssql
        credentials: {{username: ci, password: Cedar-4711!}}
        env: {{SA_PASSWORD: {0}, MYSQL_ALLOW_EMPTY_PASSWORD: 1}}
    steps:
      - run: ./test
        env: {{DB_PASSWORD: {0}, DEPLOY_PASSWORD: Birch-2218!}}
"""


def test_services_of_a_job_have_passwords_of_their_own() -> None:
    def told(value: str) -> list[Severity | None]:
        found = scan(".github/workflows/a.yml", WORKFLOW.format(value).encode())
        return [match.severity for match in found]

    assert (len(told("Forge123")), told("Forge123").count(Severity.INFO)) == (4, 2)
    assert (len(told(alnum(20))), told(alnum(20)).count(Severity.INFO)) == (4, 0)


def test_codes_that_are_none() -> None:
    assert rules("places.json", '{"DB-PW": "Cedar-4711!lake"}') == {"json-secret"}


def test_a_hash_is_information() -> None:
    (match,) = scan("app.yml", f"admin:\n  password: '$2y$10${alnum(53)}'\n".encode())
    assert (match.rule_id, match.severity) == ("password-hash", Severity.INFO)
