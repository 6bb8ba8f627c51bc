"""Package manifests as facts."""

from __future__ import annotations

import json

import pytest

from secopskit.collect.facts import Manifest
from secopskit.collect.manifests import COLLECTOR
from secopskit.findings import Blob, Skipped

CASES = [
    (
        "web/package.json",
        json.dumps({"name": "web", "dependencies": {"next": "1"}, "devDependencies": {"vite": "2"}}),
        ("npm", "web", {"next", "vite"}),
    ),
    (
        "pyproject.toml",
        (
            '[project]\nname = "api"\ndependencies = ["Django>=5", "psycopg[binary]"]\n'
            '[dependency-groups]\ndev = ["pytest"]\n'
        ),
        ("python", "api", {"django", "psycopg", "pytest"}),
    ),
    (
        "api/pyproject.toml",
        '[tool.poetry]\nname = "api"\n[tool.poetry.dependencies]\npython = "^3"\ndjango = "5"\n',
        ("python", "api", {"django"}),
    ),
    (
        "requirements/base.txt",
        "# base\nDjango==5\n-r other.txt\npsycopg[c]>=3 # x\n",
        ("python", "", {"django", "psycopg"}),
    ),
    (
        "go.mod",
        "module example.com/a\n\nrequire (\n\tgithub.com/b/c v1.2.3\n)\n",
        ("go", "example.com/a", {"github.com/b/c"}),
    ),
    ("Gemfile", "gem 'rails', '~> 7'\n# gem 'old'\n  gem \"pg\"\n", ("ruby", "", {"rails", "pg"})),
    (
        "composer.json",
        '{"name": "a/b", "require": {"laravel/framework": "1"}}',
        ("php", "a/b", {"laravel/framework"}),
    ),
    ("Cargo.toml", '[package]\nname = "a"\n[dependencies]\nclap = "4"\n', ("rust", "a", {"clap"})),
    (
        "pom.xml",
        (
            "<project><artifactId>a</artifactId><dependency>\n <groupId>g</groupId>\n "
            "<artifactId>spring-boot</artifactId></dependency>"
        ),
        ("jvm", "a", {"spring-boot"}),
    ),
    ("build.gradle.kts", 'implementation("org.spring:boot:3")\n', ("jvm", "", {"boot"})),
    ("mix.exs", 'app: :a,\n{:phoenix, "~> 1"},\n', ("elixir", "a", {"phoenix"})),
    ("src/A.csproj", '<PackageReference Include="Npgsql" Version="8" />', ("dotnet", "", {"Npgsql"})),
]


@pytest.mark.parametrize(("path", "text", "expected"), CASES, ids=[case[0] for case in CASES])
def test_manifest(path: str, text: str, expected: tuple[str, str, set[str]]) -> None:
    assert COLLECTOR.wants(path)
    (found,) = COLLECTOR.collect(Blob(path, text.encode()))
    assert isinstance(found, Manifest)
    assert (found.ecosystem, found.name, set(found.dependencies)) == expected


def test_scripts() -> None:
    text = '{"scripts": {"start": "node server.js", "bad": 3}}'
    (found,) = COLLECTOR.collect(Blob("package.json", text.encode()))
    assert isinstance(found, Manifest)
    assert found.scripts == (("start", "node server.js"),)


@pytest.mark.parametrize("text", ["{", "[1]" * 3, b"\xed\xa0\x80".decode("latin-1")])
def test_what_cannot_be_parsed_is_said(text: str) -> None:
    (found,) = COLLECTOR.collect(Blob("package.json", text.encode()))
    assert isinstance(found, Skipped)


def test_any_shape() -> None:
    for text in ("[]", "null", '{"dependencies": [1], "scripts": "x", "name": 3}'):
        (found,) = COLLECTOR.collect(Blob("package.json", text.encode()))
        assert isinstance(found, Manifest)
