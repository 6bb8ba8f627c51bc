"""Rules about where settings point at: what they tell, and what they leave alone."""

from __future__ import annotations

import pytest

from secopskit.audit.mismatch import rules
from secopskit.audit.mismatch.services.look.databases import DatabaseBook, DatabaseOwner
from secopskit.audit.model import Mismatch
from secopskit.collect.facts import (
    DockerfileFacts,
    DockerfileStage,
    FactPlace,
    ProjectFacts,
    Service,
    ServiceBuild,
    Stack,
    Upstream,
    VariableSetting,
)
from support.projects import judged
from support.service_facts import ini, job, project, service, setting, stack, template

DB = service("db", "postgres:17")
ODOO_DB = service("odoo-db", "postgres:17")
ODOO = service("odoo", "odoo:18", env={"HOST": "odoo-db"}, depends_on=("odoo-db",))
ERP = stack(ODOO, ODOO_DB, name="erp", files=("odoo/compose.yml",), directory="odoo", env_file="odoo/.env")
CONF = ini("odoo/odoo.conf", db_host="odoo-db", db_user="odoo", db_name="prod")
PUSH = 'supabase db push --db-url "$DATABASE_URL"'
SUPABASE = "postgres://postgres@db.abcdefghijklmnop.supabase.co/postgres"


def found(rule: str, facts: ProjectFacts) -> list[Mismatch]:
    return list(rules()[rule].judge(facts))


def web(**env: str) -> Service:
    return service("web", "acme/web:1", env=env)


# --- migrations of Odoo -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "facts",
    [
        project(ERP, jobs=(job(PUSH, env={"DATABASE_URL": "postgres://odoo@odoo-db/prod"}),)),
        project(
            settings=CONF,
            jobs=(job("alembic upgrade head", env={"DATABASE_URL": "postgres://o@odoo-db/prod"}),),
        ),
        project(ERP, jobs=(job(PUSH, env={"DATABASE_URL": "${{ secrets.ODOO_DATABASE_URL }}"}),)),
        project(
            ERP, jobs=(job("npx prisma migrate deploy", env={"DATABASE_URL": "${{ secrets.ODOO_DB_URL }}"}),)
        ),
        project(jobs=(job('psql "${{ secrets.ODOO_DB_URL }}" -f migrations/1.sql'),)),
        project(
            ERP,
            jobs=(
                job(
                    PUSH.replace("supabase", "npx --yes supabase@2.0.0"),
                    env={"DATABASE_URL": "postgres://o@odoo-db/x"},
                ),
            ),
        ),
        project(ERP, jobs=(job("dbmate --url postgres://odoo@odoo-db:5432/prod up"),)),
        project(
            ERP,
            settings=[setting("DATABASE_URL", "postgres://odoo@odoo-db/prod", ".env.production")],
            jobs=(job(PUSH, env={"DATABASE_URL": "${{ secrets.DATABASE_URL }}"}),),
        ),
    ],
)
def test_migrations_of_odoo(facts: ProjectFacts) -> None:
    (only,) = found("migration-hits-odoo", facts)
    assert only.evidence[0].place == FactPlace(".github/workflows/deploy.yml", 20)


@pytest.mark.parametrize(
    "facts",
    [
        project(ERP, jobs=(job(PUSH, env={"DATABASE_URL": SUPABASE}),)),
        project(ERP, jobs=(job(PUSH, env={"DATABASE_URL": "${{ secrets.SUPABASE_DB_URL }}"}),)),
        project(ERP, jobs=(job("odoo -u all -d prod", env={"DATABASE_URL": "postgres://o@odoo-db/prod"}),)),
        project(
            ERP,
            jobs=(job('psql "$DATABASE_URL" -c "SELECT 1"', env={"DATABASE_URL": "postgres://o@odoo-db/p"}),),
        ),
        project(
            ERP,
            jobs=(job(PUSH, env={"DATABASE_URL": SUPABASE, "ODOO_DB_URL": "${{ secrets.ODOO_DB_URL }}"}),),
        ),
        project(settings=CONF, jobs=(job(PUSH, env={"DATABASE_URL": "postgres://app@odoo-db/shop"}),)),
        project(
            ERP, jobs=(job("alembic upgrade head", env={"DATABASE_URL": "postgres://app@localhost/shop"}),)
        ),
        project(ERP, jobs=(job("echo alembic", env={"DATABASE_URL": "postgres://o@odoo-db/prod"}),)),
    ],
)
def test_migrations_of_others(facts: ProjectFacts) -> None:
    assert found("migration-hits-odoo", facts) == []


def customers(count: int, host: str) -> ProjectFacts:
    """An Odoo stack a customer, each with a database of its own on `host`; the last is migrated by others."""
    stacks, settings = list[Stack](), list[VariableSetting]()
    for number in range(count):
        home = f"customer{number:02}"
        where = host.format(number)
        near = [service(where, "postgres:17")] if "." not in where else []
        odoo = service("odoo", "odoo:18", volumes=["./odoo.conf:/etc/odoo/odoo.conf"])
        stacks.append(stack(odoo, *near, name=home, files=(f"{home}/compose.yml",), directory=home))
        settings += ini(f"{home}/odoo.conf", db_host=where, db_user="odoo", db_name=home)
    url = f"postgres://odoo@{host.format(count - 1)}/customer{count - 1:02}"
    return project(*stacks, settings=settings, jobs=(job(PUSH, env={"DATABASE_URL": url}),))


@pytest.mark.parametrize(("count", "host"), [(12, "db.acme.net"), (60, "db-{:02}")])
def test_the_database_of_the_last_of_many_customers_is_an_odoo_s(count: int, host: str) -> None:
    facts = customers(count, host)
    (only,) = found("migration-hits-odoo", facts)
    assert only.evidence[0].place == FactPlace(".github/workflows/deploy.yml", 20)


def test_a_database_of_another_name_beside_those_of_many_customers_is_none_of_theirs() -> None:
    facts = customers(12, "db.acme.net")
    other = job(PUSH, env={"DATABASE_URL": "postgres://app@db.acme.net/shop"})
    assert found("migration-hits-odoo", project(*facts.stacks, settings=facts.settings, jobs=(other,))) == []


@pytest.mark.parametrize(
    "told", [{"HOST": "db"}, {"HOST": "${DB_HOST}"}, {}], ids=["its own", "file", "image"]
)
def test_the_server_of_one_name_is_an_odoo_s_in_the_last_of_many_stacks(told: dict[str, str]) -> None:
    odoo, shop = service("odoo", "odoo:18", env=told), web(DATABASE_URL="postgres://app@db/prod")
    stacks = [stack(odoo, DB, shop, files=(f"customer{number:02}/compose.yml",)) for number in range(60)]
    facts = project(*stacks, settings=ini("odoo.conf", db_host="db", db_user="odoo", db_name="prod"))
    last = [each for each in facts.endpoints if each.stack == stacks[-1].files and each.scope == "web"]
    owners = [known.owner for each in last if (known := DatabaseBook.of(facts).known(each))]
    assert owners == [DatabaseOwner.ODOO]


# --- one name, two databases ------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        [
            setting("DATABASE_URL", SUPABASE, ".env.example"),
            setting("DATABASE_URL", "postgres://odoo@odoo-db/prod", ".env.production"),
        ],
        [
            setting("DATABASE_URL", SUPABASE),
            setting("DB_URL", "postgres://odoo@odoo-db/prod", ".env.production"),
        ],
        [
            setting("POSTGRES_URL", "postgres://app@db.acme.net/shop"),
            setting("DATABASE_URL", "postgres://odoo@odoo-db/prod", "deploy/.env"),
        ],
        [
            *template(DB_HOST="odoo-db", DB_PORT="5432"),
            *template("web/.env.example", DB_HOST="shop-db", DB_PORT="5432"),
        ],
    ],
)
def test_one_name_and_two_databases(settings: list[VariableSetting]) -> None:
    (only,) = found("two-databases", project(ERP, settings=settings))
    assert len(only.evidence) == 2


@pytest.mark.parametrize(
    "settings",
    [
        [setting("SUPABASE_DB_URL", SUPABASE), setting("ODOO_DATABASE_URL", "postgres://odoo@odoo-db/prod")],
        [
            setting("DATABASE_URL", SUPABASE),
            setting("DATABASE_URL", "postgres://u@db.acme.net/x", ".env.production"),
        ],
        [
            setting("DATABASE_URL", SUPABASE),
            setting("DATABASE_URL", "postgres://u@localhost/x", ".env.local"),
        ],
        [
            setting("DATABASE_URL", "postgres://odoo@odoo-db/prod"),
            setting("DATABASE_URL", "postgres://odoo@odoo-db/prod", "b/.env"),
        ],
        [setting("DATABASE_URL", SUPABASE), *CONF],
    ],
)
def test_names_that_say_which(settings: list[VariableSetting]) -> None:
    assert found("two-databases", project(ERP, settings=settings)) == []


# --- names nobody answers to ------------------------------------------------------------------


@pytest.mark.parametrize(
    "facts",
    [
        project(stack(web(DATABASE_URL="postgres://u@postgres/x"), DB)),
        project(stack(web(REDIS_HOST="cache"), DB)),
        project(stack(web(API_URL="http://backend:8000/"), DB)),
        project(
            stack(service("web", "acme/web:1", env_files=["web.env"]), DB),
            settings=[setting("REDIS_URL", "redis://cache:6379", "web.env")],
        ),
        project(
            stack(service("proxy", "nginx:1", volumes=["./nginx/nginx.conf:/etc/nginx/nginx.conf:ro"]), DB),
            upstreams=(Upstream("backend", 8000, FactPlace("nginx/nginx.conf", 4)),),
        ),
    ],
)
def test_names_nobody_answers_to(facts: ProjectFacts) -> None:
    (only,) = found("undefined-service", facts)
    assert only.evidence[0].place.path in ("compose.yml", "web.env", "nginx/nginx.conf")


@pytest.mark.parametrize(
    "facts",
    [
        project(stack(web(DATABASE_URL="postgres://u@db/x"), DB)),
        project(stack(web(DATABASE_URL="postgres://u@localhost/x", API_URL="http://api.acme.net/"), DB)),
        project(
            stack(web(DATABASE_URL="postgres://u@pg/x"), service("db", "postgres:17", names=("db", "pg")))
        ),
        project(
            stack(web(DATABASE_URL="postgres://u@pg/x")),
            stack(service("pg", "postgres:17"), files=("b.yml",)),
        ),
        project(stack(service("web", "a/b:1", env={"DB_HOST": "pg"}, extra_hosts=("pg",)))),
        project(
            stack(
                service("web", "a/b:1", env={"DB_HOST": "pg"}, networks=("shared",)),
                external=frozenset({"shared"}),
            )
        ),
        project(stack(web(DATABASE_URL="postgres://u@${HOST_OF_DB}/x", DB_HOST="hostname"))),
        project(stack(web(DB_HOST="pg"), limits=("extends a file that is not here",))),
        project(stack(service("web", "a/b:1", host_network=True, env={"DB_HOST": "pg"}))),
        project(stack(DB), upstreams=(Upstream("backend", 80, FactPlace("other/nginx.conf", 4)),)),
    ],
)
def test_names_somebody_answers_to(facts: ProjectFacts) -> None:
    assert found("undefined-service", facts) == []


@pytest.mark.parametrize(
    "values",
    [
        {"REDIS_URL": "redis://redis:6379"},
        {"DB_HOST": "postgres", "DB_PORT": "5432"},
        {"API_URL": "http://backend:8000"},
    ],
)
def test_templates_that_point_nowhere(values: dict[str, str]) -> None:
    facts = project(stack(web(), DB), settings=template(**values))
    (only,) = found("template-host", facts)
    assert only.evidence[0].place.path == ".env.example"


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"DB_HOST": "db"}, ".env.example"),
        ({"DB_HOST": "localhost", "API_URL": "https://api.acme.net"}, ".env.example"),
        ({"DB_HOST": "your-db-host", "SMTP_HOST": "hostname"}, ".env.example"),
        ({"REDIS_URL": "redis://redis:6379"}, "docs/.env.example"),
        ({"REDIS_URL": "redis://${REDIS_HOST}:6379"}, ".env.example"),
    ],
)
def test_templates_that_are_right(values: dict[str, str], path: str) -> None:
    facts = project(stack(web(), DB), settings=template(path, **values))
    assert found("template-host", facts) == []


# --- ports ------------------------------------------------------------------------------------

PUBLISHED = service("db", "postgres:17", ports=["127.0.0.1:5433:5432"])


@pytest.mark.parametrize(
    ("env", "db", "says"),
    [
        ({"DATABASE_URL": "postgres://u@db:5433/x"}, PUBLISHED, "db:5432"),
        ({"DATABASE_URL": "postgres://u@db:5433/x"}, DB, "db:5432"),
        ({"DB_HOST": "db", "DB_PORT": "3306"}, DB, "db:5432"),
        ({"DATABASE_URL": "postgres://u@localhost:5432/x"}, DB, "db"),
        ({"API_URL": "http://db:8080"}, service("db", "acme/api:1", ports=["8080:3000"]), "db:3000"),
    ],
)
def test_wrong_ports(env: dict[str, str], db: Service, says: str) -> None:
    (only,) = found("wrong-port", project(stack(web(**env), db)))
    assert f"Write {says} in" in only.fix


@pytest.mark.parametrize(
    ("env", "db"),
    [
        ({"DATABASE_URL": "postgres://u@db:5432/x"}, PUBLISHED),
        ({"DATABASE_URL": "postgres://u@db/x"}, DB),
        (
            {"DATABASE_URL": "postgres://u@db:5433/x"},
            service("db", "postgres:17", command="postgres -p 5433"),
        ),
        ({"DATABASE_URL": "postgres://u@db:5433/x"}, service("db", "postgres:17", env={"PGPORT": "5433"})),
        ({"API_URL": "http://db:8080"}, service("db", "acme/api:1", ports=["8080:8080"])),
        ({"API_URL": "http://db:9090"}, service("db", "acme/api:1", ports=["8080:3000"])),
        ({"PUBLIC_URL": "http://localhost:8080"}, PUBLISHED),
        (
            {"DATABASE_URL": "postgres://u@db:5433/x"},
            service("db", "postgres:17", volumes=["./pg.conf:/etc/pg.conf"]),
        ),
    ],
)
def test_right_ports(env: dict[str, str], db: Service) -> None:
    assert found("wrong-port", project(stack(web(**env), db))) == []


BUILD = ServiceBuild("web", "web/Dockerfile", (), "", FactPlace("compose.yml", 3))


def built(
    ports: list[str], *, exposed: tuple[int, ...] = (3000,), command: str = "serve --port 3000"
) -> ProjectFacts:
    stage = DockerfileStage("", None, FactPlace("web/Dockerfile", 1))
    file = DockerfileFacts(path="web/Dockerfile", stages=(stage,), exposed=exposed, command=command)
    return project(stack(service("web", build=BUILD, ports=ports)), dockerfiles=(file,))


@pytest.mark.parametrize(
    "facts",
    [
        project(stack(service("db", "postgres:17", ports=["5433:5433"]))),
        project(stack(service("cache", "redis:7", ports=["127.0.0.1:80:80"]))),
        built(["8080:8080"]),
    ],
)
def test_ports_nobody_listens_on(facts: ProjectFacts) -> None:
    assert len(found("silent-port", facts)) == 1


@pytest.mark.parametrize(
    "facts",
    [
        project(stack(service("db", "postgres:17", ports=["5433:5432"]))),
        project(stack(service("db", "postgres:17", ports=["5433:5433"], command="-c port=5433"))),
        project(stack(service("web", "acme/web:1", ports=["80:80"]))),
        built(["8080:3000"]),
        built(["8080:3000", "9229:9229"]),
        built(["8080:8080"], command="serve"),
        built(["8080:8080"], exposed=(), command="serve --port 3000"),
        project(stack(service("db", "redis:7", ports=["80:80"], volumes=["./redis.conf:/etc/redis.conf"]))),
    ],
)
def test_ports_somebody_may_listen_on(facts: ProjectFacts) -> None:
    assert found("silent-port", facts) == []


@pytest.mark.parametrize(("ports", "number"), [("5300-5500", 0), ("5500-5700", 1), ("5432-5433", 0)])
def test_of_a_range_of_ports_one_is_enough(ports: str, number: int) -> None:
    compose = f"services: {{db: {{image: 'postgres:17', ports: ['{ports}:{ports}']}}}}\n"
    assert len(judged("silent-port", {"compose.yml": compose})) == number


def test_the_template_of_an_environment_file_counts() -> None:
    one = service("web", "acme/web:1", env_files=[".env"])
    wrong = project(stack(one, DB), settings=template(DB_HOST="db", DB_PORT="5433"))
    assert len(found("wrong-port", wrong)) == 1
    other = project(
        stack(one, DB), settings=template(".env.dev.example", DB_HOST="localhost", DB_PORT="5432")
    )
    assert found("wrong-port", other) == []


def test_a_server_may_be_told_by_a_file_that_is_not_read() -> None:
    db = service("db", "postgres:17", env_files=["db.env"])
    facts = project(stack(web(DATABASE_URL="postgres://u@db:5433/x"), db))
    assert found("wrong-port", facts) == []
    read = project(stack(*facts.stacks[0].services), settings=[setting("POSTGRES_DB", "x", "db.env")])
    assert len(found("wrong-port", read)) == 1


def test_an_application_listens_where_it_always_does() -> None:
    erp = stack(ODOO, ODOO_DB, web(ODOO_URL="http://odoo:8096"))
    assert len(found("wrong-port", project(erp))) == 1
    told = ini("odoo.conf", http_port="8096", db_host="odoo-db")
    assert found("wrong-port", project(erp, settings=told)) == []
    connects = ini("odoo.conf", db_port="8096", db_host="odoo-db")
    assert len(found("wrong-port", project(erp, settings=connects))) == 1


def test_a_host_of_the_template_is_told_once() -> None:
    facts = project(
        stack(web(REDIS_URL="${REDIS_URL}"), DB), settings=template(REDIS_URL="redis://redis:6379")
    )
    (only,) = found("template-host", facts)
    assert len(only.evidence) == 3
    assert found("undefined-service", facts) == []


# --- one service, two databases ---------------------------------------------------------------

FIRST, SECOND = "postgres://u@db/shop", "postgres://u@reports.acme-shop.net/reports"


def given(*values: str, **env: str) -> ProjectFacts:
    """A service with an environment file for each of `values`, and an environment of its own."""
    files = [f"env/{number}.env" for number, _ in enumerate(values)]
    settings = [
        setting("DATABASE_URL", value, path) for value, path in zip(values, files, strict=True) if value
    ]
    return project(stack(service("web", "acme/web:1", env=env, env_files=files), DB), settings=settings)


@pytest.mark.parametrize(
    ("facts", "counts"),
    [
        (given(FIRST, DATABASE_URL=SECOND), "compose.yml"),
        (given(FIRST, SECOND), "env/1.env"),
        (given(FIRST, "postgres://u@db/other"), "env/1.env"),
    ],
)
def test_a_service_that_is_given_two_databases(facts: ProjectFacts, counts: str) -> None:
    (only,) = found("two-databases", facts)
    assert only.evidence[0].place.path == counts
    assert f"in {counts}, which counts" in only.message


@pytest.mark.parametrize(
    "facts",
    [
        given(FIRST, DATABASE_URL=FIRST),
        given("postgres://u@localhost/shop", DATABASE_URL=FIRST),
        given(FIRST, DATABASE_URL="${DATABASE_URL}"),
        given(FIRST, "postgres://other@db:5432/shop"),
        given(FIRST, "redis://cache/1"),
        project(
            stack(web(DATABASE_URL=FIRST), DB), settings=[setting("DATABASE_URL", SECOND, "apps/x/.env")]
        ),
    ],
)
def test_a_service_that_is_given_one_database(facts: ProjectFacts) -> None:
    assert found("two-databases", facts) == []


# --- proxies ----------------------------------------------------------------------------------

PROXY = service("proxy", "nginx:1.27", volumes=["./nginx.conf:/etc/nginx/conf.d/default.conf:ro"])
APP = service("web", "acme/web:1", ports=["8080:3000"], health_command="curl http://localhost:3000/health")


def passes(port: int, *others: Service, host: str = "web") -> ProjectFacts:
    upstream = Upstream(host, port, FactPlace("nginx.conf", 7))
    return project(stack(PROXY, *others), upstreams=(upstream,))


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        (passes(3001, APP), "web listens on 3000"),
        (passes(8080, APP), "the host publishes"),
        (passes(5433, DB, host="db"), "db (PostgreSQL) listens on 5432"),
    ],
)
def test_a_proxy_that_passes_to_the_wrong_port(facts: ProjectFacts, says: str) -> None:
    (only,) = found("wrong-port", facts)
    assert says in only.message
    assert only.evidence[0].place == FactPlace("nginx.conf", 7)


def test_the_last_of_many_that_a_proxy_passes_to_is_looked_at() -> None:
    right = tuple(Upstream("web", 3000, FactPlace("nginx.conf", line)) for line in range(1, 601))
    wrong = Upstream("web", 3001, FactPlace("nginx.conf", 601))
    (only,) = found("wrong-port", project(stack(PROXY, APP), upstreams=(*right, wrong)))
    assert only.evidence[0].place == FactPlace("nginx.conf", 601)


@pytest.mark.parametrize(
    "facts",
    [
        passes(3000, APP),
        passes(3001, service("web", "acme/web:1", ports=["8080:3000"])),  # nothing tells where it listens
        passes(3000, service("web", "gitea/gitea:1", ports=["222:22"])),
        passes(9090, service("web", "acme/web:1", env={"METRICS_PORT": "9090"}, ports=["80:3000"])),
        project(stack(DB, APP), upstreams=(Upstream("web", 3001, FactPlace("nginx.conf", 7)),)),
        passes(3001, host="elsewhere"),
    ],
)
def test_a_proxy_that_may_be_right(facts: ProjectFacts) -> None:
    assert found("wrong-port", facts) == []


@pytest.mark.parametrize(
    ("of", "env"),
    [
        ("mariadb:11", {"MARIADB_HOST": "shop", "MARIADB_USER": "shop"}),
        ("postgres:17", {"POSTGRES_HOST": "shop"}),
        ("redis:7", {"REDIS_HOST": "cache1"}),
    ],
)
def test_a_server_is_told_about_itself(of: str, env: dict[str, str]) -> None:
    assert found("undefined-service", project(stack(service("server", of, env=env), DB))) == []
