"""Where statements end, by psql's rules."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from secopskit.migrate.read.lexis import SqlFileError, leading_words, skip_blank
from secopskit.migrate.read.split import split
from support.effort import costs_little


def texts(sql: str) -> list[str]:
    return [statement.text for statement in split(sql)]


WHOLE = {
    "plain": "SELECT 1",
    "semicolon in a string": "SELECT 'a;b', ';'",
    "doubled quote": "SELECT 'it''s; fine'",
    "backslash in a string": r"SELECT 'C:\' ",
    "escape string": r"SELECT E'it\'s; fine', e'\\'",
    "escape string continued": "SELECT E'a\\';'\n  'b\\';'",
    "escape string continued behind a comment": "SELECT E'a' -- it's\n '\\';'",
    "not an escape string": r"SELECT nameE'a\' ",
    "bit and national strings": "SELECT B'01', X'1F', N';', U&'\\0061;'",
    "quoted name": 'SELECT 1 AS "a;b""c;"',
    "unicode name": 'SELECT 1 AS U&"a;b"',
    "dollar quotes": "SELECT $$a;b$$, $tag$ $$;$$ $tag$",
    "dollar in a name": "SELECT a$b$ FROM t$1",
    "dollar behind a number": "SELECT 1$$;$$",
    "parameters": "PREPARE p AS SELECT $1, $2",
    "tag that is no letter": "SELECT $1$ FROM t",
    "tag beyond ASCII": "SELECT $grün$;$grün$",
    "line comment": "SELECT 1 -- not; the end\n, 2",
    "comment ended by a carriage return": "SELECT 1 -- not; the end\r, 2",
    "nested comment": "SELECT /* a; /* b; */ c; */ 1",
    "quote in a comment": "SELECT 1 /* it's */, 2 -- it's\n, 3",
    "comment behind an operator": "SELECT 1 +--;\n 2",
    "rule": "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); INSERT INTO b VALUES (2))",
    "function": "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END; $$",
    "atomic": "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END",
    "atomic procedure": "create or replace procedure p() begin atomic insert into t values (1); end",
    "atomic with case": "CREATE FUNCTION f(a int) RETURNS int BEGIN ATOMIC SELECT CASE a WHEN 1 THEN 2 END; "
    "SELECT 3; END",
    "atomic behind comments": "CREATE /* a */ OR -- b\n REPLACE FUNCTION f() RETURNS int "
    "BEGIN /**/ ATOMIC SELECT 1; END",
    "case outside a body": "CREATE FUNCTION f(a int DEFAULT CASE WHEN true THEN 1 END) RETURNS int RETURN a",
    "names like words": "CREATE FUNCTION begin_end(beginning int) RETURNS int RETURN beginning",
    "stray closing parenthesis": "SELECT 1)",
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_statement_stays_whole(name: str) -> None:
    statement = WHOLE[name]
    assert texts(statement) == [statement.strip()]
    assert texts(f"{statement};{statement}\n;\nSELECT 2;") == [
        statement.strip(),
        statement.strip(),
        "SELECT 2",
    ]


@pytest.mark.parametrize("sql", ["", " \n\t", ";;;", "-- nothing\n", "/* a */;/* b */ ; -- c", "\n;\n"])
def test_nothing_is_no_statement(sql: str) -> None:
    assert split(sql) == ()


def test_comments_around_a_statement_are_not_part_of_it() -> None:
    assert texts("-- head\n/* more */ SELECT 1 -- tail\n /* end */ ; -- next\nSELECT 2 -- last") == [
        "SELECT 1",
        "SELECT 2",
    ]
    assert texts("SELECT /* in */ 1 -- a\n, 2 -- b\n;") == ["SELECT /* in */ 1 -- a\n, 2"]


def test_lines_and_offsets() -> None:
    sql = "-- one\nSELECT 1;\n\n/* two\n*/ SELECT 'a\nb';SELECT 3"
    assert [(s.line, sql[s.start : s.end] == s.text) for s in split(sql)] == [(2, True), (5, True), (6, True)]


def test_two_functions_with_bodies() -> None:
    body = "CREATE FUNCTION f{0}() RETURNS int BEGIN ATOMIC SELECT {0}; END"
    assert texts(";".join(body.format(n) for n in range(3))) == [body.format(n) for n in range(3)]


def test_a_table_called_begin_is_no_body() -> None:
    assert len(split("CREATE TABLE begin (atomic int); SELECT 1; SELECT 2")) == 3


def test_strings_with_backslashes_as_the_file_sets_them() -> None:
    sql = (
        r"SET standard_conforming_strings = off; SELECT 'a\';b';"
        r"SET LOCAL standard_conforming_strings TO 'on';SELECT '\';"
    )
    assert texts(sql)[1::2] == [r"SELECT 'a\';b'", r"SELECT '\'"]


# --- COPY and backslashes ---------------------------------------------------------------------------


def test_copy_takes_the_lines_that_follow() -> None:
    sql = "COPY t (a, b) FROM stdin;\n1\tit's; $$\n\\N\t\\\\.\n\\.\nSELECT 1;\n"
    sql += "copy public.t from STDIN with (format csv) ; -- x\n\\.\n"
    first, second, third = split(sql)
    assert (first.text, first.copy_data) == ("COPY t (a, b) FROM stdin", "1\tit's; $$\n\\N\t\\\\.\n")
    assert (second.text, second.line, second.copy_data) == ("SELECT 1", 5, None)
    assert (third.text, third.copy_data) == ("copy public.t from STDIN with (format csv)", "")


@pytest.mark.parametrize(
    "sql",
    [
        "COPY t FROM '/tmp/stdin'",
        "COPY (SELECT 1 FROM stdin) TO stdout",
        "COPY t TO stdout",
        "COPY t FROM PROGRAM 'cat' -- from stdin",
    ],
)
def test_other_copies_have_no_data(sql: str) -> None:
    (statement,) = split(sql + ";")
    assert statement.copy_data is None


def test_the_fence_of_a_dump_is_skipped() -> None:
    assert texts("\\restrict aB3\nSELECT 1;\n\\unrestrict aB3\n") == ["SELECT 1"]


REFUSED = {
    "SELECT 1;\nSELECT 'a;\n": (2, "string"),
    "SELECT E'a\\';": (1, "string"),
    "\nSELECT $x$ $y$;": (2, "$x$"),
    '\n\nSELECT "a;': (3, "name"),
    "SELECT 1; /* a /* b */": (1, "comment"),
    "SELECT 1 /* a": (1, "comment"),
    "SELECT (\n(1;": (2, "parenthesis"),
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC\nSELECT 1;": (1, "BEGIN ATOMIC"),
    "SELECT 1;\n\\i other.sql\n": (2, "psql"),
    "SELECT 1 \\gexec\n": (1, "psql"),
    "\\set x 1": (1, "psql"),
    "SELECT 1; \\restrict abc\n": (1, "psql"),
    "COPY t FROM stdin;\n1\n2\n": (1, "never end"),
    "SELECT 1;\nCOPY t FROM stdin": (2, "must end with"),
    "COPY t FROM stdin; SELECT 1;\n\\.\n": (1, "must end with"),
}


@pytest.mark.parametrize("sql", REFUSED)
def test_what_cannot_be_split_is_refused_with_its_line(sql: str) -> None:
    line, words = REFUSED[sql]
    with pytest.raises(SqlFileError) as caught:
        split(sql)
    assert (caught.value.line, caught.value.exit_code) == (line, 2)
    assert words in str(caught.value)
    assert caught.value.advice


# --- properties -------------------------------------------------------------------------------------

GAP = re.compile(r"(?:[ \t\n\r\f\v;]|--[^\n\r]*|/\*.*?\*/)*", re.DOTALL)
TRICKY = st.text(alphabet="ab1$'\"();\\-/*eE_ \n\tSELECTé", max_size=60)
WORDS = ("a", "x1", "\n", "$1", "+", "::text", "é", "-- ;\n", "/*;*/", "(1; 2)")
QUOTED = ("'s;'", "'it''s'", "E'\\';'", '"n;"', "$$;$$", "$q$ '; $q$")
PIECES = st.sampled_from(WORDS + QUOTED)


@given(TRICKY)
@example("E'\\")
@example("--\\")
def test_nothing_is_lost_but_separators_and_comments(sql: str) -> None:
    try:
        statements = split(sql)
    except SqlFileError:
        return
    position = 0
    for statement in statements:
        assert statement.text == sql[statement.start : statement.end] == statement.text.strip(" \t\n\r\f\v")
        assert statement.text
        assert statement.line == sql.count("\n", 0, statement.start) + 1
        if "/*" not in sql:
            assert GAP.fullmatch(sql, position, statement.start)
        assert skip_blank(sql, statement.start) == statement.start
        position = statement.end
    if "/*" not in sql:
        assert GAP.fullmatch(sql, position)


@given(st.lists(st.lists(PIECES, min_size=1, max_size=8).map(" ".join), max_size=6))
def test_statements_made_of_whole_tokens_come_back(pieces: list[str]) -> None:
    wanted = ["SELECT " + piece for piece in pieces]
    got = texts("".join(f"{statement} \n;" for statement in wanted))
    assert len(got) == len(wanted)
    assert all(one.startswith(other) for one, other in zip(wanted, got, strict=True))


@given(TRICKY)
def test_leading_words_never_fail(sql: str) -> None:
    assert all(word == word.lower() for word in leading_words(sql, 0, 3))


@pytest.mark.parametrize(
    "bad", ["$1" * 40_000, "a$" * 40_000, "(" * 60_000 + ")" * 60_000, "/*" * 40_000 + "*/" * 40_000]
)
def test_hostile_text_takes_no_longer_than_any_other(bad: str) -> None:
    costs_little(lambda: split(bad), 2)
