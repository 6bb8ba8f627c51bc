"""The store: every unit has one outcome, whatever dies in between."""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from pathlib import Path
from typing import Any

import pytest

from secopskit.errors import ConfigError, SecopsError, UsageError
from secopskit.findings import SkipReason
from secopskit.fleet.model import FleetRepository, Outcome, OutcomeKind, RepositoryKind, ScanLabel, UnitLimits
from secopskit.fleet.store.reading import StoreReader
from secopskit.fleet.store.runs import RunStore, UnitState, WaitingUnit
from secopskit.fleet.store.schema import DATABASE, opened
from secopskit.fleet.tell.gather import fleet_facts

ACME, OTHER = '[["acme"], []]', '[["other"], []]'
_LABEL = ScanLabel("state", "rules")


def _repository(name: str, size: int = 0) -> FleetRepository:
    return FleetRepository(
        f"github.com/acme/{name}", RepositoryKind.HOSTED, f"https://github.com/acme/{name}", size=size
    )


def _document(*fingerprints: str, value: bool = True, **others: Any) -> bytes:
    empty = dict.fromkeys(("title", "preview", "note", "remediation"), "")
    findings = [
        empty
        | {"id": one[:12], "rule_id": "r", "fingerprint": one, "severity": "high", "confidence": "high"}
        | {"references": [], "locations": [], "owners": [], "value": value, "in_head": True}
        for one in fingerprints
    ]
    told: dict[str, Any] = {
        "findings": findings,
        "stats": {},
        "limits": [],
        "skipped_for": {},
        "suppressed": {},
    } | others
    return zlib.compress(json.dumps(told).encode())


def _scanned(number: int, *fingerprints: str) -> Outcome:
    return Outcome(number, OutcomeKind.SCANNED, label=_LABEL, document=_document(*fingerprints))


@pytest.fixture
def database(tmp_path: Path) -> sqlite3.Connection:
    return opened(str(tmp_path / "fleet"), create=True)


@pytest.fixture
def runs(database: sqlite3.Connection) -> RunStore:
    return RunStore(database)


class TestRuns:
    def test_one_that_was_broken_off_is_gone_on_with(self, runs: RunStore) -> None:
        run = runs.begin(ACME, fresh=False)
        units = runs.add(run, [_repository("a", 5), _repository("b", 7)]).waiting
        runs.take(run, _scanned(units[0].number))
        again = runs.begin(ACME, fresh=False)
        assert (again.number, again.resumed) == (run.number, True)
        added = runs.add(again, [_repository("a"), _repository("b"), _repository("c")])
        assert added == ((1, 2, 3), (WaitingUnit(2, 0), WaitingUnit(3, 0)))
        assert [one.number for one in runs.waiting(again)] == [units[1].number, 3]

    def test_of_another_selection_it_is_not(self, runs: RunStore) -> None:
        first = runs.begin(ACME, fresh=False)
        assert runs.begin(OTHER, fresh=False) == (first.number + 1, False)

    def test_nor_with_fresh_nor_once_it_has_ended(self, runs: RunStore) -> None:
        first = runs.begin(ACME, fresh=False)
        second = runs.begin(ACME, fresh=True)
        assert second.number != first.number
        runs.end(second)
        assert runs.begin(ACME, fresh=False).number not in (first.number, second.number)


class TestUnits:
    def test_an_outcome_counts_once(self, runs: RunStore, database: sqlite3.Connection) -> None:
        run = runs.begin(ACME, fresh=False)
        (unit,) = runs.add(run, [_repository("a")]).waiting
        assert runs.take(run, _scanned(unit.number, "f" * 32)) is UnitState.SCANNED
        late = Outcome(unit.number, OutcomeKind.FAILED, "too late")
        assert runs.take(run, late) is UnitState.SCANNED
        assert runs.take(run, _scanned(unit.number)) is UnitState.SCANNED
        facts = fleet_facts(StoreReader(database))
        assert (facts.total, facts.states) == (1, {"scanned": 1})

    def test_who_kills_twice_is_set_aside(self, runs: RunStore) -> None:
        run = runs.begin(ACME, fresh=False)
        (unit,) = runs.add(run, [_repository("a")]).waiting
        killed = Outcome(unit.number, OutcomeKind.KILLED, "killed")
        assert runs.take(run, killed) is UnitState.WAITING
        assert runs.take(run, killed) is UnitState.SET_ASIDE
        assert runs.waiting(run) == []

    def test_a_damaged_result_changes_nothing(self, runs: RunStore) -> None:
        run = runs.begin(ACME, fresh=False)
        (unit,) = runs.add(run, [_repository("a")]).waiting
        with pytest.raises(SecopsError, match="damaged"):
            runs.take(run, Outcome(unit.number, OutcomeKind.SCANNED, document=b"no"))
        assert [one.number for one in runs.waiting(run)] == [unit.number]

    def test_the_last_result_goes_along_with_the_unit(self, runs: RunStore) -> None:
        run = runs.begin(ACME, fresh=False)
        (unit,) = runs.add(run, [_repository("a")]).waiting
        runs.take(run, _scanned(unit.number))
        runs.end(run)
        run = runs.begin(ACME, fresh=False)
        (unit,) = runs.add(run, [_repository("a", 9)]).waiting
        asked = runs.unit(unit.number, UnitLimits(), again=False, judged=True, api="")
        assert (asked.last, asked.repository) == (_LABEL, _repository("a", 9))
        again = runs.unit(unit.number, UnitLimits(), again=True, judged=True, api="")
        assert again.last == ScanLabel()


class TestChanges:
    def test_what_is_new_and_what_is_gone(self, runs: RunStore, database: sqlite3.Connection) -> None:
        for fingerprints in (("a" * 32, "b" * 32), ("b" * 32, "c" * 32)):
            run = runs.begin(ACME, fresh=False)
            (unit,) = runs.add(run, [_repository("a")]).waiting
            runs.take(run, _scanned(unit.number, *fingerprints))
            runs.end(run)
        facts = fleet_facts(StoreReader(database))
        assert {one.fingerprint[0]: one.new for one in facts.secrets} == {"b": False, "c": True}
        assert (facts.new, facts.gone) == (1, 1)
        first = fleet_facts(StoreReader(database), 1)
        assert (first.new, first.gone, first.total) == (2, 0, 2)

    @pytest.mark.parametrize(
        ("unread", "gone", "perhaps"),
        [
            ({}, 1, 0),
            ({"skipped_for": {SkipReason.BINARY.value: 3}}, 1, 0),
            *(({"skipped_for": {one.value: 1}}, 0, 1) for one in SkipReason if one is not SkipReason.BINARY),
            ({"limits": ["This is a shallow clone."]}, 0, 1),
        ],
    )
    def test_where_not_all_was_read_nothing_is_known_to_be_gone(
        self,
        runs: RunStore,
        database: sqlite3.Connection,
        unread: dict[str, Any],
        gone: int,
        perhaps: int,
    ) -> None:
        for document in (_document("a" * 32), _document(**unread)):
            self._run(runs, document)
        facts = fleet_facts(StoreReader(database))
        assert (facts.total, facts.gone, facts.gone_perhaps) == (0, gone, perhaps)

    def test_what_is_held_back_is_not_gone_until_it_is(
        self, runs: RunStore, database: sqlite3.Connection
    ) -> None:
        held = _document(held=[["a" * 32, "r"], ["b" * 32, "r"]])
        for document in (_document("a" * 32), held, _document()):
            self._run(runs, document)
        told = [fleet_facts(StoreReader(database), number) for number in (1, 2, 3)]
        assert [(one.total, one.new) for one in told] == [(1, 1), (0, 0), (0, 0)]
        assert (told[2].gone, told[2].gone_perhaps) == (1, 0), "what was never told is not counted"
        assert told[1].gone == 0

    def _run(self, runs: RunStore, document: bytes) -> None:
        run = runs.begin(ACME, fresh=False)
        (unit,) = runs.add(run, [_repository("a")]).waiting
        runs.take(run, _scanned(unit.number)._replace(document=document))
        runs.end(run)

    def test_unchanged_is_seen_again(self, runs: RunStore, database: sqlite3.Connection) -> None:
        for kind in (OutcomeKind.SCANNED, OutcomeKind.UNCHANGED):
            run = runs.begin(ACME, fresh=False)
            (unit,) = runs.add(run, [_repository("a")]).waiting
            runs.take(run, _scanned(unit.number, "a" * 32)._replace(kind=kind))
            runs.end(run)
        facts = fleet_facts(StoreReader(database))
        assert (facts.total, facts.new, facts.gone, facts.states) == (1, 0, 0, {"unchanged": 1})

    def test_one_secret_in_many_repositories_is_one(
        self, runs: RunStore, database: sqlite3.Connection
    ) -> None:
        run = runs.begin(ACME, fresh=False)
        for unit in runs.add(run, [_repository(name) for name in "abc"]).waiting:
            runs.take(run, _scanned(unit.number, "a" * 32))
        (one,) = fleet_facts(StoreReader(database)).secrets
        assert one.repositories == tuple(f"github.com/acme/{name}" for name in "abc")

    def test_a_place_that_should_not_be_is_one_in_each(
        self, runs: RunStore, database: sqlite3.Connection
    ) -> None:
        run = runs.begin(ACME, fresh=False)
        for unit in runs.add(run, [_repository(name) for name in "ab"]).waiting:
            document = _document("a" * 32, value=False)
            runs.take(run, _scanned(unit.number)._replace(document=document))
        facts = fleet_facts(StoreReader(database))
        assert [one.repositories for one in facts.secrets] == [
            ("github.com/acme/a",),
            ("github.com/acme/b",),
        ]


def test_what_is_told_is_of_one_moment_while_a_scan_writes(
    runs: RunStore, database: sqlite3.Connection, tmp_path: Path
) -> None:
    run = runs.begin(ACME, fresh=False)
    (unit,) = runs.add(run, [_repository("a")]).waiting
    reader = StoreReader(opened(str(tmp_path / "fleet"), create=False))
    with reader.snapshot():
        before = reader.units(reader.run())
        runs.take(run, _scanned(unit.number, "a" * 32))
        runs.add(run, [_repository("b")])
        assert reader.units(reader.run()) == before
        assert reader.sightings(reader.run()) == {}
    assert len(reader.units(reader.run())) == 2


class TestOpening:
    def test_without_a_store_there_is_nothing_to_tell(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="no fleet has been scanned"):
            opened(str(tmp_path), create=False)

    def test_one_without_a_run(self, database: sqlite3.Connection) -> None:
        with pytest.raises(UsageError, match="nothing has been scanned"):
            StoreReader(database).run()
        with pytest.raises(UsageError, match="no run 4"):
            StoreReader(database).run(4)

    def test_it_is_this_users_alone(self, tmp_path: Path, database: sqlite3.Connection) -> None:
        assert os.stat(tmp_path / "fleet").st_mode & 0o777 == 0o700
        assert os.stat(tmp_path / "fleet" / DATABASE).st_mode & 0o777 == 0o600

    def test_one_of_a_later_version_is_left_alone(self, tmp_path: Path, database: sqlite3.Connection) -> None:
        database.execute("PRAGMA user_version=99")
        with pytest.raises(ConfigError, match="newer"):
            opened(str(tmp_path / "fleet"), create=True)

    def test_what_is_no_database_is_told(self, tmp_path: Path) -> None:
        (tmp_path / DATABASE).write_bytes(b"hello" * 1000)
        with pytest.raises(SecopsError, match="cannot be used"):
            opened(str(tmp_path), create=True)
