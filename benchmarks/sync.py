"""Secrets written to a GitHub on loopback: secops, `gh secret set -f` and PyGithub, with and without faults.

PYTHONPATH=src:tests python -m benchmarks.sync [TASK ...]
"""

from __future__ import annotations

import argparse
import secrets
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.completeness import refuse
from benchmarks.machine import describe, load
from benchmarks.measure import NOWHERE, OUTPUTS
from benchmarks.peers import WORK, tool_environment
from benchmarks.process import Streams, execute
from benchmarks.record import Target
from benchmarks.syncers import REPOSITORY, Syncer, syncers

from support.github.plans import PASSING, FaultPlan
from support.github.server import ContractServer

_HEAD: Final = (
    *("program", "requests", "of these to write", "wall s (min-max)", "secops / it"),
    *("writes in a second", "connections", "secrets there"),
)
TASKS: Final = ("undisturbed", "faults")
_OUT_OF_TIME: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncRun:
    """How one run went. `code` is the exit code, -1 for out of time; `wall` is in seconds.

    `writing` are the requests that write, and those for the key. `lost` are the secrets that are not there as
    they should be. `busiest` is the highest number of
    writes in one second, `connections` how many were opened.
    """

    code: int
    wall: float
    requests: int
    writing: int
    lost: int
    busiest: int
    connections: int
    breaches: int

    @property
    def end(self) -> str:
        """How it ended, in words."""
        return "ran out of time" if self.code == _OUT_OF_TIME else f"ended with exit code {self.code}"

    @property
    def verdict(self) -> str:
        """Whether everything is there, and whether the program knows."""
        if not self.lost:
            return "all there" if self.code == 0 else f"all there, but {self.end}"
        return f"**lost {self.lost}**, {'said nothing' if self.code == 0 else self.end}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be written, and how long that may take."""

    values: Mapping[str, str]
    timeout: float

    def run(self, syncer: Syncer, plan: FaultPlan | None = None) -> SyncRun:
        """Let `syncer` write everything to a GitHub of its own, which fails as `plan` says."""
        # What GitHub only recommends is asked of nobody but secops.
        with ContractServer(strict=syncer.name == "secops") as server, _place(self.values) as place:
            repository = server.world.repository(REPOSITORY)
            if plan is not None:
                plan.inject(server)
            code, wall = self._execute(syncer, server, Path(place))
            held = repository.secrets["actions"].values
            puts = server.requests("PUT")
            writes = Counter(int(each.started) for each in puts)
            return SyncRun(
                code=code,
                wall=wall,
                requests=len(server.log),
                writing=len(puts) + len(server.requests("GET", "/public-key$")),
                lost=sum(held.get(name) != value.encode() for name, value in self.values.items()),
                busiest=max(writes.values(), default=0),
                connections=server.connections,
                breaches=len(server.violations),
            )

    def _execute(self, syncer: Syncer, server: ContractServer, place: Path) -> tuple[int, float]:
        OUTPUTS.mkdir(parents=True, exist_ok=True)
        streams = Streams(stdin=NOWHERE, stdout=OUTPUTS / "stdout", stderr=OUTPUTS / "stderr")
        env = tool_environment(WORK / "home")
        try:
            usage = execute(
                [word.replace("{file}", str(place / ".env")) for word in syncer.command],
                directory=place,
                env={**env, **syncer.surroundings(server.url, server.token())},
                streams=streams,
                timeout=self.timeout,
                sample=False,
            )
        except TimeoutError:
            return _OUT_OF_TIME, self.timeout
        return usage.code, usage.wall


def _place(values: Mapping[str, str]) -> tempfile.TemporaryDirectory[str]:
    """A new repository with a dotenv file."""
    place = tempfile.TemporaryDirectory(prefix="secops-bench-")
    subprocess.run(("git", "init", "-q", place.name), check=True, timeout=60)
    file = Path(place.name) / ".env"
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}={value}\n" for name, value in values.items()), encoding="ascii")
    return place


def _values(count: int) -> dict[str, str]:
    """Values that all programs read alike: letters and digits."""
    return {f"NAME_{number:03}": secrets.token_hex(20) for number in range(count)}


def _undisturbed(programs: Sequence[Syncer], job: Job, rounds: int) -> list[Target]:
    runs: dict[str, list[SyncRun]] = {one.name: [] for one in programs}
    for number in range(rounds):
        for one in programs:
            run = job.run(one)
            print(f"round {number + 1}: {one.name}: {run}", file=sys.stderr)
            if run.code or run.lost:
                refuse(one.name, f"of {len(job.values)} secrets, {run.lost} are not there, and it {run.end}")
            runs[one.name].append(run)
    count = len(job.values)
    _table(
        f"{count} secrets into one repository",
        _HEAD,
        (_row(one.name, runs[one.name], runs[programs[0].name], count) for one in programs),
    )
    ours = runs[programs[0].name]
    least = max((run.requests for run in runs.get("gh", [])), default=count + 1)
    writing, requests = max(run.writing for run in ours), max(run.requests for run in ours)
    lists = 2 * -(-count // 100)
    return [
        Target(text=f"requests of secops to write {count} secrets", value=writing, limit=least),
        Target(text="and with a list before and one after", value=requests, limit=least + lists),
        Target(text="secrets lost by secops", value=max(run.lost for run in ours), limit=0),
        Target(text="breaches of the contract by secops", value=max(run.breaches for run in ours), limit=0),
    ]


def _row(name: str, runs: Sequence[SyncRun], ours: Sequence[SyncRun], count: int) -> tuple[str, ...]:
    walls = [run.wall for run in runs]
    ratio = statistics.median(a.wall / b.wall for a, b in zip(ours, runs, strict=True))
    return (
        name,
        f"{statistics.median(run.requests for run in runs):.0f}",
        f"{statistics.median(run.writing for run in runs):.0f}",
        f"{statistics.median(walls):.2f} ({min(walls):.2f}-{max(walls):.2f})",
        "1" if runs is ours else f"{ratio:.2f}",
        str(max(run.busiest for run in runs)),
        str(max(run.connections for run in runs)),
        f"all of {count}",
    )


def _disturbed(programs: Sequence[Syncer], job: Job) -> list[Target]:
    lost = breaches = 0
    rows = []
    for plan in PASSING:
        cells = [plan.name]
        for one in programs:
            run = job.run(one, plan)
            print(f"{plan.name}: {one.name}: {run}", file=sys.stderr)
            # How long it takes to lose something is no time to be beaten.
            time = "" if run.lost or run.code else f", {run.wall:.1f} s"
            cells.append(f"{run.verdict}; {run.requests} requests{time}")
            if one is programs[0]:
                lost, breaches = lost + run.lost, breaches + run.breaches
        rows.append(cells)
    heads = ("what goes wrong", *(one.name for one in programs))
    _table(f"{len(job.values)} secrets while something goes wrong", heads, rows)
    return [
        Target(text="secrets lost by secops, over all plans", value=lost, limit=0),
        Target(text="breaches of the contract by secops", value=breaches, limit=0),
    ]


def _table(title: str, heads: Sequence[str], rows: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> None:
    print(f"\n### {title}\n")
    for cells in (heads, ["---"] * len(heads), *rows):
        print(f"| {' | '.join(cells)} |")
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description="Write secrets to a GitHub on loopback.")
    parser.add_argument("task", nargs="*", choices=[[], *TASKS], help=f"of {', '.join(TASKS)} [default: all]")
    parser.add_argument("--rounds", type=int, default=3, help="timed rounds [default: %(default)s]")
    parser.add_argument(
        "--count", type=int, nargs="+", default=[50, 100], help="how many secrets [default: %(default)s]"
    )
    parser.add_argument(
        "--disturbed", type=int, default=20, help="secrets where something goes wrong [default: %(default)s]"
    )
    parser.add_argument(
        "--timeout", type=float, default=300, help="seconds for one run [default: %(default)s]"
    )
    parser.add_argument("--without", action="append", default=[], metavar="PROGRAM", help="leave one out")
    chosen = parser.parse_args()
    programs = syncers(chosen.without)
    tasks, targets = chosen.task or TASKS, list[Target]()
    for line in (*describe({one.name: one.version for one in programs}), f"Load average before: {load()}"):
        print(f"- {line}")
    if "undisturbed" in tasks:
        for count in chosen.count:
            job = Job(values=_values(count), timeout=chosen.timeout)
            targets += _undisturbed(programs, job, max(1, chosen.rounds))
    if "faults" in tasks:
        targets += _disturbed(programs, Job(values=_values(chosen.disturbed), timeout=chosen.timeout))
    for line in (
        *(target.line() for target in targets),
        *(f"{one.name}: `{one.shown}`" for one in programs),
        f"Load average after: {load()}",
    ):
        print(f"- {line}")


if __name__ == "__main__":
    main()
