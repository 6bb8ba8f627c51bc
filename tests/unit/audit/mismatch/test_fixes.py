"""Each rule's advice, followed to the letter: the mismatch is gone, and no other has come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import pytest

from secopskit.audit.mismatch import rules
from secopskit.audit.model import Mismatch
from support.projects import project
from support.values import alnum

_KEY: Final = alnum(40)
_PASSWORD: Final = alnum(20)
_TAKEN: Final = "${POSTGRES_PASSWORD:?}"
_DATA: Final = '    volumes: ["kept:/var/lib/postgresql/data"]\n'
_HEALTH: Final = "    healthcheck: {test: [CMD, pg_isready]}\n"
_ENVIRONMENT: Final = f'    environment: {{POSTGRES_PASSWORD: "{_TAKEN}"}}\n'
_DB: Final = "  db:\n    image: postgres:17\n"
_TEMPLATE: Final = {".env.example": "POSTGRES_PASSWORD=\n"}
_DOCKERFILE: Final = 'FROM python:3.12\nCOPY . .\nCMD ["python", "a.py"]\n'
_ODOO: Final = {
    "odoo/compose.yml": "services:\n  odoo:\n    image: odoo:18\n    environment: {HOST: odoo-db}\n"
    "  odoo-db:\n    image: postgres:17\n" + _DATA + "volumes: {kept: {}}\n",
}
_SHOP: Final = "postgres://postgres@db.abcdefghijklmnopqrst.supabase.co/postgres"


def _services(*lines: str) -> str:
    return "services:\n" + "".join(lines) + "volumes: {kept: {}}\n"


def _stack(*lines: str, db: str = _ENVIRONMENT + _DATA + _HEALTH) -> dict[str, str]:
    """A Compose file with a database that nothing is said of, `lines`, and a template for it."""
    return {**_TEMPLATE, "compose.yml": _services(_DB, db, *lines)}


def _web(line: str) -> str:
    return f"  web:\n    image: acme/web:1\n    {line}\n"


def _url(url: str) -> str:
    return _web(f'environment: {{DATABASE_URL: "{url}"}}')


def _api(*lines: str, code: str = "") -> dict[str, str]:
    """A service that is built here, with the lines of its environment, and its code."""
    names = "".join(f"      {line}\n" for line in ("MODE: full", *lines))
    return {
        "Dockerfile": _DOCKERFILE,
        ".env.example": "MODE=\nSMTP_PASSWORD=\nREDIS_TLS_CA_PATH=\n",
        "compose.yml": "services:\n  api:\n    build: .\n    environment:\n" + names,
        "a.py": 'import os\nx = os.environ["MODE"]\n' + code,
    }


def _one(line: str) -> dict[str, str]:
    return {"compose.yml": f"services:\n  app:\n    image: acme/app:1\n    {line}\n"}


def _job(name: str, value: str) -> dict[str, str]:
    run = f'      - run: supabase db push --db-url "${{{name}}}"\n        env: {{{name}: "{value}"}}\n'
    head = "on: push\njobs:\n  migrate:\n    runs-on: ubuntu-latest\n    steps:\n"
    return {".github/workflows/migrate.yml": head + run}


def _python(*names: str) -> dict[str, str]:
    return {"a.py": "import os\n" + "".join(f'x = os.environ["{name}"]\n' for name in names)}


class Trial(NamedTuple):
    """A project with a mismatch of `rule`, words of its advice, and what may be written because of it."""

    rule: str
    files: Mapping[str, str]
    says: str
    ways: tuple[Mapping[str, str], ...]
    ignored: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


_LITERAL = "    environment: {POSTGRES_PASSWORD: postgres}\n"
_TRUST = "    environment: {POSTGRES_HOST_AUTH_METHOD: trust}\n"
_PORT = '    ports: ["127.0.0.1:5433:5432"]\n'
_PLAIN = "postgres://app@db.acme-shop.io/shop?sslmode="
_SOCKET = 'volumes: ["/var/run/docker.sock:/var/run/docker.sock"]'
_PROXIED = (
    'environment: {DOCKER_HOST: "tcp://proxy:2375"}\n'
    f"  proxy:\n    image: acme/docker-socket-proxy:1\n    {_SOCKET}"
)
_FROM = "FROM alpine:3\n"
_BUILT = 'services:\n  api:\n    build:\n      context: .\n      args: {API_URL: "https://a.acme-shop.io"}\n'
_NEXT = {"package.json": '{"dependencies": {"next": "15"}}'}
_SAME = {f".env.{name}": f"JWT_SECRET={_KEY}\n" for name in ("staging", "production")}
_TWO = "".join(f"{name}=1\n" for name in ("A_B", "C_D", "E_F", "G_H"))
_DEFAULTS = "  {0}:\n    image: acme/{0}:1\n    environment: {{{{POSTGRES_DB: {{}}}}}}\n"


def _named(first: str, second: str) -> dict[str, str]:
    return {
        "compose.yml": "services:\n"
        + _DEFAULTS.format("a").format(first)
        + _DEFAULTS.format("b").format(second)
    }


TRIALS: Final = (
    Trial(
        "secret-in-client-bundle",
        {**_NEXT, "pages/a.ts": "export const k = process.env.NEXT_PUBLIC_STRIPE_SECRET_KEY\n"},
        "Rename it to `STRIPE_SECRET_KEY`",
        (
            {
                "pages/a.ts": "export const k = process.env.STRIPE_SECRET_KEY\n",
                ".env.example": "STRIPE_SECRET_KEY=\n",
            },
        ),
    ),
    Trial("default-credentials", _stack(db=_LITERAL + _DATA), "${POSTGRES_PASSWORD:?}", (_stack(),)),
    Trial(
        "default-credentials",
        _stack() | {".env.example": "POSTGRES_PASSWORD=postgres\n"},
        "empty",
        (_stack(),),
    ),
    Trial(
        "default-credentials", _stack(db=_TRUST + _DATA), "Take POSTGRES_HOST_AUTH_METHOD out", (_stack(),)
    ),
    Trial("docker-socket", _one(_SOCKET), "a proxy of the socket", (_one("init: true"), _one(_PROXIED))),
    Trial(
        "host-network-database",
        _stack(db=_ENVIRONMENT + _DATA + "    network_mode: host\n"),
        "publish 127.0.0.1:PORT:PORT",
        (_stack(), _stack(db=_ENVIRONMENT + _DATA + _PORT)),
    ),
    Trial(
        "open-port",
        _stack(db=_ENVIRONMENT + _DATA + '    ports: ["5433:5432"]\n'),
        '"127.0.0.1:5433:5432"',
        (_stack(), _stack(db=_ENVIRONMENT + _DATA + _PORT)),
    ),
    Trial(
        "plain-connection",
        _stack(_url(_PLAIN + "disable")),
        "sslmode=verify-full",
        (_stack(_url(_PLAIN + "verify-full")),),
    ),
    Trial("privileged-service", _one("privileged: true"), "`cap_add`", (_one("cap_add: [NET_ADMIN]"),)),
    Trial(
        "secret-shared-by-environments", _SAME, "Draw a new", ({".env.staging": f"JWT_SECRET={alnum(40)}\n"},)
    ),
    Trial(
        "template-holds-secret",
        {".env.example": f"JWT_SECRET={_KEY}\n", **_python("JWT_SECRET")},
        "Write `JWT_SECRET=`",
        ({".env.example": "# openssl rand -hex 32\nJWT_SECRET=\n"},),
    ),
    Trial(
        "two-databases",
        {
            **_ODOO,
            ".env": "DATABASE_URL=postgres://odoo@odoo-db/prod\n",
            "apps/web/.env": f"DATABASE_URL={_SHOP}\n",
        },
        "ODOO_DATABASE_URL and SUPABASE_DB_URL",
        (
            {
                ".env": "ODOO_DATABASE_URL=postgres://odoo@odoo-db/prod\n",
                "apps/web/.env": f"SUPABASE_DB_URL={_SHOP}\n",
            },
        ),
    ),
    Trial(
        "migration-hits-odoo",
        _job("DATABASE_URL", "${{ secrets.ODOO_DATABASE_URL }}"),
        "under a name that says so",
        (_job("DATABASE_URL", "${{ secrets.SUPABASE_DB_URL }}"),),
    ),
    Trial(
        "undefined-service",
        _stack(_url(f"postgres://app:{_TAKEN}@postgres/shop")),
        "Write db for postgres, or give the service that is meant that name as an alias",
        (
            _stack(_url(f"postgres://app:{_TAKEN}@db/shop")),
            _stack(
                "    networks: {default: {aliases: [postgres]}}\n",
                _url(f"postgres://app:{_TAKEN}@postgres/shop"),
            ),
        ),
    ),
    Trial(
        "wrong-port",
        _stack(_PORT, _url(f"postgres://app:{_TAKEN}@db:5433/shop")),
        "Write db:5432",
        (_stack(_PORT, _url(f"postgres://app:{_TAKEN}@db:5432/shop")),),
    ),
    Trial(
        "variable-never-passed",
        _api(code='y = os.environ["SMTP_PASSWORD"]\n'),
        "under services.api.environment: `SMTP_PASSWORD: ${SMTP_PASSWORD}`",
        (_api("SMTP_PASSWORD: ${SMTP_PASSWORD}", code='y = os.environ["SMTP_PASSWORD"]\n'),),
    ),
    Trial(
        "variable-goes-nowhere",
        _api("REDIS_TLS_CA: /ca", code='y = os.environ.get("REDIS_TLS_CA_PATH")\n'),
        "rename `REDIS_TLS_CA` to `REDIS_TLS_CA_PATH`",
        (_api("REDIS_TLS_CA_PATH: /ca", code='y = os.environ.get("REDIS_TLS_CA_PATH")\n'),),
    ),
    Trial(
        "argument-empty-in-stage",
        {"Dockerfile": f"ARG VERSION=1.4\n{_FROM}RUN fetch $VERSION\n"},
        "Add `ARG VERSION`",
        ({"Dockerfile": f"ARG VERSION=1.4\n{_FROM}ARG VERSION\nRUN fetch $VERSION\n"},),
    ),
    Trial(
        "build-argument-without-arg",
        {"Dockerfile": f"{_FROM}RUN make\n", "compose.yml": _BUILT},
        "Add `ARG API_URL`",
        (
            {"Dockerfile": f"{_FROM}ARG API_URL\nRUN make\n"},
            {"compose.yml": "services:\n  api:\n    build:\n      context: .\n"},
        ),
    ),
    Trial(
        "compose-variable-undefined",
        _one('command: "${GREETING}"'),
        "Add `GREETING=` to .env.example",
        ({".env.example": "GREETING=\n"},),
    ),
    Trial(
        "database-volume", _stack(db=_ENVIRONMENT + _HEALTH), "at /var/lib/postgresql/data of db", (_stack(),)
    ),
    Trial(
        "env-file-missing",
        _one("env_file: .env.api"),
        "Add a template, .env.api.example",
        ({".env.api.example": "A=\n"},),
    ),
    Trial(
        "environment-file-tracked",
        {".env": f"JWT_SECRET={_KEY}\n", **_python("JWT_SECRET")},
        "`git rm --cached .env`",
        ({".gitignore": ".env\n", ".env.example": "JWT_SECRET=\n"},),
        gone=(".env",),
    ),
    Trial(
        "environments-differ",
        {".env.staging": _TWO, ".env.production": f"{_TWO}SMTP_HOST=mail.acme-shop.io\n"},
        "Give .env.staging `SMTP_HOST`",
        ({".env.staging": f"{_TWO}SMTP_HOST=mail.staging.acme-shop.io\n"}, {".env.production": _TWO}),
    ),
    Trial(
        "password-repeated",
        _stack(
            _url(f"${{DATABASE_URL:-postgresql://shop:{_PASSWORD}@db/shop}}"),
            db=_ENVIRONMENT.replace(":?", f":-{_PASSWORD}") + _DATA,
        ),
        "in place of the password in `DATABASE_URL`, with the default as in compose.yml:4",
        (
            _stack(
                _url(f"${{DATABASE_URL:-postgresql://shop:${{POSTGRES_PASSWORD:-{_PASSWORD}}}@db/shop}}"),
                db=_ENVIRONMENT.replace(":?", f":-{_PASSWORD}") + _DATA,
            ),
        ),
    ),
    Trial(
        "silent-port",
        {
            "Dockerfile": 'FROM node:22\nEXPOSE 3000\nCMD ["npx", "next", "start", "--port", "3000"]\n',
            "compose.yml": 'services:\n  web:\n    build: .\n    ports: ["8080:8080"]\n',
        },
        "8080:3000",
        ({"compose.yml": 'services:\n  web:\n    build: .\n    ports: ["8080:3000"]\n'},),
    ),
    Trial(
        "template-host",
        _stack("  cache:\n    image: redis:7\n")
        | {".env.example": "POSTGRES_PASSWORD=\nREDIS_URL=redis://redis:6379\n", **_python("REDIS_URL")},
        "Write the name of the service",
        ({".env.example": "POSTGRES_PASSWORD=\nREDIS_URL=redis://cache:6379\n"},),
    ),
    Trial(
        "database-health-check",
        _stack(_web("depends_on: [db]"), db=_ENVIRONMENT + _DATA),
        "condition: service_healthy",
        (_stack(_web("depends_on: {db: {condition: service_healthy}}")),),
    ),
    Trial(
        "defaults-differ",
        _named('"${POSTGRES_DB:-app}"', '"${POSTGRES_DB:-postgres}"'),
        "Write one default",
        (_named('"${POSTGRES_DB:-app}"', '"${POSTGRES_DB:-app}"'),),
    ),
    Trial(
        "hard-coded-beside-variable",
        _named('"${POSTGRES_DB:-shop}"', "shop"),
        "`POSTGRES_DB: ${POSTGRES_DB}`",
        (_named('"${POSTGRES_DB:-shop}"', '"${POSTGRES_DB:-shop}"'),),
    ),
    Trial(
        "documented-but-unused",
        {".env.example": "A_KEY=\nOLD_THING=\n", **_python("A_KEY")},
        "Take `OLD_THING` out of .env.example, or read it",
        ({".env.example": "A_KEY=\n"}, _python("A_KEY", "OLD_THING")),
    ),
    Trial(
        "undocumented-variable",
        {".env.example": "A_KEY=\n", **_python("A_KEY", "STRIPE_KEY")},
        "Add `STRIPE_KEY=` to .env.example",
        ({".env.example": "A_KEY=\n# what it is for\nSTRIPE_KEY=\n"},),
    ),
    Trial(
        "ignored-path-tracked",
        {".gitignore": "*.log\n", "x.log": "a\n"},
        "`git rm --cached x.log`",
        ({},),
        ignored=("x.log",),
        gone=("x.log",),
    ),
    Trial(
        "unpinned-image",
        {"compose.yml": "services:\n  a:\n    image: redis\n"},
        "version",
        ({"compose.yml": "services:\n  a:\n    image: redis:7\n"},),
    ),
)


def _found(files: Mapping[str, str], ignored: tuple[str, ...]) -> dict[tuple[str, str], Mismatch]:
    facts = project(files, ignored=ignored)
    return {(one.rule_id, one.subject): one for rule in rules().values() for one in rule.judge(facts)}


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.rule)
def test_advice_that_is_followed_is_enough(trial: Trial) -> None:
    before = _found(trial.files, trial.ignored)
    advice = [one.fix for (rule, _), one in before.items() if rule == trial.rule]
    assert any(trial.says in text for text in advice), advice
    for way in trial.ways:
        files = {path: text for path, text in {**trial.files, **way}.items() if path not in trial.gone}
        after = _found(files, ())
        assert [subject for rule, subject in after if rule == trial.rule] == []
        assert after.keys() <= before.keys()


def test_the_advice_of_every_rule_is_tried() -> None:
    asked = {"workflow-name-not-in-github"}  # speaks only of what GitHub has told
    assert {trial.rule for trial in TRIALS} == rules().keys() - asked


@pytest.mark.parametrize(
    ("path", "alone"), [("deploy/server.key", True), ("tests/.env", False), (".env.example", False)]
)
def test_an_ignored_environment_file_of_a_test_is_no_delicate_one(path: str, alone: bool) -> None:
    (found,) = rules()["ignored-path-tracked"].judge(project({path: "PORT=1\n"}, ignored=(path,)))
    assert found.alone is alone
