"""INI files as facts: settings of this project's programs, and nobody else's."""

from __future__ import annotations

import pytest

from secopskit.collect.facts import SettingKind, VariableSetting
from secopskit.collect.ini import COLLECTOR
from secopskit.findings import Blob
from support.collecting import text_of


def told(path: str, text: str) -> list[tuple[str, str, str, int]]:
    facts = [
        fact for fact in COLLECTOR.collect(Blob(path, text.encode())) if isinstance(fact, VariableSetting)
    ]
    assert all(fact.kind is SettingKind.INI for fact in facts)
    return [(fact.scope, fact.name, text_of(fact.value), fact.place.line) for fact in facts]


def test_odoo() -> None:
    text = "[options]\n; about\ndb_host = db\ndb_port = 5432\n"
    assert COLLECTOR.wants("config/odoo.conf")
    assert told("config/odoo.conf", text) == [
        ("options", "db_host", "db", 3),
        ("options", "db_port", "5432", 4),
    ]


def test_properties() -> None:
    text = "spring.datasource.url=jdbc:postgresql://db/x\n"
    path = "src/main/resources/application.properties"
    assert told(path, text) == [("", "spring.datasource.url", "jdbc:postgresql://db/x", 1)]


@pytest.mark.parametrize(
    "path",
    [
        "setup.cfg",
        "php.ini",
        "nginx/app.conf",
        "supervisord.conf",
        "pytest.ini",
        "postgresql.conf",
        "alembic.ini",
        "a.txt",
    ],
)
def test_of_others(path: str) -> None:
    assert not COLLECTOR.wants(path)


def test_what_has_no_sections_or_starts_programs() -> None:
    assert told("app.conf", "listen 80\nserver = x\n") == []
    assert told("app.conf", "[program:web]\ncommand=run\n") == []
