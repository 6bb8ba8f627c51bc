"""What is not parsed, or not to its end, is told; what fits is read to its end."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from secopskit.detect.structure import MAX_SIZE
from secopskit.findings import Blob, Skipped, SkipReason
from secopskit.formats.tables import csv_file, sql_rows
from secopskit.formats.trees import json_tree, yaml_tree
from secopskit.scan.content.detectors import DetectorOptions, Detectors
from support.cli import rules_cache
from support.engines import detectors
from support.values import alnum


def _look(path: str, data: bytes) -> tuple[set[tuple[str, int]], list[tuple[str, SkipReason]]]:
    """The rules and lines of what is found, and what is told of what was not read."""
    found, skipped = detectors("auto").look_into(Blob(path, data))
    return {(one.rule_id, one.line) for one in found}, [(one.path, one.reason) for one in skipped]


def _table(rows: int, password: str) -> str:
    return "name,email,password\n" + "al,a@b.de,\n" * rows + f"admin,x@y.de,{password}\n"


def _insert(rows: int, password: str) -> str:
    none = "('al', NULL),\n" * rows
    return f"INSERT INTO users (name, password) VALUES\n{none}('admin', '{password}');\n"


def _copy(rows: int, password: str) -> str:
    none = "al\t\\N\n" * rows
    return f"COPY users (name, password) FROM stdin;\n{none}admin\t{password}\n\\.\n"


def _pairs(rows: int, password: str) -> str:
    return "env:\n" + "- name: A\n  value: b\n" * rows + f"- name: DB_PASSWORD\n  value: {password}\n"


def _members(rows: int, password: str) -> str:
    return "{\n" + '"a": 1,\n' * rows + f'"db_password": "{password}"}}\n'


KINDS = {
    "csv": (_table, "users.csv", "csv-secret", 40_000),
    "insert": (_insert, "a.sql", "sql-secret", 30_000),
    "copy": (_copy, "a.sql", "sql-secret", 30_000),
    "yaml": (_pairs, "values.yml", "yaml-secret", 40_000),
    "json": (_members, "a.json", "json-secret", 150_000),
}


def test_a_statement_within_another_one_is_read_to_its_end() -> None:
    data = f"WITH one AS (INSERT INTO users (name, password) VALUES ('al', '{alnum(20)}')) SELECT 1;\n"
    found, skipped = _look("a.sql", data.encode())
    assert ("sql-secret", 1) in found
    assert not skipped


def test_json_is_parsed_where_it_is_large() -> None:
    data = '{"cells": [\n' + '  {"output": "nothing of interest"},\n' * 120_000
    data += f'  {{"db_password": "{alnum(20)}"}}\n]}}\n'
    assert len(data) > MAX_SIZE
    found, skipped = _look("a.ipynb", data.encode())
    assert ("json-secret", 120_002) in found
    assert not skipped


@pytest.mark.parametrize("kind", KINDS)
def test_the_last_of_many_rows_is_read(kind: str) -> None:
    make, path, rule, rows = KINDS[kind]
    data = make(rows, alnum(20)).encode()
    assert len(data) < MAX_SIZE
    found, skipped = _look(path, data)
    assert rule in {name for name, _ in found}
    assert not skipped


@pytest.mark.parametrize("kind", KINDS)
def test_a_parser_that_stops_says_so(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "_MOST", 30)
    monkeypatch.setattr(sql_rows, "_MOST", 30)
    monkeypatch.setattr(yaml_tree, "MAX_EVENTS", 200)
    monkeypatch.setattr(json_tree, "MAX_TOKENS", 200)
    make, path, rule, _ = KINDS[kind]
    for number, (rows, stops) in enumerate(((2, False), (1000, True), (2, False))):
        path = f"{number}/{path}"
        found, skipped = _look(path, make(rows, alnum(20)).encode())
        # What is no YAML as a whole is read line by line.
        assert (rule in {name for name, _ in found}) is (not stops or kind == "yaml")
        assert skipped == ([(path, SkipReason.TOO_COMPLEX)] if stops else [])


def _filled(line: str, head: str = "") -> bytes:
    return (head + line * (MAX_SIZE // len(line) + 1)).encode()


def _sized(make: Callable[[int, str], str], rows: int) -> bytes:
    return make(rows, alnum(20)).encode()


def test_a_file_too_large_to_be_parsed_is_told_where_it_has_a_sign() -> None:
    user = f"CREATE USER shop PASSWORD '{alnum(20)}';\n"
    _, skipped = _look("dump.sql", _filled("SELECT 1;\n", user))
    assert skipped == [("dump.sql", SkipReason.IN_PARTS)]
    _, skipped = _look("values.yml", _sized(_pairs, 120_000))
    assert skipped == [("values.yml", SkipReason.IN_PARTS)]
    assert _look("notes.txt", _filled("nothing here\n")) == (set(), [])


def test_the_beginning_of_a_large_dotenv_file_is_read() -> None:
    found, skipped = _look("web/.env", _filled("NAME=value\n", f"DB_PASSWORD={alnum(20)}\n"))
    assert ("dotenv-secret", 1) in found
    assert skipped == [("web/.env", SkipReason.IN_PARTS)]


def test_a_large_member_of_an_archive_is_told() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conf/values.yml", _sized(_pairs, 120_000))
        archive.writestr("conf/small.yml", _sized(_pairs, 2))
    options = DetectorOptions(engine="auto", cache=str(rules_cache()), archives=1 << 24)
    found, skipped = Detectors.open(options).look_into(Blob("a.zip", content.getvalue(), binary=True))
    assert "yaml-secret" in {one.rule_id for one in found}
    assert skipped == [Skipped("a.zip!conf/values.yml", SkipReason.IN_PARTS)]
