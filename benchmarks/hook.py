"""The pre-commit hook: eleven modified files are staged, and a leaked .env, which each program has to find.

python -m benchmarks.hook --repo CLONE [--clean]

With --clean no .env is staged while time is taken, as at most commits; before, each program has found all.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks import canaries, readings
from benchmarks.completeness import (
    BETTERLEAKS,
    DETECT_SECRETS_HOOK,
    GITLEAKS,
    KINGFISHER,
    SECOPS,
    Terms,
    finding,
)
from benchmarks.fixtures import token
from benchmarks.measure import Entrant, Plan, Reading, compare, ratio
from benchmarks.peers import WORK, Programs, prepare, tool_environment
from benchmarks.record import Record, Target, options, plan
from benchmarks.repositories import copy_of, git

if TYPE_CHECKING:
    from benchmarks.process import Output

_MODIFIED = 11
LEAK = ".env"
# How each ends that has looked through everything and found the leak.
FOUND: Final[Mapping[str, Terms]] = {
    "secops": finding(SECOPS),
    "betterleaks": finding(BETTERLEAKS),
    "gitleaks": finding(GITLEAKS),
    "kingfisher": finding(KINGFISHER),
    "detect-secrets-hook": finding(DETECT_SECRETS_HOOK),
}


def main() -> None:
    parser = options("Time the pre-commit hook on staged files.", rounds=15, timeout=60, sampled=5)
    parser.add_argument("--clean", action="store_true", help="nothing is leaked: each lets the commit pass")
    chosen = parser.parse_args()
    programs = prepare()
    with copy_of(chosen.repo, mirror=False) as clone:
        staged = stage(clone)
        what = "staged, nothing leaked" if chosen.clean else "and a leaked .env staged"
        record = Record(f"Hook: {_MODIFIED} modified files {what}", programs, chosen)
        _require_whole_look(programs, clone, staged, chosen)
        entrants = _entrants(programs, clone, staged)
        if chosen.clean:
            git(clone, "rm", "-q", "-f", "--", LEAK)
            entrants = _entrants(programs, clone, [name for name in staged if name != LEAK])
            entrants = [replace(one, terms=passed(one.terms), lacks=leak_named) for one in entrants]
        series = compare([one for one in entrants if one.name not in chosen.without], plan(chosen))
    first = series[0]
    targets = [
        Target(text="wall, secops / betterleaks", value=ratio(first, one), limit=0.65)
        for one in series
        if one.entrant.name == "betterleaks"
    ]
    targets.append(Target(text="MiB, largest process of secops", value=first.largest, limit=60))
    if first.tree is not None:
        targets.append(Target(text="MiB, whole tree of secops", value=first.tree, limit=60))
    record.show(series, targets, ["findings: lines of output that name the leaked file"])


def stage(clone: Path) -> list[str]:
    """Change files spread over the tree, add the leak, stage all; their names."""
    sources = git(
        clone, "ls-files", "--", "*.py", "*.c", "*.js", "*.go", "*.rs", "*.java", "*.ts"
    ).splitlines()
    sources = [name for name in sources if not (clone / name).is_symlink()]
    if len(sources) < _MODIFIED:
        sys.exit(f"error: the repository has fewer than {_MODIFIED} source files")
    changed = [sources[number * len(sources) // _MODIFIED] for number in range(_MODIFIED)]
    for name in changed:
        with (clone / name).open("a", encoding="utf-8") as file:
            file.write("\n# a line added by the benchmark\nretries = 3\n")
    (clone / LEAK).write_text(f"DEBUG=1\nPORT=8000\nGITHUB_TOKEN={token()}\n", encoding="utf-8")
    git(clone, "add", "-f", "--", *changed, LEAK)
    return [*changed, LEAK]


def _require_whole_look(
    programs: Programs, clone: Path, staged: list[str], chosen: argparse.Namespace
) -> None:
    """Exit unless each program finds, untimed, what is staged before the other files, after them and deep."""
    planted = canaries.in_files(clone)
    names = [seed.traces[1] for seed in planted]
    git(clone, "add", "-f", "--", *names)
    look = Plan(warmups=1, rounds=0, sampled=0, timeout=chosen.timeout)
    entrants = [
        replace(one, lacks=lambda output, _: canaries.missed(planted, output.stdout + output.stderr))
        for one in _entrants(programs, clone, [*staged, *names])
        if one.name not in chosen.without
    ]
    compare(entrants, look)
    git(clone, "rm", "-q", "-f", "--", *names)


def _entrants(programs: Programs, clone: Path, staged: list[str]) -> list[Entrant]:
    """As each project's own hook definition calls it, without network."""
    commands = {
        "secops": (*programs.secops, *_secops_hook(programs)),
        "betterleaks": (programs.betterleaks, "git", "--staged", "--redact", "--no-banner"),
        "gitleaks": (
            programs.gitleaks,
            "git",
            "--pre-commit",
            "--staged",
            "--redact",
            "--verbose",
            "--no-banner",
        ),
        "kingfisher": (
            programs.kingfisher,
            "scan",
            ".",
            "--staged",
            "--quiet",
            "--no-validate",
            "--no-update-check",
        ),
        "detect-secrets-hook": (programs.detect_secrets_hook, *staged),
    }
    return [
        Entrant(
            name=name,
            command=command,
            directory=clone,
            read=readings.named(LEAK),
            terms=FOUND[name],
            lacks=leak_unnamed,
        )
        for name, command in commands.items()
    ]


def leak_unnamed(_: Output, reading: Reading) -> str:
    """What a hook has not done that does not name the leaked file; empty where it does."""
    return "" if reading.findings else f"it has not found what is in {LEAK}"


def leak_named(_: Output, reading: Reading) -> str:
    """What a hook has done amiss that tells of a leak where there is none; empty where it does not."""
    return f"it tells of {LEAK}, which is not there" if reading.findings else ""


def passed(terms: Terms) -> Terms:
    """How a hook ends that lets a commit pass."""
    return replace(terms, codes=frozenset((0,)))


def _secops_hook(programs: Programs) -> tuple[str, ...]:
    asked = (*programs.secops, "hook", "run", "--help")
    there = subprocess.run(
        asked, env=tool_environment(WORK / "home"), capture_output=True, check=False, timeout=60
    )
    return ("hook", "run") if there.returncode == 0 else ("scan", "--staged", "-f", "plain")


if __name__ == "__main__":
    main()
