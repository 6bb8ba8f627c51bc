"""Connection strings of other programs: named with what to do, and never repeated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.errors import ConfigError
from secopskit.postgres.connect import connect
from secopskit.postgres.strings import fault_of
from support.links import settings_of
from support.values import alnum

KNOWN = ("sslmode", "user", "password", "application_name", "ssl", "options")


@pytest.mark.parametrize(
    ("string", "named", "advice"),
    [
        ("postgresql://u:{}@h/db?pgbouncer=true", "pgbouncer", "take it out"),
        ("postgresql://u:{}@h/db?schema=public", "schema", "search_path"),
        ("postgresql://u:{}@h/db?sslmode=require&connection_limit=1", "connection_limit", "take it out"),
        ("postgres://u:{}@h/db?sslaccept=strict", "sslaccept", "sslmode=verify-full"),
        ("postgres://u:{}@h/db?currentSchema=app", "currentSchema", "JDBC's"),
        ("postgres://u:{}@h/db?pool_size=3&ssl=true", "pool_size", "SQLAlchemy's"),
        ("postgres://u:{}@h/db?frobnicate=1", "frobnicate", "take it out"),
        ("postgresql+psycopg2://u:{}@h/db", "postgresql+psycopg2://", "Take the `+psycopg2` out"),
        ("postgres+asyncpg://u:{}@h/db?ssl=require", "postgres+asyncpg://", "Take the `+asyncpg` out"),
        ("jdbc:postgresql://h:5432/db?user=u&password={}", "jdbc:postgresql://", "Take `jdbc:` away"),
        ("mysql://u:{}@h/db", "mysql://", "the right variable"),
        ("JDBC:MySQL://h/db?password={}", "jdbc:mysql://", "the right variable"),
        ("prisma://x/?api_key={}", "prisma://", "directUrl"),
        ("postgis://u:{}@h/db", "postgis://", "postgresql://"),
        ("'postgresql://u:{}@h/db'", "in quotes", "Take the quotes away"),
        ("POSTGRESQL://u:{}@h/db", "capitals", "small letters"),
        ("DATABASE_URL=postgresql://u:{}@h/db", "a variable's name", "the value alone"),
        ("${{DATABASE_URL}}", "nothing has replaced", "the URL itself"),
    ],
)
def test_what_belongs_to_another_program_is_named(string: str, named: str, advice: str) -> None:
    password = alnum(20)
    with pytest.raises(ConfigError) as caught:
        connect(settings_of(string.format(password)))
    assert "not a connection string of PostgreSQL" in str(caught.value)
    assert named in str(caught.value)
    assert advice in caught.value.advice
    assert password not in f"{caught.value}{caught.value.advice}"


@given(st.text(st.sampled_from("?&=@/:#%+'\" "), max_size=4), st.sampled_from(["schema", "pgbouncer", "x"]))
def test_no_piece_of_a_password_is_taken_for_a_name(special: str, name: str) -> None:
    one, two = alnum(8), alnum(8)
    for string in (
        f"postgresql://u:{one}{special}{two}@h/db?{name}=1",
        f"postgresql://u:{one}?{two}{special}@h/db",
        f"postgresql://u:{one}{special}?{two}=1",
        f"{one}{special}://{two}",
        f"mysql://{one}{special}{two}",
    ):
        said = "".join(fault_of(string, KNOWN) or ())
        assert one not in said, string
        assert two not in said, string


def test_what_is_a_connection_string_is_no_fault() -> None:
    for string in ("postgresql://u@h/db?sslmode=require", "host=h user=u", "postgres:///db", ""):
        assert fault_of(string, KNOWN) is None
