"""A repository harms only its own scan: a process of its own, bounded in time, memory and disk.

Where the system can fork, a process that has everything loaded makes a copy of itself for each unit. What it
leaves behind in memory goes with it.
"""

from __future__ import annotations

import os
import selectors
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from secopskit.errors import SecopsError
from secopskit.fleet.model import MEBIBYTE, Outcome, OutcomeKind, UnitLimits, pack_outcome, unpack_outcome
from secopskit.git.child import ENDED_BY_SIGNAL, signal_when_closed
from secopskit.git.process import GitKilledError
from secopskit.named_tuple import NamedTuple

CAN_FORK: Final = hasattr(os, "fork") and sys.platform != "darwin"
_LOOK: Final = 0.5  # seconds between two looks at what it uses
_PIECE: Final = 1 << 16


class Bounds(NamedTuple):
    """What ends a unit early. `disk` tells the bytes that it takes, `gone` whether nobody waits for it."""

    limits: UnitLimits
    disk: Callable[[], int]
    gone: Callable[[], bool]


def isolated(number: int, work: Callable[[], Outcome], bounds: Bounds) -> Outcome:
    """What `work` says, done in a copy of this process that ends with it. Never raises what it raised."""
    started = time.monotonic()
    answers, answer = os.pipe()
    lifeline, ours = os.pipe()
    child = os.fork()
    if child == 0:
        for descriptor in (answers, ours):
            os.close(descriptor)
        _work_and_end(number, work, bounds.limits, answer, lifeline)
    for descriptor in (answer, lifeline):
        os.close(descriptor)
    try:
        ended, told = _heard(child, answers, bounds, started)
    finally:
        os.close(answers)
        os.close(ours)
    outcome = ended or _told(number, told)
    return outcome._replace(number=number, seconds=time.monotonic() - started)


def guarded(number: int, work: Callable[[], Outcome]) -> Outcome:
    """What `work` says; what it raises as a failure."""
    try:
        return work()
    except GitKilledError as error:
        return Outcome(number, OutcomeKind.KILLED, str(error), error.advice)
    except SecopsError as error:
        return Outcome(number, OutcomeKind.FAILED, str(error), error.advice)
    except MemoryError:
        return Outcome(
            number, OutcomeKind.FAILED, "it needs more memory than it may have", "Allow more: --memory."
        )
    except OSError as error:
        return Outcome(number, OutcomeKind.FAILED, f"{error.strerror or type(error).__name__}")
    except Exception as error:  # noqa: BLE001 - one repository must not end the others
        kind = type(error).__name__
        return Outcome(
            number, OutcomeKind.FAILED, f"a bug in secops: {kind}", "`secops scan --history -vv` says more."
        )


def _work_and_end(
    number: int, work: Callable[[], Outcome], limits: UnitLimits, answer: int, lifeline: int
) -> None:
    """The life of the copy: it ends with whoever made it, and never goes back."""
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if ENDED_BY_SIGNAL:
            signal_when_closed(lifeline, os.getpid(), signal.SIGKILL)
        _bound_memory(limits.memory)
        line = pack_outcome(guarded(number, work)).encode()
        with os.fdopen(answer, "wb") as pipe:
            pipe.write(line)
    finally:
        os._exit(0)


def _bound_memory(size: int) -> None:
    import resource

    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def _heard(child: int, answers: int, bounds: Bounds, started: float) -> tuple[Outcome | None, bytes]:
    """What the copy has said until its end; or why it was ended."""
    told = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(answers, selectors.EVENT_READ)
        while True:
            if selector.select(_LOOK):
                if piece := os.read(answers, _PIECE):
                    told += piece
                    continue
                os.waitpid(child, 0)
                return _too_large(bounds), bytes(told)  # between two looks, a clone may have become so
            if ended := _over(bounds, started):
                _kill(child)
                return ended, b""


def _over(bounds: Bounds, started: float) -> Outcome | None:
    limits = bounds.limits
    if bounds.gone():
        return Outcome(0, OutcomeKind.KILLED, "nobody waits for it any more")
    if time.monotonic() - started > limits.seconds:
        reason = f"it took longer than {limits.seconds:,} s"
        return Outcome(0, OutcomeKind.FAILED, reason, "Allow more: --timeout.")
    return _too_large(bounds)


def _too_large(bounds: Bounds) -> Outcome | None:
    limit = bounds.limits.disk
    if not limit or bounds.disk() <= limit:
        return None
    reason = f"its clone is larger than {limit // MEBIBYTE:,} MiB"
    return Outcome(0, OutcomeKind.FAILED, reason, "Allow more: --disk.")


def _kill(child: int) -> None:
    """End the copy; what it has started ends with it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child, number)
    os.waitpid(child, 0)


def _told(number: int, told: bytes) -> Outcome:
    try:
        return unpack_outcome(told)
    except (ValueError, TypeError):
        return Outcome(number, OutcomeKind.KILLED, "the process that scanned it was killed, or crashed")
