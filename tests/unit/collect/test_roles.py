"""What a file is for, by its path."""

from __future__ import annotations

import pytest

from secopskit.collect.facts import FileRole
from secopskit.collect.roles import is_read, role_of

PATHS = {
    FileRole.PRODUCT: (
        "src/app.ts",
        "docker/Dockerfile",
        "deploy/prod.sh",
        "packages/shared/src/env.ts",
        "compose.yml",
        "docker-compose.example.yml",
        ".env.example",
        ".github/workflows/ci.yml",
        "build/run.sh",
        "dist/entrypoint.sh",
        "src/contest/vendors.ts",
        "apps/latest/page.tsx",
        "src/attestation.py",
        "src/sampler.py",
        "config/settings.generated",
    ),
    FileRole.TEST: (
        "tests/test_a.py",
        "src/a.test.ts",
        "src/a.spec.tsx",
        "src/__tests__/a.ts",
        "e2e/login.ts",
        "cypress/support/a.js",
        "pkg/a_test.go",
        "spec/models/a_spec.rb",
        "app/conftest.py",
        "src/test/java/ATest.java",
        "src/main/java/LoginTest.java",
        "playwright.config.ts",
        "src/Button.stories.tsx",
        ".storybook/main.ts",
        "fixtures/a.json",
        ".env.test",
        ".env.test.example",
        "_integration-test/run.sh",
    ),
    FileRole.EXAMPLE: (
        "examples/compose.yml",
        "samples/a/app.py",
        "demo/app.js",
        "docker-examples/compose.yml",
    ),
    FileRole.DOCUMENT: ("README.md", "docs/conf.py", "guide/setup.rst", "a.mdx"),
    FileRole.VENDORED: (
        "node_modules/a/index.js",
        "web/node_modules/a/.env",
        "vendor/github.com/a/b.go",
        "third_party/a.c",
        ".venv/lib/a.py",
        "venv/lib/python3.11/site-packages/a.py",
        ".terraform/modules/a.tf",
    ),
    FileRole.GENERATED: (
        "dist/index.js",
        "web/dist/assets/app.css",
        "static/jquery.min.js",
        "package-lock.json",
        "api/poetry.lock",
        "go.sum",
        ".next/server/a.js",
        "src/__generated__/a.ts",
        "a_pb2.py",
        "a.pb.go",
    ),
}
CASES = [(path, role) for role, paths in PATHS.items() for path in paths]


@pytest.mark.parametrize(("path", "role"), CASES)
def test_role(path: str, role: FileRole) -> None:
    assert role_of(path) is role


def test_what_others_or_programs_wrote_is_not_read() -> None:
    assert not is_read("node_modules/a.js")
    assert not is_read("dist/a.js")
    assert is_read("tests/a.js")
