"""The guards of a plan, each by itself; through both ways in: `tests/postgres/migrate/test_guards.py`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from secopskit.errors import RefusedError, UsageError
from secopskit.migrate import guards
from secopskit.migrate.context import MigrationContext, OpenDatabase
from secopskit.migrate.guards import GuardedChange, MigrationConsent, require_hash
from secopskit.migrate.ledger import history
from secopskit.migrate.model import Identity, MigrationPlan
from secopskit.postgres.connect import ConnectionSettings
from secopskit.settings.migrate import load_migrate

PLAN = MigrationPlan(steps=(), problems=(), applied=0, hash="0123456789abcdef" * 4)
PRODUCTION = Identity(
    id="x", environment="production", database="app", system_identifier="1", database_oid=1, server_version=1
)


def change(
    root: Path, *, environment: str = "", consent: MigrationConsent | None = None, **settings: Any
) -> GuardedChange:
    """A change of a production database that nobody is connected to."""
    context = MigrationContext(
        connection=ConnectionSettings(),
        directory=str(root),
        settings=load_migrate(root, environ={})._replace(**settings),
        environment=environment,
    )
    database = OpenDatabase(context=context, link=cast(Any, None), identity=PRODUCTION, applied=())
    return GuardedChange(
        database=database, plan=PLAN, consent=consent or MigrationConsent(), now=datetime.now(UTC)
    )


def test_a_plan_is_confirmed_by_its_hash() -> None:
    require_hash(PLAN, PLAN.hash)
    require_hash(PLAN, f" {PLAN.hash[:12].upper()} ")
    with pytest.raises(UsageError, match="at least 12"):
        require_hash(PLAN, PLAN.hash[:11])
    for wrong in ("f" * 12, PLAN.hash + "0", "é" * 20):
        with pytest.raises(RefusedError, match="not the one that was confirmed"):
            require_hash(PLAN, wrong)


def test_a_plan_needs_a_fresh_dry_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "rehearsed_at", lambda *_: datetime.now(UTC))
    guards.rehearsed(change(tmp_path))
    monkeypatch.setattr(history, "rehearsed_at", lambda *_: None)
    with pytest.raises(RefusedError, match="within 36 hours") as caught:
        guards.rehearsed(change(tmp_path, dry_run_max_age=36 * 3_600_000))
    assert "dry-run" in caught.value.advice


def test_production_is_called_by_its_name(tmp_path: Path) -> None:
    guards.environment_named(change(tmp_path, environment="production"))
    with pytest.raises(RefusedError, match="not asked for"):
        guards.environment_named(change(tmp_path))


def test_a_way_in_may_be_closed_to_guarded_databases(tmp_path: Path) -> None:
    asked = change(tmp_path)
    guards.apply_enabled(asked)
    closed = replace(asked.database.context, apply_guarded=False)
    with pytest.raises(guards.ApplyDisabledError):
        guards.apply_enabled(replace(asked, database=replace(asked.database, context=closed)))


@pytest.mark.parametrize(
    ("consent", "refused"),
    [
        (MigrationConsent(), False),  # asked for later, on the terminal
        (MigrationConsent(database="app"), False),
        (MigrationConsent(database="other"), True),
        (MigrationConsent(names_database=True), True),
        (MigrationConsent(names_database=True, database="app"), False),
    ],
)
def test_a_name_given_beforehand_must_be_right(
    tmp_path: Path, consent: MigrationConsent, refused: bool
) -> None:
    asked = change(tmp_path, consent=consent)
    if not refused:
        guards.database_confirmed(asked)
        return
    with pytest.raises(guards.DatabaseNotConfirmedError):
        guards.database_confirmed(asked)


def test_nobody_consents_to_production_by_a_yes(tmp_path: Path) -> None:
    guards.consented(change(tmp_path, consent=MigrationConsent(plan_hash=PLAN.hash)))
    with pytest.raises(RefusedError, match="--yes is not enough"):
        guards.consented(change(tmp_path, consent=MigrationConsent(yes=True)))
