"""Extensions that the shadow could create, and the target cannot."""

from __future__ import annotations

from dataclasses import replace

from secopskit.migrate.look.extension_hazards import extension_hazards
from secopskit.migrate.model import Migration, MigrationStep
from secopskit.migrate.read.files import read_script
from secopskit.migrate.shadow.facts import TargetFacts

FACTS = TargetFacts(
    version=15,
    database="d",
    role="app",
    superuser=False,
    supabase=False,
    extensions=("there",),
    creatable={"citext": True, "dblink": False, "there": False},
)
TEXT = (
    "create extension citext;\ncreate extension if not exists dblink;\ncreate extension there;\n"
    "do $$ begin create extension vector; end $$;\ncreate extension vector;"
)


def found(facts: TargetFacts) -> list[tuple[str, str, int]]:
    script, _ = read_script("migrations/1_a.sql", TEXT)
    step = MigrationStep(migration=Migration(version="1", name="a", up=script))
    return [
        (hazard.rule, hazard.message.split()[-1], hazard.line) for hazard in extension_hazards(facts, [step])
    ]


def test_what_the_target_cannot_have_is_told_once() -> None:
    missing = ("extension-missing", "vector", 4)
    assert found(FACTS) == [("extension-superuser", "dblink", 2), missing]
    assert found(replace(FACTS, superuser=True)) == [missing]
    assert found(replace(FACTS, supabase=True)) == [missing]
    assert found(replace(FACTS, creatable={})) == []
