"""Prints what was measured: a table for people, or Markdown for RESULTS.md."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.completeness import UNSAID
from benchmarks.machine import describe, load
from benchmarks.measure import Plan, Series, ratio
from benchmarks.peers import WORK, Programs

_HEAD = (
    "program",
    "wall s (min-max)",
    "secops / it",
    "CPU s",
    "largest process MiB",
    "whole tree MiB",
    "findings",
    "says it read",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A bound that a measured value must keep: at most `limit`, or with `least` at least."""

    text: str
    value: float
    limit: float
    least: bool = False

    def line(self) -> str:
        """The target with its verdict."""
        met = self.value >= self.limit if self.least else self.value <= self.limit
        bound = "at least" if self.least else "at most"
        return f"{self.text}: {self.value:.3g}, {bound} {self.limit:.3g}: {'met' if met else 'MISSED'}"


class Record:
    """One run of a script. Created before the first measurement, as it notes the load."""

    def __init__(self, title: str, programs: Programs, options: argparse.Namespace) -> None:
        self._title = title
        self._markdown: bool = options.markdown
        self._head = [*describe(programs.versions()), f"Load average before: {load()}"]

    def show(
        self,
        series: Sequence[Series],
        targets: Sequence[Target],
        notes: Sequence[str] = (),
        *,
        subject: Series | None = None,
    ) -> None:
        """Print the table; ratios are of `subject`, or of the first entrant."""
        head = [*self._head, f"Load average after: {load()}"]
        rows = [_row(one, subject or series[0]) for one in series]
        commands = [f"{one.entrant.name}: `{_shown(one)}`" for one in series]
        marker = "- " if self._markdown else "  "
        print(f"## {self._title}\n" if self._markdown else f"\n{self._title}\n")
        print("\n".join(marker + line for line in head), end="\n\n")
        print("\n".join(_markdown(rows) if self._markdown else _aligned(rows)), end="\n\n")
        for part in ([target.line() for target in targets], notes, commands):
            if part:
                print("\n".join(marker + line for line in part), end="\n\n")


def options(description: str, *, rounds: int, timeout: int, sampled: int = 1) -> argparse.ArgumentParser:
    """The options that all scripts on one repository share."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--repo", type=Path, required=True, help="a local clone; it is not written to")
    add_plan(parser, rounds=rounds, timeout=timeout, sampled=sampled)
    return parser


def add_plan(parser: argparse.ArgumentParser, *, rounds: int, timeout: int, sampled: int) -> None:
    """Add the options that say how often to run, whom, and how to print it."""
    parser.add_argument("--rounds", type=int, default=rounds, help="timed rounds [default: %(default)s]")
    parser.add_argument("--warmups", type=int, default=1, help="rounds before them [default: %(default)s]")
    parser.add_argument(
        "--sampled", type=int, default=sampled, help="rounds that sample memory [default: %(default)s]"
    )
    parser.add_argument(
        "--timeout", type=float, default=timeout, help="seconds for one run [default: %(default)s]"
    )
    parser.add_argument(
        "--without", action="append", default=[], metavar="PROGRAM", help="leave one out; repeatable"
    )
    parser.add_argument("--markdown", action="store_true", help="print a section for RESULTS.md")


def plan(chosen: argparse.Namespace) -> Plan:
    """The plan that the options describe."""
    return Plan(
        warmups=chosen.warmups, rounds=max(1, chosen.rounds), sampled=chosen.sampled, timeout=chosen.timeout
    )


def _row(one: Series, subject: Series) -> tuple[str, ...]:
    walls = [run.wall for run in one.timed]
    codes = "/".join(str(code) for code in sorted({run.code for run in one.timed}))
    found = "-" if one.reading.findings is None else str(one.reading.findings)
    return (
        one.entrant.name,
        f"{one.median(lambda run: run.wall):.3f} ({min(walls):.3f}-{max(walls):.3f})",
        "1" if one is subject else f"{ratio(subject, one):.2f}",
        f"{one.median(lambda run: run.cpu):.2f}",
        f"{one.largest:.0f}",
        "-" if one.tree is None else f"{one.tree:.0f}",
        f"{found} (exit {codes})",
        one.reading.extent or UNSAID,
    )


def _shown(one: Series) -> str:
    """The command without the places of this machine."""
    words = [Path(one.entrant.command[0]).name, *one.entrant.command[1:]]
    places = ((str(one.entrant.directory), "REPO"), (str(WORK), "WORK"))
    line = shlex.join(words)
    for place, name in places:
        line = line.replace(place, name)
    return line.replace("'{report}'", "REPORT")


def _markdown(rows: Sequence[tuple[str, ...]]) -> list[str]:
    lines = [_HEAD, tuple("---" for _ in _HEAD), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    lines = [_HEAD, *rows]
    widths = [max(len(cells[column]) for cells in lines) for column in range(len(_HEAD))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
        for cells in lines
    ]
