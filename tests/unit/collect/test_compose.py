"""What one Compose file takes in and gives, each with the service in which it counts."""

from __future__ import annotations

from secopskit.collect.facts import FactPlace, SettingKind, UseKind
from secopskit.collect.value import ConfigValue
from support.project import project

FILE = """\
x-common: &common
  A: ${A:-1}
  # ${COMMENT}
x-unused: ${UNUSED}
services:
  web:
    image: app:${TAG:?say which}
    environment: &web
      <<: *common
      URL: postgres://u:${PASSWORD}@db/${NAME-shop}
      COST: $$5
    build:
      args: ['VERSION=${VERSION:-1}', TOKEN]
  worker:
    image: app
    environment: *web
    command: >
      run
      --port $PORT
secrets:
  key:
    environment: SIGNING_KEY
"""


def size(value: ConfigValue | None) -> int | None:
    return None if value is None else len(value)


def test_what_it_takes_in() -> None:
    uses = project({"compose.yml": FILE}).uses
    assert {(u.name, u.scope, u.place.line, size(u.default), u.required) for u in uses} == {
        ("A", "web", 2, 1, False),
        ("A", "worker", 2, 1, False),
        ("UNUSED", "", 4, None, False),
        ("TAG", "web", 7, None, True),
        ("PASSWORD", "web", 10, None, False),
        ("PASSWORD", "worker", 10, None, False),
        ("NAME", "web", 10, 4, False),
        ("NAME", "worker", 10, 4, False),
        ("VERSION", "web", 13, 1, False),
        ("PORT", "worker", 19, None, False),
        ("SIGNING_KEY", "", 22, None, True),
    }
    assert {(use.kind, use.language) for use in uses} == {(UseKind.COMPOSE, "compose")}
    assert len(uses) == 11


def test_what_it_gives() -> None:
    found = project({"compose.yml": FILE}).settings
    assert {(s.name, s.scope, s.place.line, s.kind) for s in found} == {
        ("A", "web", 2, SettingKind.COMPOSE),
        ("URL", "web", 10, SettingKind.COMPOSE),
        ("COST", "web", 11, SettingKind.COMPOSE),
        ("A", "worker", 2, SettingKind.COMPOSE),
        ("URL", "worker", 10, SettingKind.COMPOSE),
        ("COST", "worker", 11, SettingKind.COMPOSE),
        ("VERSION", "web", 13, SettingKind.BUILD_ARG),
        ("TOKEN", "web", 13, SettingKind.BUILD_ARG),
    }
    assert {s.name: s.value for s in found}["TOKEN"] is None
    assert {s.name: s.value for s in found}["VERSION"] == ConfigValue(b"${VERSION:-1}")


def test_forms_of_an_environment() -> None:
    text = "services:\n  a:\n    environment:\n    - A=b=c\n    - B\n    - C=\n    - D=e f\n"
    found = project({"compose.yml": text}).settings
    assert [(s.name, s.value, s.place) for s in found] == [
        ("A", ConfigValue(b"b=c"), FactPlace("compose.yml", 4)),
        ("B", None, FactPlace("compose.yml", 5)),
        ("C", ConfigValue(b""), FactPlace("compose.yml", 6)),
        ("D", ConfigValue(b"e f"), FactPlace("compose.yml", 7)),
    ]
    text = "services: {a: {image: x, environment: {A: 1, B: , C: null, D: '', E: true, F: [x]}}}\n"
    found = project({"compose.yml": text}).settings
    assert [(s.name, size(s.value)) for s in found] == [
        ("A", 1),
        ("B", None),
        ("C", None),
        ("D", 0),
        ("E", 4),
    ]
