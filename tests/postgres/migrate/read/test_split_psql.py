"""psql and our splitter agree on where statements end."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secopskit.migrate.read.lexis import SqlFileError, skip_blank
from secopskit.migrate.read.split import split
from support.postgres import missing
from support.psql import find_psql, statements

# What PostgreSQL installs with itself: functions with BEGIN ATOMIC bodies, rules, long views.
SHIPPED = sorted(Path("/usr/share/postgresql").glob("*/system_*.sql")) + sorted(
    Path("/usr/share/postgresql").glob("*/information_schema.sql")
)
# No string goes on in another line: there psql, which reads by lines, and the server disagree.
WHOLE = (
    "'a;'",
    "E'\\';'",
    "$$;$$",
    "$q$;$$;$q$",
    '"n;"',
    "-- ;'\n",
    "/*;/*;*/'*/",
    "(;",
    ")",
    ";\n",
)
WORDS = ("SELECT", "a", "é$", "1", "$1", "E", "+", " ", "\n", ";")
BODY = (";CREATE FUNCTION f() ", ";create or replace procedure p() ", "BEGIN ATOMIC ", "CASE ", "END ")
TEXT = st.lists(st.sampled_from(WHOLE + WORDS + BODY), max_size=15).map("".join)


@pytest.fixture(scope="module")
def psql() -> str:
    return find_psql() or missing("psql")


def sent(psql: str, file: Path) -> list[str]:
    """What psql sends, without the comments around it and the semicolon."""
    return [trimmed(text) for text in statements(psql, file)]


def trimmed(text: str) -> str:
    """Our own form of what psql sent: from the first token to the last, without empty lines, as psql does."""
    found = split(text[skip_blank(text, 0) :])
    assert len(found) <= 1
    return without_empty_lines(found[0].text) if found else ""


def without_empty_lines(text: str) -> str:
    return re.sub(r"\n(?:[ \t]*\n)+", "\n", text)


@pytest.mark.parametrize("file", SHIPPED or [None], ids=lambda file: file.name if file else "none")
def test_what_postgresql_ships(psql: str, file: Path | None, tmp_path: Path) -> None:
    if file is None:
        missing("PostgreSQL's own SQL files")
    text = re.sub(r"(?m)^\\.*$", "", file.read_text())
    (tmp_path / "x.sql").write_text(text)
    assert [without_empty_lines(statement.text) for statement in split(text)] == sent(
        psql, tmp_path / "x.sql"
    )


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(text=TEXT)
def test_any_mixture(psql: str, text: str, tmp_path: Path) -> None:
    try:
        ours = [without_empty_lines(statement.text) for statement in split(text)]
    except SqlFileError:
        return  # psql sends what never ends; we do not
    (tmp_path / "x.sql").write_text(text)
    theirs = [found for found in sent(psql, tmp_path / "x.sql") if found]
    assert ours == theirs
