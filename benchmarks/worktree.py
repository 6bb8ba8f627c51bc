"""The files of a checkout: as a clone with its `.git`, and as a plain directory.

    python -m benchmarks.worktree --repo CLONE

Programs differ in whether they read what lies in `.git`; without it all see the same files. In every run,
each has to find what was planted in the first file, in the last and deep in the tree.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import canaries, readings
from benchmarks.completeness import BETTERLEAKS, GITLEAKS, KINGFISHER, SECOPS
from benchmarks.measure import REPORT, Entrant, compare, ratio
from benchmarks.peers import Programs, prepare
from benchmarks.record import Record, Target, options, plan
from benchmarks.repositories import copy_of

if TYPE_CHECKING:
    from benchmarks.seeds import Seed


def main() -> None:
    parser = options("Time the scan of a work tree.", rounds=5, timeout=300)
    chosen = parser.parse_args()
    programs = prepare()
    with copy_of(chosen.repo, mirror=False) as clone:
        planted = canaries.in_files(clone)
        for title in ("Work tree of a clone", "The same files without .git"):
            record = Record(title, programs, chosen)
            entrants = [one for one in _entrants(programs, clone, planted) if one.name not in chosen.without]
            series = compare(entrants, plan(chosen))
            targets = [
                Target(text=f"wall, secops / {one.entrant.name}", value=ratio(series[0], one), limit=1)
                for one in series
                if one.entrant.name in ("kingfisher", "betterleaks")
            ]
            record.show(series, targets)
            shutil.rmtree(clone / ".git", ignore_errors=True)


def _entrants(programs: Programs, tree: Path, planted: list[Seed]) -> list[Entrant]:
    place = str(tree)
    lacks = canaries.all_found(planted)
    return [
        Entrant(
            name="secops",
            command=(*programs.secops, "scan", place, "--format", "json", "--output", REPORT),
            directory=tree,
            read=readings.secops,
            terms=SECOPS,
            lacks=lacks,
        ),
        Entrant(
            name="kingfisher",
            command=(
                *(programs.kingfisher, "scan", place, "--git-history", "none"),
                *("--no-validate", "--no-update-check", "--format", "json", "--output", REPORT),
            ),
            directory=tree,
            read=readings.kingfisher,
            terms=KINGFISHER,
            lacks=lacks,
        ),
        Entrant(
            name="betterleaks",
            command=(programs.betterleaks, "fs", place, "--silent", "--output", REPORT),
            directory=tree,
            read=readings.betterleaks,
            terms=BETTERLEAKS,
            lacks=lacks,
        ),
        Entrant(
            name="gitleaks",
            command=(
                programs.gitleaks,
                "dir",
                place,
                "--no-banner",
                "--report-format",
                "json",
                "--report-path",
                REPORT,
            ),
            directory=tree,
            read=readings.gitleaks,
            terms=GITLEAKS,
            lacks=lacks,
        ),
    ]


if __name__ == "__main__":
    main()
