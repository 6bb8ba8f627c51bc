"""Work that takes longer than a call: one job at a time, in a thread of its own, observed from outside.

What was done to the database is in its ledger and history; jobs are remembered only as long as the
server runs. A job that is under way is never broken off: only the pause before it can be.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from secopskit.errors import SecopsError
from secopskit.migrate.server.api.problems import BUG, ProblemDocument, problem, problem_of
from secopskit.migrate.server.job import ENDED, Job, JobRequest, JobResult, JobState
from secopskit.migrate.server.log import Log, places

_REMEMBERED: Final = 200

Work = Callable[[Job], JobResult]


class Jobs:
    """The jobs of this server: at most one is not ended."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._thread: threading.Thread | None = None
        self._closed = False

    def claim(self, request: JobRequest, by: str) -> tuple[Job, bool]:
        """A new job (and True), or the one that was made for the same request before (and False).

        Raises ProblemError if another job is under way, or the key was used for another request.
        """
        with self._lock:
            for job in self._jobs.values():
                if request.key and (job.request.key, job.request.kind) == (request.key, request.kind):
                    if job.request.body != request.body:
                        raise problem(
                            422,
                            "key-reused",
                            "this Idempotency-Key stood for another request",
                            "Use a new one.",
                        )
                    return job, False
            if self._closed:
                raise problem(503, "stopping", "the server is about to stop", retry_after="60")
            if busy := self._active():
                raise problem(
                    409,
                    "busy",
                    f"{busy} is under way",
                    f"Wait for it: GET /v1/jobs/{busy.id}",
                    retry_after="5",
                )
            job = Job(request=request, by=by)
            self._jobs[job.id] = job
            if len(self._jobs) > _REMEMBERED:
                self._jobs.popitem(last=False)
            return job, True

    def abandon(self, job: Job) -> None:
        """Forget a job that was refused before it began."""
        with self._lock:
            self._jobs.pop(job.id, None)

    def start(self, job: Job, work: Work, ended: Callable[[Job], None], *, countdown_s: float = 0) -> None:
        """Do the `work` after the countdown, in a thread of its own; then tell `ended`."""
        with job.lock:
            job.state = JobState.COUNTDOWN if countdown_s else JobState.RUNNING
            job.started_at = datetime.now(UTC)
        thread = threading.Thread(target=self._run, args=(job, work, ended, countdown_s), name="secops-job")
        with self._lock:
            self._thread = thread
            if self._closed:
                job.cancelled.set()
        thread.start()

    def cancel(self, job: Job) -> bool:
        """Cancel a job in its countdown; whether that could be done."""
        with job.lock:
            if job.state is not JobState.COUNTDOWN:
                return False
            job.state = JobState.CANCELLED
        job.cancelled.set()
        return True

    def get(self, name: str) -> Job | None:
        """The job of that id."""
        with self._lock:
            return self._jobs.get(name)

    def recent(self) -> list[Job]:
        """All that are remembered, the newest first."""
        with self._lock:
            return list(reversed(self._jobs.values()))

    def active(self) -> Job | None:
        """The job that is not ended, if there is one."""
        with self._lock:
            return self._active()

    def close(self) -> None:
        """Begin nothing more. A countdown is cancelled."""
        with self._lock:
            self._closed = True
            active = self._active()
        if active:
            self.cancel(active)

    def drain(self, every_s: float = 5) -> None:
        """Wait for the job that runs, and say so."""
        while self._thread is not None and self._thread.is_alive():
            if active := self.active():
                self._log(f"stopping: waiting for {active}; nothing is lost if this process is killed")
            self._thread.join(every_s)

    def _active(self) -> Job | None:
        return next((job for job in self._jobs.values() if job.state not in ENDED), None)

    def _run(self, job: Job, work: Work, ended: Callable[[Job], None], countdown_s: float) -> None:
        if job.cancelled.wait(countdown_s) or not self._begin(job):
            self._end(job, JobState.CANCELLED)
        else:
            self._work(job, work)
        ended(job)

    def _begin(self, job: Job) -> bool:
        with job.lock:
            if job.state is JobState.CANCELLED:
                return False
            job.state = JobState.RUNNING
            return True

    def _work(self, job: Job, work: Work) -> None:
        try:
            result = work(job)
            self._end(job, JobState.SUCCEEDED if result.ok else JobState.FAILED, result=result)
        except SecopsError as error:
            self._end(job, JobState.FAILED, error=problem_of(error))
        except Exception as error:  # noqa: BLE001 - the boundary of this thread: nobody else would tell
            self._log(f"bug in job {job.id}: {places(error)}")
            self._end(job, JobState.FAILED, error=BUG)

    @staticmethod
    def _end(
        job: Job, state: JobState, *, result: JobResult | None = None, error: ProblemDocument | None = None
    ) -> None:
        with job.lock:
            job.result = result.data if result else None
            job.error = error
            job.ended_at = datetime.now(UTC)
            job.current = job.waiting = None
            job.state = state
