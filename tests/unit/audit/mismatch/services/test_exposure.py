"""Rules about what others can reach or guess: what they tell, and what they leave alone."""

from __future__ import annotations

import pytest

from secopskit.audit.mismatch import rules
from secopskit.audit.model import Mismatch
from secopskit.collect.facts import FactPlace, FileRole, ProjectFacts, SecretFile, Service, StackKind
from secopskit.findings import Severity
from support.projects import judged
from support.service_facts import image, ini, port, project, service, setting, stack, template
from support.values import alnum

WEAK = "ilove" + "you"
ANY = alnum(40)


def found(rule: str, facts: ProjectFacts) -> list[Mismatch]:
    return list(rules()[rule].judge(facts))


def severity(rule: str, facts: ProjectFacts) -> Severity:
    (only,) = found(rule, facts)
    return only.severity or rules()[rule].severity


# --- ports ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (service("db", "postgres:17", ports=["5432:5432"]), "PostgreSQL"),
        (service("db", "pgvector/pgvector:pg17", ports=["0.0.0.0:5433:5432"]), "PostgreSQL"),
        (service("cache", "redis:7", ports=["6379"]), "Redis"),
        (service("pga", "dpage/pgadmin4:8", ports=["8080:80"]), "pgAdmin"),
        (service("mq", "rabbitmq:3-management", ports=["15672:15672"]), "console of RabbitMQ"),
        (service("proxy", "tecnativa/docker-socket-proxy:1", ports=["2375:2375"]), "Docker API"),
        (service("studio", "supabase/studio:2025", ports=["3000:3000"]), "Supabase Studio"),
        (service("db", "mysql:8", ports=["[::]:3306:3306".replace("[::]", "192.0.2.7")]), "MySQL"),
    ],
)
def test_open_ports(one: Service, says: str) -> None:
    (mismatch,) = found("open-port", project(stack(one)))
    assert says in mismatch.message
    assert mismatch.evidence[0].place.line == 20
    assert "127.0.0.1:" in mismatch.fix


@pytest.mark.parametrize(
    "one",
    [
        service("db", "postgres:17", ports=["127.0.0.1:5432:5432"]),
        service("db", "postgres:17"),
        service("web", "nginx:1", ports=["80:80", "443:443"]),
        service("web", "acme/postgres-backup-ui:1", ports=["5432:5432"]),
        service("app", "acme/studio:1", ports=["3000:3000"]),
        service("db", "postgres:17", ports=["9187:9187"]),
    ],
)
def test_ports_that_are_meant(one: Service) -> None:
    assert found("open-port", project(stack(one))) == []


@pytest.mark.parametrize(
    ("of", "ports", "says"),
    [
        ("supabase/supavisor:2", ["6543:6543", "5432"], "port 6543 and a port for its 5432"),
        ("supabase/logflare:1", ["4000:4000"], "The console of Logflare"),
        (
            "minio/minio:1",
            ["9000:9000", "9001:9001"],
            "The console of MinIO of service it answers on port 9001",
        ),
        (
            "pihole/pihole:2025",
            ["53:53", "8080:80"],
            "The console of Pi-hole of service it answers on port 8080",
        ),
    ],
)
def test_doors_of_programs_that_are_no_database(of: str, ports: list[str], says: str) -> None:
    (only,) = found("open-port", project(stack(service("it", of, ports=ports))))
    assert says in only.message


def test_an_address_that_a_variable_decides_is_not_known() -> None:
    one = service("db", "postgres:17")
    unknown = port("5432:5432")._replace(computed=True)
    from dataclasses import replace

    assert found("open-port", project(stack(replace(one, ports=(unknown,))))) == []


def test_a_door_far_within_a_range_of_ports_is_open() -> None:
    compose = "services: {db: {image: 'postgres:17', ports: ['5300-5500:5300-5500']}}\n"
    (only,) = judged("open-port", {"compose.yml": compose})
    assert "PostgreSQL" in only.message


def test_ports_of_tests_and_pipelines_are_none() -> None:
    db = service("db", "postgres:17", ports=["5432:5432"])
    assert found("open-port", project(stack(db, role=FileRole.TEST))) == []
    assert found("open-port", project(stack(db, kind=StackKind.WORKFLOW))) == []


def test_development_comes_later_and_overlays_repeat_nothing() -> None:
    db = service("db", "postgres:17", ports=["5432:5432"])
    assert severity("open-port", project(stack(db))) is Severity.HIGH
    assert severity("open-port", project(stack(db, development=True))) is Severity.MEDIUM
    both = project(stack(db, files=("compose.yml", "compose.dev.yml"), development=True), stack(db))
    (only,) = found("open-port", both)
    assert not only.development


# --- credentials ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "worst"),
    [
        (project(stack(service("db", "postgres:17", env={"POSTGRES_PASSWORD": WEAK}))), Severity.MEDIUM),
        (
            project(
                stack(service("db", "postgres:17", env={"POSTGRES_PASSWORD": WEAK}, ports=["5432:5432"]))
            ),
            Severity.CRITICAL,
        ),
        (
            project(stack(service("db", "mysql:8", env={"MYSQL_ROOT_PASSWORD": "${ROOT:-root}"}))),
            Severity.MEDIUM,
        ),
        (
            project(
                stack(service("db", "postgres:17", env={"POSTGRES_PASSWORD": "${PW:-${OLD-${X:-root}}}"}))
            ),
            Severity.MEDIUM,
        ),
        (
            project(
                stack(service("db", "mcr.microsoft.com/azure-sql-edge:1", env={"MSSQL_SA_PASSWORD": WEAK}))
            ),
            Severity.MEDIUM,
        ),
        (
            project(
                stack(service("db", "postgres:17", env={"POSTGRES_PASSWORD": "${PW}"})),
                settings=template(PW="changeme"),
            ),
            Severity.LOW,
        ),
        (
            project(
                stack(service("db", "postgres:17", env_files=[".env"])),
                settings=template(POSTGRES_PASSWORD="postgres"),
            ),
            Severity.LOW,
        ),
        (
            project(
                stack(service("kc", "keycloak/keycloak:26", env={"KC_BOOTSTRAP_ADMIN_PASSWORD": "admin"}))
            ),
            Severity.MEDIUM,
        ),
        (
            project(stack(service("web", "acme/web:1", env={"JWT_SECRET": "${JWT_SECRET:-secret}"}))),
            Severity.HIGH,
        ),
        (project(stack(service("web", "acme/web:1", env={"NEXTAUTH_SECRET": ANY}))), Severity.HIGH),
        (
            project(
                stack(service("web", "acme/web:1", env={"SECRET_KEY": "${SECRET_KEY}"})),
                settings=template(SECRET_KEY="changeme"),
            ),
            Severity.MEDIUM,
        ),
        (
            project(stack(service("db", "postgres:17", env={"POSTGRES_HOST_AUTH_METHOD": "trust"}))),
            Severity.MEDIUM,
        ),
        (project(stack(service("cache", "redis:7", ports=["6379:6379"]))), Severity.CRITICAL),
        (
            project(stack(service("es", "elasticsearch:8.1.0", env={"xpack.security.enabled": "false"}))),
            Severity.MEDIUM,
        ),
        (project(settings=ini("odoo.conf", admin_passwd="admin", db_host="db")), Severity.HIGH),
    ],
)
def test_credentials_that_work_as_shipped(facts: ProjectFacts, worst: Severity) -> None:
    assert severity("default-credentials", facts) is worst
    (only,) = found("default-credentials", facts)
    assert WEAK not in repr(only)
    assert ANY not in repr(only)


@pytest.mark.parametrize(
    "facts",
    [
        project(stack(service("db", "postgres:17", env={"POSTGRES_PASSWORD": "${PW:?needed}"}))),
        project(
            stack(service("db", "postgres:17", env={"POSTGRES_PASSWORD": "${PW}"})), settings=template(PW="")
        ),
        project(stack(service("db", "postgres:17", env={"POSTGRES_PASSWORD": ANY}))),
        project(stack(service("db", "postgres:17", env={"POSTGRES_PASSWORD_FILE": "/run/secrets/db"}))),
        project(stack(service("web", "acme/web:1", env={"SMTP_PASSWORD": WEAK}))),
        project(stack(service("web", "acme/web:1", env={"JWT_SECRET": "${JWT_SECRET}"}))),
        project(stack(service("web", "acme/web:1", env={"JWT_SECRET": "${JWT_SECRET:-}"}))),
        project(
            stack(service("web", "acme/web:1", env={"GITHUB_OAUTH_SECRET": WEAK, "AUTH_SECRET_FILE": "/x"}))
        ),
        project(
            stack(service("web", "acme/web:1", env={"SECRET_KEY": "${SECRET_KEY}"})),
            settings=template(SECRET_KEY=ANY),
        ),
        project(stack(service("db", "postgres:17", env={"POSTGRES_PASSWORD": "${PW:-${OLD:?needed}}"}))),
        project(stack(service("db", "postgres:17", env={"POSTGRES_PASSWORD": "${PW:-${OLD}}"}))),
        project(stack(service("db", "postgres:17", env={"POSTGRES_PASSWORD": "***REMOVED***"}))),
        project(stack(service("web", "acme/web:1", env={"SECRET_KEY": "***REMOVED:x***"}))),
        project(settings=ini("odoo.conf", admin_passwd="***REMOVED***", db_host="db")),
        project(stack(service("cache", "redis:7"))),
        project(
            stack(service("cache", "redis:7", ports=["6379:6379"], command="redis-server --requirepass x"))
        ),
        project(stack(service("es", "elasticsearch:8.1.0", env={"xpack.security.enabled": "true"}))),
        project(settings=ini("app.ini", scope="main", admin_passwd="admin")),
        project(stack(service("db", "postgres:17", env={"POSTGRES_PASSWORD": WEAK}), role=FileRole.TEST)),
    ],
)
def test_credentials_that_are_set_properly(facts: ProjectFacts) -> None:
    assert found("default-credentials", facts) == []


@pytest.mark.parametrize(
    ("facts", "worst", "says"),
    [
        (
            project(
                stack(service("kong", "acme/kong:3", env={"DASHBOARD_PASSWORD": "${PW}"}, ports=["80:80"])),
                settings=template(PW="changeme"),
            ),
            Severity.MEDIUM,
            "works if nobody replaces the template's value",
        ),
        (
            project(stack(service("web", "acme/web:1", env={"APP_SECRET": "replace-me-with-a-string"}))),
            Severity.MEDIUM,
            "works if nobody replaces its placeholder",
        ),
        (
            project(
                stack(service("db", "postgres:17", env={"POSTGRES_USER": ANY, "POSTGRES_PASSWORD": ANY}))
            ),
            Severity.MEDIUM,
            "anybody would guess it",
        ),
        (
            project(
                stack(service("live", "acme/live:1", env={"LIVE_SERVER_SECRET_KEY": "${K:-" + ANY + "}"}))
            ),
            Severity.HIGH,
            "passes for a part of the stack",
        ),
    ],
)
def test_how_a_credential_works(facts: ProjectFacts, worst: Severity, says: str) -> None:
    (only,) = found("default-credentials", facts)
    assert says in only.message
    assert only.severity is worst


@pytest.mark.parametrize(("ports", "worst"), [([], Severity.MEDIUM), (["5432:5432"], Severity.HIGH)])
def test_a_password_that_a_committed_file_tells_everybody(ports: list[str], worst: Severity) -> None:
    db = stack(service("db", "postgres:17", env={"POSTGRES_PASSWORD": ANY}, ports=ports))
    (only,) = found("default-credentials", project(db, tracked=frozenset({"compose.yml"})))
    assert only.severity is worst
    assert "whoever reads the repository knows it" in only.message
    assert "`secops scan`" in only.fix
    assert found("default-credentials", project(db, tracked=frozenset({"README.md"}))) == []


@pytest.mark.parametrize(("ports", "worst"), [([], Severity.MEDIUM), (["5432:5432"], Severity.HIGH)])
def test_a_password_in_the_committed_file_of_a_secret(ports: list[str], worst: Severity) -> None:
    file = SecretFile("pw", "secrets/pw.txt", FactPlace("compose.yml", 40))
    env: dict[str, str | None] = {"POSTGRES_PASSWORD_FILE": "/run/secrets/pw"}
    db = stack(service("db", "postgres:17", env=env, ports=ports), secret_files=(file,))
    (only,) = found("default-credentials", project(db, tracked=frozenset({file.path})))
    assert only.severity is worst
    assert "whoever reads the repository knows it" in only.message
    assert "Take secrets/pw.txt out of git" in only.fix
    assert [each.place.path for each in only.evidence] == ["secrets/pw.txt", "compose.yml", "compose.yml"]
    assert found("default-credentials", project(db)) == []
    other = stack(service("db", "postgres:17", env=env), secret_files=(file._replace(name="p"),))
    assert found("default-credentials", project(other, tracked=frozenset({file.path}))) == []


@pytest.mark.parametrize(
    "value", ["op://vault/db/password", "ENC[AES256_GCM,data:x]", "/run/secrets/db", "none"]
)
def test_where_a_password_is_kept_is_no_password(value: str) -> None:
    db = stack(service("db", "postgres:17", env={"POSTGRES_PASSWORD": value}))
    assert found("default-credentials", project(db, tracked=frozenset({"compose.yml"}))) == []


def test_a_master_password_that_a_committed_file_tells_everybody() -> None:
    conf = ini("odoo.conf", admin_passwd=ANY, db_host="db")
    (only,) = found("default-credentials", project(settings=conf, tracked=frozenset({"odoo.conf"})))
    assert "whoever reads the repository knows" in only.message
    hashed = ini("odoo.conf", admin_passwd=f"$pbkdf2-sha512$600000${ANY}", db_host="db")
    for settings, tracked in ((conf, "x"), (hashed, "odoo.conf")):
        facts = project(settings=settings, tracked=frozenset({tracked}))
        assert found("default-credentials", facts) == []


@pytest.mark.parametrize(
    "env",
    [
        {"POSTGRES_HOST_AUTH_METHOD": "trust", "POSTGRES_PASSWORD": WEAK},
        {"POSTGRES_PASSWORD": WEAK, "ALLOW_EMPTY_PASSWORD": "yes"},
    ],
)
def test_a_database_is_told_once(env: dict[str, str]) -> None:
    (only,) = found("default-credentials", project(stack(service("db", "postgres:17", env=env))))
    assert ("no password" in only.subject) == ("POSTGRES_HOST_AUTH_METHOD" in env)


def test_a_key_of_several_services_is_one_line() -> None:
    env = {"JWT_SECRET": "${JWT_SECRET:-secret}"}
    services = (service(name, "acme/web:1", env=env, line=number) for name, number in (("a", 2), ("b", 9)))
    (only,) = found("default-credentials", project(stack(*services)))
    assert len(only.evidence) == 2


def test_a_committed_environment_file_counts_as_shipped() -> None:
    db = service("db", "postgres:17", env={"POSTGRES_PASSWORD": "${PW}"})
    values = [setting("PW", WEAK)]
    assert found("default-credentials", project(stack(db), settings=values)) == []
    (only,) = found("default-credentials", project(stack(db), settings=values, tracked=frozenset({".env"})))
    assert "out of git" in only.fix


# --- TLS --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "facts",
    [
        project(settings=[setting("DATABASE_URL", "postgres://u@db.acme.net/x?sslmode=disable")]),
        project(settings=[setting("DATABASE_URL", "jdbc:mysql://db.acme.net/x?useSSL=false")]),
        project(settings=template(PGHOST="db.acme.net", PGSSLMODE="disable")),
        project(stack(service("web", "acme/web:1", env={"DB_URL": "postgres://u@8.8.8.8/x?ssl=false"}))),
    ],
)
def test_plain_connections(facts: ProjectFacts) -> None:
    assert len(found("plain-connection", facts)) == 1


@pytest.mark.parametrize(
    "facts",
    [
        project(settings=[setting("DATABASE_URL", "postgres://u@db.acme.net/x?sslmode=require")]),
        project(settings=[setting("DATABASE_URL", "postgres://u@db.acme.net/x")]),
        project(settings=[setting("DATABASE_URL", "postgres://u@localhost/x?sslmode=disable")]),
        project(settings=[setting("DATABASE_URL", "postgres://u@10.1.2.3/x?sslmode=disable")]),
        project(settings=[setting("DATABASE_URL", "postgres://u@db.internal/x?sslmode=disable")]),
        project(settings=[setting("DATABASE_URL", "postgres://u@db.example.com/x?sslmode=disable")]),
        project(stack(service("web", "acme/web:1", env={"DB_URL": "postgres://u@db/x?sslmode=disable"}))),
    ],
)
def test_connections_that_stay_at_home(facts: ProjectFacts) -> None:
    assert found("plain-connection", facts) == []


# --- walls ------------------------------------------------------------------------------------

HERE = FactPlace("compose.yml", 7)


@pytest.mark.parametrize(
    ("of", "development", "worst"),
    [
        ("acme/web:1", False, Severity.HIGH),
        ("traefik:3", False, Severity.LOW),
        ("acme/web:1", True, Severity.LOW),
    ],
)
def test_the_socket_of_docker(of: str, development: bool, worst: Severity) -> None:
    facts = project(stack(service("a", of, docker_socket=HERE), development=development))
    assert severity("docker-socket", facts) is worst


@pytest.mark.parametrize(
    ("of", "worst"),
    [("acme/web:1", Severity.HIGH), ("docker:27-dind", Severity.LOW), ("acme/ci:dind", Severity.LOW)],
)
def test_privileged_services(of: str, worst: Severity) -> None:
    assert severity("privileged-service", project(stack(service("a", of, privileged=HERE)))) is worst


@pytest.mark.parametrize("of", ["postgres:17", "redis:7", "mongo:7"])
def test_databases_in_the_network_of_the_host(of: str) -> None:
    assert len(found("host-network-database", project(stack(service("db", of, host_network=True))))) == 1


@pytest.mark.parametrize("rule", ["docker-socket", "privileged-service", "host-network-database"])
def test_services_behind_their_walls(rule: str) -> None:
    quiet = (
        stack(service("db", "postgres:17", volumes=["data:/var/lib/postgresql/data"])),
        stack(service("web", "acme/web:1", host_network=True)),
        stack(service("t", "docker:dind", privileged=HERE, docker_socket=HERE), role=FileRole.TEST),
        stack(service("db", "postgres:17", host_network=True, command="-c listen_addresses=127.0.0.1")),
        stack(service("db", "postgres:17", host_network=True), kind=StackKind.WORKFLOW),
    )
    assert found(rule, project(*quiet)) == []
    assert image("docker:dind").tag == "dind"


def test_a_port_behind_a_wide_range_is_open() -> None:
    ports = "['10000-14999:10000-14999', '5432:5432']"
    assert judged(
        "open-port", {"compose.yml": f"services: {{db: {{image: 'postgres:17', ports: {ports}}}}}\n"}
    )
