"""What must hold before a guarded database is changed, apart from being the right one. Pure.

A plan is carried out on production only if this very plan passed a dry run lately, outside of
freeze windows, and with a consent that names it: the database's name typed on a terminal, or the
plan's hash given beforehand. None of it can be switched off; what has an exception says its name.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import Final

from secopskit.errors import RefusedError, UsageError
from secopskit.migrate.model import Identity, MigrationPlan

SHORTEST_HASH: Final = 12


def require_named(identity: Identity, environment: str) -> None:
    """Production is meant only by who says so. Raises RefusedError."""
    if environment != identity.environment:
        raise RefusedError(
            f"database {identity.database} is pinned as {identity.environment}, and that was not asked for",
            advice=f"If it is meant: --env {identity.environment}.",
        )


def require_rehearsal(plan: MigrationPlan, rehearsed_at: datetime | None, max_age: timedelta) -> None:
    """Raise RefusedError unless this very plan passed a dry run within `max_age`."""
    if rehearsed_at is None:
        raise RefusedError(
            f"this plan ({plan.hash[:SHORTEST_HASH]}) has not passed a dry run within {_age(max_age)}",
            advice="Run `secops migrate dry-run` with the same options first, against this database.",
        )


def require_hash(plan: MigrationPlan, given: str) -> None:
    """Raise RefusedError unless `given` is the hash of `plan`, or 12 digits and more of it."""
    given = given.strip().lower()
    if len(given) < SHORTEST_HASH:
        raise UsageError(
            f"--confirm-production needs at least {SHORTEST_HASH} digits of the plan's hash",
            advice="`secops migrate plan` shows it.",
        )
    if not given.isascii() or not hmac.compare_digest(plan.hash[: len(given)], given):
        raise RefusedError(
            f"the plan is not the one that was confirmed: it is {plan.hash}",
            advice="Files, database or state have changed. Look at the plan and run its dry run again.",
        )


def _age(age: timedelta) -> str:
    hours = age.total_seconds() / 3600
    return f"{hours:g} hours"
