"""The records of what was published: what is written is read, strictly, and nothing can be guessed."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from secopskit.errors import ConfigError
from secopskit.secret import SecretValue
from secopskit.state.fingerprint_key import fingerprint_key
from secopskit.state.published import PublishedFact, PublishedRecord, PublishedValue
from secopskit.state.published_file import SHORTEST, PublishedFile
from support.cli import SOURCE
from support.values import alnum

WHEN = datetime(2030, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
A, B = ("host/one secrets", "A"), ("host/one secrets", "B")
_WRITER = """
import sys
from secopskit.secret import SecretValue
from secopskit.state.published import PublishedRecord, PublishedValue
for number in range(int(sys.argv[3])):
    name = ("sink", f"{sys.argv[2]}-{number}")
    PublishedRecord(sys.argv[1]).update({name: PublishedValue(SecretValue(b"x"), None, "test")})
"""


def value(text: str, at: datetime | None = WHEN) -> PublishedValue:
    return PublishedValue(SecretValue(text.encode()), at, ".secops.yaml")


def test_what_was_published_is_read(tmp_path: Path) -> None:
    place = str(tmp_path / ".git" / "secops")
    record = PublishedRecord(place)
    assert record.read() == {}
    record.update({A: value("first"), B: value("second", None)})
    key = fingerprint_key(place)
    first = SecretValue(b"first").fingerprint(key).text
    assert record.read()[A] == PublishedFact(first, WHEN, ".secops.yaml")
    assert record.read()[B].at is None
    record.update({B: value("other")}, removed=[A])
    assert record.read().keys() == {B}
    assert record.read()[B].at == WHEN


@pytest.mark.skipif(os.name == "nt", reason="modes as POSIX has them")
def test_the_record_is_private(tmp_path: Path) -> None:
    place = tmp_path / "secops"
    PublishedRecord(str(place)).update({A: value("first")})
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()} == {0o600}


def test_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    place = str(tmp_path / "secops")
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, place, str(writer), "6"], env={"PYTHONPATH": str(SOURCE)}
        )
        for writer in range(3)
    ]
    assert [writer.wait(timeout=120) for writer in writers] == [0] * 3
    assert len(PublishedRecord(place).read()) == 18


FACT = {"fingerprint": "0" * 32, "at": "2030-01-01T00:00:00+00:00", "by": "x"}


@pytest.mark.parametrize(
    "document",
    [
        "{",
        "[]",
        {"version": 2, "published": {}},
        {"version": 1},
        {"version": 1, "published": []},
        {"version": 1, "published": {"s": []}},
        {"version": 1, "published": {"s": {"A": {}}}},
        {"version": 1, "published": {"s": {"A": FACT | {"at": "2030-01-01T00:00:00"}}}},
        {"version": 1, "published": {"s": {"A": FACT | {"at": "yesterday"}}}},
        {"version": 1, "published": {"s": {"A": FACT | {"fingerprint": "xyz"}}}},
        {"version": 1, "published": {"s": {"A": FACT | {"by": 1}}}},
        {"version": 1, "published": {"s": {"A": FACT | {"more": ""}}}},
    ],
)
def test_a_damaged_record_is_told_and_stays(tmp_path: Path, document: object) -> None:
    place = tmp_path / "secops"
    record = PublishedRecord(str(place))
    record.update({A: value("first")})
    text = document if isinstance(document, str) else json.dumps(document)
    (place / "published.json").write_text(text)
    with pytest.raises(ConfigError, match="is not a record of what was written where"):
        record.read()
    with pytest.raises(ConfigError):
        record.update({B: value("second")})
    assert (place / "published.json").read_text() == text


def test_a_record_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    place = tmp_path / "git" / "secops"
    place.mkdir(parents=True)
    (tmp_path / "theirs.json").write_text('{"version": 1, "published": {}}')
    (place / "published.json").symlink_to(tmp_path / "theirs.json")
    with pytest.raises(ConfigError, match="leads out of"):
        PublishedRecord(str(place)).read()


# --- the file that may be committed -------------------------------------------------------------


def test_the_committed_record_says_the_same_by_slow_digests(tmp_path: Path) -> None:
    record = PublishedFile(str(tmp_path / "record.json"), str(tmp_path), str(tmp_path / "secops"))
    secret, other = alnum(20), alnum(20)
    record.update({A: value(secret), B: value(secret)})
    facts = record.read()
    assert record.same(facts[A], "A", SecretValue(secret.encode())) is True
    assert record.same(facts[A], "A", SecretValue(other.encode())) is False
    assert facts[A].digest != facts[B].digest, "the same value under two names shows"
    text = (tmp_path / "record.json").read_text()
    assert secret not in text
    assert (
        SecretValue(secret.encode()).fingerprint(fingerprint_key(str(tmp_path / "secops"))).text not in text
    )
    again = PublishedFile(str(tmp_path / "record.json"), str(tmp_path))
    again.update({}, removed=[B])
    assert again.read() == {A: facts[A]}


def test_short_and_readable_values_have_no_digest(tmp_path: Path) -> None:
    record = PublishedFile(str(tmp_path / "record.json"), str(tmp_path))
    short, long = alnum(SHORTEST - 1), alnum(40)
    record.update({A: value(short), B: value(long)}, undigested=[B])
    facts = record.read()
    assert (facts[A].digest, facts[B].digest) == ("", "")
    assert record.same(facts[A], "A", SecretValue(short.encode())) is None
    assert record.same(facts[A], "A", SecretValue(b"12345678901")) is None
    assert record.same(facts[A], "A", SecretValue(long.encode())) is False


@pytest.mark.parametrize("salt", ["", "zz", "00", 7, None])
def test_a_committed_record_with_another_salt_is_none(tmp_path: Path, salt: object) -> None:
    path = tmp_path / "record.json"
    path.write_text(json.dumps({"version": 1, "salt": salt, "published": {}}))
    with pytest.raises(ConfigError, match="is not a record"):
        PublishedFile(str(path), str(tmp_path)).read()


def test_a_committed_record_outside_of_the_work_tree_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "theirs.json").write_text('{"version": 1, "published": {}}')
    (tmp_path / "tree" / "record.json").symlink_to(tmp_path / "theirs.json")
    with pytest.raises(ConfigError, match="a file of the work tree"):
        PublishedFile(str(tmp_path / "tree" / "record.json"), str(tmp_path / "tree")).read()


def test_times_are_told_in_one_zone(tmp_path: Path) -> None:
    PublishedRecord(str(tmp_path / "secops")).update({A: value("first")})
    document = json.loads((tmp_path / "secops" / "published.json").read_text())
    assert document["published"][A[0]]["A"]["at"] == WHEN.astimezone(UTC).isoformat()
