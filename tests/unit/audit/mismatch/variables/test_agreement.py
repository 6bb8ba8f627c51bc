"""Whether two places that hold the same agree."""

from __future__ import annotations

import pytest

from support.projects import judged, subjects
from support.values import alnum

DEFAULTS, ENVIRONMENTS, HARD_CODED, REPEATED = (
    "defaults-differ",
    "environments-differ",
    "hard-coded-beside-variable",
    "password-repeated",
)


def two(first: str, second: str, key: str = "SHOP_DB") -> str:
    """A stack of a database and a server, with the same key in each."""
    return (
        f"services:\n  db:\n    image: postgres\n    environment:\n      {key}: {first}\n"
        f"  web:\n    image: shop\n    environment:\n      {key}: {second}\n"
    )


@pytest.mark.parametrize(
    "files",
    [
        {"compose.yml": two("${SHOP_DB:-shop}", "${SHOP_DB:-store}")},
        {"compose.yml": two("${SHOP_DB:-shop}", "postgres://db/${SHOP_DB-store}")},
        {"compose.yml": two("${SHOP_DB:-5432}", "x"), ".env.example": "# SHOP_DB=5433\n"},
        {"compose.yml": two("${SHOP_DB:-shop}", "x"), ".env.example": "SHOP_DB=store\n"},
    ],
    ids=["two services", "within a URL", "commented in the template", "set in the template"],
)
def test_defaults_that_differ(files: dict[str, str]) -> None:
    assert subjects(DEFAULTS, files) == ["SHOP_DB"]


@pytest.mark.parametrize(
    "files",
    [
        {"compose.yml": two("${SHOP_DB:-shop}", "${SHOP_DB:-shop}")},
        {"compose.yml": two("${SHOP_DB:-shop}", "${SHOP_DB:-}")},
        {"compose.yml": two("${SHOP_DB:-shop}", "${SHOP_DB}")},
        {"compose.yml": two("${SHOP_DB:-http://db:1}", "${SHOP_DB:-http://localhost:1}")},
        {"compose.yml": two("${SHOP_DB:-shop}", "x"), ".env.example": "# SHOP_DB=store\n"},
        {"compose.yml": two("${SHOP_DB:-shop}", "x"), ".env.example": "SHOP_DB=<name>\n"},
        {"compose.yml": two("${SHOP_KEY:-shop}", "x"), ".env.example": "SHOP_SECRET=store\n"},
        {"a/compose.yml": two("${SHOP_DB:-shop}", "x"), "b/compose.yml": two("${SHOP_DB:-store}", "x")},
    ],
    ids=["alike", "empty", "none", "addresses", "an example", "placeholder", "secret", "two stacks"],
)
def test_defaults_that_agree(files: dict[str, str]) -> None:
    assert subjects(DEFAULTS, files) == []


@pytest.mark.parametrize(
    ("files", "subject"),
    [
        ({".env.staging": "A_B=1\n", ".env.production": "A_B=1\nSMTP_HOST=x\n"}, ".env.staging"),
        ({"deploy/staging.env": "A_B=1\nC_D=1\n", "deploy/prod.env": "A_B=1\n"}, "deploy/prod.env"),
        (
            {
                "compose.staging.yml": "services:\n  web:\n    image: x\n    environment:\n      A_B: 1\n",
                "compose.prod.yml": "services: {web: {image: x, environment: {A_B: 1, C_D: 2}}}\n",
            },
            "web in compose.staging.yml",
        ),
    ],
    ids=["dotenv", "by directory", "services"],
)
def test_environments_that_differ(files: dict[str, str], subject: str) -> None:
    assert subjects(ENVIRONMENTS, files) == [subject]


def deployment(environment: str, names: str) -> str:
    """A workflow with a job that deploys to an environment."""
    return (
        "on: push\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n"
        f"    environment: {environment}\n    steps:\n      - run: ./deploy\n        env: {{{names}}}\n"
    )


def test_deployments_that_differ() -> None:
    files = {
        ".github/workflows/deploy-staging.yml": deployment("staging", "A_B: 1, C_D: 2"),
        ".github/workflows/deploy-production.yml": deployment("production", "A_B: 1, E_F: 3"),
        ".env.staging": "E_F=1\n",
    }
    found = judged(ENVIRONMENTS, files)
    assert [each.message.partition(" lacks ")[2][:5] for each in found] == ["`C_D`"]
    assert "deploy-production.yml" in found[0].subject


@pytest.mark.parametrize(
    "files",
    [
        {".env.staging": "A_B=1\n", ".env.production": "A_B=2\n"},
        {".env.development": "A_B=1\n", ".env.production": "A_B=2\nC_D=1\n"},
        {".env": "C_D=1\n", ".env.staging": "A_B=1\n", ".env.production": "A_B=2\nC_D=1\n"},
        {".env.staging": "A_B=1\n", ".env.production.example": "A_B=2\nC_D=1\n"},
        {"a/.env.staging": "A_B=1\n", "b/.env.production": "A_B=2\nC_D=1\n"},
        {".env.test": "A_B=1\n", ".env.production": "A_B=2\nC_D=1\n"},
    ],
    ids=["alike", "development", "in the base", "file and template", "two components", "test"],
)
def test_environments_that_agree(files: dict[str, str]) -> None:
    assert subjects(ENVIRONMENTS, files) == []


@pytest.mark.parametrize(
    "compose",
    [
        two("${SHOP_DB:-orders}", "orders"),
        two("orders", "${SHOP_DB:-orders}"),
        two("${SHOP_DB:-orders}", '"orders"', key="POSTGRES_DB"),
    ],
)
def test_a_literal_beside_its_variable(compose: str) -> None:
    found = judged(HARD_CODED, {"compose.yml": compose})
    assert len(found) == 1
    assert "${SHOP_DB}" in found[0].fix


def test_a_secret_under_another_name_beside_its_variable() -> None:
    drawn = alnum(20)
    compose = (
        two("${DB_PASSWORD:-" + drawn + "}", "x", key="POSTGRES_PASSWORD") + f"      PGPASSWORD: {drawn}\n"
    )
    found = judged(HARD_CODED, {"compose.yml": compose})
    assert [each.subject for each in found] == ["web: PGPASSWORD"]
    assert drawn not in repr(found)


@pytest.mark.parametrize(
    "compose",
    [
        two("${SHOP_DB:-orders}", "${SHOP_DB:-orders}"),
        two("${SHOP_DB:-orders}", "others"),
        two("${SHOP_DB:-true}", "true"),
        two("${SHOP_DB:-orders}", "x") + "      OTHER_NAME: orders\n",
        two("orders", "orders"),
    ],
    ids=["both", "another value", "switch", "another name", "no variable"],
)
def test_a_literal_that_repeats_nothing(compose: str) -> None:
    assert subjects(HARD_CODED, {"compose.yml": compose}) == []


def database(held: str, url: str, key: str = "DATABASE_URL") -> str:
    """A database with a password, and a server with a URL."""
    return (
        f"services:\n  db:\n    image: postgres\n    environment:\n      POSTGRES_PASSWORD: {held}\n"
        f"  api:\n    image: shop\n    environment:\n      {key}: {url}\n"
    )


SECRET = alnum(18)
WEAK = "postgres"


@pytest.mark.parametrize(
    "files",
    [
        {"compose.yml": database(f"${{PW:-{SECRET}}}", f"postgres://shop:{SECRET}@db/shop")},
        {
            "compose.yml": database(
                f"${{PW:-{SECRET}}}", f"${{DATABASE_URL:-postgres://shop:{SECRET}@db:5432/x}}"
            )
        },
        {"compose.yml": database(f"${{PW:-{WEAK}}}", f"postgresql+asyncpg://shop:{WEAK}@db/shop")},
        {".env.example": "POSTGRES_PASSWORD=shop\nDATABASE_URL=postgres://u:shop@localhost/shop\n"},
    ],
    ids=["literal", "default", "weak", "dotenv"],
)
def test_a_password_that_is_repeated(files: dict[str, str]) -> None:
    found = judged(REPEATED, files)
    assert [each.subject.rpartition(" ")[2] for each in found] == ["DATABASE_URL"]
    assert "changing only" in found[0].message
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    "compose",
    [
        database("${PW:-shop}", "postgres://shop:${PW:-shop}@db/shop"),
        database("${PW:-shop}", "postgres://shop:other@db/shop"),
        database("${PW:-shop}", "amqp://shop:shop@queue/"),
        database("shop", "postgres://shop:shop@db/shop"),
        database("${PW}", "${DATABASE_URL}"),
        database("${PW:-shop}", "https://shop.example.org/db"),
    ],
    ids=["taken in", "another", "another server", "no variable", "no default", "no login"],
)
def test_a_password_that_is_not_repeated(compose: str) -> None:
    assert subjects(REPEATED, {"compose.yml": compose}) == []


def test_a_word_that_two_servers_have_by_chance_is_not_repeated() -> None:
    text = "SMTP_PASSWORD=password\nNEXT_PRIVATE_DATABASE_URL=postgres://u:password@127.0.0.1:5432/x\n"
    assert subjects(REPEATED, {".env.example": text}) == []


def test_two_servers_with_the_same_password_each_have_their_own_variable() -> None:
    compose = """\
    services:
      db:
        image: postgres
        environment:
          POSTGRES_PASSWORD: ${DB_PASSWORD:-shop}
      queue:
        image: rabbitmq
        environment:
          RABBITMQ_DEFAULT_PASS: ${QUEUE_PASSWORD:-shop}
      api:
        image: shop
        environment:
          POSTGRES_PASSWORD: ${DB_PASSWORD:-shop}
          AMQP_URL: ${AMQP_URL:-amqp://shop:shop@queue/}
    """
    found = judged(REPEATED, {"compose.yml": compose})
    assert ["`QUEUE_PASSWORD`" in each.message for each in found] == [True]
