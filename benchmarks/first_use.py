"""What the very first run costs on top of later ones: the rules are compiled and kept.

python -m benchmarks.first_use
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from benchmarks.peers import WORK, Programs, prepare, tool_environment
from benchmarks.process import Streams, execute


def main() -> None:
    print("\n".join(first_use(prepare())))


def first_use(programs: Programs) -> list[str]:
    """A line for each program: one small file scanned in a new home, and again."""
    place = WORK / "one-file"
    place.mkdir(parents=True, exist_ok=True)
    (place / "settings.py").write_text("DEBUG = True\n", encoding="utf-8")
    commands = {
        "secops": (*programs.secops, "scan", str(place)),
        "kingfisher": (programs.kingfisher, "scan", str(place), "--no-validate", "--no-update-check"),
        "betterleaks": (programs.betterleaks, "fs", str(place)),
        "gitleaks": (programs.gitleaks, "dir", str(place)),
    }
    return [_line(name, command) for name, command in commands.items()]


def _line(name: str, command: tuple[str, ...]) -> str:
    home = WORK / "new-home"
    shutil.rmtree(home, ignore_errors=True)
    first, second = _wall(command), _wall(command)
    shutil.rmtree(home, ignore_errors=True)
    times = f"{first:.2f} s, then {second:.2f} s: {first - second:.2f} s once"
    return f"first use of {name}, one small file: {times}"


def _wall(command: tuple[str, ...]) -> float:
    outputs = WORK / "output"
    outputs.mkdir(parents=True, exist_ok=True)
    streams = Streams(stdin=Path(os.devnull), stdout=outputs / "stdout", stderr=outputs / "stderr")
    env = tool_environment(WORK / "new-home")
    return execute(
        command, directory=WORK / "one-file", env=env, streams=streams, timeout=120, sample=False
    ).wall


if __name__ == "__main__":
    main()
