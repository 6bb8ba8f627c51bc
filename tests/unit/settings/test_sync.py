"""The section `sync`: what is declared, what is inherited, and every mistake told with its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from secopskit.errors import ConfigError
from secopskit.settings.declaration import (
    DeclaredValue,
    OriginChoice,
    SinkChoice,
    check_repository,
    check_secret_name,
    parse_origin,
    parse_sink,
)
from secopskit.settings.sync import SyncConfig, load_sync

DECLARED = """
sync:
  repositories: [acme/shop]
  record: secrets.lock.json
  line_ends: lf
  environments:
    staging:
      source: {dotenv: .env.staging}
      sinks: [environment, 'dotenv:.env.copy']
      secrets: [DATABASE_URL]
    production:
      source: {dotenv: .env.production}
      sinks: [environment]
      visibility: selected
      secrets:
        DATABASE_URL: {source: {command: [vault, kv, get, x]}}
        TOKEN: {key: INTERNAL_TOKEN, repositories: [acme/other], sinks: 'organization:acme'}
      variables:
        PUBLIC_URL: {}
"""


def loaded(root: Path, text: str, **environ: str) -> SyncConfig:
    (root / ".secops.yaml").write_text(text, encoding="utf-8")
    return load_sync(root, environ=environ)


def test_without_a_file_nothing_is_declared(tmp_path: Path) -> None:
    config = load_sync(tmp_path, environ={})
    assert config == SyncConfig(api_url="", repositories=(), record="", line_ends="keep")


def test_a_declaration(tmp_path: Path) -> None:
    config = loaded(tmp_path, DECLARED)
    assert (config.repositories, config.record, config.line_ends) == (
        ("acme/shop",),
        "secrets.lock.json",
        "lf",
    )
    assert config.file == str(tmp_path / ".secops.yaml")
    staging, production = config.environments
    environment, copy = SinkChoice("environment"), SinkChoice("dotenv", ".env.copy")
    dotenv = OriginChoice("dotenv", (".env.staging",))
    assert staging.values == (
        DeclaredValue("DATABASE_URL", False, "DATABASE_URL", dotenv, (environment, copy), ("acme/shop",)),
    )
    url, token, public = production.values
    assert url.origin == OriginChoice("command", ("vault", "kv", "get", "x"))
    assert (token.key, token.repositories, token.sinks) == (
        "INTERNAL_TOKEN",
        ("acme/other",),
        (SinkChoice("organization", "acme"),),
    )
    assert (public.variable, public.visibility, url.variable) == (True, "selected", False)


@pytest.mark.parametrize("nothing", ["", "null", "~", "{}"])
def test_a_name_without_settings_of_its_own(tmp_path: Path, nothing: str) -> None:
    declaration = f"sync:\n  environments:\n    production:\n      secrets:\n        TOKEN: {nothing}\n"
    (tmp_path / ".secops.yaml").write_text(declaration, encoding="utf-8")
    (environment,) = load_sync(tmp_path, environ={}).environments
    assert [value.name for value in environment.values] == ["TOKEN"]


def test_variables_override_the_file(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        "sync: {repositories: [acme/shop], line_ends: lf, environments: {a: {secrets: [A]}}}",
        SECOPS_SYNC_REPOSITORIES="acme/one,acme/two",
        SECOPS_SYNC_API_URL="https://github.example.com/api/v3/",
    )
    assert config.repositories == ("acme/one", "acme/two")
    assert config.environments[0].values[0].repositories == ("acme/one", "acme/two")
    assert config.api_url == "https://github.example.com/api/v3"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sync: {nope: 1}", "unknown key `sync.nope`"),
        ("sync: {line_ends: crlf}", "`sync.line_ends`: must be: keep or lf"),
        ("sync: {api_url: 'ftp://x'}", "`sync.api_url`: must be: URL"),
        ("sync: {repositories: [shop]}", "`sync.repositories`: must be: list of repositories"),
        ("sync: {repositories: ['acme/..']}", "`sync.repositories`: must be"),
        ("sync: {environments: [a]}", "`sync.environments` must be a mapping"),
        ("sync: {environments: {'a b': {}}}", "is no name that is allowed here"),
        ("sync: {environments: {a: [A]}}", "`sync.environments.a` must be a mapping"),
        ("sync: {environments: {a: {secret: [A]}}}", "`sync.environments.a`: unknown key `secret`"),
        ("sync: {environments: {a: {secrets: {A: 1}}}}", "`sync.environments.a.secrets`: must be names"),
        ("sync: {environments: {a: {secrets: [GITHUB_A]}}}", "must be names"),
        ("sync: {environments: {a: {secrets: [[A]]}}}", "must be names"),
        ("sync: {environments: {a: {secrets: {1: {}}}}}", "must be names"),
        ("sync: {environments: {a: {secrets: [A], variables: [a]}}}", "a is declared twice"),
        (
            "sync: {environments: {a: {secrets: {A: {kye: x}}}}}",
            "`sync.environments.a.secrets.A`: unknown key",
        ),
        ("sync: {environments: {a: {secrets: {A: {key: [x]}}}}}", "secrets.A.key`: must be: a name in the"),
        (
            "sync: {environments: {a: {source: {x: 1, y: 2}}}}",
            "`sync.environments.a.source`: must be: a source",
        ),
        ("sync: {environments: {a: {source: 'No Kind'}}}", "`sync.environments.a.source`: must be"),
        ("sync: {environments: {a: {sinks: ['environment:']}}}", "`sync.environments.a.sinks`: must be"),
        ("sync: {environments: {a: {visibility: public}}}", "visibility`: must be: private, all, selected"),
        ("sync: {environments: {a: {repositories: [x]}}}", "`sync.environments.a.repositories`: must be"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        loaded(tmp_path, text)
    assert message in str(error.value)
    assert str(error.value).startswith(str(tmp_path / ".secops.yaml"))
    assert error.value.advice


def test_sources_and_sinks_as_they_are_written() -> None:
    assert parse_origin("prompt") == OriginChoice("prompt")
    assert parse_origin({"environment": ""}) == OriginChoice("environment")
    assert parse_origin({"dotenv": ".env"}) == OriginChoice("dotenv", (".env",))
    assert str(parse_sink("environment:production")) == "environment:production"
    assert str(parse_sink(" repository ")) == "repository"
    for bad in ("", "A", "dotenv:", "dotenv:a\0b", "two words"):
        assert refused(parse_sink, bad), bad
    mistakes: tuple[object, ...] = (None, 1, [], {}, {"dotenv": 1}, {"a": "b", "c": "d"}, {"command": []})
    for worse in (*mistakes, {"command": ["a\0"]}):
        assert refused(parse_origin, worse), worse


def test_names_that_github_takes() -> None:
    assert check_secret_name("_A1") == "_A1"
    assert check_repository("acme/shop.js") == "acme/shop.js"
    for bad in ("1A", "github_token", "A-B", "", "Ä", "A" * 256):
        assert refused(check_secret_name, bad), bad
    for bad in ("acme", "acme/shop/x", "-acme/shop", "acme/.", "acme/sh op"):
        assert refused(check_repository, bad), bad


def refused(parse: Callable[[Any], object], value: object) -> bool:
    """Whether a parser says that the value is not of its kind."""
    try:
        parse(value)
    except ValueError:
        return True
    return False
