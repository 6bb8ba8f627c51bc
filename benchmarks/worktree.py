"""The files of a checkout: as a clone with its `.git`, and as a plain directory.

    python -m benchmarks.worktree --repo CLONE

Programs differ in whether they read what lies in `.git`; without it all see the same files.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmarks import readings
from benchmarks.measure import REPORT, Entrant, compare, ratio
from benchmarks.peers import Programs, prepare
from benchmarks.record import Record, Target, options, plan
from benchmarks.repositories import copy_of


def main() -> None:
    parser = options("Time the scan of a work tree.", rounds=5, timeout=300)
    chosen = parser.parse_args()
    programs = prepare()
    with copy_of(chosen.repo, mirror=False) as clone:
        for title in ("Work tree of a clone", "The same files without .git"):
            record = Record(title, programs, chosen)
            entrants = [one for one in _entrants(programs, clone) if one.name not in chosen.without]
            series = compare(entrants, plan(chosen))
            targets = [
                Target(text=f"wall, secops / {one.entrant.name}", value=ratio(series[0], one), limit=1)
                for one in series
                if one.entrant.name in ("kingfisher", "betterleaks")
            ]
            record.show(series, targets)
            shutil.rmtree(clone / ".git", ignore_errors=True)


def _entrants(programs: Programs, tree: Path) -> list[Entrant]:
    place = str(tree)
    return [
        Entrant(
            name="secops",
            command=(*programs.secops, "scan", place, "--format", "json", "--output", REPORT),
            directory=tree,
            read=readings.secops,
        ),
        Entrant(
            name="kingfisher",
            command=(
                *(programs.kingfisher, "scan", place, "--git-history", "none"),
                *("--no-validate", "--no-update-check", "--format", "json", "--output", REPORT),
            ),
            directory=tree,
            read=readings.kingfisher,
            accepts=frozenset((0, 200)),
        ),
        Entrant(
            name="betterleaks",
            command=(programs.betterleaks, "fs", place, "--silent", "--output", REPORT),
            directory=tree,
            read=readings.betterleaks,
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
        ),
    ]


if __name__ == "__main__":
    main()
