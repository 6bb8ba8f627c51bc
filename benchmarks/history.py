"""The whole history of a repository: cold, then again with what the first scan has learnt.

    python -m benchmarks.history --repo CLONE [--seed]

Cold means: rules compiled (that is reported apart), nothing known about the repository. The
floor is git itself, handing out the same blobs in pack order to /dev/null. In every run, each program has
to find what was planted in the oldest commit, in the middle and in the newest; those that count blobs must
have read those that are there.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks import canaries, readings
from benchmarks.completeness import BETTERLEAKS, DONE, GITLEAKS, KINGFISHER, SECOPS, too_few
from benchmarks.first_use import first_use
from benchmarks.measure import NOWHERE, REPORT, Entrant, Plan, Reading, Series, compare, ratio
from benchmarks.peers import WORK, Programs, prepare
from benchmarks.process import Output
from benchmarks.record import Record, Target, options, plan
from benchmarks.repositories import copy_of, forget_scans, git, small_repository
from benchmarks.seeds import Seed, plant, table

_FLOOR = "git cat-file (floor)"
_COLD, _AGAIN = "secops", "secops again"
_LEAST: Final = 0.99  # of the blobs that are there; not all take, say, an empty one for one


def main() -> None:
    chosen = _options()
    programs = prepare()
    with copy_of(chosen.repo, mirror=True) as mirror:
        planted = canaries.in_history(mirror)
        seeds = plant(mirror) if chosen.seed else []
        _compile_rules(programs)
        record = Record("Whole history" + (", with planted secrets" if seeds else ""), programs, chosen)
        entrants = [one for one in _entrants(programs, mirror, planted) if one.name not in chosen.without]
        series = {one.entrant.name: one for one in compare(entrants, plan(chosen))}
        reports = {name: one.output.report for name, one in series.items() if name != _FLOOR}
        notes = [*table(seeds, reports), *(first_use(programs) if chosen.first_use else [])]
        record.show(list(series.values()), _targets(series), notes, subject=series[_COLD])


def _compile_rules(programs: Programs) -> None:
    """Scan a small history once, so that no run that counts compiles rules, even without warm-up."""
    with small_repository() as small:
        once = Plan(warmups=1, rounds=0, sampled=0, timeout=300)
        planted = canaries.in_history(small)
        compare([one for one in _entrants(programs, small, planted) if one.name != _FLOOR], once)


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


def _entrants(programs: Programs, mirror: Path, planted: list[Seed]) -> list[Entrant]:
    """The floor first: it also warms the page cache for all others."""
    floor = _floor(mirror)
    lacks = partial(_lacks, planted, floor.read(Output()).blobs or 0)
    place = str(mirror)
    secops = (*programs.secops, "scan", "--history", place, "--format", "json", "--output", REPORT)
    git_mode = ("--no-banner", "--report-format", "json", "--report-path", REPORT)
    return [
        floor,
        Entrant(
            name=_COLD,
            command=secops,
            directory=mirror,
            read=readings.secops,
            terms=SECOPS,
            lacks=lacks,
            prepare=partial(forget_scans, mirror),
        ),
        Entrant(
            name=_AGAIN, command=secops, directory=mirror, read=readings.secops, terms=SECOPS, lacks=lacks
        ),
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
            terms=KINGFISHER,
            lacks=lacks,
        ),
        Entrant(
            name="betterleaks",
            command=(programs.betterleaks, "git", place, "--silent", "--output", REPORT),
            directory=mirror,
            read=readings.betterleaks,
            terms=BETTERLEAKS,
            lacks=lacks,
        ),
        Entrant(
            name="gitleaks",
            command=(programs.gitleaks, "git", place, *git_mode),
            directory=mirror,
            read=readings.gitleaks,
            terms=GITLEAKS,
            lacks=lacks,
        ),
    ]


def _lacks(planted: list[Seed], blobs: int, output: Output, reading: Reading) -> str:
    """What a program has not read of a history with so many blobs."""
    few = "" if reading.blobs is None else too_few("blobs", reading.blobs, blobs, _LEAST)
    return few or canaries.missed(planted, canaries.findings(output.report))


def _floor(mirror: Path) -> Entrant:
    form = "--batch-check=%(objecttype) %(objectname) %(objectsize)"
    listing = git(mirror, "cat-file", "--batch-all-objects", "--unordered", form)
    blobs = [line.split()[1:] for line in listing.splitlines() if line.startswith("blob ")]
    ids = WORK / "blob-ids"
    ids.write_text("".join(f"{oid}\n" for oid, _ in blobs), encoding="ascii")
    size = sum(int(size) for _, size in blobs)
    reading = Reading(extent=f"{len(blobs):,} blobs, {size / 1e6:,.1f} MB", blobs=len(blobs))
    return Entrant(
        name=_FLOOR,
        command=("git", "cat-file", "--buffer", "--batch"),
        directory=mirror,
        read=lambda _: reading,
        terms=DONE,
        stdin=ids,
        stdout=NOWHERE,
    )


if __name__ == "__main__":
    main()
