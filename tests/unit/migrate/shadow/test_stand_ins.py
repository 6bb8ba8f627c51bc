"""Stand-ins as their files have them, and when a project's own platform is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.migrate.model import Script
from secopskit.migrate.read.files import read_script
from secopskit.migrate.shadow.platform import is_meant, wanted_version
from secopskit.migrate.shadow.stand_ins import parse_stand_in, stand_in, stand_in_names


def script(text: str, path: str = "migrations/1_a.sql") -> Script:
    return read_script(path, text)[0]


def test_a_file_of_its_own_is_enough() -> None:
    known = parse_stand_in(
        "thing",
        "-- nothing is done,\n-- ever.\n-- schema: s\n-- requires: a b\n-- package: p-{version}\n"
        "-- index methods: m\n-- types: t\n-- instead: yes\nCREATE TABLE @schema@.x ();\n-- no field: y\n",
    )
    assert (known.unlike, known.schema, known.requires) == ("nothing is done, ever", "s", ("a", "b"))
    assert (known.package, known.index_methods, known.types) == ("p-{version}", ("m",), ("t",))
    assert known.instead
    assert known.statements('"s"') == ('CREATE TABLE "s".x ()',)


@pytest.mark.parametrize("name", stand_in_names())
def test_each_says_what_it_is_not(name: str) -> None:
    known = stand_in(name)
    assert known
    assert known.unlike
    assert all(stand_in(needed) for needed in known.requires)
    assert bool(known.schema) is ("@schema@" not in known.text and bool(known.statements("x")))


def test_no_file_is_no_stand_in() -> None:
    assert stand_in("no_such_thing") is None
    assert stand_in("../supabase") is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("create policy p on t using (auth.uid() = owner)", True),
        ("alter publication supabase_realtime add table t", True),
        ("grant select on t to anon", True),
        ("create table t (id int)", False),
        ("create schema auth; create table auth.users (id int)", False),
        ("create schema extensions; create table auth.sessions ()", False),
    ],
)
def test_whose_project_it_is(text: str, meant: bool) -> None:
    assert is_meant(None, [script(text)]) is meant


def test_where_the_files_lie_says_it_too(tmp_path: Path) -> None:
    place = tmp_path / "supabase" / "migrations"
    place.mkdir(parents=True)
    ours = script("select 1", str(place / "1_a.sql"))
    assert is_meant(None, [ours])
    assert wanted_version([ours]) is None
    config = tmp_path / "supabase" / "config.toml"
    for text, version in (
        ("[db]\nmajor_version = 17\n", 17),
        ("[db]\nmajor_version = 'x'", None),
        ("[", None),
    ):
        config.write_text(text)
        assert wanted_version([ours]) == version
    assert wanted_version([script("select 1", str(tmp_path / "migrations" / "1_a.sql"))]) is None
