"""What a result must name to mean anything: the machine, its load, the versions."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path


def load() -> str:
    """The load average now."""
    return " ".join(f"{value:.2f}" for value in os.getloadavg())


def describe(versions: Mapping[str, str]) -> list[str]:
    """Lines for the head of a record; `versions` of the programs by name."""
    named = "".join(f"{name} {version}, " for name, version in versions.items())
    system = f"{platform.system()} {platform.release()}"
    return [
        f"Date: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"Machine: {_processor()}, {os.cpu_count()} cores, {_memory()}, {system}",
        f"Versions: {named}Python {platform.python_version()}",
    ]


def _processor() -> str:
    return _field("/proc/cpuinfo", "model name") or platform.processor() or platform.machine()


def _memory() -> str:
    total = _field("/proc/meminfo", "MemTotal")
    return f"{int(total.split()[0]) / 1024**2:.1f} GiB" if total else "memory unknown"


def _field(path: str, name: str) -> str:
    try:
        lines = Path(path).read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
