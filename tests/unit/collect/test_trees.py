"""Settings of Spring and .NET that are trees."""

from __future__ import annotations

import pytest

from secopskit.collect.facts import SettingKind, VariableSetting
from secopskit.collect.gather import ProjectIndex, gather
from secopskit.collect.trees import COLLECTOR
from secopskit.findings import Blob, Skipped, SkipReason
from support.collecting import text_of

SPRING = """spring:
  datasource:
    url: jdbc:postgresql://${DB_HOST:db}:5432/shop
  redis:
    host: cache
    port: 6380
---
spring:
  config.activate.on-profile: prod
  datasource.url: jdbc:postgresql://prod-db:5432/shop
"""
DOTNET = '{\n  "Redis": {\n    "Host": "cache",\n    "Port": 6380\n  },\n  "List": [1, {"A": "b"}]\n}\n'


def settings(path: str, text: str) -> list[tuple[str, str, str, int]]:
    found = list(COLLECTOR.collect(Blob(path, text.encode())))
    assert all(isinstance(each, VariableSetting) and each.kind is SettingKind.INI for each in found)
    return [
        (each.name, text_of(each.value), each.scope, each.place.line)
        for each in found
        if isinstance(each, VariableSetting)
    ]


def test_documents_of_spring_belong_to_profiles() -> None:
    assert settings("src/main/resources/application.yml", SPRING) == [
        ("spring.datasource.url", "jdbc:postgresql://${DB_HOST:db}:5432/shop", "", 3),
        ("spring.redis.host", "cache", "", 5),
        ("spring.redis.port", "6380", "", 6),
        ("spring.config.activate.on-profile", "prod", "prod", 9),
        ("spring.datasource.url", "jdbc:postgresql://prod-db:5432/shop", "prod", 10),
    ]


def test_settings_of_dotnet() -> None:
    found = settings("appsettings.Production.json", DOTNET)
    assert found[:2] == [("Redis:Host", "cache", "", 3), ("Redis:Port", "6380", "", 4)]


def test_what_they_say_of_databases() -> None:
    blobs = (Blob("appsettings.json", DOTNET.encode()), Blob("application.yml", SPRING.encode()))
    facts = gather(blobs, ProjectIndex(name="x"))
    assert sorted((each.host, each.port, each.scope, each.place.path) for each in facts.endpoints) == [
        ("cache", 6380, "", "application.yml"),
        ("cache", 6380, "", "appsettings.json"),
        ("db", 5432, "", "application.yml"),
        ("prod-db", 5432, "prod", "application.yml"),
    ]


@pytest.mark.parametrize("path", ["application.yml", "appsettings.json"])
@pytest.mark.parametrize("text", ["", "- a\n- b\n", "a: &a [*a]\n", "# nothing\n"])
def test_what_is_no_tree_of_settings_has_none(path: str, text: str) -> None:
    assert settings(path, text) == []


@pytest.mark.parametrize("path", ["application.yml", "appsettings.json"])
@pytest.mark.parametrize("text", ["[", "a: [", "{ // x\n", "\0", "{" * 5000, "a: @b@c\n"])
def test_what_cannot_be_read_is_told(path: str, text: str) -> None:
    (skipped,) = COLLECTOR.collect(Blob(path, text.encode()))
    assert isinstance(skipped, Skipped)
    assert skipped.reason is SkipReason.TOO_COMPLEX


def test_comments_of_dotnet() -> None:
    text = '{ // one\n  /* two\n  "A": "no" */ "B": "http://x", // "C": "no"\n  "D": "\\"//", }\n'
    assert settings("appsettings.json", text) == [("B", "http://x", "", 3), ("D", '"//', "", 4)]


def test_values_that_maven_fills_in() -> None:
    text = "info:\n  version: @project.version@\n  names:\n    - @a@ # x\nhost: 'a@b@c'\nother: x@y@z\n"
    found = settings("application.yml", text)
    assert found[0] == ("info.version", "<project.version>", "", 2)
    assert found[-2:] == [("host", "a@b@c", "", 5), ("other", "x@y@z", "", 6)]


def test_many_documents() -> None:
    text = "".join(f"---\na: v{n}\n" for n in range(60))
    assert len(settings("application.yml", text)) == 60


def test_files_of_that_kind() -> None:
    wanted = (
        "application-dev.yaml",
        "a/bootstrap.yml",
        "src/appsettings.json",
        "appsettings.Development.json",
    )
    assert all(COLLECTOR.wants(path) for path in wanted)
    assert not any(
        COLLECTOR.wants(path) for path in ("app.yml", "myapplication.yml", "appsettings.yml", "a.json")
    )
