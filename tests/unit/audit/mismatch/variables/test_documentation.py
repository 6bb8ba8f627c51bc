"""What templates and documents tell about variables, and what is used."""

from __future__ import annotations

import pytest

from secopskit.audit.request import AuditRequest
from secopskit.audit.run import audit
from secopskit.findings import Severity
from support.projects import judged, project, subjects
from support.values import alnum

UNDOCUMENTED, UNDEFINED, UNUSED, TEMPLATE = (
    "undocumented-variable",
    "compose-variable-undefined",
    "documented-but-unused",
    "template-holds-secret",
)


@pytest.mark.parametrize(
    "files",
    [
        {"src/app.ts": "const key = process.env.STRIPE_KEY;\n"},
        {"app/main.py": "import os\nkey = os.getenv('STRIPE_KEY', 'x')\n", ".env.example": "OTHER=\n"},
        {"compose.yml": "services:\n  db:\n    image: postgres\n    shm_size: ${STRIPE_KEY:-64m}\n"},
    ],
    ids=["javascript", "python", "compose with a default"],
)
def test_what_is_used_and_told_nowhere(files: dict[str, str]) -> None:
    assert subjects(UNDOCUMENTED, files) == ["STRIPE_KEY"]


def test_a_line_of_its_own_only_where_it_is_needed_or_secret() -> None:
    code = "import os\na = os.environ['MAIL_FROM']\nb = os.getenv('MAIL_COLOUR', 'red')\n"
    code += "c = os.getenv('MAIL_TOKEN')\n"
    found = {each.subject: each for each in judged(UNDOCUMENTED, {"app/main.py": code})}
    assert {name for name, each in found.items() if each.alone} == {"MAIL_FROM", "MAIL_TOKEN"}
    assert found["MAIL_FROM"].severity is Severity.MEDIUM
    assert "`MAIL_FROM=`" in found["MAIL_FROM"].fix
    assert found["MAIL_FROM"].evidence[0].place == ("app/main.py", 2)


CODE = {"src/app.ts": "const key = process.env.STRIPE_KEY;\n"}


@pytest.mark.parametrize(
    "files",
    [
        {**CODE, ".env.example": "STRIPE_KEY=\n"},
        {**CODE, ".env.example": "# STRIPE_KEY=sk\n"},
        {**CODE, "README.md": "| Variable | For |\n| --- | --- |\n| `STRIPE_KEY` | payments |\n"},
        {**CODE, "compose.yml": "services:\n  a:\n    image: x\n    environment:\n      STRIPE_KEY: abc\n"},
        {"src/app.test.ts": "const key = process.env.STRIPE_KEY;\n"},
        {"node_modules/x/app.js": "const key = process.env.STRIPE_KEY;\n"},
        {"src/app.ts": "const a = process.env.NODE_ENV, b = process.env.PORT, c = process.env.CI;\n"},
        {"vite.config.ts": "const key = process.env.STRIPE_KEY;\n"},
        {"run.sh": '#!/bin/sh\nSTRIPE_KEY=1\necho "$STRIPE_KEY"\n'},
        {"src/benchIndex.ts": "const key = process.env.STRIPE_KEY;\n"},
        {"src/a.ts": "// STRIPE_KEY=sk node a.ts\nconst key = process.env.STRIPE_KEY;\n"},
        {"config/boot.rb": 'ENV["STRIPE_KEY"] ||= File.expand_path("x")\nuse ENV["STRIPE_KEY"]\n'},
        {**CODE, "init.sh": "echo 1 > /run/s6/container_environment/STRIPE_KEY\n"},
        {"main.go": 'package main\nvar a = os.Getenv("LISTEN_PID") + os.Getenv("WATCHDOG_USEC")\n'},
        {
            "entry.sh": '#!/bin/sh\ngrep x "$ODOO_RC"\n',
            "compose.yml": "services:\n  a:\n    image: odoo:18\n    volumes: ['./entry.sh:/entry.sh']\n",
        },
        {
            "odoo/run.sh": '#!/bin/sh\ngrep x "$ODOO_RC"\n',
            "odoo/Dockerfile": "FROM odoo:18\nCOPY run.sh /run.sh\n",
        },
    ],
    ids=[
        *("template", "commented", "table", "compose", "test", "vendored", "platform", "tool", "local"),
        *("benchmark", "head comment", "preset", "container environment", "systemd", "mounted", "copied"),
    ],
)
def test_what_is_told_or_needs_no_telling(files: dict[str, str]) -> None:
    assert subjects(UNDOCUMENTED, files) == []


def test_a_schema_tells_what_may_be_left_out() -> None:
    schema = (
        'import { z } from "zod";\nexport const env = z.object({\n  MAIL_FROM: z.string(),\n'
        "  MAIL_COLOUR: z.string().optional(),\n  MAIL_SIZE: z\n    .enum(['a'])\n    .default('a'),\n"
        "}).parse(process.env);\n"
    )
    code = 'import { env } from "./env";\nsend(env.MAIL_FROM, env.MAIL_COLOUR, env.MAIL_SIZE);\n'
    assert subjects(UNDOCUMENTED, {"src/env.ts": schema, "src/app.ts": code}) == ["MAIL_FROM"]


def test_a_settings_class_tells_what_may_be_left_out() -> None:
    code = "class Settings(BaseSettings):\n    MAIL_FROM: str\n    MAIL_COLOUR: str = 'red'\n"
    code = f"from pydantic_settings import BaseSettings\n{code}"
    assert subjects(UNDOCUMENTED, {"app/config.py": code}) == ["MAIL_FROM"]


TAKEN = "services:\n  web:\n    image: shop:${TAG}\n"


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"compose.yml": TAKEN}, "TAG"),
        ({"deploy/docker-compose.yml": TAKEN, "deploy/.env.example": "OTHER=1\n"}, "TAG"),
        (
            {"compose.yml": "services:\n  w:\n    image: x\n    environment: [PASS_X=$DB_PASSWORD]\n"},
            "DB_PASSWORD",
        ),
    ],
    ids=["image", "template without it", "without braces"],
)
def test_what_compose_takes_in_and_nobody_tells(files: dict[str, str], name: str) -> None:
    found = judged(UNDEFINED, files)
    assert [each.subject for each in found] == [name]
    assert found[0].alone == (name == "DB_PASSWORD")


@pytest.mark.parametrize(
    "files",
    [
        {"compose.yml": "services:\n  web:\n    image: shop:${TAG:-1}\n"},
        {"compose.yml": TAKEN, ".env": "TAG=1\n"},
        {"compose.yml": TAKEN, ".env.example": "#TAG=1.0.0\n"},
        {"compose.yml": TAKEN, "deploy.sh": "#!/bin/sh\nexport TAG=1\ndocker compose up\n"},
        {"compose.yml": "services:\n  web:\n    image: x\n    command: echo $$TAG\n"},
        {"compose.yml": "services:\n  web:\n    image: x\n    volumes: ['${HOME}/x:/x']\n"},
        {"compose.yml": TAKEN.replace("TAG", "SHOP_TAG"), "README.md": "Set SHOP_TAG to the version.\n"},
    ],
    ids=["default", "dotenv", "commented", "script", "escaped", "shell", "document"],
)
def test_what_compose_takes_in_from_somewhere(files: dict[str, str]) -> None:
    assert subjects(UNDEFINED, files) == []


PROGRAM = {"package.json": '{"name": "shop"}', "src/app.ts": "connect(process.env.REDIS_TLS_CA_PATH);\n"}
STACK = "services:\n  web:\n    image: shop:${TAG}\n"


@pytest.mark.parametrize(
    ("files", "name", "near"),
    [
        ({**PROGRAM, ".env.example": "REDIS_TLS_CA=\n"}, "REDIS_TLS_CA", "REDIS_TLS_CA_PATH"),
        ({"compose.yml": STACK, ".env.example": "TAG=1\nSHOP_COLOUR=red\n"}, "SHOP_COLOUR", ""),
        ({**PROGRAM, ".env.example": "REDIS_TLS_CA_PATH=\n# SHOP_COLOUR=crimson\n"}, "SHOP_COLOUR", ""),
    ],
    ids=["near", "beside compose", "commented"],
)
def test_what_a_template_tells_and_nothing_reads(files: dict[str, str], name: str, near: str) -> None:
    found = judged(UNUSED, files)
    assert [each.subject for each in found] == [name]
    assert found[0].alone == bool(near)
    assert near in found[0].fix


@pytest.mark.parametrize(
    "files",
    [
        {**PROGRAM, ".env.example": "REDIS_TLS_CA_PATH=\nNODE_OPTIONS=\nAWS_REGION=\n"},
        {
            "compose.yml": "services:\n  a:\n    image: odoo\n    env_file: .env\n",
            ".env.example": "SHOP_COLOUR=\n",
        },
        {"compose.yml": STACK, ".env.example": "TAG=1\n"},
        {**PROGRAM, "src/b.ts": "read(process.env[`SHOP_${x}`]);\n", ".env.example": "SHOP_COLOUR=\n"},
        {**PROGRAM, "src/b.rs": 'let x = lookup("SHOP_COLOUR");\n', ".env.example": "SHOP_COLOUR=\n"},
        {**PROGRAM, ".env.example": "STRIPE_MODE=\n", "package.json": '{"dependencies": {"stripe": "1"}}'},
        {"docs/x.md": "nothing\n", ".env.example": "SHOP_COLOUR=\n"},
    ],
    ids=["read", "foreign image", "taken in", "computed", "mentioned", "library", "no reader in sight"],
)
def test_what_a_template_tells_and_something_reads(files: dict[str, str]) -> None:
    assert subjects(UNUSED, files) == []


@pytest.mark.parametrize(
    ("path", "stack"),
    [(".env.example", PROGRAM), (".env", {"compose.yml": STACK})],
    ids=["template", "dotenv"],
)
def test_the_last_of_many_names_that_nothing_reads_is_told(path: str, stack: dict[str, str]) -> None:
    names = [f"SHOP_COLOUR_{number}" for number in range(600)]
    text = "TAG=1\n" * (path == ".env") + "".join(f"{name}=1\n" for name in names)
    assert subjects(UNUSED, {**stack, path: text}) == names


def test_a_template_with_a_value_in_use() -> None:
    drawn = alnum(40)
    files = {
        ".env.example": f"JWT_SECRET={drawn}\nDATABASE_URL=postgres://shop:{drawn}@db/shop\n",
        "deploy/prod.env.sample": f"API_TOKEN={drawn}\n",
    }
    found = judged(TEMPLATE, files)
    assert {each.subject for each in found} == {"JWT_SECRET", "DATABASE_URL", "API_TOKEN"}
    assert not any(drawn in repr(each) for each in found)


@pytest.mark.parametrize(
    "line",
    [
        "JWT_SECRET=changeme-to-something",
        "JWT_SECRET=",
        "JWT_SECRET=<your secret here>",
        "JWT_SECRET=${OTHER_SECRET}",
        f"SUPABASE_ANON_KEY={alnum(40)}",
        f"BUILD_ID={alnum(40)}",
        "DATABASE_URL=postgres://{0}:{0}@db/shop".format("postgres"),
        f"BLOB_ACCOUNT=devstoreaccount1\nBLOB_SECRET={alnum(40)}",
    ],
    ids=["words", "empty", "brackets", "reference", "public key", "no secret", "weak", "emulator"],
)
def test_a_template_with_none(line: str) -> None:
    assert subjects(TEMPLATE, {".env.example": line + "\n"}) == []


def test_a_name_of_another_image_is_told() -> None:
    files = {
        "entry.sh": '#!/bin/sh\ngrep x "$SHOP_RC"\n',
        "compose.yml": "services:\n  a:\n    image: odoo:18\n    volumes: ['./entry.sh:/entry.sh']\n",
    }
    assert subjects(UNDOCUMENTED, files) == ["SHOP_RC"]


ONE_STACK = "services:\n  a:\n    image: shop:${TAG}\n    environment: [SITE]\n"
TWO_STACKS = {
    "a/.env": "TAG=1\nSITE=x\nCOLOUR=red\n# SIZE=1\nCOMPOSE_PROJECT_NAME=a\n",
    "a/compose.yml": ONE_STACK,
    "b/.env": "COLOUR=red\n",
    "b/compose.yml": "services:\n  b:\n    image: shop:1\n    environment:\n      SHADE: ${COLOUR}\n",
}


def test_what_the_stack_of_a_dotenv_file_does_not_take_in_though_another_one_does() -> None:
    (found,) = judged(UNUSED, TWO_STACKS)
    assert (found.subject, found.evidence[0].place) == ("COLOUR", ("a/.env", 3))
    assert "a/compose.yml does not take it in" in found.message


@pytest.mark.parametrize(
    "files",
    [
        {"a/compose.yml": ONE_STACK + "    env_file: .env\n"},
        {"a/compose.yml": ONE_STACK + "  c:\n    build: .\n"},
        {"a/compose.yml": ONE_STACK + "    volumes: ['./:/srv']\n"},
        {"a/compose.yml": ONE_STACK + "    command: run ${COLOUR:-red}\n"},
        {"a/app.py": "import os\nos.environ['OTHER']\n"},
        {"a/proxy.conf.tmpl": "colour ${MY_COLOUR}\n", "a/.env": "TAG=1\nMY_COLOUR=2\n"},
    ],
    ids=["env_file", "built", "mounted", "taken in", "program beside it", "mentioned"],
)
def test_a_dotenv_file_that_others_may_read(files: dict[str, str]) -> None:
    assert judged(UNUSED, TWO_STACKS | files) == []


def test_what_is_undefined_is_told_for_each_stack() -> None:
    files = {f"{stack}/compose.yml": "services:\n  x:\n    image: a:${TAG}-${ARCH}\n" for stack in "ab"}
    facts = project(files)
    lines = audit(facts, AuditRequest(rules=(UNDEFINED,), min_severity=Severity.INFO)).lines
    assert [(line.stack, len(line.mismatches)) for line in lines] == [("a", 2), ("b", 2)]
