"""Plans: what is pending, what is wrong, and what a plan's hash stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.errors import UsageError
from secopskit.migrate.ledger.compare import HALF_DONE
from secopskit.migrate.model import (
    Applied,
    Direction,
    Identity,
    Migration,
    MigrationPlan,
    PlanProblem,
    ProblemKind,
    VersionState,
)
from secopskit.migrate.plan import make_plan
from secopskit.migrate.read.checksum import checksum
from secopskit.migrate.read.files import read_script
from secopskit.migrate.read.names import version_key

HERE = Identity(
    id="7d1",
    environment="staging",
    database="app",
    system_identifier="123",
    database_oid=5,
    server_version=150000,
)


def migration(version: str, sql: str = "SELECT 1; SELECT 2", *, down: bool = False) -> Migration:
    script, _ = read_script(f"m/{version}_x.sql", sql)
    back, _ = read_script(f"m/{version}_x.down.sql", "SELECT 3")
    return Migration(version=version, name="x", up=script, down=back if down else None)


def row(
    version: str,
    sql: str = "SELECT 1; SELECT 2",
    *,
    state: VersionState = VersionState.APPLIED,
    done: int = 2,
    undone: bool = False,
) -> Applied:
    return Applied(
        version=version,
        name="x",
        checksum=checksum(sql),
        state=state,
        statements_done=done,
        statements_total=2,
        applied_at=None if state in HALF_DONE and not undone else datetime(2026, 1, 1, tzinfo=UTC),
        duration_ms=1,
    )


def kinds(plan: MigrationPlan) -> list[tuple[ProblemKind, str, bool]]:
    assert all(problem.advice for problem in plan.problems)
    return [(problem.kind, problem.version, problem.blocking) for problem in plan.problems]


def versions(plan: MigrationPlan) -> list[str]:
    return [step.migration.version for step in plan.steps]


ALONE = "-- secops: no-transaction\nSELECT 1;\nSELECT 2;\n"
FOUR = [migration(str(number), down=True) for number in (1, 2, 3, 4)]


def test_what_is_pending_comes_in_order() -> None:
    plan = make_plan([FOUR[2], FOUR[0], FOUR[3], FOUR[1]], [row("1")], HERE)
    assert (versions(plan), plan.problems, plan.applied) == (["2", "3", "4"], (), 1)
    assert versions(make_plan(FOUR, [row("1")], HERE, to="3")) == ["2", "3"]
    assert versions(make_plan(FOUR, [row("1")], HERE, to="003")) == ["2", "3"]
    assert versions(make_plan(FOUR, [row("1")], HERE, steps=1)) == ["2"]
    assert versions(make_plan(FOUR, [row("01")], HERE, to="1")) == []


def test_downwards_the_newest_goes_first() -> None:
    applied = [row("1"), row("2"), row("3")]
    down = Direction.DOWN
    assert versions(make_plan(FOUR, applied, HERE, direction=down)) == ["3"]
    assert versions(make_plan(FOUR, applied, HERE, direction=down, steps=2)) == ["3", "2"]
    assert versions(make_plan(FOUR, applied, HERE, direction=down, to="1")) == ["3", "2"]
    assert versions(make_plan(FOUR, applied, HERE, direction=down, to="0")) == ["3", "2", "1"]
    assert make_plan(FOUR, applied, HERE, direction=down).steps[0].script.path == "m/3_x.down.sql"


def test_the_begin_and_commit_of_files_are_noted_once() -> None:
    wrapped = [migration(version, "BEGIN;\nSELECT 1;\nCOMMIT") for version in ("1", "2", "3")]
    plan = make_plan(wrapped, [], HERE)
    assert kinds(plan) == [(ProblemKind.WRAPPED, "", False)]
    assert "m/1_x.sql (lines 1 and 3) and 2 more have their own BEGIN" in plan.problems[0].message
    applied = [row(version, "BEGIN;\nSELECT 1;\nCOMMIT") for version in ("1", "2")]
    assert "m/3_x.sql (lines 1 and 3) has its own" in make_plan(wrapped, applied, HERE).problems[0].message
    assert make_plan(wrapped[:2], applied, HERE).problems == ()


def test_an_order_that_is_not_the_one_of_supabase_is_told() -> None:
    def file(version: str, directory: str = "supabase/migrations") -> Migration:
        script, _ = read_script(f"{directory}/{version}_x.sql", "SELECT 1")
        return Migration(version=version, name="x", up=script)

    mixed = [file("20240321000020"), file("20250811"), file("20250811093000"), file("20250812")]
    plan = make_plan(mixed, [], HERE)
    assert versions(plan) == ["20240321000020", "20250811", "20250811093000", "20250812"]
    assert kinds(plan) == [(ProblemKind.OTHER_ORDER, "20250811", False)]
    message = plan.problems[0].message
    assert "supabase/migrations/20250811_x.sql runs before 20250811093000_x.sql" in message
    applied = [row(one.version, "SELECT 1") for one in mixed[:3]]
    assert make_plan(mixed, applied, HERE).problems == ()
    assert kinds(make_plan([file("3"), file("20")], [], HERE)) == [(ProblemKind.OTHER_ORDER, "3", False)]
    assert make_plan([file("20250811", "m"), file("20250811093000", "m")], [], HERE).problems == ()


def test_a_file_that_was_empty_when_it_was_applied_can_still_run() -> None:
    empty = replace(row("1", ""), statements_total=0, statements_done=0)
    (problem,) = make_plan(FOUR[:1], [empty], HERE).problems
    assert (problem.kind, problem.blocking) == (ProblemKind.EDITED, True)
    assert "while it held no statement" in problem.message
    assert "repair --forget 1" in problem.advice
    assert "--accept" not in problem.advice


def test_what_was_allowed_is_not_advised_again() -> None:
    for files, applied in (([FOUR[0], FOUR[2]], []), (FOUR[:3], [row("1"), row("3")])):
        (problem,) = make_plan(files, applied, HERE, allow_out_of_order=True).problems
        assert problem.advice == "Allowed by --allow-out-of-order."


def at(version: str, hour: int) -> Applied:
    return replace(row(version), applied_at=datetime(2026, 1, 1, hour, tzinfo=UTC))


def test_what_was_applied_last_is_undone_first() -> None:
    down = Direction.DOWN
    applied = [at("1", 1), at("3", 2), at("2", 3)]
    assert versions(make_plan(FOUR, applied, HERE, direction=down)) == ["2"]
    assert versions(make_plan(FOUR, applied, HERE, direction=down, steps=2)) == ["2", "3"]
    assert versions(make_plan(FOUR, applied, HERE, direction=down, to="0")) == ["2", "3", "1"]
    half = [*applied, replace(row("4", state=VersionState.FAILED), applied_at=None)]
    assert versions(make_plan(FOUR, half, HERE, direction=down)) == ["4"]
    undated = [replace(row(v, state=VersionState.BASELINE), applied_at=None) for v in ("2", "4")]
    adopted = make_plan(FOUR, [at("1", 1), *undated], HERE, direction=down, to="0")
    assert versions(adopted) == ["1", "4", "2"]


def test_what_stays_although_it_was_applied_later_stops_an_undo() -> None:
    down, applied = Direction.DOWN, [at("1", 1), at("3", 2), at("2", 3)]
    plan = make_plan(FOUR, applied, HERE, direction=down, to="2")
    assert kinds(plan) == [(ProblemKind.OUT_OF_ORDER, "2", True)]
    assert "--steps 2" in plan.problems[0].advice
    allowed = make_plan(FOUR, applied, HERE, direction=down, to="2", allow_out_of_order=True)
    assert (versions(allowed), list(allowed.blocked)) == (["3"], [])


def named(version: str, name: str, sql: str) -> Migration:
    return replace(migration(version, sql), name=name)


def test_a_renamed_file_is_known_by_its_content() -> None:
    files = [named("1", "a", "SELECT 'a'"), named("5", "b", "SELECT 'b'"), named("6", "c", "SELECT 'c'")]
    plan = make_plan(files, [row("1", "SELECT 'a'"), row("2", "SELECT 'b'")], HERE, allow_out_of_order=True)
    blocked = [(problem.kind, problem.version) for problem in plan.blocked]
    assert (versions(plan), blocked) == (["6"], [(ProblemKind.RENAMED, "2")])
    (problem,) = plan.blocked
    assert "repair --rename 2" in problem.advice
    assert "--forget" not in problem.advice
    assert ProblemKind.RENAMED in [
        problem.kind
        for problem in make_plan(files, [row("2", "SELECT 'b'")], HERE, direction=Direction.DOWN).blocked
    ]
    adopted = replace(row("2", "SELECT 'b'"), state=VersionState.BASELINE)
    assert versions(make_plan(files, [row("1", "SELECT 'a'"), adopted], HERE)) == ["6"]
    half = row("2", "SELECT 'b'", state=VersionState.FAILED, done=1)
    assert versions(make_plan(files, [row("1", "SELECT 'a'"), half], HERE)) == ["6"]


def test_files_that_moved_up_by_one_do_not_run_again() -> None:
    """Each file stands where another one was: nothing of them is `edited`, and the last is not pending."""
    files = [migration(str(number + 1), f"SELECT '{number}'") for number in (1, 2, 3)]
    plan = make_plan(files, [row(str(number), f"SELECT '{number}'") for number in (1, 2, 3)], HERE)
    assert versions(plan) == []
    assert kinds(plan) == [(ProblemKind.RENAMED, str(number), True) for number in (1, 2, 3)]


def test_two_files_that_are_alike_are_a_question() -> None:
    files = [named("5", "b", "SELECT 1"), named("6", "c", "SELECT 1")]
    plan = make_plan(files, [row("2", "SELECT 1")], HERE)
    assert (versions(plan), [p.kind for p in plan.blocked]) == ([], [ProblemKind.RENAMED])
    assert "--rename 2 --as 5" in plan.problems[0].advice
    one = make_plan(files, [replace(row("2", "SELECT 1"), name="c")], HERE)
    assert (versions(one), "--as" in one.problems[0].advice) == (["5"], False)


def test_a_renamed_file_that_was_edited_is_not_taken_for_a_new_one() -> None:
    plan = make_plan([named("5", "b", "SELECT 2")], [replace(row("2", "SELECT 1"), name="b")], HERE)
    assert (versions(plan), [p.kind for p in plan.blocked]) == ([], [ProblemKind.RENAMED])
    assert "--rename 2 --as 5" in plan.problems[0].advice


def test_an_unknown_version_is_named() -> None:
    with pytest.raises(UsageError, match="no version '20260103'") as caught:
        make_plan([migration("20260101"), migration("20260102")], [], HERE, to="20260103")
    assert "Did you mean 2026010" in caught.value.advice


def test_edited_and_missing() -> None:
    gone = replace(row("7", "SELECT 9"), name="y")
    plan = make_plan(FOUR, [row("1", "SELECT 0"), row("2"), gone], HERE)
    assert kinds(plan)[:2] == [(ProblemKind.EDITED, "1", True), (ProblemKind.MISSING, "7", True)]
    assert plan.blocked


def test_what_was_adopted_needs_no_file_and_no_checksum() -> None:
    adopted = [
        replace(row("1"), state=VersionState.BASELINE, checksum=None),
        replace(row("0"), state=VersionState.BASELINE, checksum=None),
    ]
    plan = make_plan(FOUR, adopted, HERE)
    assert (versions(plan), plan.problems) == (["2", "3", "4"], ())


def test_out_of_order() -> None:
    plan = make_plan(FOUR, [row("1"), row("3")], HERE)
    assert kinds(plan) == [(ProblemKind.OUT_OF_ORDER, "2", True)]
    assert versions(plan) == ["2", "4"]
    allowed = make_plan(FOUR, [row("1"), row("3")], HERE, allow_out_of_order=True)
    assert kinds(allowed) == [(ProblemKind.OUT_OF_ORDER, "2", False)]
    assert not allowed.blocked


@pytest.mark.parametrize(
    ("numbers", "gaps"),
    [
        ("1 2 4", ["4"]),
        ("1 3", ["3"]),
        ("001 002 005 006", ["005"]),
        ("7 8 10", ["10"]),
        ("1 2 3", []),
        ("10 20 40", []),
        ("20260101 20260102 20260105", []),
        ("5 17 90", []),
        ("1", []),
    ],
)
def test_gaps(numbers: str, gaps: list[str]) -> None:
    files = [migration(number) for number in numbers.split()]
    plan = make_plan(files, [], HERE)
    assert kinds(plan) == [(ProblemKind.GAP, version, True) for version in gaps]
    assert not make_plan(files, [], HERE, allow_out_of_order=True).blocked
    done = make_plan(files, [row(number) for number in numbers.split()], HERE)
    assert not done.blocked


def test_requirements() -> None:
    needy = migration("3", "-- secops: requires=002,9\nSELECT 1")
    assert kinds(make_plan([migration("1"), migration("2"), needy], [], HERE)) == [
        (ProblemKind.REQUIRES, "3", True)
    ]
    late = [migration("1", "-- secops: requires=2\nSELECT 1"), migration("2")]
    (found,) = make_plan(late, [], HERE).problems
    assert "comes later" in found.message
    assert make_plan([migration("1"), migration("2"), needy], [row("9")], HERE, steps=2).blocked


def test_half_done_goes_on_where_it_stopped() -> None:
    files = [FOUR[0], migration("2", ALONE), *FOUR[2:]]
    plan = make_plan(files, [row("1"), row("2", ALONE, state=VersionState.FAILED, done=1)], HERE)
    assert kinds(plan) == [(ProblemKind.HALF_DONE, "2", False)]
    assert "with the next one (line 3)" in plan.problems[0].advice
    assert [(step.migration.version, step.resume_at) for step in plan.steps] == [("2", 1), ("3", 0), ("4", 0)]
    assert plan.applied == 1
    edited = make_plan(files, [row("1"), row("2", "SELECT 0", state=VersionState.RUNNING, done=1)], HERE)
    assert kinds(edited) == [(ProblemKind.EDITED, "2", True), (ProblemKind.HALF_DONE, "2", False)]
    assert "first 1 statements" in edited.problems[0].advice


def test_half_done_cannot_go_on_in_a_transaction() -> None:
    plan = make_plan(FOUR, [row("1"), row("2", state=VersionState.FAILED, done=1)], HERE)
    assert kinds(plan) == [(ProblemKind.HALF_DONE, "2", True)]
    assert "`-- secops: no-transaction` is gone from it" in plan.problems[0].message


@pytest.mark.parametrize("statement", ["CALL p();", "/* a */ do $$ BEGIN COMMIT; END $$;"])
def test_what_may_be_committed_in_part_is_told(statement: str) -> None:
    text = f"-- secops: no-transaction\n{statement}\n"
    plan = make_plan([migration("1", text)], [row("1", text, state=VersionState.RUNNING, done=0)], HERE)
    assert "(line 2): part of it may be committed" in plan.problems[0].advice


def test_half_undone_is_neither_applied_nor_pending() -> None:
    rows = [row("1"), row("2", "SELECT 0", state=VersionState.FAILED, done=1, undone=True)]
    up = make_plan(FOUR, rows, HERE)
    assert kinds(up) == [(ProblemKind.HALF_DONE, "2", True)]
    assert "half undone" in up.problems[0].message
    assert (versions(up), up.applied) == (["3", "4"], 1)
    back, _ = read_script("m/2_x.down.sql", ALONE)
    files = [FOUR[0], replace(FOUR[1], down=back)]
    down = make_plan(files, rows, HERE, direction=Direction.DOWN)
    assert kinds(down) == [(ProblemKind.HALF_DONE, "2", False)]
    assert [step.resume_at for step in down.steps] == [1]
    rows[1] = replace(rows[1], statements_done=3, statements_total=3)
    short = make_plan(files, rows, HERE, direction=Direction.DOWN)
    assert kinds(short) == [(ProblemKind.HALF_DONE, "2", True)]
    assert "has 2 statements, and 3 of it are done" in short.problems[0].message


def test_no_way_back() -> None:
    files = [migration("1"), migration("2", down=True)]
    plan = make_plan(files, [row("1"), row("2"), row("9")], HERE, direction=Direction.DOWN, to="0")
    assert kinds(plan) == [(ProblemKind.MISSING, "9", True), (ProblemKind.NO_WAY_BACK, "1", True)]
    half = make_plan(files, [row("2", state=VersionState.FAILED)], HERE, direction=Direction.DOWN)
    assert kinds(half) == [(ProblemKind.HALF_DONE, "2", True)]


def test_a_file_that_cannot_run_stops_only_what_would_run_it() -> None:
    bad = migration("2", "SELECT 1; COMMIT; SELECT 2")
    assert bad.up.fault
    reading = [PlanProblem(kind=ProblemKind.FILE, version="2", message="m", advice="a")]
    plan = make_plan([FOUR[0], bad], [], HERE, problems=reading)
    assert kinds(plan) == [(ProblemKind.FILE, "2", True)]
    assert versions(plan) == ["1"]
    assert kinds(make_plan([FOUR[0], bad], [], HERE, problems=reading, to="1")) == [
        (ProblemKind.FILE, "2", False)
    ]
    applied = [row("1"), row("2", "SELECT 1; COMMIT; SELECT 2")]
    assert make_plan([FOUR[0], bad], applied, HERE, problems=reading).problems == ()


def test_an_unreadable_file_stops_everything_and_is_not_called_missing() -> None:
    reading = [PlanProblem(kind=ProblemKind.FILE, version="2", message="m", advice="a")]
    plan = make_plan([FOUR[0]], [row("1"), row("2")], HERE, problems=reading)
    assert kinds(plan) == [(ProblemKind.FILE, "2", True)]


def test_the_hash_names_files_order_start_and_target() -> None:
    base = make_plan(FOUR, [row("1")], HERE)
    assert base == make_plan(list(reversed(FOUR)), [row("1")], HERE)
    assert len(base.hash) == 64
    others = [
        make_plan([*FOUR[:3], migration("4", "SELECT 9")], [row("1")], HERE),
        make_plan(FOUR, [], HERE),
        make_plan(FOUR, [replace(row("1"), checksum=None)], HERE),
        make_plan(FOUR, [row("1")], None),
        make_plan(FOUR, [row("1")], replace(HERE, id="other")),
        make_plan(FOUR, [row("1")], replace(HERE, database_oid=6)),
        make_plan(FOUR, [row("1")], HERE, to="3"),
        make_plan(FOUR, [row("1"), row("2", state=VersionState.FAILED, done=1)], HERE),
        make_plan(FOUR, [row("1")], HERE, direction=Direction.DOWN),
    ]
    assert len({base.hash, *(other.hash for other in others)}) == len(others) + 1
    # What does not change the work does not change the hash.
    assert make_plan(FOUR, [row("1")], replace(HERE, server_version=180000)).hash == base.hash


@given(st.lists(st.integers(1, 30), unique=True), st.sets(st.integers(1, 30)))
def test_applying_a_plan_leaves_nothing_to_do(files: Sequence[int], applied: set[int]) -> None:
    migrations = [replace(migration(str(n), f"SELECT {n}"), name=f"n{n}") for n in files]
    ledger = [replace(row(str(n), f"SELECT {n}"), name=f"n{n}") for n in applied]
    plan = make_plan(migrations, ledger, HERE)
    assert {int(version) for version in versions(plan)} == set(files) - applied
    assert [version_key(version) for version in versions(plan)] == sorted(
        version_key(v) for v in versions(plan)
    )
    after = make_plan(migrations, [*ledger, *(row(v, f"SELECT {v}") for v in versions(plan))], HERE)
    assert after.steps == ()
    assert {problem.kind for problem in after.problems} <= {ProblemKind.MISSING, ProblemKind.GAP}
