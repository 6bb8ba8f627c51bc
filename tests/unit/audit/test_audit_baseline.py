"""The baseline of an audit: what it accepts, what makes of it a new one, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from secopskit.audit.baseline import change, dump_accepted, load_accepted, parse_accepted, save_accepted
from secopskit.audit.model import MismatchEvidence, told_apart
from secopskit.collect.facts import FactPlace
from secopskit.errors import ConfigError
from support.mismatches import HOSTILE_NAMES, OPEN_PORT, mismatch
from support.report_samples import HOSTILE_PATHS

KIND = {"kind": "secops-audit-baseline"}
ENTRY = {"id": "0" * 16, "rule": "r", "subject": "s", "stack": "", "file": "f"}


def test_what_is_found_again_keeps_its_reason_what_is_gone_is_dropped() -> None:
    first = change((), [mismatch(OPEN_PORT, "a"), mismatch(OPEN_PORT, "b")], reason="known", owner="ops")
    assert [entry.subject for entry in first.added] == ["a", "b"]
    moved = [mismatch(OPEN_PORT, "b", line=99), mismatch(OPEN_PORT, "c")]
    then = change(first.after, moved, reason="other")
    assert [(entry.subject, entry.reason, entry.owner) for entry in then.after] == [
        ("b", "known", "ops"),
        ("c", "other", ""),
    ]
    assert [entry.subject for entry in then.dropped] == ["a"]


def test_two_of_one_subject_and_file_have_two_ids_which_stay_when_lines_move() -> None:
    def found(*said: tuple[int, str]) -> list[str]:
        shown = [(MismatchEvidence(FactPlace("compose.yml", line), text),) for line, text in said]
        return [each.id for each in told_apart(mismatch(OPEN_PORT, "db", evidence=each) for each in shown)]

    ids = found((3, "port 5432"), (4, "port 5433"), (9, "port 5433"))
    assert len(set(ids)) == 3
    assert ids == found((30, "port 5432"), (40, "port 5433"), (90, "port 5433"))
    assert ids[0] == mismatch(OPEN_PORT, "db", "compose.yml").id
    assert found((4, "port 5433"), (3, "port 5432")) == [ids[1], ids[0]]


def test_it_is_written_as_it_is_read_whatever_names_hold(tmp_path: Path) -> None:
    found = [mismatch(OPEN_PORT, name, path) for name in HOSTILE_NAMES for path in HOSTILE_PATHS]
    made = change((), found, reason=HOSTILE_NAMES[0], owner=HOSTILE_NAMES[1])
    save_accepted(tmp_path / "baseline.json", made.after)
    data = (tmp_path / "baseline.json").read_bytes()
    assert data.isascii()
    assert set(load_accepted(tmp_path / "baseline.json")) == set(made.after)
    assert dump_accepted(reversed(parse_accepted(data))) == data


def test_without_a_file_nothing_is_accepted(tmp_path: Path) -> None:
    assert load_accepted(tmp_path / "none.json") == ()


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ([], "must hold"),
        ({"version": 1}, "must hold"),
        ({"kind": "x", "version": 1, "accepted": []}, "kind other than"),
        (KIND | {"version": 2, "accepted": []}, "version other than 1"),
        (KIND | {"version": True, "accepted": []}, "version other than 1"),
        (KIND | {"version": 1, "accepted": {}}, "must be a list"),
        (KIND | {"version": 1, "accepted": [3]}, "entry 1: must be a mapping"),
        (KIND | {"version": 1, "accepted": [ENTRY, ENTRY | {"more": ""}]}, "entry 2: must be a mapping"),
        (KIND | {"version": 1, "accepted": [{"id": "0" * 16}]}, "lacks `file`"),
        (KIND | {"version": 1, "accepted": [ENTRY | {"id": "../x"}]}, "16 hexadecimal digits"),
        (KIND | {"version": 1, "accepted": [ENTRY | {"reason": 3}]}, "`reason` must be a text"),
        (KIND | {"version": 1, "accepted": [ENTRY | {"reason": "x" * 9000}]}, "`reason` must be a text"),
    ],
)
def test_what_is_no_baseline_is_refused(document: Any, problem: str) -> None:
    data = document if isinstance(document, str) else json.dumps(document)
    with pytest.raises(ConfigError, match=problem) as caught:
        parse_accepted(data.encode())
    assert "--update-baseline" in caught.value.advice
