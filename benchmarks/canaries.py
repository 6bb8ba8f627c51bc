"""Secrets planted where a program comes first and last: one that does not report them all has not read all.

Unlike `seeds`, they stand only where every program looks that is compared.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.fixtures import token
from benchmarks.repositories import git
from benchmarks.seeds import Seed, plant_one

if TYPE_CHECKING:
    from benchmarks.measure import Reading
    from benchmarks.process import Output

# Before all others, after them, and deeper than most.
_FILES: Final = ("0-canary.cfg", "canary/a/b/c/d/e/f/deep-canary.cfg", "zz-canary.cfg")
_LONG_AGO: Final = "2001-01-01T00:00:00Z"


def in_history(repository: Path) -> list[Seed]:
    """Plant them in a bare copy: before all commits, in the middle, and after them."""
    line = git(repository, "rev-list", "--first-parent", "HEAD").split()
    middle = line[len(line) // 2]
    date = git(repository, "show", "-s", "--format=%cI", middle)
    return [
        plant_one(repository, "oldest", None, _LONG_AGO),
        plant_one(repository, "middle", middle, date),
        plant_one(repository, "newest"),
    ]


def in_files(directory: Path) -> list[Seed]:
    """Plant them in a directory: in its first file, in its last one, and deep in it."""
    seeds = []
    for name in _FILES:
        path, value = directory / name, token()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'token = "{value}"\n', encoding="utf-8")
        seeds.append(Seed(place=name, traces=(value, name)))
    return seeds


def is_canary(path: str) -> bool:
    """Whether `in_files` has made the file."""
    return path in _FILES


def missed(seeds: Iterable[Seed], told: str) -> str:
    """What a program has missed that has `told` this, in words; empty where it has found all."""
    left = [seed.traces[1] for seed in seeds if not seed.found_in(told)]
    return f"it has not found what was planted in {', '.join(left)}" if left else ""


def all_found(seeds: Sequence[Seed]) -> Callable[[Output, Reading], str]:
    """For `Entrant.lacks`: what of them is not among the findings of a report."""

    def lacks(output: Output, _: Reading) -> str:
        return missed(seeds, findings(output.report))

    return lacks


def findings(report: str) -> str:
    """The findings of a JSON report alone, as text: its other members name what was passed over, too."""
    parsed: Any = None
    with suppress(ValueError):
        parsed = json.loads(report)
    found = parsed["findings"] if isinstance(parsed, dict) else parsed or []
    return json.dumps(found)
