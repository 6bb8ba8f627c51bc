"""Endpoints: URLs, connection strings and sibling names, each with what it says and no more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.collect.assemble.address import read_address
from secopskit.collect.facts import Endpoint, EndpointKind, ProjectFacts, SettingKind
from support.service_facts import ini, job, project, service, setting, stack, template
from support.values import alnum

Kind = EndpointKind


def only(facts: ProjectFacts) -> Endpoint:
    (endpoint,) = facts.endpoints
    return endpoint


def said(endpoint: Endpoint) -> tuple[object, ...]:
    return endpoint.kind, endpoint.host, endpoint.port, endpoint.database, endpoint.user, endpoint.tls


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "postgres://app@db:5433/shop?sslmode=disable",
            (Kind.POSTGRES, "db", 5433, "shop", "app", "disable"),
        ),
        (
            "postgresql+asyncpg://app@db/shop?ssl=require",
            (Kind.POSTGRES, "db", 5432, "shop", "app", "require"),
        ),
        ("jdbc:postgresql://db:5432/shop?user=app", (Kind.POSTGRES, "db", 5432, "shop", "app", "")),
        ("jdbc:mysql://db/shop?useSSL=false", (Kind.MYSQL, "db", 3306, "shop", "", "false")),
        ("mysql+pymysql://app@db/shop", (Kind.MYSQL, "db", 3306, "shop", "app", "")),
        ("app:word@tcp(db:3307)/shop?tls=false", (Kind.MYSQL, "db", 3307, "shop", "app", "false")),
        ("redis://cache:6380/1", (Kind.REDIS, "cache", 6380, "1", "", "")),
        ("rediss://cache.example.net", (Kind.REDIS, "cache.example.net", 6379, "", "", "require")),
        ("mongodb://one:27018,two:27019/shop", (Kind.MONGODB, "one", 27018, "shop", "", "")),
        (
            "mongodb+srv://cluster.example.net/shop",
            (Kind.MONGODB, "cluster.example.net", None, "shop", "", "require"),
        ),
        ("amqps://mq/vhost", (Kind.AMQP, "mq", 5672, "vhost", "", "require")),
        ("http://api:8000/v1?x=1", (Kind.HTTP, "api", 8000, "", "", "")),
        ("https://api.example.net/v1", (Kind.HTTP, "api.example.net", 443, "", "", "require")),
        ("postgres://[::1]:5433/shop", (Kind.POSTGRES, "::1", 5433, "shop", "", "")),
        (
            "host=db port=5433 dbname='shop' sslmode=disable",
            (Kind.POSTGRES, "db", 5433, "shop", "", "disable"),
        ),
    ],
)
def test_what_a_text_says(text: str, expected: tuple[object, ...]) -> None:
    facts = project(settings=[setting("SOME_URL", text)])
    assert said(only(facts)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "db",
        "postgres",
        "a=b",
        "file:///etc/x",
        "sqlite:///db.sqlite",
        "user=x password=y",
        "git@github.com:a/b",
        "postgres://",
        "http://<your-host>/x",
        "postgres:16",
        "key=value, other=1",
        "1.2.3",
        "http://{{ .Host }}/",
    ],
)
def test_texts_that_are_no_address(text: str) -> None:
    assert project(settings=[setting("SOME_URL", text)]).endpoints == ()


def test_the_password_is_kept_and_never_shown() -> None:
    password = alnum(20)
    endpoint = only(project(settings=[setting("DATABASE_URL", f"postgres://app:{password}@db/shop")]))
    assert endpoint.password is not None
    assert endpoint.password.secret.reveal() == password.encode()
    assert password not in repr(endpoint)


def test_siblings_are_one_endpoint() -> None:
    names = template(
        DB_HOST="db", DB_PORT="5433", DB_USER="app", DB_PASSWORD="", DB_NAME="shop", DB_SSLMODE="disable"
    )
    endpoint = only(project(settings=names))
    assert said(endpoint) == (Kind.OTHER, "db", 5433, "shop", "app", "disable")
    assert endpoint.key == "DB_HOST"
    assert endpoint.place.line == 1
    assert len(endpoint.keys) == 6


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({"PGHOST": "db", "PGDATABASE": "shop"}, (Kind.POSTGRES, "db", 5432, "shop", "", "")),
        ({"DB_HOST": "db", "DB_PORT": "5432"}, (Kind.POSTGRES, "db", 5432, "", "", "")),
        ({"DB_CONNECTION": "mysql", "DB_HOST": "db"}, (Kind.MYSQL, "db", 3306, "", "", "")),
        ({"REDIS_HOST": "cache:6380"}, (Kind.REDIS, "cache", 6380, "", "", "")),
        ({"spring.mail.host": "mail", "spring.mail.port": "25"}, (Kind.SMTP, "mail", 25, "", "", "")),
        ({"DB_POSTGRESDB_HOST": "pg", "DB_POSTGRESDB_PORT": "5432"}, (Kind.POSTGRES, "pg", 5432, "", "", "")),
        ({"MINIO_ENDPOINT": "minio:9000"}, (Kind.OTHER, "minio", 9000, "", "", "")),
    ],
)
def test_names_tell_the_kind(names: dict[str, str], expected: tuple[object, ...]) -> None:
    assert said(only(project(settings=template(**names)))) == expected


@pytest.mark.parametrize(
    "names",
    [
        {"HOST": "0.0.0.0", "PORT": "8000"},
        {"APP_HOST": "web"},
        {"DB_HOST": "0.0.0.0"},
        {"DB_USER": "app", "DB_NAME": "shop"},
        {"DB_HOST": ""},
        {"DB_HOST": "${DB_HOST}"} | {"DB_HOST": "a b"},
        {"IMAGE": "redis:7000"},
    ],
)
def test_names_that_point_nowhere(names: dict[str, str]) -> None:
    assert project(settings=template(**names)).endpoints == ()


def test_references_are_put_in_as_compose_does() -> None:
    web = service("web", env={"DATABASE_URL": "postgres://${U:-app}:${P}@${H:-db}:${PORT:-5432}/${D:-shop}"})
    values = [setting("U", "other"), *template(D="named", P="x"), setting("H", "elsewhere", "sub/.env")]
    endpoint = next(each for each in project(stack(web), settings=values).endpoints if each.scope == "web")
    assert said(endpoint) == (Kind.POSTGRES, "db", 5432, "named", "other", "")
    assert endpoint.stack == ("compose.yml",)


def test_what_stays_unknown_is_empty() -> None:
    web = service("web", env={"DATABASE_URL": "postgres://${U}:${P}@${H}:${PORT}/${D:?needed}"})
    assert said(only(project(stack(web)))) == (Kind.POSTGRES, "", None, "", "", "")
    known = only(project(settings=[setting("DATABASE_URL", "postgres://u@db.${REF}.supabase.co/postgres")]))
    assert known.host == "db.*.supabase.co"


def test_a_default_within_a_default_counts() -> None:
    web = service("web", env={"REDIS_URL": "redis://${A:-${B:-cache}}:6379"})
    assert only(project(stack(web))).host == "cache"


def test_a_loop_of_references_ends() -> None:
    loop = [
        setting("A_URL", "http://${B}/"),
        setting("B", "${C}${C}"),
        setting("C", "${B}${B}"),
    ]
    assert only(project(settings=loop)).host == ""


def test_a_job_resolves_its_own_environment_and_no_secret() -> None:
    facts = project(
        jobs=(
            job(
                env={
                    "HOST_NAME": "db.example.net",
                    "DATABASE_URL": "postgres://u@${{ env.HOST_NAME }}/x",
                    "OTHER_URL": "${{ secrets.DATABASE_URL }}",
                }
            ),
        )
    )
    assert only(facts).host == "db.example.net"
    assert only(facts).scope == "migrate"


def test_odoo_is_told_by_its_configuration_and_by_its_image() -> None:
    conf = ini("config/odoo.conf", db_host="odoo-db", db_port="5432", db_user="odoo", db_name="prod")
    endpoint = only(project(settings=conf))
    assert endpoint.odoo
    assert said(endpoint) == (Kind.POSTGRES, "odoo-db", 5432, "prod", "odoo", "")
    of_image = only(project(stack(service("erp", "odoo:18", env={"HOST": "odoo-db", "USER": "odoo"}))))
    assert of_image.odoo
    assert of_image.host == "odoo-db"
    assert of_image.user == "odoo"


def test_other_configuration_files_are_no_odoo() -> None:
    conf = ini("app.ini", scope="database", db_host="db", db_port="5432")
    assert not only(project(settings=conf)).odoo


def test_comments_name_nothing_and_nothing_is_told_twice() -> None:
    assert project(settings=[setting("A_URL", "http://a:1/", commented=True)]).endpoints == ()
    web = service("web", env={"A_URL": "http://a:1/"})
    assert len(project(stack(web), settings=web.environment).endpoints) == 1
    assert web.environment[0].kind is SettingKind.COMPOSE


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    found = read_address("postgres://" + text)
    assert found is None or found.kind is Kind.POSTGRES


def test_a_url_in_a_command_is_an_endpoint_of_its_job() -> None:
    facts = project(jobs=(job('psql "postgres://app@${HOST_NAME}/shop" -f x.sql', env={"HOST_NAME": "db"}),))
    endpoint = only(facts)
    assert (endpoint.key, endpoint.host, endpoint.scope, endpoint.setting) == ("run", "db", "migrate", None)


def test_all_urls_of_a_long_command_are_endpoints() -> None:
    command = "\n".join(f'psql "postgres://app@db{number}/shop" -f x.sql' for number in range(30))
    assert [each.host for each in project(jobs=(job(command),)).endpoints] == [
        f"db{number}" for number in range(30)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "postgres://app:{}/rest@db:5432/shop",
        "postgres://app:x/{}@db:5432/shop",
        "postgres://app:12345/{}@db:5432/shop",
        "postgres://app:x@{}/rest@db:5432/shop",
        "postgres://app:x@{}?rest@db:5432/shop",  # secops: allow[url-password] a shape
        "postgres://app:x@{}#rest@db:5432/shop",  # secops: allow[url-password] a shape
        "redis://:{}/rest@redis:6379",
        "redis://:{}#rest@redis:6379",  # secops: allow[url-password] a shape
        "https://{}/rest@sentry.example.com/4",
        "https://app:1/{}@sentry.example.com/4",
        "postgres://db:{}:beef/x",
        "postgres://db/shop?sslmode={}",
    ],
)
def test_a_piece_of_a_password_is_no_host(text: str) -> None:
    for word in ("deadbeef", "opensesame", "4711"):
        assert word not in str(read_address(text.format(word)))


def test_a_handle_in_the_path_of_a_page_is_none() -> None:
    found = read_address("https://social.example.com/@shop")
    assert found is not None
    assert found.host == "social.example.com"
