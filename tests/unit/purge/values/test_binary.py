"""Content that is no text: it keeps its length, and a database still opens."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from secopskit.purge.model import PurgeTarget
from secopskit.purge.values.binary import UNKNOWN, binary_format
from secopskit.purge.values.matcher import ValueMatcher
from secopskit.secret import SecretValue
from support.values import alnum

VALUE = alnum(24)


def matcher(value: str = VALUE) -> ValueMatcher:
    secret = SecretValue(value.encode())
    return ValueMatcher([PurgeTarget(number=1, value=secret, label="", fingerprint="")])


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_a_database_opens_with_its_values_taken_out(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "db.sqlite"
    with sqlite3.connect(path) as database:
        database.execute(f"pragma encoding = '{encoding}'")
        database.execute("create table t (k, v)")
        rows = [(number, f"{number} {VALUE} {'y' * number * 50}") for number in range(100)]
        database.executemany("insert into t values (?, ?)", rows)
    before = path.read_bytes()
    after = matcher().redact(before, paths=["db.sqlite"])
    assert len(after) == len(before)
    assert matcher().contains(after) == ()
    path.write_bytes(after)
    with sqlite3.connect(path) as database:
        assert database.execute("pragma integrity_check").fetchall() == [("ok",)]
        read = [row[0] for row in database.execute("select v from t order by k")]
    assert read == [text.replace(VALUE, "***REMOVED***".ljust(24, "*")) for _, text in rows]


@pytest.mark.parametrize(
    ("data", "name", "checks"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG image", True),
        (b"\x7fELF\x02\x01\x01\0", "ELF program or library", False),
        (b"# v2 git bundle\n" + b"a" * 40, "git bundle", True),
        (b"\xa7\r\r\n\0\0\0\0\x01\x02\x03\x04", "Python bytecode", False),
        (b"\0" * 257 + b"ustar\0", "tar archive", False),
        (b"words\0" + b"more", UNKNOWN.name, False),
        (b"\x01\x02\xff\xfe\x03 no NUL", UNKNOWN.name, False),
    ],
)
def test_formats(data: bytes, name: str, checks: bool) -> None:
    found = binary_format(data)
    assert found is not None
    assert bool(found.consequence) == checks
    assert (found.name, found.checks) == (name, checks)
    written = data + VALUE.encode() + data
    assert len(matcher().redact(written)) == len(written)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"plain text",
        "naïve ☃".encode(),
        "naïve".encode("latin-1"),
        "text\r\n".encode("utf-16"),
        "text\r\n".encode("utf-16-be"),
        b"GIF8 is how such an image begins",
        b"\x1b[1mbold\x1b[0m",
    ],
)
def test_text_is_not_binary(data: bytes) -> None:
    assert binary_format(data) is None


def test_a_value_shorter_than_what_replaces_it() -> None:
    short = alnum(9)
    assert matcher(short).redact(b"\0" + short.encode() + b"\0") == b"\0" + b"*" * 9 + b"\0"


def test_an_index_of_a_database_may_need_its_owner() -> None:
    found = binary_format(b"SQLite format 3\0" + b"\0" * 100)
    assert found is not None
    assert not found.checks
    assert "REINDEX" in found.consequence
