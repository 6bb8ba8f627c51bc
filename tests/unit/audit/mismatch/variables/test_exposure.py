"""Secrets and environment files where others see them."""

from __future__ import annotations

import pytest

from secopskit.findings import Severity
from support.projects import judged, subjects
from support.values import alnum

BUNDLED, SHARED, TRACKED, IGNORED = (
    "secret-in-client-bundle",
    "secret-shared-by-environments",
    "environment-file-tracked",
    "ignored-path-tracked",
)
SERVICE_ROLE = "NEXT_PUBLIC_SUPABASE_SERVICE_ROLE_KEY"


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"src/a.ts": f"use(process.env.{SERVICE_ROLE});\n"}, SERVICE_ROLE),
        ({"src/a.ts": "use(import.meta.env.VITE_OPENAI_API_KEY);\n"}, "VITE_OPENAI_API_KEY"),
        ({".env.example": "REACT_APP_DB_PASSWORD=\n"}, "REACT_APP_DB_PASSWORD"),
        ({"src/a.vue": "<script>use(import.meta.env.VITE_JWT_SECRET)</script>\n"}, "VITE_JWT_SECRET"),
    ],
)  # fmt: skip
def test_a_secret_that_browsers_are_sent(files: dict[str, str], name: str) -> None:
    found = judged(BUNDLED, files)
    assert [each.subject for each in found] == [name]
    assert "replace the value" in found[0].fix


@pytest.mark.parametrize(
    "code",
    [
        "process.env.NEXT_PUBLIC_SUPABASE_ANON_KEY",
        "import.meta.env.VITE_STRIPE_PUBLISHABLE_KEY",
        "import.meta.env.VITE_RECAPTCHA_SITE_KEY",
        "process.env.NEXT_PUBLIC_POSTHOG_KEY",
        "process.env.NEXT_PUBLIC_GOOGLE_MAPS_API_KEY",
        "process.env.NEXT_PUBLIC_ENABLE_PASSWORD",
        "process.env.SUPABASE_SERVICE_ROLE_KEY",
        "process.env.NEXT_PUBLIC_API_URL",
    ],
)
def test_what_browsers_may_have(code: str) -> None:
    assert subjects(BUNDLED, {"src/server/a.ts": f"use({code});\n"}) == []


def test_a_secret_that_two_environments_share() -> None:
    drawn = alnum(32)
    line = f"JWT_SECRET={drawn}\n"
    cases = [
        {".env.staging": line, ".env.production": line},
        {
            "envs/.staging/web.env": f"JWT_SECRET={drawn}\n",
            "envs/.production/web.env": f"JWT_SECRET={drawn}\n",
        },
        {
            f"compose.{name}.yml": f"services: {{a: {{image: x, environment: {{JWT_SECRET: {drawn}}}}}}}\n"
            for name in ("staging", "prod")
        },
    ]
    for files in cases:
        found = judged(SHARED, files)
        assert [each.subject for each in found] == ["JWT_SECRET"]
        assert {each.place.path for each in found[0].evidence} == set(files)
        assert drawn not in repr(found)


@pytest.mark.parametrize(
    "value",
    ["", "changeme-please-now", "${JWT_SECRET}", "!!!SET JWT_SECRET!!!", "password"],
)
def test_a_placeholder_is_shared_by_nobody(value: str) -> None:
    files = {".env.staging": f"JWT_SECRET={value}\n", ".env.production": f"JWT_SECRET={value}\n"}
    assert subjects(SHARED, files) == []


def test_what_is_no_secret_or_differs_is_not_shared() -> None:
    drawn = alnum(32)
    same = dict.fromkeys((".env.staging", ".env.production"), f"BUILD_ID={drawn}\nSITE_ANON_KEY={drawn}\n")
    other = {path: f"JWT_SECRET={alnum(32)}\n" for path in (".env.staging", ".env.production")}
    templates = {f"{path}.example": f"JWT_SECRET={drawn}\n" for path in (".env.staging", ".env.production")}
    assert subjects(SHARED, same) == subjects(SHARED, other) == subjects(SHARED, templates) == []


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        (f"JWT_SECRET={alnum(40)}\n", Severity.HIGH),
        ("DB_PASSWORD=postgres\n", Severity.MEDIUM),
        ("LOG_LEVEL=debug\n", Severity.LOW),
        ("DB_PASSWORD=changeme\nLOG_LEVEL=debug\n", Severity.LOW),
    ],
    ids=["drawn", "weak", "harmless", "placeholder"],
)
def test_an_environment_file_that_is_tracked(text: str, severity: Severity) -> None:
    (found,) = judged(TRACKED, {".env.production": text})
    assert (found.subject, found.severity) == (".env.production", severity)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".env.example", "DB_PASSWORD=postgres\n"),
        (".env", "DB_PASSWORD=\n"),
        ("tests/.env", "DB_PASSWORD=postgres\n"),
        ("{{cookiecutter.slug}}/.env", "DB_PASSWORD=postgres\n"),
        (".env", "# DB_PASSWORD=postgres\n"),
    ],
    ids=["template", "empty", "test", "template of a project", "commented"],
)
def test_an_environment_file_that_may_be_tracked(path: str, text: str) -> None:
    assert subjects(TRACKED, {path: text}) == []


def test_a_file_that_is_ignored_and_tracked() -> None:
    files = {"certs/server.key": "x\n", "dist/app.js": "x\n", "src/app.js": "x\n", "data/.gitkeep": ""}
    ignored = ["certs/server.key", "dist/app.js", "elsewhere.txt", "data/.gitkeep"]
    found = judged(IGNORED, files, ignored=ignored)
    assert {each.subject: each.alone for each in found} == {"certs/server.key": True, "dist/app.js": False}
    assert judged(IGNORED, files) == []


def test_the_last_of_many_files_that_are_ignored_and_tracked_is_told() -> None:
    paths = [*(f"dist/{number:03}.js" for number in range(60)), "etc/server.key"]
    found = judged(IGNORED, dict.fromkeys(paths, "x\n"), ignored=paths)
    assert [each.subject for each in found] == paths
    assert [each.subject for each in found if each.alone] == ["etc/server.key"]


def test_an_environment_file_that_is_ignored_and_tracked_is_told_once() -> None:
    files = {".env": "A_B=1\n"}
    assert judged(IGNORED, files, ignored=[".env"]) == []
    (found,) = judged(TRACKED, files, ignored=[".env"])
    assert "though `.gitignore` names it" in found.message
    assert "add it to" not in found.fix
    (found,) = judged(TRACKED, files)
    assert "though" not in found.message


@pytest.mark.parametrize(
    "line",
    ["API_PASSWORD=changePassword", "DATABASE_URL=postgres://{0}:{0}@127.0.0.1/shop".format("user")],
    ids=["to be changed", "one's own machine"],
)
def test_values_that_are_no_secrets_in_use(line: str) -> None:
    (found,) = judged(TRACKED, {".env": f"{line}\n"})
    assert found.severity is Severity.LOW
    assert "no value in it looks like a secret in use" in found.message


def test_a_file_that_nothing_reads_beside_a_stack_is_a_template_by_its_use() -> None:
    files = {
        "deploy/compose.yml": "services:\n  a:\n    image: x:${TAG}\n",
        "deploy/variables.env": f"TAG=1\nSIGNING_KEY={alnum(40)}\n",
    }
    (found,) = judged(TRACKED, files)
    assert (found.severity, found.fix.startswith("Call it")) == (Severity.MEDIUM, True)
    read = files | {"deploy/compose.yml": "services:\n  a:\n    image: x\n    env_file: variables.env\n"}
    (found,) = judged(TRACKED, read)
    assert (found.severity, found.fix.startswith("Call it")) == (Severity.HIGH, False)
