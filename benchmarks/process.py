"""Runs one command to its end and says what it cost."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.memory import TreeSampler, forget_own_peak

_LONGEST: Final = 64_000_000  # characters read back of an output


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a run cost. CPU and `largest` cover all processes that were waited for.

    `largest` is the peak resident memory of the largest single process, `tree` the highest
    sum seen of the proportional memory (PSS) of all processes at once, both in MiB; `tree` is
    None where it was not sampled.
    """

    code: int
    wall: float
    cpu: float
    largest: float
    tree: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a run left behind, for reading off what it found and whether it finished."""

    stdout: str = ""
    stderr: str = ""
    report: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Streams:
    """The files that a command reads from and writes to; no pipe can slow it down."""

    stdin: Path
    stdout: Path
    stderr: Path


def text(path: Path) -> str:
    """What stands in an output, as far as anybody wants to know; empty where it is not there."""
    if not path.is_file():
        return ""
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(_LONGEST)


def execute(
    command: Sequence[str],
    *,
    directory: Path,
    env: Mapping[str, str],
    streams: Streams,
    timeout: float,
    sample: bool,
) -> Usage:
    """Run `command` in a process group of its own, which is killed after `timeout` seconds.

    Raises TimeoutError then. `sample`: watch the memory of the tree, at the price of some time.
    """
    with (
        streams.stdin.open("rb") as stdin,
        streams.stdout.open("wb") as out,
        streams.stderr.open("wb") as err,
    ):
        forget_own_peak()
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=directory, env=env, stdin=stdin, stdout=out, stderr=err, start_new_session=True
        )
        expired = threading.Event()
        timer = threading.Timer(timeout, _kill_group, (process.pid, expired))
        timer.daemon = True
        timer.start()
        sampler = TreeSampler(process.pid) if sample else None
        try:
            _, status, cost = os.wait4(process.pid, 0)
            wall = time.perf_counter() - started
        except BaseException:
            _kill_group(process.pid, expired)
            raise
        finally:
            timer.cancel()
            tree = sampler.stop() if sampler else None
        process.returncode = os.waitstatus_to_exitcode(status)
    if expired.is_set():
        raise TimeoutError(f"{Path(command[0]).name} ran for more than {timeout:.0f} s")
    return Usage(
        code=process.returncode,
        wall=wall,
        cpu=cost.ru_utime + cost.ru_stime,
        largest=cost.ru_maxrss / (1024 * 1024 if os.uname().sysname == "Darwin" else 1024),
        tree=tree,
    )


def _kill_group(leader: int, expired: threading.Event) -> None:
    expired.set()
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return
