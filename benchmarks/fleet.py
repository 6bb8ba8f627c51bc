"""Many repositories at once: how much two workers help, what a kill leaves behind, how a long list begins.

    python -m benchmarks.fleet --from CLONE [--from CLONE ...] [TASK ...]

The repositories are made of the clones: histories of different lengths. `listing` needs the tests' server:
PYTHONPATH=src:tests, in the development environment.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks import each
from benchmarks.completeness import SECOPS_QUIET, refuse
from benchmarks.fleets import LocalFleet, fleet_program
from benchmarks.histories import commits, histories, size
from benchmarks.kills import Kills, killed
from benchmarks.measure import Entrant, Plan, Reading, Series, compare, ratio
from benchmarks.peers import Programs, prepare
from benchmarks.record import Record, Target, add_plan, plan
from benchmarks.repositories import small_repository

if TYPE_CHECKING:
    from benchmarks.process import Output

TASKS: Final = ("workers", "killed", "listing")
_ONE, _DASK, _TWO, _AGAIN = "secops -j 1", "secops --dask -j 2", "secops -j 2", "secops -j 2 again"


def main() -> None:
    chosen = _options()
    tasks = chosen.task or TASKS
    programs = dataclasses.replace(prepare(), secops=fleet_program())
    _compile_rules(programs)
    well = True
    if "workers" in tasks:
        _workers(programs, chosen)
    if "killed" in tasks:
        with histories(chosen.clones, chosen.killed_repositories) as repositories:
            fleet = LocalFleet(program=programs.secops, repositories=repositories)
            kills = Kills(workers=chosen.kill_workers, coordinators=chosen.kill_coordinators)
            well = killed(fleet, kills, chosen.timeout)
    if "listing" in tasks:
        from benchmarks.listing import listing

        listing(programs, chosen)
    sys.exit(0 if well else 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Scan a fleet of repositories.")
    parser.add_argument("task", nargs="*", choices=[[], *TASKS], help=f"of {', '.join(TASKS)} [default: all]")
    parser.add_argument(
        "--from",
        dest="clones",
        action="append",
        default=[],
        type=Path,
        metavar="CLONE",
        help="a clone that histories are taken from; it is not written to; repeatable",
    )
    for name, number, text in (
        ("--repositories", 200, "how many to time"),
        ("--killed-repositories", 40, "how many where something is killed"),
        ("--kill-workers", 20, "how often to kill a worker"),
        ("--kill-coordinators", 10, "how often to kill the coordinator"),
        ("--listed", 10_000, "how many the host lists"),
        ("--done", 500, "end the listed run when so many are done; 0: at its end"),
    ):
        parser.add_argument(name, type=int, default=number, metavar="N", help=f"{text} [default: {number}]")
    add_plan(parser, rounds=3, timeout=3600, sampled=0)
    chosen = parser.parse_args()
    if not chosen.clones and set(chosen.task or TASKS) != {"listing"}:
        parser.error("which clones? Name them with --from")
    return chosen


def _compile_rules(programs: Programs) -> None:
    """Scan a small history once, so that no run that counts compiles rules."""
    with small_repository() as small:
        one = Entrant(
            name="secops",
            command=(*programs.secops, "scan", "--history", str(small)),
            directory=small,
            read=lambda _: Reading(),
            terms=SECOPS_QUIET,
        )
        compare([one], Plan(warmups=1, rounds=0, sampled=0, timeout=300))


def _workers(programs: Programs, chosen: argparse.Namespace) -> None:
    with histories(chosen.clones, chosen.repositories) as repositories:
        record = Record(f"A fleet of {len(repositories)} repositories", programs, chosen)
        fleet = LocalFleet(program=programs.secops, repositories=repositories)
        entrants = [*_secops(fleet), *(each.entrant(one, repositories) for one in each.peers(programs))]
        entrants = [one for one in entrants if one.name not in chosen.without]
        series = {one.entrant.name: one for one in compare(entrants, plan(chosen))}
        record.show(
            list(series.values()),
            _targets(series),
            [_description(repositories)],
            subject=series.get(_TWO),
        )


def _description(repositories: Sequence[Path]) -> str:
    lengths = sorted(commits(one) for one in repositories)
    megabytes = sum(size(one) for one in repositories) / 1e6
    return (
        f"{len(repositories)} repositories, {sum(lengths):,} commits, {megabytes:,.1f} MB of packs; "
        f"from {lengths[0]:,} to {lengths[-1]:,} commits, median {lengths[len(lengths) // 2]:,}; "
        "one secret planted in each"
    )


def _secops(fleet: LocalFleet) -> list[Entrant]:
    """`again` comes right behind the run whose results it has."""
    ways = {
        _ONE: ("-j", "1"),
        _DASK: ("--dask", "-j", "2"),
        _TWO: ("-j", "2"),
        _AGAIN: ("-j", "2"),
    }
    return [
        Entrant(
            name=name,
            command=fleet.scan(*options),
            directory=fleet.place,
            read=partial(_read, fleet, name),
            terms=SECOPS_QUIET,
            prepare=fleet.forget if name != _AGAIN else lambda: None,
        )
        for name, options in ways.items()
    ]


def _read(fleet: LocalFleet, name: str, _: Output) -> Reading:
    """Findings are summed over repositories, as those of the other programs are."""
    told = fleet.report()
    expected = "unchanged" if name == _AGAIN else "scanned"
    if not told["complete"] or told["states"] != {expected: len(fleet.repositories)}:
        refuse(name, f"it has not scanned everything: {told['states']}")
    found = told["repositories"]
    blobs, read = (sum(one[what] for one in found) for what in ("blobs", "bytes"))
    extent = f"{blobs:,} blobs, {read / 1e6:,.1f} MB in {len(found)} repositories"
    known = " (read earlier)" if name == _AGAIN else ""
    return Reading(
        findings=sum(one["secrets"] for one in found), extent=f"{extent}{known}; {told['total']:,} secrets"
    )


def _targets(series: dict[str, Series]) -> list[Target]:
    bounds = (
        ("wall, one worker / two workers", _ONE, _TWO, 1.85, True),
        ("wall, Dask / local, two workers", _DASK, _TWO, 1.05, False),
        ("wall, secops / kingfisher, two at a time", _TWO, "kingfisher", 1, False),
        ("wall, secops / gitleaks, two at a time", _TWO, "gitleaks", 1, False),
        ("wall, second run / first", _AGAIN, _TWO, 0.05, False),
    )
    return [
        Target(text=text, value=ratio(series[one], series[other]), limit=limit, least=least)
        for text, one, other, limit, least in bounds
        if {one, other} <= series.keys()
    ]


if __name__ == "__main__":
    main()
