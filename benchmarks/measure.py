"""Measures several programs on the same task, side by side: A B C, A B C, …

What disturbs the machine disturbs all of them alike, so ratios within a round hold even where
seconds do not. A run that did not finish, or that has not done what it was given, ends the script.
"""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.completeness import DONE, Terms, refuse, require
from benchmarks.peers import WORK, tool_environment
from benchmarks.process import Output, Streams, Usage, execute, text

OUTPUTS: Final = WORK / "output"
NOWHERE: Final = Path(os.devnull)
REPORT: Final = "{report}"  # stands in a command for the file that the report is written to


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a program says: the number of findings and how much it read, `blobs` where it counts them."""

    findings: int | None = None
    extent: str = ""
    blobs: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """One program with its command for the task at hand. `prepare` runs before each run, untimed.

    `terms` are those of a run that has finished; `lacks` says in words what one has left undone all the same.
    """

    name: str
    command: tuple[str, ...]
    directory: Path
    read: Callable[[Output], Reading]
    terms: Terms = DONE
    lacks: Callable[[Output, Reading], str] = lambda _output, _reading: ""
    stdin: Path = NOWHERE
    stdout: Path = OUTPUTS / "stdout"
    prepare: Callable[[], object] = lambda: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How often to run; `sampled` rounds watch memory and are not timed."""

    warmups: int
    rounds: int
    sampled: int
    timeout: float


@dataclass(slots=True, kw_only=True)
class Series:
    """All runs of one entrant, and what it said in the last of them."""

    entrant: Entrant
    timed: list[Usage] = field(default_factory=list)
    sampled: list[Usage] = field(default_factory=list)
    reading: Reading = field(default_factory=Reading)
    output: Output = field(default_factory=Output)

    def median(self, of: Callable[[Usage], float]) -> float:
        """The median over the timed runs."""
        return statistics.median(map(of, self.timed))

    @property
    def tree(self) -> float | None:
        """The highest memory of the whole tree, in MiB."""
        return max((run.tree for run in self.sampled if run.tree is not None), default=None)

    @property
    def largest(self) -> float:
        """The highest memory of the largest process, in MiB."""
        return max(run.largest for run in (*self.timed, *self.sampled))


def ratio(one: Series, other: Series, of: Callable[[Usage], float] = lambda run: run.wall) -> float:
    """The median of the ratios within each round: how long `one` took for each second of `other`."""
    return statistics.median(of(a) / of(b) for a, b in zip(one.timed, other.timed, strict=True))


def compare(entrants: Sequence[Entrant], plan: Plan) -> list[Series]:
    """Run all entrants in turn, round after round. Exits with a message where a run does not count."""
    series = [Series(entrant=entrant) for entrant in entrants]
    kinds = ["warm-up"] * plan.warmups + ["timed"] * plan.rounds + ["sampled"] * plan.sampled
    for number, kind in enumerate(kinds, 1):
        print(f"round {number} of {len(kinds)} ({kind})", file=sys.stderr)
        for one in series:
            usage = _run(one, plan, sample=kind == "sampled")
            print(
                f"  {one.entrant.name}: {usage.wall:.2f} s, {one.reading.findings} findings", file=sys.stderr
            )
            if kind != "warm-up":
                (one.sampled if kind == "sampled" else one.timed).append(usage)
    return series


def _run(series: Series, plan: Plan, *, sample: bool) -> Usage:
    entrant = series.entrant
    OUTPUTS.mkdir(parents=True, exist_ok=True)
    report = OUTPUTS / "report.json"
    report.unlink(missing_ok=True)
    entrant.prepare()
    entrant.stdout.parent.mkdir(parents=True, exist_ok=True)
    streams = Streams(stdin=entrant.stdin, stdout=entrant.stdout, stderr=OUTPUTS / "stderr")
    try:
        usage = execute(
            [part.replace(REPORT, str(report)) for part in entrant.command],
            directory=entrant.directory,
            env=tool_environment(WORK / "home"),
            streams=streams,
            timeout=plan.timeout,
            sample=sample,
        )
    except TimeoutError as slow:
        refuse(entrant.name, str(slow))
    output = Output(stdout=text(streams.stdout), stderr=text(streams.stderr), report=text(report))
    require(entrant.name, entrant.terms, usage.code, output)
    series.output, series.reading = output, entrant.read(output)
    if reason := entrant.lacks(output, series.reading):
        refuse(entrant.name, reason, output)
    return usage
