"""What is to be done: the files held against the ledger. Pure: values in, a printable plan out.

A plan with blocking problems (see `compare`) is not carried out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from secopskit.errors import UsageError
from secopskit.migrate.ledger.compare import (
    HALF_DONE,
    last_applied_first,
    problems_down,
    problems_up,
)
from secopskit.migrate.ledger.half_done import is_half_applied, is_half_undone
from secopskit.migrate.ledger.renames import Key, find_renames
from secopskit.migrate.model import (
    Applied,
    Direction,
    Identity,
    Migration,
    MigrationPlan,
    MigrationStep,
    PlanProblem,
)
from secopskit.migrate.read.checksum import checksum
from secopskit.migrate.read.names import version_key

_HASH_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRange:
    """How far to go: up (or down) to a version, or by a number of files; else as far as it goes."""

    direction: Direction = Direction.UP
    to: str | None = None
    steps: int | None = None


def make_plan(  # noqa: PLR0913 - every one of them says what is wanted
    migrations: Sequence[Migration],
    applied: Sequence[Applied],
    identity: Identity | None,
    *,
    direction: Direction = Direction.UP,
    to: str | None = None,
    steps: int | None = None,
    allow_out_of_order: bool = False,
    problems: Sequence[PlanProblem] = (),
) -> MigrationPlan:
    """The plan that brings the database from `applied` towards `migrations`.

    Upwards: all pending ones, or those up to version `to`, or the first `steps` of them.
    Downwards: the last `steps` (one, if nothing is said), or all above version `to` (`0`: all); what
    was applied last goes first, whatever its version.
    `problems` are those met when the files were read. Raises UsageError for an unknown `to`.
    """
    files = {version_key(migration.version): migration for migration in migrations}
    ledger = {version_key(row.version): row for row in applied}
    renames = find_renames(files, ledger)
    bound = _bound(to, files, ledger, direction)
    if direction is Direction.UP:
        pending = [
            key
            for key in sorted(files.keys() - renames.taken | ledger.keys() & files.keys())
            if key not in ledger or is_half_applied(ledger[key])
        ]
        chosen = [key for key in pending if bound is None or key <= bound][:steps]
        found = problems_up(files, ledger, chosen, problems, renames, allow_out_of_order=allow_out_of_order)
    else:
        limit = 1 if steps is None and to is None else steps
        chosen = [key for key in last_applied_first(ledger) if bound is None or key > bound][:limit]
        found = problems_down(files, ledger, chosen, problems, renames, allow_out_of_order=allow_out_of_order)
    todo = tuple(step for key in chosen if (step := _step(files.get(key), ledger.get(key), direction)))
    return MigrationPlan(
        steps=todo,
        problems=tuple(found),
        applied=sum(row.state not in HALF_DONE for row in applied),
        hash=_hash(todo, ledger, identity, direction),
        direction=direction,
    )


def _bound(
    to: str | None,
    files: Mapping[Key, Migration],
    ledger: Mapping[Key, Applied],
    direction: Direction,
) -> Key | None:
    if to is None:
        return None
    key = version_key(to)
    if key in files or key in ledger or (direction is Direction.DOWN and key == (0,)):
        return key
    from difflib import get_close_matches  # only for a typing error

    known = [migration.version for migration in files.values()]
    near = get_close_matches(to, known, n=1, cutoff=0.5)
    raise UsageError(
        f"there is no version {to[:60]!r}",
        advice=f"Did you mean {near[0]}?" if near else "`secops migrate status` lists the versions.",
    )


def _step(migration: Migration | None, row: Applied | None, direction: Direction) -> MigrationStep | None:
    """What to run; None where there is nothing that could be (a problem then says why)."""
    if migration is None:
        return None
    script = migration.up if direction is Direction.UP else migration.down
    if script is None or script.fault:
        return None
    goes_on = is_half_applied if direction is Direction.UP else is_half_undone
    resume_at = row.statements_done if row and goes_on(row) else 0
    return MigrationStep(migration=migration, direction=direction, resume_at=resume_at)


def _hash(
    steps: Sequence[MigrationStep],
    ledger: Mapping[Key, Applied],
    identity: Identity | None,
    direction: Direction,
) -> str:
    """SHA-256 over the files in their order, the state they start from, and the database."""
    content = {
        "format": _HASH_FORMAT,
        "direction": direction.value,
        "target": identity
        and [identity.id, identity.environment, identity.system_identifier, identity.database_oid],
        "from": [[row.version, row.state.value, row.checksum] for _, row in sorted(ledger.items())],
        "steps": [[step.migration.version, step.script.checksum, step.resume_at] for step in steps],
    }
    return checksum(json.dumps(content, separators=(",", ":")))
