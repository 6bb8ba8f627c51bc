"""`secops fleet` on repositories of this machine: its commands, its report, and how it forgets."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.measure import NOWHERE, OUTPUTS
from benchmarks.peers import WORK, secops_with, tool_environment
from benchmarks.repositories import forget_scans

_COMPLAINTS: Final = OUTPUTS / "stderr"


def fleet_program() -> tuple[str, ...]:
    """secops with what a fleet may need: hosts, and Dask."""
    return (str(secops_with("fleet") / "bin" / "python"), "-I", "-m", "secopskit")


@contextmanager
def scanning(command: Sequence[str], place: Path, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """A scan in `place` beside us, which ends with the block, and what it has started with it."""
    OUTPUTS.mkdir(parents=True, exist_ok=True)
    with NOWHERE.open("rb") as nothing, _COMPLAINTS.open("wb") as said:
        started = subprocess.Popen(
            command,
            cwd=place,
            env={**tool_environment(WORK / "home"), **variables},
            stdin=nothing,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def complaints() -> str:
    """The end of what the last scan has said on standard error."""
    return _COMPLAINTS.read_text(encoding="utf-8", errors="replace")[-800:]


def require_scan(code: int) -> None:
    """Exit where `code` is none that a scan comes to."""
    if code not in (0, 1, 3):
        sys.exit(f"error: secops failed with exit code {code}: {complaints()}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFleet:
    """A fleet of bare repositories that lie side by side; its own directory is among them."""

    program: tuple[str, ...]
    repositories: Sequence[Path]

    @property
    def place(self) -> Path:
        """Where the repositories are."""
        return self.repositories[0].parent

    def scan(self, *options: str) -> tuple[str, ...]:
        """The command that scans them."""
        return (*self._fleet("scan"), "--path", str(self.place / "*.git"), *options)

    def forget(self) -> None:
        """Remove all that secops knows of them; what it has compiled stays."""
        shutil.rmtree(self.place / "fleet", ignore_errors=True)
        for one in self.repositories:
            forget_scans(one)

    def report(self) -> dict[str, Any]:
        """What the last run says as JSON. Exits where it says nothing."""
        run = subprocess.run(
            (*self._fleet("report"), "--format", "json"),
            capture_output=True,
            check=False,
            env=tool_environment(WORK / "home"),
            timeout=600,
        )
        if run.returncode:
            sys.exit(f"error: no report of the fleet: {run.stderr.decode(errors='replace')}")
        told: dict[str, Any] = json.loads(run.stdout)
        return told

    def _fleet(self, name: str) -> tuple[str, ...]:
        return (*self.program, "fleet", name, "--fleet", str(self.place / "fleet"))
