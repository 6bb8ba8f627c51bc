"""The record of an incident, and the one that may be committed: whole, shut, never believed blindly."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from secopskit.errors import ConfigError
from secopskit.incident.model import ExposedSecret, Revocation
from secopskit.incident.record import IncidentRecord
from secopskit.incident.shared import DeadSecret, SharedRecord
from support.cli import SOURCE

SECRET = ExposedSecret(
    fingerprint="ab" * 16,
    rule_id="rule",
    title="A secret",
    severity="high",
    place="a.py:1",
    paths=("a.py",),
    revoked=Revocation("2030-01-01T00:00:00+00:00", "Ada"),
    reopened=("2030-01-02T00:00:00+00:00",),
    states={"found": "2030-01-01T00:00:00+00:00"},
)
_WRITER = """
import sys
from secopskit.incident.model import ExposedSecret
from secopskit.incident.record import IncidentRecord
for number in range(6):
    name = f"{sys.argv[2]}-{number}"
    one = ExposedSecret(fingerprint=name, rule_id="r", title="t", severity="", place="p")
    IncidentRecord(sys.argv[1]).update(lambda known: known.update({name: one}))
"""


def test_what_was_put_down_is_read(tmp_path: Path) -> None:
    record = IncidentRecord(str(tmp_path / "secops"))
    assert record.read() == {}
    record.update(lambda known: known.update({SECRET.fingerprint: SECRET}))
    assert record.read() == {SECRET.fingerprint: SECRET}
    before = os.stat(record.path).st_mtime_ns
    record.update(lambda known: None)
    assert os.stat(record.path).st_mtime_ns == before, "what is the same is not written anew"
    if os.name != "nt":
        assert stat.S_IMODE(os.stat(record.path).st_mode) == 0o600
        assert stat.S_IMODE(os.stat(record.directory).st_mode) == 0o700


def test_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    place = str(tmp_path / "secops")
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, place, str(number)], env={"PYTHONPATH": str(SOURCE)})
        for number in range(3)
    ]
    assert [one.wait(timeout=60) for one in writers] == [0] * 3
    assert len(IncidentRecord(place).read()) == 18


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.update(version=2),
        lambda document: document["secrets"].update(x={}),
        lambda document: document["secrets"][SECRET.fingerprint].update(places="many"),
        lambda document: document["secrets"][SECRET.fingerprint].update(unknown=1),
        lambda document: document["secrets"][SECRET.fingerprint].update(states={"found": 1}),
        lambda document: document["secrets"][SECRET.fingerprint].update(revoked=["a"]),
        lambda document: document["secrets"][SECRET.fingerprint].update(states={"molten": "2030-01-01"}),
    ],
)
def test_a_damaged_record_is_refused_and_stays(tmp_path: Path, change: Any) -> None:
    record = IncidentRecord(str(tmp_path / "secops"))
    record.update(lambda known: known.update({SECRET.fingerprint: SECRET}))
    document = json.loads(Path(record.path).read_text())
    change(document)
    Path(record.path).write_text(json.dumps(document))
    for call in (record.read, lambda: record.update(lambda known: known.clear())):
        with pytest.raises(ConfigError, match="is not a record of an incident"):
            call()
    assert json.loads(Path(record.path).read_text()) == document


DEAD = DeadSecret("0" * 64, "rule", ("a.py",), "2030-01-01T00:00:00+00:00", "Ada", "")


def test_the_committed_record_is_the_same_again(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    empty = SharedRecord.load(path, root=str(tmp_path))
    assert (empty.there, empty.secrets) == (False, ())
    assert empty.write([DEAD])
    again = SharedRecord.load(path, root=str(tmp_path))
    assert (again.there, again.secrets, again.salt) == (True, (DEAD,), empty.salt)
    assert not again.write([DEAD]), "nothing is new"
    assert again.write([replace_closed(DEAD)])
    assert SharedRecord.load(path, root=str(tmp_path)).secrets == (replace_closed(DEAD),)


def replace_closed(one: DeadSecret) -> DeadSecret:
    return one._replace(closed="2030-01-02T00:00:00+00:00")


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"version": 1}', '{"version": 1, "salt": "xy", "secrets": []}']
    + [
        json.dumps({"version": 1, "salt": "0" * 32, "secrets": [body]})
        for body in ({}, DEAD._asdict() | {"digest": "short"}, DEAD._asdict() | {"paths": [1]})
    ],
)
def test_what_is_no_committed_record_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "record.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match="is not a record of an incident"):
        SharedRecord.load(path, root=str(tmp_path))


def test_a_link_out_of_the_tree_is_refused(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    SharedRecord.load(tmp_path / "other.json", root=str(tmp_path)).write([DEAD])
    (tree / "record.json").symlink_to(tmp_path / "other.json")
    with pytest.raises(ConfigError, match="leads out"):
        SharedRecord.load(tree / "record.json", root=str(tree))
