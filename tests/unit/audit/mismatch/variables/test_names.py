"""Names that nobody documents, names of secrets, names that are near each other."""

from __future__ import annotations

import pytest

from secopskit.audit.mismatch.variables.environments import environment_of, family_of
from secopskit.audit.mismatch.variables.names import (
    is_read_by_dependency,
    is_read_by_runtimes,
    is_secret_name,
    near_name,
)
from secopskit.collect.ambient_names import is_ambient


@pytest.mark.parametrize(
    "name", ["HOME", "CI", "GITHUB_SHA", "DB_PORT_5432_TCP_ADDR", "_X", "CONFIG_", "npm_x"]
)
def test_names_that_are_given(name: str) -> None:
    assert is_ambient(name)
    assert is_read_by_runtimes(name)


@pytest.mark.parametrize(
    "name", ["PYTHONUNBUFFERED", "PGHOST", "NODE_OPTIONS", "AWS_REGION", "SPRING_X", "NEW_RELIC_X"]
)
def test_names_that_runtimes_read(name: str) -> None:
    assert is_read_by_runtimes(name)
    assert not is_ambient(name)


@pytest.mark.parametrize(
    "name", ["SHOP_NAME", "REDIS_TLS_CA", "NEXT_PUBLIC_SITE_URL", "GOVERNANCE_X", "PGX_NAME"]
)
def test_names_of_the_project(name: str) -> None:
    assert not is_read_by_runtimes(name)


def test_names_that_libraries_read() -> None:
    assert is_read_by_dependency("STRIPE_API_VERSION", {"stripe"})
    assert is_read_by_dependency("REDIS_KEY_PREFIX", {"ioredis"})
    assert not is_read_by_dependency("APP_NAME", {"apply-patches"})
    assert not is_read_by_dependency("SHOP_NAME", {"react"})


def test_names_of_secrets() -> None:
    assert all(map(is_secret_name, ("DB_PASSWORD", "JWT_SECRET", "API_TOKEN", "REDIS_AUTH")))
    others = (
        "ENABLE_EMAIL_PASSWORD",
        "DATABASE_URL",
        "AUTH_X_ID_TOKEN",
        "DEBUG_AUTH",
        "GOOGLE_CREDENTIALS",
        "NAME",
    )
    assert not any(map(is_secret_name, others))


@pytest.mark.parametrize(
    ("name", "others", "near"),
    [
        ("REDIS_TLS_CA", {"REDIS_TLS_CA_PATH", "REDIS_URL"}, "REDIS_TLS_CA_PATH"),
        ("HOOK_SHOP_KEY", {"HOOK_SHOP_SIGNING_KEY"}, "HOOK_SHOP_SIGNING_KEY"),
        ("DB_USERNAME", {"DB_USER_NAME"}, "DB_USER_NAME"),
        ("MAIL_SENDERS", {"MAIL_SENDER"}, "MAIL_SENDER"),
        ("URL_OF_SHOP", {"SHOP_OF_URL"}, "SHOP_OF_URL"),
        ("DB_HOST", {"DB_PORT", "DB_USER", "MY_DB_HOST"}, ""),
        ("WORKER_1", {"WORKER_2"}, ""),
        ("QUEUE_SIZE_1", {"QUEUE_SIZE_2"}, ""),
        ("SHOP_NAME", {"SHOP_NAME"}, ""),
        ("SMTP_HOSTNAME", {"SMTP_HOST", "SMTP_PORT"}, "SMTP_HOST"),
        ("DB_PASS", {"DB_PASSWORD", "DB_PATH"}, "DB_PASSWORD"),
        ("NAME", {"NAMES"}, ""),
    ],
)
def test_names_that_are_near(name: str, others: set[str], near: str) -> None:
    assert near_name(name, others) == near


def test_a_prefix_more_is_not_near_where_a_library_reads_the_name_itself() -> None:
    assert near_name("OCI_CONFIG_FILE", {"SHOP_OCI_CONFIG_FILE"}) == "SHOP_OCI_CONFIG_FILE"
    assert near_name("OCI_CONFIG_FILE", {"SHOP_OCI_CONFIG_FILE"}, {"oci-common"}) == ""


@pytest.mark.parametrize(
    ("path", "environment"),
    [
        (".env.production", "production"),
        ("deploy/prod.env", "production"),
        ("envs/.staging/web.env", "staging"),
        (".env.dev-azure.example", "development"),
        (".env", ""),
        ("product.env", ""),
        (".env.prod-staging", ""),
    ],
)
def test_the_environment_of_a_path(path: str, environment: str) -> None:
    assert environment_of(path) == environment


def test_files_of_a_family_differ_in_their_environment_only() -> None:
    assert family_of("a/.env.staging") == family_of("a/.env.production") != family_of("b/.env.staging")
    assert family_of("web.staging.env") != family_of("api.production.env")
