"""Before and after a change: secops from this checkout beside an earlier one, in the same rounds.

    python -m venv /tmp/before && /tmp/before/bin/pip install /path/to/the/earlier/checkout
    python -m benchmarks.change --repo CLONE --before '/tmp/before/bin/python -I -m secopskit' hook

`hook` stages what `benchmarks.hook` stages; `history` scans everything, cold, in one process a core.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks import canaries, readings
from benchmarks.completeness import SECOPS, finding
from benchmarks.hook import LEAK, leak_unnamed, stage
from benchmarks.measure import REPORT, Entrant, compare, ratio
from benchmarks.peers import WORK, prepare
from benchmarks.record import Record, Target, options, plan
from benchmarks.repositories import copy_of, forget_scans

if TYPE_CHECKING:
    from benchmarks.seeds import Seed

_ROUNDS: Final = {"hook": 25, "history": 5}
_NOISE: Final = 1.05  # what one round in two differs by on a quiet machine


def main() -> None:
    chosen = _options()
    programs = prepare()
    with _task(chosen.task, chosen.repo) as (place, arguments, planted):
        record = Record(f"Before and after: {chosen.task}", programs, chosen)
        commands = {"secops": programs.secops, "before": tuple(shlex.split(chosen.before))}
        entrants = [
            _entrant(name, (*command, *arguments), place, planted) for name, command in commands.items()
        ]
        after, before = compare(entrants, plan(chosen))
    record.show(
        [after, before],
        [
            Target(text="wall, after / before", value=ratio(after, before), limit=_NOISE),
            Target(
                text="CPU, after / before",
                value=ratio(after, before, lambda run: run.cpu),
                limit=_NOISE,
            ),
        ],
    )


def _options() -> argparse.Namespace:
    parser = options("Time a change.", rounds=0, timeout=1800)
    parser.add_argument("task", choices=_ROUNDS)
    parser.add_argument("--before", required=True, help="the command of the earlier secops")
    chosen = parser.parse_args()
    chosen.rounds = chosen.rounds or _ROUNDS[chosen.task]
    return chosen


@contextmanager
def _task(task: str, repository: Path) -> Iterator[tuple[Path, tuple[str, ...], list[Seed]]]:
    """A copy of the repository to work in, the arguments of the task, and what is planted in a history."""
    if task == "hook":
        with copy_of(repository, mirror=False) as clone:
            stage(clone)
            yield clone, ("hook", "run"), []
    else:
        with copy_of(repository, mirror=True) as mirror:
            words = ("scan", "--history", str(mirror), "--format", "json", "--output", REPORT)
            yield mirror, words, canaries.in_history(mirror)


def _entrant(name: str, command: tuple[str, ...], place: Path, planted: list[Seed]) -> Entrant:
    history = bool(planted)
    cache = WORK / f"cache-{name}"  # of compiled rules: one for both would be made anew at every turn
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Entrant(
        name=name,
        command=("env", f"SECOPS_CACHE_DIR={cache}", *command),
        directory=place,
        read=readings.secops if history else readings.named(LEAK),
        terms=SECOPS if history else finding(SECOPS),
        lacks=canaries.all_found(planted) if history else leak_unnamed,
        prepare=partial(forget_scans, place) if history else lambda: None,
    )


if __name__ == "__main__":
    main()
