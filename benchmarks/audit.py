"""The audit of a project of 10,000 files: how long it takes, and its peers for a part of it.

    PYTHONPATH=src .venv/bin/python -m benchmarks.audit
    PYTHONPATH=src .venv/bin/python -m benchmarks.audit --repo CLONE    # of a real project instead

The tree is made anew, with the same content every time: programs of ten languages, documents, Compose files,
workflows, dotenv files, manifests, data and pictures, in the shares that real projects have, tracked by git.
The programs take turns, each run is a process of its own. `collect` reads the files and collects all facts,
`audit` is the command. The peers compare variables in code with dotenv files, and know of no Compose file;
they are had from PyPI, and left out where there is no index. Ratios hold for one run on one machine. None of
them says how much it has read: each has to name two variables that only the first file and the last look up.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.completeness import DONE, UNSAID, Terms, refuse, require
from benchmarks.machine import describe, load
from benchmarks.peers import WORK, peer_environment, tool_environment
from benchmarks.process import Output
from benchmarks.projects import RARE, tree

LIMIT: Final = 5.0
PINS: Final = ("env-auditor==0.2.1", "dotenvdrift==0.1.3")
_COLLECT: Final = """
import sys
from secopskit.collect.project import read_project
facts = read_project(sys.argv[1])
print(len(facts.paths), len(facts.uses), len(facts.settings), len(facts.documented), len(facts.stacks))
"""
_PROFILE: Final = """
import cProfile, pstats, sys
from secopskit.collect.project import read_project
profile = cProfile.Profile()
profile.runcall(read_project, sys.argv[1])
pstats.Stats(profile).sort_stats("tottime").print_stats(20)
"""
_LONGEST: Final = 300
_TERMS: Final = Terms(codes=frozenset((0, 1)), unfinished=lambda _: "")  # 1: it has found something
_Commands = dict[str, tuple[str, ...]]


class AuditTime(NamedTuple):
    """Seconds of one run; `processor` counts what the processors did for it, and nothing else."""

    wall: float
    processor: float


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the audit.")
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--repo", type=Path)
    parser.add_argument("--alone", action="store_true", help="without the peers")
    chosen = parser.parse_args()
    commands = _secops() | ({} if chosen.alone else _peers())
    print(*describe({}), f"Load before: {load()}", sep="\n")
    with tree(chosen.files) if chosen.repo is None else _given(chosen.repo) as place:
        rare = RARE if chosen.repo is None else ()
        took = _in_turns(commands, place, chosen.rounds, rare)
        print(f"facts: {_said(_COLLECT, place).strip()} (paths, lookups, settings, documented, stacks)")
        _tell(took, rare)
        print(_said(_PROFILE, place))
    print(f"Load after: {load()}")
    sys.exit(_median(took["audit"]).processor > LIMIT and chosen.repo is None)


def _secops() -> _Commands:
    audit = (sys.executable, "-m", "secopskit", "audit", "--no-baseline", "--format", "json", ".")
    return {"collect": (sys.executable, "-c", _COLLECT, "."), "audit": audit}


def _peers() -> _Commands:
    try:
        programs = peer_environment("audit-peers", PINS) / "bin"
    except subprocess.CalledProcessError:
        print("without its peers: they cannot be installed", file=sys.stderr)
        return {}
    return {
        "env-auditor": (str(programs / "env-auditor"), "--format", "json", "."),
        "dotenvdrift": (str(programs / "dotenvdrift"), "--json", "."),
    }


def _in_turns(
    commands: _Commands, place: Path, rounds: int, rare: Sequence[str]
) -> dict[str, list[AuditTime]]:
    took: dict[str, list[AuditTime]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            one = _timed(name, command, place, rare)
            if number:  # the first round only warms the caches of files
                took[name].append(one)
    return took


def _timed(name: str, command: tuple[str, ...], place: Path, rare: Sequence[str]) -> AuditTime:
    before, began = os.times(), time.perf_counter()
    environment = tool_environment(WORK / "home") | {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    try:
        run = subprocess.run(
            command, cwd=place, env=environment, capture_output=True, check=False, timeout=_LONGEST
        )
    except subprocess.TimeoutExpired:
        refuse(name, f"it ran for more than {_LONGEST} s")
    wall, after = time.perf_counter() - began, os.times()
    stdout, stderr = (stream.decode(errors="replace") for stream in (run.stdout, run.stderr))
    _judge(name, run.returncode, Output(stdout=stdout, stderr=stderr, report=stdout), rare)
    worked = after.children_user - before.children_user + after.children_system - before.children_system
    return AuditTime(wall, worked)


def _judge(name: str, code: int, output: Output, rare: Sequence[str]) -> None:
    """End the script where a run does not count."""
    counted = name == "collect"  # it prints numbers, the number of files among them
    require(name, DONE if counted else _TERMS, code, output)
    if left := [] if counted else [variable for variable in rare if variable not in output.report]:
        refuse(name, f"it has not found {', '.join(left)}", output)


def _tell(took: dict[str, list[AuditTime]], rare: Sequence[str]) -> None:
    whole = _median(took["audit"])
    for name, runs in took.items():
        median = _median(runs)
        wall = ", ".join(f"{one.wall:.2f}" for one in runs)
        ratio = median.processor / whole.processor
        print(f"{name:12} processor {median.processor:6.2f} s ({ratio:5.2f} of audit)", end="   ")
        print(f"wall {median.wall:6.2f} s ({wall})")
    print(
        "all but `collect` named the variables of the first and the last file" if rare else f"read: {UNSAID}"
    )
    print(f"limit of audit: {LIMIT:.0f} processor seconds; wall counts what else the machine does")


def _median(runs: list[AuditTime]) -> AuditTime:
    return AuditTime(
        statistics.median(one.wall for one in runs), statistics.median(one.processor for one in runs)
    )


def _said(program: str, place: Path) -> str:
    run = subprocess.run(
        (sys.executable, "-c", program, str(place)), capture_output=True, text=True, check=True
    )
    return run.stdout


@contextmanager
def _given(place: Path) -> Iterator[Path]:
    yield place


if __name__ == "__main__":
    main()
