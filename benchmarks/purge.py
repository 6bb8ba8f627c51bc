"""A purge from beginning to end: secops against git-filter-repo alone, each on a fresh copy.

    python -m benchmarks.purge --repo CLONE --depth 2000

The texts to be removed are chosen from the history (see `leaks`), so that about --depth commits
have to change. git-filter-repo is told them by --replace-text and --replace-message, as its manual
says; its time is that of its whole run, with the clean-up it does itself, and without any
scan before or proof after. For secops, both are inside. A run counts only if git finds none of the texts
in any object of the copy afterwards, and has all refs and commits that were there before.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.completeness import too_few
from benchmarks.leaks import choose, plant, standing
from benchmarks.measure import REPORT, Entrant, Reading, Series, compare, ratio
from benchmarks.peers import Programs, prepare
from benchmarks.record import Record, Target, options, plan
from benchmarks.repositories import git, place_for_copies

if TYPE_CHECKING:
    from benchmarks.process import Output

_LEAST: Final = 0.99  # of the commits; git-filter-repo drops one that changes nothing any more
_LEAST_TEXTS = 3
_FACTOR = 1.5  # that the number of changed commits may be away from the depth that was asked for
_REWRITTEN = re.compile(r"New history written in ([\d.]+) seconds")


@dataclass(slots=True)
class Subject:
    """A bare copy that one program works on, made anew before each run, and what the runs gave."""

    base: Path
    copy: Path
    commits: frozenset[str]
    refs: frozenset[str]
    depth: int
    texts: tuple[str, ...] = ()
    rewrites: list[float] = field(default_factory=list)
    phases: dict[str, float] = field(default_factory=dict)

    def renew(self) -> None:
        """A fresh copy; it shares the packs of the base, which nobody writes to."""
        shutil.rmtree(self.copy, ignore_errors=True)
        git(self.base, "clone", "-q", "--mirror", str(self.base), str(self.copy))
        git(self.copy, "remote", "remove", "origin")

    def reading(self) -> Reading:
        """How many commits and refs are as they were."""
        kept = len(self.commits & _commits(self.copy))
        same = len(self.refs & _refs(self.copy))
        extent = (
            f"{kept:,} of {len(self.commits):,} commits and {same:,} of {len(self.refs):,} refs as before"
            f"; none of {len(self.texts)} texts left"
        )
        return Reading(extent=extent)

    def lacks(self, _output: Output, _reading: Reading) -> str:
        """What a purge has left undone, or has done beyond it."""
        if left := standing(self.copy, self.texts):
            return f"{len(left)} of {len(self.texts)} texts are still in the repository"
        if lost := _names(self.refs) - _names(_refs(self.copy)):
            return f"{len(lost)} of {len(self.refs)} refs are gone"
        changed = len(self.commits - _commits(self.copy))
        if not self.depth <= _FACTOR * changed <= _FACTOR**2 * self.depth:
            return f"{changed:,} commits had to change, {self.depth:,} were to"
        return too_few("commits", len(_commits(self.copy)), len(self.commits), _LEAST, did="kept")

    def filter_repo(self, output: Output) -> Reading:
        """What git-filter-repo says about its run."""
        found = _REWRITTEN.search(output.stdout + output.stderr)
        self.rewrites.append(float(found[1]) if found else 0.0)
        return self.reading()

    def secops(self, output: Output) -> Reading:
        """What secops says about its run."""
        report = json.loads(output.report)
        self.phases = report["seconds"]
        self.rewrites.append(self.phases["extent"] + self.phases["rewrite"])
        return self.reading()


def main() -> None:
    chosen = _options()
    programs = prepare()
    with place_for_copies() as top:
        base = top / "base.git"
        print("making the repository to work on ...", file=sys.stderr)
        # Only what branches and tags reach, in a pack of its own.
        git(top, "clone", "-q", "--bare", "--no-local", f"file://{chosen.repo.resolve()}", str(base))
        planted = plant(base, _filter_repo(programs), choose(base, chosen.depth))
        there = standing(base, planted)
        texts = [text for text in planted if text in there]  # a word may have stood only within another one
        if len(texts) < _LEAST_TEXTS:
            sys.exit("error: the texts were not planted, or are not found where they are")
        commits, refs = _commits(base), _refs(base)
        subjects = [
            Subject(
                base=base,
                copy=top / f"{name}.git",
                commits=commits,
                refs=refs,
                depth=min(chosen.depth, len(commits)),
                texts=tuple(texts),
            )
            for name in ("secops", "stock")
        ]
        record = Record(f"Purge with about {chosen.depth:,} commits to change", programs, chosen)
        series = compare(_entrants(programs, subjects, texts), plan(chosen))
        record.show(series, _targets(chosen, series, subjects), _notes(subjects, texts))


def _options() -> argparse.Namespace:
    parser = options("Time the purge of five texts from a history.", rounds=3, timeout=1800)
    parser.add_argument("--depth", type=int, default=2000, help="commits that have to change [default: 2000]")
    parser.add_argument("--whole-limit", type=float, default=1 / 3, help="target: whole job, secops / stock")
    parser.add_argument("--rewrite-limit", type=float, default=1 / 8, help="target: rewrite alone")
    return parser.parse_args()


def _filter_repo(programs: Programs) -> str:
    return str(Path(programs.secops[0]).with_name("git-filter-repo"))


def _entrants(programs: Programs, subjects: list[Subject], texts: list[str]) -> list[Entrant]:
    ours, stock = subjects
    top = ours.base.parent
    values, rules = top / "values", top / "rules"
    values.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    values.chmod(0o600)
    rules.write_text("".join(f"literal:{text}\n" for text in texts), encoding="utf-8")
    unattended = ("--rotated", "--apply", "--yes", "--no-backup")
    filter_repo = _filter_repo(programs)
    return [
        Entrant(
            name="secops",
            command=(
                *(*programs.secops, "purge-history", "--secret-file", str(values), *unattended),
                *("--report", REPORT),
            ),
            directory=ours.copy,
            read=ours.secops,
            lacks=ours.lacks,
            prepare=ours.renew,
        ),
        Entrant(
            name="git-filter-repo",
            command=(filter_repo, "--replace-text", str(rules), "--replace-message", str(rules), "--force"),
            directory=stock.copy,
            read=stock.filter_repo,
            lacks=stock.lacks,
            prepare=stock.renew,
        ),
    ]


def _targets(chosen: argparse.Namespace, series: list[Series], subjects: list[Subject]) -> list[Target]:
    ours, stock = series
    rewrites = sorted(a / b for a, b in zip(*(one.rewrites for one in subjects), strict=True))
    memory = ours.tree / stock.tree if ours.tree and stock.tree else ours.largest / stock.largest
    proof = subjects[0].phases["proof"] / sum(subjects[0].phases.values())
    return [
        Target(
            text="whole job, secops / git-filter-repo", value=ratio(ours, stock), limit=chosen.whole_limit
        ),
        Target(
            text="rewrite, dirty objects known",
            value=rewrites[len(rewrites) // 2],
            limit=chosen.rewrite_limit,
        ),
        Target(text="proof / whole", value=proof, limit=0.1),
        Target(text="peak memory, secops / git-filter-repo", value=memory, limit=1.2),
    ]


def _notes(subjects: list[Subject], texts: list[str]) -> list[str]:
    phases = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in subjects[0].phases.items())
    size = f"{len(subjects[0].commits):,} commits, {len(subjects[0].refs):,} refs"
    rewrites = " and ".join(f"{sorted(one.rewrites)[len(one.rewrites) // 2]:.1f} s" for one in subjects)
    return [
        f"repository: {size}; {len(texts)} texts",
        f"secops' last run: {phases}",
        f"rewrite alone, median: {rewrites} (git-filter-repo: what it says to have spent on the new history)",
    ]


def _names(refs: Iterable[str]) -> set[str]:
    return {line.partition(" ")[2] for line in refs}


def _commits(repository: Path) -> frozenset[str]:
    return frozenset(git(repository, "rev-list", "--all").split("\n"))


def _refs(repository: Path) -> frozenset[str]:
    return frozenset(git(repository, "for-each-ref", "--format=%(objectname) %(refname)").split("\n"))


if __name__ == "__main__":
    main()
