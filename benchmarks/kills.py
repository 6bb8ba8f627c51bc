"""Workers and coordinators of a fleet killed at random moments: a check, not a timing (Linux only).

Whatever is killed, in the end each repository must have one result, and the secrets must be those of a run
that nobody has disturbed. Each repository has a secret of its own, so that the loss of none goes unnoticed.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.fleets import require_scan, scanning
from benchmarks.memory import tree

if TYPE_CHECKING:
    from benchmarks.fleets import LocalFleet

_CELL: Final = "secopskit.fleet.worker.cell"
_A_RUN: Final = 4  # workers killed in each run
_TRIES: Final = 4  # runs of the same command until all have a result
_POLL: Final = 0.005
_PATIENCE: Final = 10.0
# These differ from run to run: fingerprints with the fleet's key, and when something was first seen.
_OF_A_RUN: Final = ("id", "fingerprint", "new", "first_seen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kills:
    """How often to kill what."""

    workers: int
    coordinators: int


@dataclass(slots=True)
class Tally:
    """What was done and what came of it. Of `wrong`, nothing may be there."""

    done: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)

    def lines(self, title: str) -> Iterator[str]:
        """The counts, for people."""
        for what, counts in (("done", self.done), ("told", self.told), ("WRONG", self.wrong)):
            for name, number in sorted(counts.items()):
                yield f"{title}: {what}: {number} {name}"
        if not self.wrong:
            yield f"{title}: nothing lost, nothing twice, the same secrets"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Undisturbed:
    """What a run says that nobody disturbs, and how many seconds it takes."""

    secrets: Counter[str]
    seconds: float


def killed(fleet: LocalFleet, kills: Kills, timeout: float) -> bool:
    """Kill, go on, and compare; print the counts. Whether nothing was lost."""
    trial = _Trial(fleet, timeout)
    print(f"\nKilled: {len(fleet.repositories)} repositories", end="")
    print(f", {trial.truth.secrets.total()} secrets, {trial.truth.seconds:.1f} s undisturbed\n")
    tallies = {
        "workers": trial.workers(kills.workers),
        "coordinators": trial.coordinators(kills.coordinators),
    }
    for title, tally in tallies.items():
        for line in tally.lines(title):
            print(f"  {line}")
    return not any(tally.wrong for tally in tallies.values())


class _Trial:
    def __init__(self, fleet: LocalFleet, timeout: float) -> None:
        self._fleet = fleet
        self._timeout = timeout
        self._drawn = random.SystemRandom()
        self.truth = self._undisturbed()

    def workers(self, number: int) -> Tally:
        """Kill so many workers, some in each run."""
        tally = Tally()
        while tally.done["processes killed"] < number:
            self._fleet.forget()
            left = min(_A_RUN, number - tally.done["processes killed"])
            moments = sorted(self._drawn.uniform(0, self.truth.seconds) for _ in range(left))
            with self._running(tally) as running:
                started = time.monotonic()
                for moment in moments:
                    time.sleep(max(0.0, started + moment - time.monotonic()))
                    tally.done.update(self._kill_a_worker(running))
                self._ended(running)
            self._judge(tally)
        return tally

    def coordinators(self, number: int) -> Tally:
        """Kill the coordinator so many times; the same command goes on."""
        tally = Tally()
        killed = 0
        while killed < number:
            self._fleet.forget()
            ended = False
            while not ended:
                with self._running(tally) as running:
                    if killed < number:
                        with contextlib.suppress(subprocess.TimeoutExpired):
                            running.wait(self._drawn.uniform(0, self.truth.seconds))
                    ended = running.poll() is not None or killed == number
                    if ended:
                        self._ended(running)
                    else:
                        killed += 1
                        tally.done["coordinators killed"] += 1
                        _kill_coordinator(running, tally)
            self._judge(tally)
        return tally

    def _undisturbed(self) -> _Undisturbed:
        self._fleet.forget()
        with self._running(Tally()) as running:
            started = time.monotonic()
            self._ended(running)
            seconds = time.monotonic() - started
        told = self._fleet.report()
        if told["states"] != {"scanned": len(self._fleet.repositories)}:
            sys.exit(f"error: an undisturbed run did not scan everything: {told['states']}")
        return _Undisturbed(secrets=_secrets(told), seconds=seconds)

    @contextmanager
    def _running(self, tally: Tally) -> Iterator[subprocess.Popen[bytes]]:
        """The scan, which ends with the block; what it has started ends with it."""
        tally.done["runs"] += 1
        with scanning(self._fleet.scan("-j", "2"), self._fleet.place) as started:
            yield started

    def _ended(self, running: subprocess.Popen[bytes]) -> None:
        """Wait for the end. Exits where it is none that a scan comes to."""
        require_scan(running.wait(self._timeout))

    def _kill_a_worker(self, running: subprocess.Popen[bytes]) -> list[str]:
        """Kill a worker, its copy at work or what that has started: which. Nothing if the run is over."""
        while running.poll() is None:
            workers = _workers(running.pid)
            if workers:
                pid = self._drawn.choice(sorted(workers))
                parent = _parent(pid)
                if _killed_for_sure(pid, workers[pid]):
                    return ["processes killed", f"of these, {_kind(workers[pid], parent, running.pid)}"]
            time.sleep(_POLL)
        return []

    def _judge(self, tally: Tally) -> None:
        """Run the same command until all have a result, and compare that with the truth."""
        told = self._fleet.report()
        tally.told.update(_unseen(told))
        for _ in range(_TRIES):
            if told["complete"]:
                break
            with self._running(tally) as running:
                self._ended(running)
            tally.done["runs that made up for it"] += 1
            told = self._fleet.report()
        tally.wrong.update(_differences(told, self.truth.secrets, self._fleet.repositories))
        print(f"  {dict(tally.done)} {dict(tally.told)} {dict(tally.wrong)}", file=sys.stderr)


def _differences(told: dict[str, Any], truth: Counter[str], repositories: Sequence[Path]) -> Counter[str]:
    """What is wrong with a report, counted."""
    names = Counter(one["name"] for one in told["repositories"])
    seen = {one["name"] for one in told["repositories"] if one["state"] in ("scanned", "unchanged")}
    expected = {str(one) for one in repositories}
    secrets = _secrets(told)
    places = [
        Counter(json.dumps(place, sort_keys=True) for place in secret["places"]) for secret in told["secrets"]
    ]
    wrong = {
        "repositories lost": len(expected - seen),
        "repositories from nowhere": len(names.keys() - expected),
        "repositories told twice": (names - Counter(set(names))).total(),
        "secrets lost or changed": (truth - secrets).total(),
        "secrets too many or changed": (secrets - truth).total(),
        "places told twice": sum((one - Counter(set(one))).total() for one in places),
        "reports that are not complete": int(not told["complete"]),
    }
    return Counter({name: number for name, number in wrong.items() if number})


def _secrets(told: dict[str, Any]) -> Counter[str]:
    """The secrets with all their places, without what is another in each fleet."""
    return Counter(
        json.dumps({name: value for name, value in one.items() if name not in _OF_A_RUN}, sort_keys=True)
        for one in told["secrets"]
    )


def _unseen(told: dict[str, Any]) -> Counter[str]:
    """What a run itself says that it could not look into."""
    return Counter(
        f"repositories {one['state']}: {one['reason']}"
        for one in told["repositories"]
        if one["state"] not in ("scanned", "unchanged")
    )


def _workers(root: int) -> dict[int, str]:
    """The cells below a process with all that they have started, and the command line of each."""
    cells = [pid for pid in tree(root) if pid != root and _CELL in _words(pid)]
    alive = {pid: _words(pid) for cell in cells for pid in tree(cell)}
    return {pid: words for pid, words in alive.items() if words}


def _kind(words: str, parent: int, root: int) -> str:
    """What a worker is; a copy has the command line of the cell that it is a copy of."""
    if _CELL not in words:
        return "programs that workers started"
    return "cells" if parent == root else "copies of cells, at work"


def _parent(pid: int) -> int:
    """Who has started it; 0 where it has ended."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _words(pid: int) -> str:
    """Its command line; empty where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _killed_for_sure(pid: int, words: str) -> bool:
    """Kill a process unless it has ended meanwhile; whoever has its number by then is spared."""
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        if _words(pid) != words:
            return False
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def _kill_coordinator(running: subprocess.Popen[bytes], tally: Tally) -> None:
    """Kill it, and wait until its workers have followed."""
    left = _workers(running.pid)
    running.kill()
    running.wait()
    tally.done["workers at that time"] += len(left)
    until = time.monotonic() + _PATIENCE
    while left and time.monotonic() < until:
        left = {pid: words for pid, words in left.items() if _words(pid) == words}
        time.sleep(_POLL)
    if left:
        tally.wrong["workers that outlived their coordinator"] += len(left)
