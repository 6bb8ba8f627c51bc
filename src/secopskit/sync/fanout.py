"""The fan-out of a sync: repositories are worked on at the same time, the sinks of each one after another.

Hosts ask for requests one by one; a few repositories at a time is what they put up with. Pace and
waiting are the client's affair, which all share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Event
from typing import Final, TypeVar

from secopskit.web.pause import BrokenOffError, stopped_by

WORKERS: Final = 4
_Job = TypeVar("_Job")


def each_repository(
    groups: Mapping[str, Sequence[_Job]], work: Callable[[_Job], None], stopped: Event | None = None
) -> None:
    """Do the jobs, those of a group in their order, several groups at the same time.

    What `work` raises, and Ctrl-C, sets `stopped`: jobs that have not begun are left out, waits for a host
    are broken off, and long jobs may look at it. It is raised when the others have ended.
    """
    if len(groups) <= 1:
        for jobs in groups.values():
            for job in jobs:
                work(job)
        return
    from concurrent.futures import ThreadPoolExecutor

    halt = stopped or Event()
    with ThreadPoolExecutor(min(WORKERS, len(groups))) as pool:
        try:
            for done in [pool.submit(_in_order, jobs, work, halt) for jobs in groups.values()]:
                done.result()
        except BaseException:  # Ctrl-C reaches this thread alone
            halt.set()
            raise


def _in_order(jobs: Sequence[_Job], work: Callable[[_Job], None], halt: Event) -> None:
    try:
        with stopped_by(halt):
            for job in jobs:
                if halt.is_set():
                    return
                work(job)
    except BrokenOffError:  # whoever broke it off says why
        return
    except BaseException:
        halt.set()
        raise
