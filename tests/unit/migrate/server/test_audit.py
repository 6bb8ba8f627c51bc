"""Rows of the history that cannot be written: they wait, and what is given up is told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from secopskit.errors import SecopsError
from secopskit.migrate.ledger.history import RunRecord
from secopskit.migrate.server import audit
from secopskit.migrate.server.audit import Audit, PendingRow

RUN = RunRecord(id="1", actor="api token a")


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def unconnected(said: list[str], monkeypatch: pytest.MonkeyPatch) -> Audit:
    """One of a database that cannot be reached, with room for three rows."""

    def fails(_: object) -> None:
        raise SecopsError("no connection")

    monkeypatch.setattr(audit, "_MOST_WAITING", 3)
    monkeypatch.setattr(audit, "connect", fails)
    context = SimpleNamespace(connection=None)
    return Audit(cast(Any, SimpleNamespace(context=context, commit="")), said.append)


def test_the_oldest_row_that_nothing_is_left_for_is_told(unconnected: Audit, said: list[str]) -> None:
    rows = [unconnected.row(RUN, f"job {number}") for number in range(5)]
    for row in rows:
        unconnected.write(row)
    lost = [line for line in said if line.startswith("never recorded in the history: ")]
    assert [line.partition(": ")[2].partition(" (at ")[0] for line in lost] == ["job 0", "job 1"]
    assert len([line for line in said if line.startswith("not recorded in the history yet: ")]) == 5


def test_what_waits_is_written_first_and_in_its_order(
    unconnected: Audit, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        unconnected.write(unconnected.row(RUN, f"job {number}"))
    written = list[PendingRow]()
    monkeypatch.setattr(unconnected, "_connected", lambda: None)
    monkeypatch.setattr(unconnected, "_append", lambda _, row: written.append(row))
    unconnected.write(unconnected.row(RUN, "last"))
    messages = [row.entry.message.partition(" (at ")[0] for row in written]
    assert messages == ["job 1", "job 2", "job 3", "last"]
    unconnected.close()
    assert len([line for line in said if line.startswith("never")]) == 1
