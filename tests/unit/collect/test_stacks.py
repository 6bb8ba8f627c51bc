"""Stacks: which files are started together, and what their services are."""

from __future__ import annotations

import pytest

from secopskit.collect.assemble.stacks import stacks
from secopskit.collect.facts import (
    ComposeFile,
    EnvFileUse,
    FactPlace,
    FileRole,
    ImageName,
    MountedVolume,
    ProjectFacts,
    Service,
    SettingKind,
    Stack,
    VariableSetting,
)
from secopskit.collect.stacks.short_forms import MOST_PORTS
from secopskit.collect.value import ConfigValue
from secopskit.formats.trees.yaml_tree import documents
from support.effort import costs_little
from support.project import only_service, only_stack, project

Files = dict[str, str]


def by_name(stack: Stack) -> dict[str, Service]:
    return {service.name: service for service in stack.services}


def started(files: Files) -> set[tuple[tuple[str, ...], str, bool]]:
    return {(stack.files, stack.variant, stack.development) for stack in project(files).stacks}


APP = "services: {web: {image: app, ports: ['80:80']}, db: {image: postgres}}\n"


@pytest.mark.parametrize(
    ("files", "result"),
    [
        ({"compose.yml": APP}, {(("compose.yml",), "", False)}),
        (
            {"compose.yml": APP, "compose.override.yml": "services: {web: {build: .}}\n"},
            {(("compose.yml",), "", False), (("compose.yml", "compose.override.yml"), "override", True)},
        ),
        (
            {"docker-compose.yml": APP, "docker-compose.prod.yml": "services: {web: {restart: always}}\n"},
            {
                (("docker-compose.yml",), "", False),
                (("docker-compose.yml", "docker-compose.prod.yml"), "prod", False),
            },
        ),
        # all that it needs is in it: it stands alone
        (
            {"docker-compose.yml": APP, "docker-compose.dev.yml": "services: {db: {image: postgres}}\n"},
            {(("docker-compose.yml",), "", False), (("docker-compose.dev.yml",), "dev", True)},
        ),
        # what it depends on, and its network, are those of the base
        (
            {
                "docker-compose.yml": APP + "networks: {back: }\n",
                "docker-compose.proxy.yml": "services: {proxy: {image: p, networks: [back]}}\n",
                "docker-compose-worker.yml": "services: {worker: {image: w, depends_on: [db]}}\n",
            },
            {
                (("docker-compose.yml",), "", False),
                (("docker-compose.yml", "docker-compose.proxy.yml"), "proxy", False),
                (("docker-compose.yml", "docker-compose-worker.yml"), "worker", False),
            },
        ),
        # on the file whose name it continues, rather than on the base
        (
            {
                "docker-compose.yml": APP,
                "docker-compose.test.yml": APP,
                "docker-compose.test.override.yml": "services: {web: {ports: ['81:80']}}\n",
            },
            {
                (("docker-compose.yml",), "", False),
                (("docker-compose.test.yml",), "test", True),
                (("docker-compose.test.yml", "docker-compose.test.override.yml"), "test override", True),
            },
        ),
        # a devcontainer on the project's base
        (
            {"compose.yml": APP, ".devcontainer/compose.yml": "services: {web: {command: sleep infinity}}\n"},
            {
                (("compose.yml",), "", False),
                (("compose.yml", ".devcontainer/compose.yml"), ".devcontainer", True),
            },
        ),
        # no base that has it
        (
            {"compose.yml": APP, "compose.x.yml": "services: {other: {command: x}}\n"},
            {(("compose.yml",), "", False), (("compose.x.yml",), "x", False)},
        ),
        ({"tests/e2e/compose.yaml": APP}, {(("tests/e2e/compose.yaml",), "", True)}),
        ({".github/compose.yaml": APP}, {((".github/compose.yaml",), "", True)}),
    ],
)
def test_what_is_started_together(files: Files, result: set[object]) -> None:
    assert started(files) == result


def test_a_merged_service_knows_where_everything_stands() -> None:
    files = {
        "compose.yml": "services:\n  web:\n    image: app:1\n    environment:\n      A: one\n      B: two\n",
        "compose.prod.yml": "services:\n  web:\n    environment:\n      - B=three\n      - C\n",
    }
    (stack,) = (stack for stack in project(files).stacks if stack.variant == "prod")
    (service,) = stack.services
    assert service.place == FactPlace("compose.yml", 2)
    assert [(each.name, each.place, each.scope) for each in service.environment] == [
        ("A", FactPlace("compose.yml", 5), "web"),
        ("B", FactPlace("compose.prod.yml", 4), "web"),
        ("C", FactPlace("compose.prod.yml", 5), "web"),
    ]
    assert service.environment[2].value is None


def test_anchors_and_merge_keys() -> None:
    stack = only_stack(
        {
            "compose.yml": "x-env: &env\n  A: one\n  B: two\nx-app: &app\n  image: app\n  environment: *env\n"
            "services:\n  web:\n    <<: *app\n  worker:\n    <<: [*app]\n    environment:\n      <<: *env\n"
            "      B: three\n"
        }
    )
    found = {name: {e.name: e.place.line for e in s.environment} for name, s in by_name(stack).items()}
    assert found == {"web": {"A": 2, "B": 3}, "worker": {"A": 2, "B": 14}}
    assert {service.image for service in stack.services} == {ImageName("app")}


@pytest.mark.parametrize(
    ("written", "result"),
    [
        ("3000", ("", None, 3000, "tcp")),
        ("8000:80", ("", 8000, 80, "tcp")),
        ("127.0.0.1:8001:8001", ("127.0.0.1", 8001, 8001, "tcp")),
        ("0.0.0.0:80:80", ("", 80, 80, "tcp")),
        ("127.0.0.1::5000", ("127.0.0.1", None, 5000, "tcp")),
        ("'[::1]:6000:6001'", ("::1", 6000, 6001, "tcp")),
        ("'[::]:6000:6001'", ("", 6000, 6001, "tcp")),
        ("6060:6060/udp", ("", 6060, 6060, "udp")),
        ("'${PORT:-8080}:80'", ("", 8080, 80, "tcp")),
        ("'${PORT}:80'", ("", None, 80, "tcp")),
        ("'${BIND:-127.0.0.1}:${PORT:-5432}:5432'", ("127.0.0.1", 5432, 5432, "tcp")),
        ("'${BIND:-127.0.0.1:5432}:5432'", ("127.0.0.1", 5432, 5432, "tcp")),
        (
            "{target: 80, published: '8080', host_ip: 127.0.0.1, protocol: udp}",
            ("127.0.0.1", 8080, 80, "udp"),
        ),
        ("{target: 80}", ("", None, 80, "tcp")),
        ("'8000-9000:80'", ("", None, 80, "tcp")),
    ],
)
def test_ports(written: str, result: tuple[object, ...]) -> None:
    service = only_service({"compose.yml": f"services:\n  a:\n    image: x\n    ports:\n      - {written}\n"})
    (port,) = service.ports
    assert port[:4] == result
    assert port.place == FactPlace("compose.yml", 5)


def test_more_ports() -> None:
    text = (
        "services: {a: {image: x, ports: ['3000-3002:4000-4002', '${IP}:1:2', ':9'], expose: [1, '5-6']}}\n"
    )
    service = only_service({"compose.yml": text})
    assert [(port.host, port.container, port.computed) for port in service.ports] == [
        (3000, 4000, False),
        (3001, 4001, False),
        (3002, 4002, False),
        (1, 2, True),
        (None, 9, False),
    ]
    assert service.exposed == (1, 5, 6)


def test_all_ports_of_a_range_are_there_and_no_range_is_without_bound() -> None:
    range_of = "services: {{a: {{image: x, ports: [{}]}}}}\n".format
    whole = only_service({"compose.yml": range_of("'5300-5500:5300-5500'")})
    assert [(port.host, port.container) for port in whole.ports] == [
        (each, each) for each in range(5300, 5501)
    ]
    ranges = ", ".join(f"'127.0.0.{number}:1-65535:1-65535'" for number in range(1, 101))
    endless = costs_little(lambda: only_service({"compose.yml": range_of(ranges)}), 3)
    assert len(endless.ports) <= MOST_PORTS + 100


def test_a_port_and_a_mount_are_there_once() -> None:
    files = {
        "compose.yml": "services: {a: {image: x, ports: ['80:80'], volumes: ['./a:/data', 'vv:/w']}}\n",
        "compose.prod.yml": "services:\n  a:\n    ports: ['80:80', '81:80']\n    volumes: ['bb:/data']\n",
    }
    (stack,) = (stack for stack in project(files).stacks if stack.variant)
    (service,) = stack.services
    assert [(port.host, port.place.path) for port in service.ports] == [
        (80, "compose.prod.yml"),
        (81, "compose.prod.yml"),
    ]
    assert [(volume.source, volume.target) for volume in service.volumes] == [("bb", "/data"), ("vv", "/w")]


@pytest.mark.parametrize(
    ("written", "source", "target", "read_only"),
    [
        ("data:/var/lib/x", "data", "/var/lib/x", False),
        ("./conf:/etc/x:ro", "./deploy/conf", "/etc/x", True),
        ("../conf:/etc/x:ro,z", "./conf", "/etc/x", True),
        ("/etc/x:/etc/x", "/etc/x", "/etc/x", False),
        ("/anonymous", "", "/anonymous", False),
        ("'${DATA:-./data}:/x'", "./deploy/data", "/x", False),
        ("'C:\\data:/x'", "C:\\data", "/x", False),
        ("{type: bind, source: ./c, target: /x, read_only: true}", "./deploy/c", "/x", True),
        ("{type: volume, source: v, target: /x}", "v", "/x", False),
    ],
)
def test_volumes(written: str, source: str, target: str, read_only: bool) -> None:
    text = f"services:\n  a:\n    image: x\n    volumes:\n      - {written}\n"
    (volume,) = only_service({"deploy/compose.yml": text}).volumes
    assert volume == MountedVolume(source, target, read_only, volume.place)
    assert volume.place.line == 5


@pytest.mark.parametrize(
    "written",
    [
        "/var/run/docker.sock:/var/run/docker.sock:ro",
        "'${SOCKET:-/run/docker.sock}:/x'",
        "'${SOCKET}:/var/run/docker.sock'",
        "{type: bind, source: /var/run/docker.sock, target: /s}",
    ],
)
def test_the_socket(written: str) -> None:
    text = f"services:\n  a:\n    image: x\n    volumes:\n      - x:/y\n      - {written}\n"
    assert only_service({"compose.yml": text}).docker_socket == FactPlace("compose.yml", 6)


SERVICE = """\
services:
  web:
    container_name: shop-web
    hostname: shop
    privileged: true
    profiles: [full]
    build:
      context: ./web
      dockerfile: docker/Dockerfile
      target: prod
      args:
        - VERSION=1
        - TOKEN
    env_file:
      - web.env
      - path: ./optional.env
        required: false
    depends_on: {db: {condition: service_healthy}}
    links: ["cache:redis"]
    cap_add: [NET_ADMIN]
    extra_hosts: ["host.docker.internal:host-gateway"]
    networks:
      back:
        aliases: [api]
    entrypoint: ["/start"]
    command: serve --port 8080
    healthcheck: {test: [CMD, "true"]}
"""


def test_all_of_a_service() -> None:
    service = only_service({"deploy/compose.yml": SERVICE})
    assert service.names == ("web", "shop-web", "shop", "api")
    assert (service.networks, service.depends_on, service.profiles) == (("back",), ("db", "cache"), ("full",))
    assert (service.command, service.health_check) == ("/start serve --port 8080", True)
    assert service.privileged == FactPlace("deploy/compose.yml", 5)
    assert service.env_files == (
        EnvFileUse("deploy/web.env", True, FactPlace("deploy/compose.yml", 15)),
        EnvFileUse("deploy/optional.env", False, FactPlace("deploy/compose.yml", 16)),
    )
    assert service.build is not None
    assert (service.build.context, service.build.dockerfile) == ("deploy/web", "deploy/web/docker/Dockerfile")
    assert [(each.name, each.place.line) for each in service.build.args] == [("VERSION", 12), ("TOKEN", 13)]
    assert (service.build.target, service.build.place.line) == ("prod", 7)
    assert [name for name, _ in service.capabilities] == ["NET_ADMIN"]
    assert (service.extra_hosts, service.host_network) == (("host.docker.internal",), False)


@pytest.mark.parametrize(
    ("written", "context", "dockerfile"),
    [
        ("build: .", "app", "app/Dockerfile"),
        ("build: ..", "", "Dockerfile"),
        ("build: ../..", None, ""),
        ("build: https://github.com/a/b.git", None, ""),
        ("build: {context: ., dockerfile: ../x/D}", "app", "x/D"),
        ("build: {dockerfile: D}", "app", "app/D"),
        ('build: {context: ., dockerfile_inline: "FROM x"}', "app", ""),
        ("build: '${DIR}'", None, ""),
    ],
)
def test_builds(written: str, context: str | None, dockerfile: str) -> None:
    build = only_service({"app/compose.yml": f"services:\n  a:\n    {written}\n"}).build
    assert build is not None
    assert (build.context, build.dockerfile) == (context, dockerfile)


@pytest.mark.parametrize(
    ("written", "result"),
    [
        ("healthcheck: {disable: true}", False),
        ("healthcheck: {test: [NONE]}", False),
        ("healthcheck: {test: curl x}", True),
        ("healthcheck: {interval: 5s}", None),
        ("image: y", None),
    ],
)
def test_health_checks(written: str, result: bool | None) -> None:
    service = only_service({"compose.yml": f"services:\n  a:\n    image: x\n    {written}\n"})
    assert service.health_check is result


def test_networks() -> None:
    text = "services: {a: {network_mode: host}, b: {network_mode: 'service:a'}, c: {image: x}}\n"
    found = by_name(only_stack({"compose.yml": text}))
    assert [(s.networks, s.host_network, s.network_of) for s in found.values()] == [
        ((), True, ""),
        ((), False, "a"),
        (("default",), False, ""),
    ]


@pytest.mark.parametrize(
    ("written", "image"),
    [
        ("postgres", ImageName("postgres")),
        ("postgres:16", ImageName("postgres", "16")),
        ("docker.io/library/redis:7-alpine", ImageName("library/redis", "7-alpine", "", "docker.io")),
        ("localhost:5000/a/b", ImageName("a/b", "", "", "localhost:5000")),
        ("ghcr.io/a/b@sha256:12", ImageName("a/b", "", "sha256:12", "ghcr.io")),
        ("odoo:${TAG:-18}", ImageName("odoo", "18")),
        ("odoo:${TAG}", ImageName("odoo", "", "", "", computed=True)),
        ("${REGISTRY}/odoo:18", ImageName("odoo", "18", "", "", computed=True)),
        ("${IMAGE}", ImageName("", "", "", "", computed=True)),
    ],
)
def test_images(written: str, image: ImageName) -> None:
    assert only_service({"compose.yml": f"services:\n  a:\n    image: '{written}'\n"}).image == image


# --- several files ----------------------------------------------------------------------------


def test_extends() -> None:
    files = {
        "compose.yml": "services:\n  web:\n    extends: {file: common/base.yml, service: app}\n"
        "    environment: {B: two}\n  worker:\n    extends: web\n    command: work\n",
        "common/base.yml": "services:\n  root:\n    build: .\n    env_file: app.env\n  app:\n"
        "    extends: root\n    environment: {A: one, B: one}\n",
    }
    found = by_name(only_stack(files))
    assert list(found) == ["web", "worker"]
    worker = found["worker"]
    assert {each.name: each.place for each in worker.environment} == {
        "A": FactPlace("common/base.yml", 7),
        "B": FactPlace("compose.yml", 4),
    }
    assert [each.path for each in worker.env_files] == ["common/app.env"]
    assert worker.build is not None
    assert worker.build.context == "common"
    assert worker.command == "work"


@pytest.mark.parametrize(
    "extends",
    [
        "a",
        "b",
        "{file: compose.yml, service: a}",
        "{file: gone.yml, service: x}",
        "{file: ../../x.yml, service: x}",
        "nothing",
        "{service: {x: y}}",
        "[]",
    ],
)
def test_extends_that_leads_nowhere(extends: str) -> None:
    text = f"services: {{a: {{image: x, extends: {extends}}}, b: {{image: y, extends: a}}}}\n"
    stack = only_stack({"compose.yml": text})
    assert {service.name: service.image for service in stack.services} == {
        "a": ImageName("x"),
        "b": ImageName("y"),
    }
    assert all("compose.yml" in limit or "gone.yml" in limit for limit in stack.limits)
    assert stack.limits


def test_include() -> None:
    files = {
        "compose.yml": "include:\n  - db/compose.yml\n  - path: [mail/a.yml, mail/b.yml]\n"
        "    project_directory: .\nservices: {web: {image: app, depends_on: [db]}}\n",
        "db/compose.yml": "services: {db: {image: postgres, env_file: db.env}}\n",
        "mail/a.yml": "services: {mail: {build: ., ports: ['25:25']}}\n",
        "mail/b.yml": "services: {mail: {environment: {A: b}}}\n",
    }
    (stack,) = (stack for stack in project(files).stacks if stack.files == ("compose.yml",))
    found = by_name(stack)
    assert set(found) == {"web", "db", "mail"}
    assert [each.path for each in found["db"].env_files] == ["db/db.env"]
    assert found["mail"].build is not None
    assert found["mail"].build.context == ""
    assert [each.name for each in found["mail"].environment] == ["A"]
    assert len(project(files).stacks) == 1


@pytest.mark.parametrize("include", ["[compose.yml]", "[gone.yml]", "['${X}/y.yml']", "[{path: []}]", "[[]]"])
def test_include_that_leads_nowhere(include: str) -> None:
    files = {"compose.yml": f"include: {include}\nservices: {{a: {{image: x}}}}\n"}
    found = project(files).stacks
    assert [service.name for stack in found for service in stack.services] in (["a"], [])


# --- what surrounds ---------------------------------------------------------------------------


def test_names_and_places_of_stacks() -> None:
    files = {"compose.yml": APP, "deploy/compose.yml": "name: named\n" + APP, "edge/compose.yml": APP}
    assert [(stack.name, stack.directory, stack.env_file) for stack in project(files).stacks] == [
        ("shop", "", ".env"),
        ("named", "deploy", "deploy/.env"),
        ("edge", "edge", "edge/.env"),
    ]


def test_variables_of_the_file_beside() -> None:
    text = b"services: {a: {image: 'app:${TAG}', ports: ['${PORT:-80}:80'], environment: {A: '${PORT}'}}}\n"
    place = FactPlace("x/.env", 1)
    given = [("PORT", b"8080", place), ("TAG", b"2", place), ("TAG", b"3", FactPlace(".env", 1))]
    settings = tuple(
        VariableSetting(name, ConfigValue(value), at, SettingKind.DOTENV) for name, value, at in given
    )
    files = [ComposeFile("x/compose.yml", text, (documents(text) or [None])[0])]
    (stack,) = stacks(files, ProjectFacts(name="x", settings=settings))
    (service,) = stack.services
    assert service.image == ImageName("app", "2")
    assert [port.host for port in service.ports] == [8080]
    assert service.environment[0].value == ConfigValue(b"${PORT}")


def test_roles() -> None:
    text = "services: {a: {image: x, environment: {A: b}, build: {args: {C: d}}}}\n"
    manifest = "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, env: [{name: A, value: b}]}]}\n"
    for stack in project({"tests/compose.yml": text, "tests/pod.yml": manifest}).stacks:
        (service,) = stack.services
        given = (*service.environment, *(service.build.args if service.build else ()))
        assert {stack.role, *(each.role for each in given)} == {FileRole.TEST}


def test_what_is_no_compose_file() -> None:
    files = {
        "ci/a.yml": "jobs: {a: {}}\nservices: {db: {image: x}}\n",
        "config/services.yaml": "services:\n  _defaults: {autowire: true}\n",
        "a.yml": "services: [a]\n",
        "compose.yml": "- a\n",
    }
    assert project(files).stacks == ()


def test_a_template_of_another_program_is_told() -> None:
    found = project({"compose.yml": "services:\n  {% if x %}\n  a: {image: x}\n"})
    assert found.stacks == ()
    assert [(each.path, each.reason.value) for each in found.skipped] == [
        ("compose.yml", "too deep or too complex to parse")
    ]


def test_wide_files_cost_little() -> None:
    keys = "x: &x {image: y, environment: &e\n {" + ", ".join(f"K{n}: $V{n}" for n in range(400)) + "}}\n"
    services = "".join(f"  s{n}: {{<<: *x, environment: {{<<: *e, A: b}}}}\n" for n in range(200))
    files = {"compose.yml": keys + "services:\n" + services}
    (stack,) = costs_little(lambda: project(files), 8).stacks
    assert "some of its services could not be read" in stack.limits


def test_what_is_merged_is_bounded() -> None:
    keys = "x-a: &e {" + ", ".join(f"K{n}: a" for n in range(300)) + "}\n"
    text = keys + "services:\n" + "".join(f"  s{n}: {{image: x, environment: *e}}\n" for n in range(100))
    found = project({"compose.yml": text, "compose.override.yml": text}).stacks
    assert "compose.yml: too much to be merged" in found[-1].limits


@pytest.mark.parametrize(
    "bomb",
    [
        "a0: &a0 {image: x}\n"
        + "".join(
            f"a{n}: &a{n} {{{', '.join(f'k{m}: *a{n - 1}' for m in range(9))}}}\n" for n in range(1, 12)
        )
        + "services: {a: *a11, b: {image: x}}\n",
        "".join(f"e{n}: &e{n} [{', '.join([f'*e{n - 1}'] * 9 if n else ['A=1'] * 9)}]\n" for n in range(9))
        + "services: {b: {image: x, environment: *e8, ports: *e8}}\n",
        # A long text that each of many services takes in.
        f"x: &x '{'${A_B} ' * 20_000}'\nservices:\n"
        + "".join(f"  s{n}: {{image: x, command: *x}}\n" for n in range(500)),
    ],
)
def test_what_aliases_repeat_without_end_is_not_read_and_told(bomb: str) -> None:
    found = costs_little(lambda: project({"compose.yml": bomb}), 3)
    assert found.stacks == ()
    assert [each.path for each in found.skipped] == ["compose.yml"]


def test_files_that_extend_each_other_in_a_long_chain_cost_little() -> None:
    files = {
        f"{n}.compose.yml": "services: {a: {image: x, extends: {service: a, file: "
        f"{n + 1}.compose.yml}}}}}}"
        for n in range(1500)
    }
    stacks = costs_little(lambda: project(files), 6).stacks
    assert "extends what cannot be followed" in " ".join(stacks[0].limits)


@pytest.mark.parametrize("count", [12, 30])
def test_files_that_include_each_other_cost_little(count: int) -> None:
    includes = "include: [" + ", ".join(f"c{n}.compose.yml" for n in range(count)) + "]\n"
    files = {
        f"c{n}.compose.yml": f"{includes}services: {{a{n}: {{image: x, ports: [1]}}}}\n" for n in range(count)
    }
    files["compose.yml"] = f"{includes}services: {{a: {{image: x}}}}\n"
    (stack,) = costs_little(lambda: project(files), 6).stacks
    assert len(stack.services) == 13 or "compose.yml: too much to be merged" in stack.limits


def test_networks_that_something_else_makes() -> None:
    written = (
        APP + "networks: {mine: {}, a: {external: true}, b: {external: {name: x}}, c: {external: false}}\n"
    )
    assert only_stack({"compose.yml": written}).external == {"a", "b"}


def test_a_mount_whose_source_an_environment_file_tells() -> None:
    files = {
        "compose.yml": 'services: {a: {image: x, volumes: ["$DATA:/data:ro", "${LOGS:-/x}:/logs"]}}\n',
        ".env": "BASE=${ELSEWHERE:-/srv}\nDATA=${BASE}/shop\nLOGS=${NOT_SET:?say where: here}\n",
    }
    data, logs = only_service(files).volumes
    assert (data.source, data.target, data.read_only) == ("/srv/shop", "/data", True)
    assert logs.target == "/logs"


def test_what_a_service_says_of_its_image_and_its_health() -> None:
    text = "services:\n  a:\n    restart: always\n    image: x\n    healthcheck:\n      test: curl http://localhost:3000\n"
    service = only_service({"compose.yml": text})
    assert service.image_place == FactPlace("compose.yml", 4)
    assert service.health_command == "curl http://localhost:3000"


def test_references_that_grow_stay_short() -> None:
    lines = ["A0=" + "x" * 500, *(f"A{n}=" + f"${{A{n - 1}}}" * 100 for n in range(1, 60))]
    files = {"compose.yml": "services: {a: {image: 'x:${A59}'}}\n", ".env": "\n".join(lines)}
    assert costs_little(lambda: only_service(files), 2).image is not None


def test_ports_of_a_service_of_a_workflow_are_bounded() -> None:
    ports = ", ".join(f"'127.0.0.{number}:1-65535:1-65535'" for number in range(200))
    text = f"on: push\njobs: {{a: {{runs-on: x, services: {{db: {{image: postgres, ports: [{ports}]}}}}}}}}\n"
    facts = costs_little(lambda: project({".github/workflows/a.yml": text}), 3)
    assert sum(len(each.ports) for stack in facts.stacks for each in stack.services) <= MOST_PORTS + 200


def test_files_of_secrets() -> None:
    secrets = (
        "secrets: {pw: {file: ./pw.txt}, out: {file: ../../x}, env: {environment: PW}, null: {file: }}\n"
    )
    files = {
        "deploy/compose.yml": APP + secrets,
        "deploy/compose.prod.yml": "secrets: {key: {file: k.pem}}\nservices: {web: {restart: always}}\n",
    }
    found = {
        stack.variant: [(one.name, one.path) for one in stack.secret_files] for stack in project(files).stacks
    }
    assert found == {
        "": [("pw", "deploy/pw.txt")],
        "prod": [("pw", "deploy/pw.txt"), ("key", "deploy/k.pem")],
    }
