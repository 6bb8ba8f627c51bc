"""squawk's findings in our terms, and what a dry run proves to be none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from secopskit.errors import SecopsError
from secopskit.migrate.look import squawk as module
from secopskit.migrate.look.squawk import find_program, lint, unconfirmed
from secopskit.migrate.model import Hazard, LockTaken, Migration, StatementReport
from secopskit.migrate.read.files import load_migrations

if find_program() is None:
    reason = "squawk is not installed (the extra `lint`)"
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason, allow_module_level=True)


def load(directory: Path, **texts: str) -> tuple[Migration, ...]:
    for name, text in texts.items():
        (directory / f"{name.removeprefix('v')}.sql").write_text(text)
    return load_migrations(str(directory)).migrations


def found(hazards: tuple[Hazard, ...]) -> list[tuple[str, int, str]]:
    return [(hazard.version, hazard.line, hazard.rule.removeprefix("squawk:")) for hazard in hazards]


def test_findings_have_their_version_and_line(tmp_path: Path) -> None:
    migrations = load(
        tmp_path,
        v2_b="-- why\n\nALTER TABLE t\n  DROP COLUMN a;\n/* x */ CREATE INDEX i ON t (b);\n",
        v10_c="COPY t FROM stdin;\nDROP TABLE x;\n\\.\nALTER TABLE t RENAME TO u;\n",
        v1_a="-- secops: no-transaction\nCREATE INDEX CONCURRENTLY i ON t (b);\n",
    )
    assert found(lint(migrations)) == [
        ("2", 4, "ban-drop-column"),
        ("2", 5, "require-concurrent-index-creation"),
        ("10", 4, "renaming-table"),
    ]


def test_what_secops_keeps_itself_is_not_asked_for(tmp_path: Path) -> None:
    (migration,) = load(tmp_path, v1_a="ALTER TABLE t ADD n bigint;")
    assert lint([migration]) == ()
    (wrapped,) = load(tmp_path, v1_a="BEGIN;\nALTER TABLE t ADD n bigint;\nCOMMIT;")
    assert lint([wrapped]) == ()


def test_rules_can_be_left_out(tmp_path: Path) -> None:
    migrations = load(tmp_path, v1_a="DROP TABLE t;")
    assert found(lint(migrations)) == [("1", 1, "ban-drop-table")]
    assert lint(migrations, exclude=["ban-drop-table"], version=15) == ()


def test_a_configuration_beside_the_files_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".squawk.toml").write_text('excluded_rules = ["ban-drop-table"]\n')
    monkeypatch.chdir(tmp_path)
    assert found(lint(load(tmp_path, v1_a="DROP TABLE t;"))) == [("1", 1, "ban-drop-table")]


def test_nothing_to_lint() -> None:
    assert lint(()) == ()


def test_without_squawk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_program", lambda: None)
    with pytest.raises(SecopsError, match="not installed") as caught:
        lint(())
    assert "secopskit[lint]" in caught.value.advice


@pytest.mark.parametrize("answer", ["", "{}", "[{}]", '[{"file": "9.sql"}]', "[1]"])
def test_an_answer_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    program = tmp_path / "squawk"
    program.write_text(f"#!/bin/sh\necho '{answer}'\n")
    program.chmod(0o755)
    monkeypatch.setattr(module, "find_program", lambda: str(program))
    with pytest.raises(SecopsError, match="squawk failed"):
        lint(load(tmp_path, v1_a="SELECT 1;"))


def test_a_fear_that_a_dry_run_dispels(tmp_path: Path) -> None:
    """varchar(20) to varchar(40) writes nothing anew, which squawk cannot know."""
    migrations = load(tmp_path, v1_a="SELECT 1;\nALTER TABLE t ALTER a TYPE varchar(40);")
    fear = next(hazard for hazard in lint(migrations) if hazard.rule == "squawk:changing-column-type")
    lock = LockTaken(relation="t", mode="AccessExclusiveLock", existed=True)
    quiet = StatementReport(line=2, text="", duration_ms=1, locks=(lock,))
    busy = StatementReport(line=2, text="", duration_ms=1, locks=(lock,), rewrites=("t",))
    assert unconfirmed(fear, [quiet])
    assert not unconfirmed(fear, [busy])
    assert not unconfirmed(fear, [])
    other = Hazard(rule="squawk:ban-drop-table", version="1", line=2, message="")
    assert not unconfirmed(other, [quiet])
