"""The whole history of a repository: cold, then again with what the first scan has learnt.

    python -m benchmarks.history --repo CLONE [--seed]

Cold means: rules compiled (that is reported apart), nothing known about the repository. The
floor is git itself, handing out the same blobs in pack order to /dev/null.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from benchmarks import readings
from benchmarks.first_use import first_use
from benchmarks.measure import NOWHERE, REPORT, Entrant, Plan, Reading, Series, compare, ratio
from benchmarks.peers import WORK, Programs, prepare
from benchmarks.record import Record, Target, options, plan
from benchmarks.repositories import copy_of, forget_scans, git, small_repository
from benchmarks.seeds import plant, table

_FLOOR = "git cat-file (floor)"
_COLD, _AGAIN = "secops", "secops again"


def main() -> None:
    chosen = _options()
    programs = prepare()
    with copy_of(chosen.repo, mirror=True) as mirror:
        seeds = plant(mirror) if chosen.seed else []
        _compile_rules(programs)
        record = Record("Whole history" + (", with planted secrets" if seeds else ""), programs, chosen)
        entrants = [one for one in _entrants(programs, mirror) if one.name not in chosen.without]
        series = {one.entrant.name: one for one in compare(entrants, plan(chosen))}
        reports = {name: one.output.report for name, one in series.items() if name != _FLOOR}
        notes = [*table(seeds, reports), *(first_use(programs) if chosen.first_use else [])]
        record.show(list(series.values()), _targets(series), notes, subject=series[_COLD])


def _compile_rules(programs: Programs) -> None:
    """Scan a small history once, so that no run that counts compiles rules, even without warm-up."""
    with small_repository() as small:
        once = Plan(warmups=1, rounds=0, sampled=0, timeout=300)
        compare([one for one in _entrants(programs, small) if one.name != _FLOOR], once)


def _options() -> argparse.Namespace:
    parser = options("Time the scan of a whole history.", rounds=3, timeout=1800)
    parser.add_argument(
        "--seed", action="store_true", help="plant secrets in the copy and say who finds them"
    )
    parser.add_argument("--first-use", action="store_true", help="measure the compiling of rules too")
    return parser.parse_args()


def _targets(series: dict[str, Series]) -> list[Target]:
    cold = series[_COLD]
    walls = {"kingfisher": 1 / 4, "betterleaks": 1 / 2, _FLOOR: 1.5}
    targets = [
        Target(text=f"wall, secops / {name}", value=ratio(cold, series[name]), limit=limit)
        for name, limit in walls.items()
        if name in series
    ]
    if _AGAIN in series:
        targets.append(Target(text="wall, second scan / cold", value=ratio(series[_AGAIN], cold), limit=0.05))
    if kingfisher := series.get("kingfisher"):
        targets.append(
            Target(
                text="memory of the largest process, secops / kingfisher",
                value=cold.largest / kingfisher.largest,
                limit=1,
            )
        )
        if cold.tree and kingfisher.tree:
            targets.append(
                Target(
                    text="memory of the whole tree, secops / kingfisher",
                    value=cold.tree / kingfisher.tree,
                    limit=1,
                )
            )
    return targets


def _entrants(programs: Programs, mirror: Path) -> list[Entrant]:
    """The floor first: it also warms the page cache for all others."""
    place = str(mirror)
    secops = (*programs.secops, "scan", "--history", place, "--format", "json", "--output", REPORT)
    git_mode = ("--no-banner", "--report-format", "json", "--report-path", REPORT)
    return [
        _floor(mirror),
        Entrant(
            name=_COLD,
            command=secops,
            directory=mirror,
            read=readings.secops,
            prepare=partial(forget_scans, mirror),
        ),
        Entrant(name=_AGAIN, command=secops, directory=mirror, read=readings.secops),
        Entrant(
            name="kingfisher",
            command=(
                programs.kingfisher,
                "scan",
                place,
                "--no-validate",
                "--no-update-check",
                "--format",
                "json",
                "--output",
                REPORT,
            ),
            directory=mirror,
            read=readings.kingfisher,
            accepts=frozenset((0, 200)),
        ),
        Entrant(
            name="betterleaks",
            command=(programs.betterleaks, "git", place, "--silent", "--output", REPORT),
            directory=mirror,
            read=readings.betterleaks,
        ),
        Entrant(
            name="gitleaks",
            command=(programs.gitleaks, "git", place, *git_mode),
            directory=mirror,
            read=readings.gitleaks,
        ),
    ]


def _floor(mirror: Path) -> Entrant:
    form = "--batch-check=%(objecttype) %(objectname) %(objectsize)"
    listing = git(mirror, "cat-file", "--batch-all-objects", "--unordered", form)
    blobs = [line.split()[1:] for line in listing.splitlines() if line.startswith("blob ")]
    ids = WORK / "blob-ids"
    ids.write_text("".join(f"{oid}\n" for oid, _ in blobs), encoding="ascii")
    reading = Reading(extent=f"{len(blobs):,} blobs, {sum(int(size) for _, size in blobs) / 1e6:,.1f} MB")
    return Entrant(
        name=_FLOOR,
        command=("git", "cat-file", "--buffer", "--batch"),
        directory=mirror,
        read=lambda _: reading,
        accepts=frozenset((0,)),
        stdin=ids,
        stdout=NOWHERE,
    )


if __name__ == "__main__":
    main()
