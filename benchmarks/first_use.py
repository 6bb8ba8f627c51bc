"""What the very first run costs on top of later ones: the rules are compiled and kept.

A secret is planted in the one file that is scanned, and has to be found.

python -m benchmarks.first_use
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from benchmarks.completeness import BETTERLEAKS, GITLEAKS, KINGFISHER, SECOPS, Terms, finding, require
from benchmarks.fixtures import token
from benchmarks.peers import WORK, Programs, prepare, tool_environment
from benchmarks.process import Output, Streams, execute, text


def main() -> None:
    print("\n".join(first_use(prepare())))


def first_use(programs: Programs) -> list[str]:
    """A line for each program: one small file scanned in a new home, and again."""
    place = WORK / "one-file"
    place.mkdir(parents=True, exist_ok=True)
    (place / "settings.py").write_text(f'DEBUG = True\ntoken = "{token()}"\n', encoding="utf-8")
    kingfisher = (programs.kingfisher, "scan", str(place), "--no-validate", "--no-update-check")
    commands = {
        "secops": ((*programs.secops, "scan", str(place)), SECOPS),
        "kingfisher": (kingfisher, KINGFISHER),
        "betterleaks": ((programs.betterleaks, "fs", str(place)), BETTERLEAKS),
        "gitleaks": ((programs.gitleaks, "dir", str(place)), GITLEAKS),
    }
    return [_line(name, command, finding(terms)) for name, (command, terms) in commands.items()]


def _line(name: str, command: tuple[str, ...], terms: Terms) -> str:
    home = WORK / "new-home"
    shutil.rmtree(home, ignore_errors=True)
    first, second = (_wall(name, command, terms) for _ in range(2))
    shutil.rmtree(home, ignore_errors=True)
    times = f"{first:.2f} s, then {second:.2f} s: {first - second:.2f} s once"
    return f"first use of {name}, one small file: {times}"


def _wall(name: str, command: tuple[str, ...], terms: Terms) -> float:
    outputs = WORK / "output"
    outputs.mkdir(parents=True, exist_ok=True)
    streams = Streams(stdin=Path(os.devnull), stdout=outputs / "stdout", stderr=outputs / "stderr")
    env = tool_environment(WORK / "new-home")
    usage = execute(command, directory=WORK / "one-file", env=env, streams=streams, timeout=120, sample=False)
    require(name, terms, usage.code, Output(stdout=text(streams.stdout), stderr=text(streams.stderr)))
    return usage.wall


if __name__ == "__main__":
    main()
