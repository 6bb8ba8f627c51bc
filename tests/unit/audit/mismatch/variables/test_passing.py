"""Whether a variable arrives where it is read, and is read where it arrives."""

from __future__ import annotations

from dataclasses import replace

import pytest

from secopskit.audit.mismatch import rules
from secopskit.collect.facts import FactPlace, JobFacts, LiveNames, ProjectFacts
from secopskit.findings import Severity
from support.projects import judged, subjects

NOWHERE, UNPASSED, BUILD, STAGE, ENV_FILE, GITHUB = (
    "variable-goes-nowhere",
    "variable-never-passed",
    "build-argument-without-arg",
    "argument-empty-in-stage",
    "env-file-missing",
    "workflow-name-not-in-github",
)
NODE = "FROM node:22\nWORKDIR /app\nCOPY . .\nCMD node src/app.js\n"
PYTHON = "FROM python:3.12\nCOPY . .\nCMD python app.py\n"


def stack(lines: str, *, build: str = "./api", name: str = "api", more: str = "") -> str:
    """A stack with one service that is built here; `lines` are its own, `more` the other services."""
    body = "".join(f"    {line}\n" for line in lines.splitlines())
    return f"services:\n  {name}:\n    build: {build}\n{body}{more}"


def api(code: str, compose: str, **others: str) -> dict[str, str]:
    """A project of a Node.js service in api/."""
    found = {
        "api/Dockerfile": NODE,
        "api/package.json": '{"name": "api", "dependencies": {"ioredis": "5"}}',
        "api/src/app.js": code,
        "compose.yml": compose,
    }
    return found | others


READS = "connect(process.env.REDIS_TLS_CA_PATH, process.env.REDIS_URL);\n"


@pytest.mark.parametrize(
    ("files", "name", "near"),
    [
        (api(READS, stack("environment:\n  REDIS_TLS_CA: /ca.pem")), "REDIS_TLS_CA", "REDIS_TLS_CA_PATH"),
        (
            api(READS, stack("environment:\n  - REDIS_TLS_CA=${REDIS_TLS_CA:-}")),
            "REDIS_TLS_CA",
            "REDIS_TLS_CA_PATH",
        ),
        (api(READS, stack("environment:\n  REDIS_URL: x\n  SHOP_COLOUR: red")), "SHOP_COLOUR", ""),
        (
            {
                "Dockerfile": PYTHON,
                "app.py": "import os\nos.environ['MAIL_SENDER']\n",
                "requirements.txt": "flask\n",
                "docker-compose.yml": stack("environment:\n  MAIL_SENDERS: a", build="."),
            },
            "MAIL_SENDERS",
            "MAIL_SENDER",
        ),
    ],
    ids=["mapping", "list", "nothing near", "python"],
)
def test_a_variable_that_goes_nowhere(files: dict[str, str], name: str, near: str) -> None:
    found = judged(NOWHERE, files)
    assert [each.subject for each in found] == [name]
    assert found[0].alone == bool(near)
    assert near in found[0].message
    assert found[0].evidence[0].place.path.endswith("compose.yml")


SETS = stack("environment:\n  SHOP_COLOUR: red")


@pytest.mark.parametrize(
    "files",
    [
        api("paint(process.env.SHOP_COLOUR);\n", SETS),
        api("paint(process.env[`SHOP_${name}`], process.env.X_Y);\n", SETS),
        api("const get = name => read(name); get('SHOP_COLOUR'); process.env.X_Y;\n", SETS),
        api(READS, stack("environment:\n  NODE_ENV: production\n  TZ: UTC\n  AWS_REGION: x\n  PGHOST: db")),
        api(READS, stack("environment:\n  REDIS_KEY_PREFIX: x")),
        api(READS, SETS, **{"api/Dockerfile": "FROM odoo:18\nCOPY . .\n"}),
        api(READS, stack("environment:\n  SHOP_COLOUR: red\ncommand: paint $$SHOP_COLOUR")),
        api(READS, "services:\n  api:\n    image: odoo:18\n    environment:\n      SHOP_COLOUR: red\n"),
        api(READS, stack("env_file: .env"), **{".env": "SHOP_COLOUR=red\n"}),
        api("", SETS),
        api(READS, SETS, **{"api/docker-entrypoint.sh": '#!/bin/sh\npaint "$SHOP_COLOUR"\n'}),
        api(
            READS,
            "x-env: &env\n  SHOP_COLOUR: red\nservices:\n  api: {build: ./api, environment: {<<: *env}}\n"
            "  odoo: {image: odoo, environment: {<<: *env}}\n",
        ),
    ],
    ids=[
        "read", "prefix", "by a wrapper", "runtime", "library", "program's image", "command",
        "not built here", "env_file", "no code", "entrypoint", "shared line",
    ],
)  # fmt: skip
def test_a_variable_that_something_may_read(files: dict[str, str]) -> None:
    assert subjects(NOWHERE, files) == []


NEEDS = "import os\nMAIL = os.environ['MAIL_PASSWORD']\n"


def python_api(compose: str, **others: str) -> dict[str, str]:
    """A project of a Python service in api/."""
    found = {
        "api/Dockerfile": PYTHON,
        "api/requirements.txt": "flask\n",
        "api/app.py": NEEDS,
        "compose.yml": compose,
    }
    return found | others


@pytest.mark.parametrize(
    "files",
    [
        python_api(stack("environment:\n  OTHER: x"), **{".env.example": "MAIL_PASSWORD=\n"}),
        python_api(
            stack(
                "",
                more="  mail:\n    image: postfix\n    environment:\n      MAIL_PASSWORD: ${MAIL_PASSWORD}\n",
            )
        ),
        python_api(
            stack("").replace("./api", "{context: ., dockerfile: api/Dockerfile}"),
            **{".env": "MAIL_PASSWORD=x\n"},
        ),
    ],
    ids=["in the template", "given to another", "built from the top"],
)
def test_a_variable_that_is_never_passed(files: dict[str, str]) -> None:
    found = judged(UNPASSED, files)
    assert [each.subject for each in found] == ["api: MAIL_PASSWORD"]
    assert "services.api.environment: `MAIL_PASSWORD: ${MAIL_PASSWORD}`" in found[0].fix
    assert found[0].evidence[0].place == ("api/app.py", 2)


@pytest.mark.parametrize(
    "files",
    [
        python_api(
            stack("environment:\n  MAIL_PASSWORD: ${MAIL_PASSWORD}"), **{".env.example": "MAIL_PASSWORD=\n"}
        ),
        python_api(stack("environment:\n  - MAIL_PASSWORD"), **{".env.example": "MAIL_PASSWORD=\n"}),
        python_api(stack("env_file: .env"), **{".env.example": "OTHER=\n"}),
        python_api(stack(""), **{".env.example": "OTHER=\n"}),
        python_api(stack(""), **{"api/.env.example": "MAIL_PASSWORD=\n"}),
        python_api(
            stack(""),
            **{
                ".env.example": "MAIL_PASSWORD=\n",
                "api/app.py": NEEDS.replace("environ[", "getenv(").replace("]", ", '')"),
            },
        ),
        python_api(
            stack(""),
            **{".env.example": "MAIL_PASSWORD=\n", "api/app.py": "", "api/tests/test_app.py": NEEDS},
        ),
        python_api(
            stack("", more="  worker:\n    build: ./api\n    environment:\n      MAIL_PASSWORD: x\n"),
            **{".env.example": "MAIL_PASSWORD=\n"},
        ),
    ],
    ids=["passed", "passed through", "env_file", "told nowhere", "its own file", "default", "test", "twin"],
)
def test_a_variable_that_is_passed_or_not_needed(files: dict[str, str]) -> None:
    assert subjects(UNPASSED, files) == []


ARGS = stack("", build="\n      context: ./api\n      args:\n        PUBLIC_API_URL: https://x")


@pytest.mark.parametrize(
    "dockerfile",
    [
        NODE,
        NODE.replace("WORKDIR", "ARG PUBLIC_API_URI\nWORKDIR"),
        "FROM node AS b\nRUN x\nFROM nginx\nCOPY --from=b /x /x\n",
    ],
    ids=["none", "another", "stages"],
)
def test_a_build_argument_that_is_dropped(dockerfile: str) -> None:
    found = judged(BUILD, api("", ARGS, **{"api/Dockerfile": dockerfile}))
    assert [each.subject for each in found] == ["PUBLIC_API_URL"]
    assert ("PUBLIC_API_URI" in dockerfile) == ("PUBLIC_API_URI" in found[0].message)


@pytest.mark.parametrize(
    ("compose", "dockerfile"),
    [
        (ARGS, NODE.replace("WORKDIR", "ARG PUBLIC_API_URL\nWORKDIR")),
        (ARGS, "ARG PUBLIC_API_URL=x\n" + NODE),
        (ARGS.replace("PUBLIC_API_URL", "HTTP_PROXY"), NODE),
        (ARGS.replace("PUBLIC_API_URL", "TARGETARCH"), NODE),
        (ARGS, "FROM tecnativa/doodba:18.0\n"),
        (ARGS.replace("./api", "https://example.org/x.git"), NODE),
    ],
    ids=["taken", "before FROM", "proxy", "platform", "program's image", "elsewhere"],
)
def test_a_build_argument_that_is_taken(compose: str, dockerfile: str) -> None:
    assert subjects(BUILD, api("", compose, **{"api/Dockerfile": dockerfile})) == []


@pytest.mark.parametrize(
    "dockerfile",
    [
        "ARG VERSION=1\nFROM alpine\nRUN fetch $VERSION\n",
        "ARG VERSION\nFROM alpine AS a\nFROM alpine\nENV X=${VERSION}\n",
        "ARG VERSION=1\nFROM alpine:$VERSION\nRUN fetch ${VERSION}\n",
    ],
)
def test_an_argument_that_is_empty_in_a_stage(dockerfile: str) -> None:
    assert subjects(STAGE, {"Dockerfile": dockerfile}) == ["VERSION"]


@pytest.mark.parametrize(
    "dockerfile",
    [
        "ARG VERSION=1\nFROM alpine\nARG VERSION\nRUN fetch $VERSION\n",
        "ARG VERSION=1\nFROM alpine:$VERSION\nRUN true\n",
        "FROM alpine\nARG VERSION=1\nRUN fetch $VERSION\n",
        "ARG VERSION=1\nFROM alpine\nENV VERSION=2\nRUN fetch $VERSION\n",
        "ARG VERSION=1\nFROM alpine\nRUN fetch '\\$VERSION'\n",
    ],
)
def test_an_argument_that_the_stage_has(dockerfile: str) -> None:
    assert subjects(STAGE, {"Dockerfile": dockerfile}) == []


WITH_FILE = "services:\n  web:\n    image: x\n    env_file: {}\n"


@pytest.mark.parametrize("name", [".env.web", "config/web.env", "[.env.web]"])
def test_a_missing_env_file(name: str) -> None:
    assert subjects(ENV_FILE, {"compose.yml": WITH_FILE.format(name)}) == [name.strip("[]")]


@pytest.mark.parametrize(
    ("name", "others"),
    [
        (".env.web", {".env.web": "A=1\n"}),
        (".env.web", {".env.web.example": "A=1\n"}),
        (".env.web", {"env.template": "A=1\n"}),
        ("\n      - path: .env.web\n        required: false", {}),
        ("${ENV_FILE}", {}),
        (
            ".env.web",
            {".github/workflows/x.yml": "on: push\njobs: {a: {runs-on: x, steps: [{run: cp x .env.web}]}}\n"},
        ),
    ],
    ids=["there", "template", "another template", "optional", "computed", "made by a workflow"],
)
def test_an_env_file_that_can_be_had(name: str, others: dict[str, str]) -> None:
    assert subjects(ENV_FILE, {"compose.yml": WITH_FILE.format(name), **others}) == []


def _facts(*, live: LiveNames | None, environment: str = "") -> ProjectFacts:
    place = FactPlace(".github/workflows/x.yml", 9)
    job = JobFacts(
        system="github",
        name="deploy",
        place=place,
        environment=environment,
        secrets=(("DB_URL", place), ("GITHUB_TOKEN", place)),
        variables=(("REGION", place),),
    )
    other = replace(job, system="gitlab", secrets=(("CI_ONLY", place),))
    return ProjectFacts(name="shop", jobs=(job, other), live=live)


def _missing(facts: ProjectFacts) -> list[str]:
    return [each.subject for each in rules()[GITHUB].judge(facts)]


@pytest.mark.parametrize(
    ("places", "environment", "missing"),
    [
        ((), "", ["DB_URL", "REGION"]),
        ((("", frozenset({"db_url", "REGION"})),), "", []),
        ((("", frozenset({"REGION"})), ("staging", frozenset({"DB_URL"}))), "", ["DB_URL"]),
        ((("", frozenset({"REGION"})), ("staging", frozenset({"DB_URL"}))), "staging", []),
        ((("", frozenset({"REGION"})), ("staging", frozenset({"DB_URL"}))), "${{ inputs.where }}", []),
    ],
    ids=["none", "all", "elsewhere", "in the environment", "computed environment"],
)
def test_names_that_github_lacks(
    places: tuple[tuple[str, frozenset[str]], ...], environment: str, missing: list[str]
) -> None:
    assert _missing(_facts(live=LiveNames(places), environment=environment)) == missing


def test_github_that_was_not_asked_lacks_nothing() -> None:
    assert _missing(_facts(live=None)) == []


MEANT = 'import os\nos.getenv("SENTRY_DSN")\nos.getenv("COLOUR")\n'


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("SENTRY_DSN_URL: ${SENTRY_DSN:-}", ["SENTRY_DSN_URL"]),
        ("SENTRY_DSN_URL: https://example.com", []),
        ("SENTRY_RELEASE: ${SENTRY_DSN:-}", []),
        ("SENTRY_ENVIRONMENT: ${STAGE}", []),
    ],
    ids=["given what is read", "a literal", "another name", "another value"],
)
def test_a_name_as_runtimes_have_them_that_is_given_what_the_code_reads(line: str, found: list[str]) -> None:
    files = {
        "Dockerfile": PYTHON,
        "app.py": MEANT,
        "requirements.txt": "flask\n",
        "compose.yml": stack(f"environment:\n  {line}", build="."),
    }
    assert subjects(NOWHERE, files) == found


CADDY = "FROM caddy:2\nCOPY Caddyfile /etc/caddy/Caddyfile\n"
PROXY = {
    "proxy/Dockerfile": CADDY,
    "proxy/Caddyfile": "{$SITE_ADDRESS} {\n  tls {$TLS_MAIL:a@example.com}\n  redir {$ELSEWHERE}\n}\n",
    ".env.example": "SITE_ADDRESS=:80\nTLS_MAIL=\n# ELSEWHERE=x\n",
    "compose.yml": stack("environment:\n  OTHER_NAME: x", build="./proxy", name="proxy"),
}


def test_what_the_configuration_of_a_proxy_takes_in_and_is_not_given() -> None:
    found = judged(UNPASSED, PROXY)
    assert [(each.subject, each.severity) for each in found] == [
        ("proxy: SITE_ADDRESS", Severity.MEDIUM),
        ("proxy: TLS_MAIL", Severity.MEDIUM),
    ]
    assert "changes nothing" in found[0].message
    assert subjects(NOWHERE, PROXY) == ["OTHER_NAME"]
    passed = stack("environment:\n  SITE_ADDRESS: x\n  TLS_MAIL: y", build="./proxy", name="proxy")
    assert judged(UNPASSED, PROXY | {"compose.yml": passed}) == []


MAIL = 'import os\nos.getenv("SMTP_HOST")\nos.getenv("SMTP_USER")\nos.getenv("SMTP_PORT", "25")\n'
PASSED = "environment:\n  SMTP_HOST: ${SMTP_HOST}\n  SMTP_USER: ${SMTP_USER}"


@pytest.mark.parametrize(
    ("lines", "template", "found"),
    [
        (PASSED, "SMTP_PORT=1025\n", ["api: SMTP_PORT"]),
        (PASSED, "# SMTP_PORT=1025\n", []),
        (PASSED, "SMTP_SENDER=a\n", []),
        ("environment:\n  SMTP_HOST: ${SMTP_HOST}", "SMTP_PORT=1025\nSMTP_USER=\n", []),
        (PASSED + "\n  SMTP_PORT: ${SMTP_PORT:-25}", "SMTP_PORT=1025\n", []),
        (PASSED + "\nenv_file: .env", "SMTP_PORT=1025\n", []),
    ],
    ids=["left out", "commented", "not read", "few of them arrive", "passed", "env_file"],
)
def test_a_setting_whose_family_arrives(lines: str, template: str, found: list[str]) -> None:
    files = {
        "api/Dockerfile": PYTHON,
        "api/requirements.txt": "flask\n",
        "api/app.py": MAIL,
        ".env.example": f"SMTP_HOST=\n{template}",
        "compose.yml": stack(lines),
    }
    assert subjects(UNPASSED, files) == found


def test_a_setting_that_one_overlay_passes_is_missing_in_the_other_one() -> None:
    overlay = "services:\n  api:\n    environment:\n      "
    files = {
        "api/Dockerfile": PYTHON,
        "api/app.py": MAIL,
        ".env.example": "SMTP_PORT=1025\n",
        "compose.yml": stack(PASSED),
        "compose.override.yml": overlay + "SMTP_PORT: 1025\n",
    }
    assert judged(UNPASSED, files) == []
    (found,) = judged(UNPASSED, files | {"compose.deploy.yml": overlay + "COLOUR: red\n"})
    assert found.subject == "api: SMTP_PORT"


LAST = "FROM node:22 AS made\nCOPY . .\nFROM node:22\n"
OWN = {
    "apps/live/Dockerfile": f"{LAST}COPY --from=made /app/apps/live/dist ./dist\n",
    "apps/live/package.json": '{"name": "live"}',
    "apps/live/src/env.ts": "export const key = process.env.LIVE_KEY!;\n",
    "apps/live/.env.example": "LIVE_KEY=\n",
    "compose.yml": stack("restart: always", build="./apps/live", name="live"),
}


def test_a_component_whose_own_template_has_what_no_stack_gives_it() -> None:
    (found,) = judged(UNPASSED, OWN)
    assert (found.subject, found.severity) == ("live: LIVE_KEY", None)
    assert found.evidence[1].place == ("apps/live/.env.example", 1)


@pytest.mark.parametrize(
    "change",
    [
        {"apps/live/Dockerfile": f"{LAST}COPY --from=made /app .\n"},
        {"apps/live/Dockerfile": f"{LAST}COPY --from=made /app/apps/live .\n"},
        {"apps/live/Dockerfile": "FROM node:22\nCOPY . .\n"},
        {"compose.yml": stack("volumes: ['./apps/live:/app']", build="./apps/live", name="live")},
    ],
    ids=["all", "the component", "one stage", "mounted"],
)
def test_a_template_whose_copy_gets_into_the_container(change: dict[str, str]) -> None:
    assert judged(UNPASSED, OWN | change) == []


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ([".env.prod.example", ".env.dev.example"], ["api: API_KEY"]),
        ([".env.prod.example", ".env.production.example"], []),
        ([".env.dev.example"], []),
    ],
    ids=["one for production", "two of them", "for development"],
)
def test_the_template_of_the_environment_that_a_stack_is_for(names: list[str], found: list[str]) -> None:
    code = "export const key = process.env.API_KEY!;\n"
    files = api("", stack("restart: always")) | {"api/src/key.ts": code}
    assert subjects(UNPASSED, files | dict.fromkeys(names, "API_KEY=\n")) == found


def test_switches_of_the_client_are_no_build_arguments() -> None:
    compose = stack("").replace(
        "build: ./api", "build: {context: ./api, args: {DOCKER_BUILDKIT: 1, COLOUR: 2}}"
    )
    assert subjects(BUILD, api("", compose)) == ["COLOUR"]


def test_an_env_file_that_a_platform_writes() -> None:
    compose = "services:\n  a: {image: x, env_file: stack.env}\n  b: {image: x, env_file: other.env}\n"
    assert subjects(ENV_FILE, {"compose.yml": compose}) == ["other.env"]
