"""Ledger and history, held against each other: whoever wrote past secops into either is found out."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from secopskit.migrate.ledger.account import LedgerEvent, disagreements
from secopskit.migrate.model import Applied, VersionState

A, B = "a" * 64, "b" * 64


def row(version: str, checksum: str | None = A, state: VersionState = VersionState.APPLIED) -> Applied:
    return Applied(
        version=version,
        name="x",
        checksum=checksum,
        state=state,
        statements_done=0,
        statements_total=1,
        applied_at=None,
        duration_ms=None,
    )


def told(version: str, action: str = "up", message: str = f"checksum {A}", run: str = "r") -> LedgerEvent:
    return LedgerEvent(run, version, action, message)


def repaired(version: str, message: str, run: str = "r") -> LedgerEvent:
    return told(version, "repair", message, run)


@pytest.mark.parametrize(
    ("rows", "events"),
    [
        ([], []),
        ([row("1")], [told("1")]),
        ([row("1")], [told("01", message="")]),  # an older secops did not write the checksum down
        ([], [told("1"), told("1", "down", "")]),
        ([row("1", B)], [told("1"), told("1", "down", ""), told("1", message=f"checksum {B}")]),
        ([row("1", B)], [told("1"), repaired("1", f"checksum {A[:12]} -> {B}")]),
        ([row("1", B)], [told("1"), repaired("1", f"checksum {A[:12]} -> {B[:12]}")]),
        ([], [told("1"), repaired("1", f"forgotten; was applied, checksum {A[:12]}")]),
        ([row("1")], [repaired("1", f"marked as applied; was pending; checksum {A}")]),
        ([row("1", None, VersionState.BASELINE)], [told("1", "import", "from dbmate (schema_migrations)")]),
        ([row("1", A, VersionState.BASELINE)], [told("1", "baseline", f"baseline 1; checksum {A}")]),
        ([row("1", state=VersionState.RUNNING), row("2", state=VersionState.FAILED)], []),
        ([row("1", state=VersionState.RUNNING)], [told("1"), told("1", "down", "")]),
        (  # moved up by one, at once
            [row("2", A), row("3", B)],
            [told("1"), told("2", message=f"checksum {B}"),
             repaired("2", f"renamed from 1; checksum {A[:12]}"),
             repaired("3", f"renamed from 2; checksum {B[:12]}")],
        ),
        (  # one after the other
            [row("3", A)],
            [told("1"), repaired("2", "renamed from 1", "r1"), repaired("3", "renamed from 2", "r2")],
        ),
    ],
)  # fmt: skip
def test_what_agrees(rows: Sequence[Applied], events: Sequence[LedgerEvent]) -> None:
    assert disagreements(rows, events) == ()


@pytest.mark.parametrize(
    ("rows", "events", "found"),
    [
        ([row("1")], [], "the history does not know of it"),  # forged, or the history cut off
        ([row("1", None, VersionState.BASELINE)], [], "counts as baseline"),
        ([row("1")], [told("1"), told("1", "down", "")], "the history does not know of it"),
        ([], [told("1")], "the ledger has no row of it"),
        ([row("1", B)], [told("1")], "another checksum"),
        ([row("1", None)], [told("1")], "another checksum"),
        ([row("1", B)], [told("1"), repaired("1", f"checksum {B[:12]} -> {A}")], "another checksum"),
        ([row("1", state=VersionState.FAILED)], [told("1")], "has it as failed"),
        ([row("1"), row("2")], [told("1"), repaired("2", "renamed from 1")], "does not know of it"),
    ],
)
def test_what_does_not(rows: Sequence[Applied], events: Sequence[LedgerEvent], found: str) -> None:
    (difference,) = disagreements(rows, events)
    assert found in difference.message
    assert "secops migrate repair --" in difference.advice
