"""What the store tells of a run: its units, their results, and what was seen before."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from secopskit.errors import UsageError
from secopskit.fleet.document import read_document
from secopskit.fleet.store.runs import GIVEN_UP, UnitState
from secopskit.named_tuple import NamedTuple


class StoredRun(NamedTuple):
    """A run. Times are ISO 8601; `ended` is empty while there is something left to do."""

    number: int
    selection: str
    started: str
    ended: str
    listed: bool
    notes: tuple[str, ...]


class StoredUnit(NamedTuple):
    """A repository of a run. `scan` is the number of its result, 0 for none; `scanned_at` is its time."""

    repository: int
    name: str
    kind: str
    visibility: str
    archived: bool
    fork: bool
    state: UnitState
    reason: str
    advice: str
    seconds: float
    scan: int
    scanned_at: str


class Sighting(NamedTuple):
    """When a secret was first seen in a repository, and whether no earlier run has told of it."""

    new: bool
    first_seen: str


class StoreReader:
    """Reads a store. Not to be shared by threads."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._database = connection

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Within the block, all answers are of one moment, though a scan is writing."""
        self._database.execute("BEGIN")
        try:
            yield
        finally:
            self._database.execute("COMMIT")

    def run(self, number: int | None = None) -> StoredRun:
        """A run, or the last one. Raises UsageError where there is none."""
        row = self._database.execute(
            "SELECT id, selection, started, ended, listed, notes FROM run"
            " WHERE id = coalesce(?, (SELECT max(id) FROM run))",
            (number,),
        ).fetchone()
        if row is None:
            raise UsageError(
                f"there is no run {number}" if number else "nothing has been scanned yet",
                advice="`secops fleet status` shows the last one.",
            )
        found, selection, started, ended, listed, notes = row
        return StoredRun(found, selection, started, ended, bool(listed), tuple(json.loads(notes)))

    def units(self, run: StoredRun) -> list[StoredUnit]:
        """The units of a run, by name."""
        rows = self._database.execute(
            "SELECT repository.id, name, kind, visibility, archived, fork, unit.state, reason, advice,"
            " seconds, coalesce(unit.scan, 0), coalesce(scan.ended, '') FROM unit"
            " JOIN repository ON repository.id = unit.repository"
            " LEFT JOIN scan ON scan.id = unit.scan WHERE unit.run = ? ORDER BY name",
            (run.number,),
        )
        return [
            StoredUnit(number, name, kind, visibility, bool(archived), bool(fork), UnitState(state), *rest)
            for number, name, kind, visibility, archived, fork, state, *rest in rows
        ]

    def documents(self, run: StoredRun) -> Iterator[tuple[int, dict[str, Any]]]:
        """The results of a run, by repository. Raises SecopsError for a damaged one."""
        rows = self._database.execute(
            "SELECT unit.repository, document FROM unit JOIN scan ON scan.id = unit.scan WHERE unit.run = ?",
            (run.number,),
        )
        return ((repository, read_document(packed)) for repository, packed in rows)

    def sightings(self, run: StoredRun) -> dict[tuple[int, str, str], Sighting]:
        """What was seen in a run or before: by repository, fingerprint and rule.

        A run that never came to its end has told nobody.
        """
        rows = self._database.execute(
            "SELECT repository, fingerprint, rule,"
            " first_run = ? OR first_run IN (SELECT id FROM run WHERE ended IN ('', ?)), first_seen"
            " FROM sighting",
            (run.number, GIVEN_UP),
        )
        return {
            (repository, fingerprint, rule): Sighting(bool(new), seen)
            for repository, fingerprint, rule, new, seen in rows
        }

    def gone(self, run: StoredRun) -> dict[int, int]:
        """How many secrets the run before had seen in repositories of this one, and this one has not.

        By repository, those with none left out.
        """
        rows = self._database.execute(
            "SELECT repository, count(*) FROM sighting JOIN unit USING (repository)"
            " WHERE unit.run = :run AND unit.scan IS NOT NULL AND last_run ="
            " (SELECT max(run) FROM unit AS earlier WHERE earlier.repository = sighting.repository"
            "  AND earlier.run < :run AND earlier.scan IS NOT NULL)"
            " GROUP BY repository",
            {"run": run.number},
        )
        return dict(rows)
