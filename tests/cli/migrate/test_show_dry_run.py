"""What a person sees of a dry run."""

from __future__ import annotations

import pytest

from secopskit.cli.migrate.shared.show_dry_run import show_dry_run
from secopskit.cli.terminal.voice import Voice
from secopskit.migrate.look.dryrun import DryRun
from secopskit.migrate.look.rehearsal import StepReport
from secopskit.migrate.model import LockTaken, Migration, MigrationPlan, MigrationStep, StatementReport
from secopskit.migrate.read.files import read_script
from secopskit.settings.environment import read_environment

LOCK = LockTaken(relation="orders", mode="ShareLock", existed=True)


def tried(count: int) -> tuple[MigrationPlan, DryRun]:
    script, _ = read_script("m/1_x.sql", "SELECT 1")
    step = MigrationStep(migration=Migration(version="1", name="x", up=script))
    reports = tuple(
        StatementReport(line=n, text=f"STATEMENT {n}", duration_ms=1, locks=(LOCK,) if n == 7 else ())
        for n in range(1, count + 1)
    )
    result = DryRun(
        where="shadow",
        version=15,
        target_version=None,
        copied="nothing",
        steps=(StepReport(step=step, statements=reports, duration_ms=1),),
        hazards=(),
        notes=(),
        duration_ms=1,
    )
    return MigrationPlan(steps=(step,), problems=(), applied=0, hash="h"), result


@pytest.mark.parametrize(("count", "whole", "rows"), [(100, False, 100), (101, False, 2), (101, True, 101)])
def test_of_many_statements_those_are_shown_that_somebody_notices(
    capsys: pytest.CaptureFixture[str], count: int, whole: bool, rows: int
) -> None:
    show_dry_run(*tried(count), Voice(environment=read_environment()), whole=whole)
    out = capsys.readouterr().out
    assert out.count("STATEMENT") == rows
    assert "ShareLock on orders" in out
    assert ("and 99 statements that lock nothing in use" in out) is (rows == 2)
