"""Runs in the store: begun, gone on with after a kill, filled with units, ended."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final

from secopskit.fleet.document import read_document
from secopskit.fleet.model import (
    NEVER,
    FleetRepository,
    Outcome,
    OutcomeKind,
    RepositoryKind,
    ScanLabel,
    UnitLimits,
    WorkUnit,
)
from secopskit.named_tuple import NamedTuple
from secopskit.report.text import encodable

MOST_KILLS: Final = 2
GIVEN_UP: Final = "given up"
"""What stands in the place of its end for a run that another one was begun instead of."""


class UnitState(Enum):
    """How far a unit is. The value is what the store keeps and reports print."""

    WAITING = "waiting"
    SCANNED = "scanned"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    SET_ASIDE = "set aside"
    """It has killed its worker twice."""


class Run(NamedTuple):
    """A run. `resumed` tells that it goes on with one that was broken off."""

    number: int
    resumed: bool


class WaitingUnit(NamedTuple):
    """A unit that is not done: the larger, the sooner."""

    number: int
    size: int


class AddedUnits(NamedTuple):
    """The units of repositories that were put into a run, and those of them that are not done."""

    units: tuple[int, ...]
    waiting: tuple[WaitingUnit, ...]


class RunStore:
    """The runs of a store. Not to be shared by threads. Raises sqlite3.Error where the disk is full."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._database = connection

    def require_key(self, mark: str) -> str:
        """The mark of the key that fingerprints were made with: `mark`, unless there was another before."""
        self._database.execute("INSERT OR IGNORE INTO fact VALUES ('key', ?)", (mark,))
        (known,) = self._database.execute("SELECT text FROM fact WHERE name = 'key'").fetchone()
        return str(known)

    def begin(self, selection: str, *, fresh: bool) -> Run:
        """A new run of a selection, or the one of it that was not ended."""
        with self._changing():
            if not fresh:
                found = self._database.execute(
                    "SELECT id FROM run WHERE selection = ? AND ended = '' ORDER BY id DESC", (selection,)
                ).fetchone()
                if found:
                    return Run(found[0], resumed=True)
            self._database.execute(
                "UPDATE run SET ended = ? WHERE selection = ? AND ended = ''", (GIVEN_UP, selection)
            )
            made = self._database.execute(
                "INSERT INTO run (selection, started) VALUES (?, ?)", (selection, _now())
            )
            return Run(int(made.lastrowid or 0), resumed=False)

    def add(self, run: Run, repositories: Iterable[FleetRepository]) -> AddedUnits:
        """Put repositories into a run, unless they are there already; their units."""
        units, waiting = [], []
        with self._changing():
            for one in repositories:
                repository = self._repository(one)
                self._database.execute(
                    "INSERT OR IGNORE INTO unit (run, repository) VALUES (?, ?)", (run.number, repository)
                )
                number, state = self._database.execute(
                    "SELECT id, state FROM unit WHERE run = ? AND repository = ?", (run.number, repository)
                ).fetchone()
                units.append(number)
                if state == UnitState.WAITING.value:
                    waiting.append(WaitingUnit(number, one.size))
        return AddedUnits(tuple(units), tuple(waiting))

    def keep_only(self, run: Run, units: Collection[int]) -> int:
        """Take all other units out of a run, as if they had never been in it; how many they were."""
        with self._changing():
            rows = self._database.execute("SELECT id, repository FROM unit WHERE run = ?", (run.number,))
            others = [(number, repository) for number, repository in rows if number not in units]
            self._database.executemany("DELETE FROM unit WHERE id = ?", [(number,) for number, _ in others])
            # Nobody was told of what was seen in them: it is new to whoever sees it next.
            self._database.executemany(
                "DELETE FROM sighting WHERE first_run = ? AND repository = ?",
                [(run.number, repository) for _, repository in others],
            )
        return len(others)

    def listed(self, run: Run, notes: Iterable[str]) -> None:
        """The selection is known to its end. `notes` are sentences on what could not be listed."""
        self._database.execute(
            "UPDATE run SET listed = ?, notes = ? WHERE id = ?",
            (_now(), json.dumps(list(notes)), run.number),
        )

    def waiting(self, run: Run) -> list[WaitingUnit]:
        """The units of a run that are not done."""
        rows = self._database.execute(
            "SELECT unit.id, size FROM unit JOIN repository ON repository.id = repository"
            " WHERE run = ? AND state = 'waiting'",
            (run.number,),
        )
        return [WaitingUnit(*row) for row in rows]

    def states(self, run: Run) -> dict[UnitState, int]:
        """How many units of a run ended how."""
        rows = self._database.execute(
            "SELECT state, count(*) FROM unit WHERE run = ? AND state != 'waiting' GROUP BY state",
            (run.number,),
        )
        return {UnitState(state): number for state, number in rows}

    def unit(self, number: int, limits: UnitLimits, *, again: bool, judged: bool, api: str) -> WorkUnit:
        """A unit, ready to be worked at. With `again`, it is scanned whatever its last result says."""
        row = self._database.execute(
            "SELECT name, kind, CAST(address AS BLOB), branch, size, visibility, archived, fork,"
            " coalesce(scan.state, ''), coalesce(scan.rules, ''), coalesce(scan.day, '')"
            " FROM unit JOIN repository ON repository.id = unit.repository"
            " LEFT JOIN scan ON scan.id = latest_scan WHERE unit.id = ?",
            (number,),
        ).fetchone()
        name, kind, address, branch, size, visibility, archived, fork, *label = row
        repository = FleetRepository(
            name,
            RepositoryKind(kind),
            os.fsdecode(address),
            branch,
            size,
            visibility,
            bool(archived),
            bool(fork),
        )
        last = NEVER if again else ScanLabel(*label)
        return WorkUnit(number, repository, limits, last, judged, api)

    def take(self, run: Run, outcome: Outcome) -> UnitState:
        """Put down what became of a unit: all of it or nothing, and once. WAITING: it is to be tried again.

        Raises SecopsError for a result that cannot be read.
        """
        with self._changing():
            found = self._database.execute(
                "SELECT state, repository, killed FROM unit WHERE id = ? AND run = ?",
                (outcome.number, run.number),
            ).fetchone()
            if found is None or found[0] != UnitState.WAITING.value:
                return UnitState(found[0]) if found else UnitState.FAILED
            _, repository, killed = found
            killed += outcome.kind is OutcomeKind.KILLED
            state = _state(outcome, killed)
            scan = self._scan(run, repository, outcome) if state in _RESULTS else None
            self._database.execute(
                "UPDATE unit SET state = ?, killed = ?, reason = ?, advice = ?, seconds = ?, scan = ?"
                " WHERE id = ?",
                (
                    state.value,
                    killed,
                    encodable(outcome.reason),
                    encodable(outcome.advice),
                    outcome.seconds,
                    scan,
                    outcome.number,
                ),
            )
            return state

    def drop(self, run: Run) -> None:
        """Forget a run that has no units."""
        self._database.execute("DELETE FROM run WHERE id = ?", (run.number,))

    def end(self, run: Run) -> None:
        """All units are done."""
        self._database.execute("UPDATE run SET ended = ? WHERE id = ?", (_now(), run.number))

    def _repository(self, one: FleetRepository) -> int:
        name, kind, address, *others = one
        (number,) = self._database.execute(
            "INSERT INTO repository (name, kind, address, branch, size, visibility, archived, fork)"
            " VALUES (?, ?, CAST(? AS TEXT), ?, ?, ?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET kind = excluded.kind,"
            " address = excluded.address, branch = excluded.branch, size = excluded.size,"
            " visibility = excluded.visibility, archived = excluded.archived, fork = excluded.fork"
            " RETURNING id",
            (name, kind.value, os.fsencode(address), *others),  # a path may be of any bytes
        ).fetchone()
        return int(number)

    def _scan(self, run: Run, repository: int, outcome: Outcome) -> int:
        """The number of the result that an outcome stands for: its own, or the last one of the repository."""
        if outcome.kind is OutcomeKind.UNCHANGED:
            (scan,) = self._database.execute(
                "SELECT latest_scan FROM repository WHERE id = ?", (repository,)
            ).fetchone()
            (document,) = self._database.execute("SELECT document FROM scan WHERE id = ?", (scan,)).fetchone()
        else:
            document = outcome.document
            scan = self._database.execute(
                "INSERT INTO scan (repository, run, ended, state, rules, day, document)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (repository, run.number, _now(), *outcome.label, document),
            ).lastrowid
            self._database.execute("UPDATE repository SET latest_scan = ? WHERE id = ?", (scan, repository))
        self._note(run, repository, read_document(document))
        return int(scan or 0)

    def _note(self, run: Run, repository: int, told: Mapping[str, Any]) -> None:
        """Put down which secrets were seen; of those that are held back, that they are still there.

        What was first seen by a run that never came to its end is first seen by this one: nobody was told.
        """
        now = _now()
        self._database.executemany(
            "INSERT INTO sighting VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (repository, fingerprint, rule) DO UPDATE SET last_run = excluded.last_run,"
            " first_run = CASE WHEN first_run IN (SELECT id FROM run WHERE ended IN ('', ?))"
            " THEN excluded.first_run ELSE first_run END",
            [
                (repository, one["fingerprint"], one["rule_id"], run.number, now, run.number, GIVEN_UP)
                for one in told["findings"]
            ],
        )
        self._database.executemany(
            "UPDATE sighting SET last_run = ? WHERE repository = ? AND fingerprint = ? AND rule = ?",
            [(run.number, repository, *one) for one in told.get("held", ())],
        )

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """A change, all of it or nothing."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")


_RESULTS: Final = (UnitState.SCANNED, UnitState.UNCHANGED)


def _state(outcome: Outcome, killed: int) -> UnitState:
    match outcome.kind:
        case OutcomeKind.SCANNED:
            return UnitState.SCANNED
        case OutcomeKind.UNCHANGED:
            return UnitState.UNCHANGED
        case OutcomeKind.FAILED:
            return UnitState.FAILED
        case OutcomeKind.KILLED:
            return UnitState.SET_ASIDE if killed >= MOST_KILLS else UnitState.WAITING


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
