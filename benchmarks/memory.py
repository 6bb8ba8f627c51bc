"""The memory of a whole tree of processes, sampled from /proc while it runs (Linux only).

The sum of PSS counts a page that several processes share once, so forked workers are neither
counted twice nor left out. Reading it costs the process observed some time: memory is sampled
in runs that are not timed.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

_SHORTEST_PAUSE: Final = 0.002
_SHARE: Final = 8  # pause at least so many times as long as a sample took


class TreeSampler:
    """Samples from its creation until `stop`."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._peak: float | None = None
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float | None:
        """The highest sum seen, in MiB; None if the system does not tell."""
        self._done.set()
        self._thread.join()
        return self._peak

    def _watch(self) -> None:
        pause = _SHORTEST_PAUSE
        while not self._done.wait(pause):
            started = time.perf_counter()
            total = sum(_pss(process) for process in tree(self._root)) / 1024
            if total:
                self._peak = max(self._peak or 0.0, total)
            pause = max(_SHORTEST_PAUSE, _SHARE * (time.perf_counter() - started))


def forget_own_peak() -> None:
    """Lower our own recorded peak to what we hold now: the kernel starts a child's record with it."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def tree(root: int) -> list[int]:
    """A process and all that it has started, as far as they live or nobody has waited for them."""
    found = [root]
    for process in found:  # grows while it is walked
        for thread in _threads(process):
            found.extend(int(child) for child in _read(thread / "children").split())
    return found


def _threads(process: int) -> list[Path]:
    try:
        return list(Path(f"/proc/{process}/task").iterdir())
    except OSError:  # the process has ended meanwhile
        return []


def _pss(process: int) -> int:
    for line in _read(Path(f"/proc/{process}/smaps_rollup")).splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:  # the process has ended meanwhile
        return ""
