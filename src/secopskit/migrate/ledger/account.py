"""Ledger and history, held against each other: what the one says is applied, the other must know of.

The history is told again from its first row on: applied, undone, adopted, repaired. What must be in the
ledger by then is what is in it, with the content that it had. A row of either that somebody deleted,
wrote or changed past secops shows, also where the chain of the history is whole: it may have been cut off.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, TypeAlias

from secopskit.migrate.ledger import versions
from secopskit.migrate.ledger.history import FORGOTTEN, MARKED, RENAMED_FROM, Action
from secopskit.migrate.model import Applied, VersionState
from secopskit.migrate.read.names import version_key
from secopskit.named_tuple import NamedTuple
from secopskit.postgres.connect import Link
from secopskit.postgres.errors import database_errors

_Key: TypeAlias = tuple[int, ...] | str
_EVENTS: Final = """
    SELECT run_id, version, action, coalesce(message, '')
      FROM secops.migration_history
     WHERE ok AND version IS NOT NULL AND action OPERATOR(pg_catalog.=) ANY (
           ARRAY['up', 'down', 'baseline', 'import', 'repair'])
     ORDER BY id
"""
_CHECKSUM: Final = re.compile(r"\bchecksum (?:\w+ -> )?([0-9a-f]{12,64})\Z")
_SETTLED: Final = (VersionState.APPLIED, VersionState.BASELINE)


class LedgerEvent(NamedTuple):
    """A row of the history that changed the ledger."""

    run: str
    version: str
    action: str
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """One thing that ledger and history say differently of `version`, with what to do about it."""

    version: str
    message: str
    advice: str


def read_events(link: Link) -> tuple[LedgerEvent, ...]:
    """The rows of the history that changed the ledger, the oldest first. Raises DatabaseError."""
    with database_errors("comparing ledger and history"):
        return tuple(LedgerEvent(*row) for row in link.execute(_EVENTS).fetchall())


def disagreements(applied: Sequence[Applied], events: Sequence[LedgerEvent]) -> tuple[Disagreement, ...]:
    """Where the ledger is not what the history makes of it. Pure."""
    told = _tell(events)
    rows = {_key(row.version): row for row in applied}
    found = [
        _unknown_to_history(row) for key, row in rows.items() if row.state in _SETTLED and key not in told
    ]
    for key, (version, checksum) in told.items():
        row = rows.get(key)
        if row is None:
            found.append(_deleted(version))
        elif row.state not in _SETTLED:
            found.append(_other_state(row))
        elif checksum and not (row.checksum or "").startswith(checksum):
            found.append(_other_content(row))
    return tuple(sorted(found, key=lambda each: (version_key(each.version), each.version)))


def missing(link: Link) -> tuple[str, ...]:
    """The versions that are applied by the history, and have no row in the ledger. Raises DatabaseError."""
    rows = {_key(row.version) for row in versions.read(link)}
    return tuple(version for key, (version, _) in _tell(read_events(link)).items() if key not in rows)


def _tell(events: Iterable[LedgerEvent]) -> Mapping[_Key, tuple[str, str]]:
    """What is applied by the history: version, and the checksum as far as it was written down."""
    told: dict[_Key, tuple[str, str]] = {}
    for renames, some in groupby(events, key=_rename_of):
        if renames:
            moved = [(event.version, told.pop(_key(_old_version(event)), ("", ""))[1]) for event in some]
            told |= {_key(version): (version, checksum) for version, checksum in moved}
            continue
        for event in some:
            _take(event, told)
    return told


def _take(event: LedgerEvent, told: dict[_Key, tuple[str, str]]) -> None:
    key, found = _key(event.version), _CHECKSUM.search(event.message)
    checksum = found[1] if found else ""
    if event.action == Action.DOWN.value or _repairs(event, FORGOTTEN):
        told.pop(key, None)
    elif event.action != Action.REPAIR.value or _repairs(event, MARKED) or (checksum and key in told):
        told[key] = event.version, checksum


def _rename_of(event: LedgerEvent) -> str:
    """The run whose renames this one is part of: they happened at once. Empty for anything else."""
    return event.run if _repairs(event, RENAMED_FROM) else ""


def _repairs(event: LedgerEvent, how: str) -> bool:
    return event.action == Action.REPAIR.value and event.message.startswith(how)


def _old_version(event: LedgerEvent) -> str:
    return event.message.removeprefix(RENAMED_FROM).partition(";")[0]


def _key(version: str) -> _Key:
    return version_key(version) or version


def _unknown_to_history(row: Applied) -> Disagreement:
    return Disagreement(
        version=row.version,
        message=f"{row.version} counts as {row.state.value}, and the history does not know of it",
        advice="Rows of the history were removed, or somebody wrote it into the ledger by hand. If it is not "
        f"in the database: `secops migrate repair --forget {row.version}`; if it is: forget it, then "
        f"`--mark-applied {row.version}`.",
    )


def _deleted(version: str) -> Disagreement:
    return Disagreement(
        version=version,
        message=f"{version} was applied by the history, and the ledger has no row of it",
        advice="Somebody deleted it; it would run again. If it is still in the database: `secops migrate "
        f"repair --mark-applied {version}`; if it was undone by hand: `secops migrate repair --forget "
        f"{version}`.",
    )


def _other_state(row: Applied) -> Disagreement:
    return Disagreement(
        version=row.version,
        message=f"{row.version} was applied by the history, and the ledger has it as {row.state.value}",
        advice=f"If it is complete: `secops migrate repair --mark-applied {row.version}`.",
    )


def _other_content(row: Applied) -> Disagreement:
    return Disagreement(
        version=row.version,
        message=f"{row.version} has another checksum in the ledger than it was applied with",
        advice="Somebody changed the ledger by hand. If the file is what the database has: `secops migrate "
        f"repair --accept {row.version}`.",
    )
