"""How files and ledger can disagree: each way a kind of problem of its own, with advice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from secopskit.migrate.ledger.half_done import (
    is_half_undone,
    name_of_row,
    problem_of_half_undone,
    problem_of_resuming,
)
from secopskit.migrate.ledger.remarks import remarks_on_files
from secopskit.migrate.ledger.renames import Files, Key, Ledger, Renames
from secopskit.migrate.model import Applied, Migration, PlanProblem, ProblemKind, VersionState
from secopskit.migrate.read.names import version_key

HALF_DONE: Final = (VersionState.RUNNING, VersionState.FAILED)
_ALLOWED: Final = "Allowed by --allow-out-of-order."
_LARGEST_NUMBER: Final = 100_000  # above it, versions are dates, which nobody counts


def problems_up(
    files: Files,
    ledger: Ledger,
    chosen: Sequence[Key],
    reading: Sequence[PlanProblem],
    renames: Renames,
    *,
    allow_out_of_order: bool,
) -> Iterator[PlanProblem]:
    """What speaks against applying `chosen`. `reading`: what reading the files brought up."""
    yield from _reading(reading, files, ledger, set(chosen))
    unreadable = {version_key(problem.version) for problem in reading if problem.kind is ProblemKind.FILE}
    for key, row in sorted(ledger.items()):
        if is_half_undone(row):
            yield problem_of_half_undone(row)
        if key in renames.by_row or key in renames.unclear:
            yield _renamed(row, key, renames)
        elif key in files:
            yield from _edited(files[key], row)
        elif row.state is not VersionState.BASELINE and key not in unreadable:
            yield _missing(row)
    yield from _order(files, ledger, chosen, allow=allow_out_of_order)
    yield from _gaps(files, ledger, chosen, allow=allow_out_of_order)
    yield from _requirements(files, ledger, chosen)
    yield from remarks_on_files(files, chosen)
    for key in chosen:
        if key in ledger:
            yield problem_of_resuming(ledger[key], files[key].up)


def problems_down(
    files: Files,
    ledger: Ledger,
    chosen: Sequence[Key],
    reading: Sequence[PlanProblem],
    renames: Renames,
    *,
    allow_out_of_order: bool,
) -> Iterator[PlanProblem]:
    """What speaks against undoing `chosen`."""
    yield from _reading(reading, files, ledger, set(chosen))
    yield from _built_upon(ledger, chosen, allow=allow_out_of_order)
    for key in chosen:
        row = ledger[key]
        if row.state in HALF_DONE and not is_half_undone(row):
            yield PlanProblem(
                kind=ProblemKind.HALF_DONE,
                version=row.version,
                message=f"{name_of_row(row)} stopped half-way: its way back starts from a finished one",
                advice="Finish it with `secops migrate up`, or undo by hand what it did and run "
                f"`secops migrate repair --forget {row.version}`.",
            )
        if key in renames.by_row or key in renames.unclear:
            yield _renamed(row, key, renames)
            continue
        if key not in files:
            yield _missing(row)
            continue
        yield from _edited(files[key], row)
        down = files[key].down
        if down is None or not down.statements:
            yield _no_way_back(files[key], row)
        elif is_half_undone(row):
            yield problem_of_resuming(row, down)


def last_applied_first(ledger: Ledger) -> list[Key]:
    """The versions of the ledger in the order in which they are to be undone.

    What stopped half-way is the newest of all. What was adopted without a date is older than all that
    has one, and has no order but that of its versions.
    """

    def age(key: Key) -> tuple[bool, float, Key]:
        row = ledger[key]
        when = row.applied_at.timestamp() if row.applied_at else 0.0
        return row.state in HALF_DONE, when, key

    return sorted(ledger, key=age, reverse=True)


def _reading(
    reading: Sequence[PlanProblem], files: Files, ledger: Ledger, chosen: set[Key]
) -> Iterator[PlanProblem]:
    """Problems of reading: a file that cannot be run stops us only if it is to be run."""
    for problem in reading:
        key = version_key(problem.version)
        if problem.kind is not ProblemKind.FILE or key not in files:
            yield problem
        elif key in chosen or key not in ledger:
            yield replace(problem, blocking=problem.blocking and key in chosen)


def _edited(migration: Migration, row: Applied) -> Iterator[PlanProblem]:
    if row.checksum in {None, migration.up.checksum} or is_half_undone(row):
        return  # what undoes it is another file
    if row.state in HALF_DONE:
        message = f"{migration.up.path}: was edited after it stopped half-way"
        advice = (
            f"Its first {row.statements_done} statements are done and must stay as they were; then run "
            f"`secops migrate repair --accept {row.version}`."
        )
    elif row.state is VersionState.APPLIED and row.statements_total == 0:
        message = f"{migration.up.path}: was applied while it held no statement"
        advice = (
            f"To have it run as it is now: `secops migrate repair --forget {row.version}`, then "
            "`secops migrate up`."
        )
    else:
        message = f"{migration.up.path}: was edited after it was applied"
        advice = (
            "Take the edit back and write a new migration instead; or, if the database is as the file "
            f"says now, run `secops migrate repair --accept {row.version}`."
        )
    yield PlanProblem(kind=ProblemKind.EDITED, version=row.version, message=message, advice=advice)


def _missing(row: Applied) -> PlanProblem:
    return PlanProblem(
        kind=ProblemKind.MISSING,
        version=row.version,
        message=f"{name_of_row(row)} is applied, but its file is gone",
        advice="Restore it from git (is this the right branch and --dir?). If it has another name and "
        f"another content now: `secops migrate repair --rename {row.version} --as VERSION`. Only if it is "
        f"gone for good: `secops migrate repair --forget {row.version}`.",
    )


def _renamed(row: Applied, key: Key, renames: Renames) -> PlanProblem:
    repair = f"secops migrate repair --rename {row.version}"
    if key in renames.by_row:
        file = renames.by_row[key]
        message = f"{file.up.path}: is applied already, as {name_of_row(row)}: it was renamed"
        advice = f"Run `{repair}`, and the ledger calls it {file.version} as well; or take the old name back."
    else:
        some = renames.unclear[key]
        names = ", ".join(file.up.path for file in some)
        if some[0].up.checksum == row.checksum:
            message = f"{name_of_row(row)} was renamed: it is one of {names}, which are alike"
        else:
            message = f"{name_of_row(row)} has no file, and {names} has its name: it was renamed and edited"
        advice = (
            f"Do not let it run twice. If it is that file: `{repair} --as {some[0].version}`. If it is "
            "another one, restore the file that was applied."
        )
    return PlanProblem(kind=ProblemKind.RENAMED, version=row.version, message=message, advice=advice)


def _built_upon(ledger: Ledger, chosen: Sequence[Key], *, allow: bool) -> Iterator[PlanProblem]:
    """What stays although it was applied after what is undone, and may be built upon it."""
    order = last_applied_first(ledger)
    last = max((order.index(key) for key in chosen), default=-1)
    staying = [key for key in order[: last + 1] if key not in set(chosen)]
    if staying:
        row, first = ledger[staying[0]], ledger[order[last]]
        yield PlanProblem(
            kind=ProblemKind.OUT_OF_ORDER,
            version=row.version,
            message=f"{name_of_row(row)} was applied after {name_of_row(first)}, and would stay while that "
            "is undone",
            advice=f"Undo it as well: `--steps {last + 1}`. Or, if it does not build upon the other, use "
            "--allow-out-of-order.",
            blocking=not allow,
        )


def _order(files: Files, ledger: Ledger, chosen: Sequence[Key], *, allow: bool) -> Iterator[PlanProblem]:
    newest = max((key for key, row in ledger.items() if row.state not in HALF_DONE), default=())
    for key in chosen:
        if key < newest and key not in ledger:
            yield PlanProblem(
                kind=ProblemKind.OUT_OF_ORDER,
                version=files[key].version,
                message=f"{files[key].up.path}: is older than {ledger[newest].version}, which is applied",
                advice=_ALLOWED
                if allow
                else "Give it a newer version (rename the file); or, if the order does not matter, use "
                "--allow-out-of-order.",
                blocking=not allow,
            )


def _gaps(files: Files, ledger: Ledger, chosen: Sequence[Key], *, allow: bool) -> Iterator[PlanProblem]:
    """Numbers left out, where versions are counted one by one."""
    keys = (*files, *ledger)
    if any(key[:1] >= (_LARGEST_NUMBER,) for key in keys):
        return
    numbers = sorted({key[0] for key in keys if len(key) == 1})
    if not _counted(numbers):
        return
    wanted = set(chosen)
    for before, after in pairwise(numbers):
        if after - before > 1:
            left_out = str(before + 1) if after - before == 2 else f"{before + 1} to {after - 1}"
            yield PlanProblem(
                kind=ProblemKind.GAP,
                version=_version((after,), files, ledger),
                message=f"version {left_out} is missing before {_version((after,), files, ledger)}",
                advice=_ALLOWED
                if allow
                else "Is a file not merged yet? Applied later, it would be out of order. If the number is "
                "left out for good, use --allow-out-of-order.",
                blocking=(after,) in wanted and not allow,
            )


def _counted(numbers: Sequence[int]) -> bool:
    """Whether these look like 1, 2, 3 rather than dates, or tens with room between them."""
    if len(numbers) < 2 or all(number % 10 == 0 for number in numbers):
        return False
    return numbers[0] <= 1 or any(b - a == 1 for a, b in pairwise(numbers))


def _requirements(files: Files, ledger: Ledger, chosen: Sequence[Key]) -> Iterator[PlanProblem]:
    present = {key for key, row in ledger.items() if row.state not in HALF_DONE}
    for key in chosen:
        for version in files[key].up.directives.requires:
            if version_key(version) not in present:
                known = version_key(version) in files
                yield PlanProblem(
                    kind=ProblemKind.REQUIRES,
                    version=files[key].version,
                    message=f"{files[key].up.path}: requires {version}, which "
                    + ("comes later" if known else "is neither applied nor among the files"),
                    advice="Apply or add that version first, or correct `requires=`.",
                )
        present.add(key)


def _no_way_back(migration: Migration, row: Applied) -> PlanProblem:
    path, wanted = migration.up.path, f"{row.version}_{migration.name}.down.sql"
    if migration.down is None:
        message, advice = f"{path}: there is no file that undoes it", f"Write and review {wanted} beside it."
    else:
        message, advice = f"{migration.down.path}: cannot be run", "`secops migrate verify` says why."
    return PlanProblem(
        kind=ProblemKind.NO_WAY_BACK,
        version=row.version,
        message=message,
        advice=f"{advice} Often a new migration that repairs forwards is safer.",
    )


def _version(key: Key, files: Files, ledger: Ledger) -> str:
    return files[key].version if key in files else ledger[key].version
