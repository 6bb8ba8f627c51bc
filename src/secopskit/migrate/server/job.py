"""A job: what was asked for, how far it is, what came of it."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final
from uuid import uuid4

from secopskit.migrate.apply import progress
from secopskit.migrate.server.api.problems import ProblemDocument
from secopskit.migrate.tell.render import moment

_MOST_EVENTS: Final = 200


class JobKind(Enum):
    """What a job does."""

    DRY_RUN = "dry-run"
    APPLY = "apply"


class JobState(Enum):
    """How far a job is."""

    CHECKING = "checking"  # whether it may be done at all
    COUNTDOWN = "countdown"  # a last moment to cancel it
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED: Final = (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequest:
    """What a client asked for: `key` is the client's name for it, `body` all that it consists of."""

    kind: JobKind
    body: tuple[object, ...]
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """How the work went; `data` is part of the job's document."""

    ok: bool
    data: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Job:
    """A job, changed under its `lock` only. `by` is the mark of the token that asked for it."""

    request: JobRequest
    by: str
    id: str = field(default_factory=lambda: uuid4().hex)
    state: JobState = JobState.CHECKING
    plan: str = ""
    total: int = 0
    done: int = 0
    current: str | None = None
    waiting: str | None = None
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    started_at: datetime | None = None
    ended_at: datetime | None = None
    events: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_MOST_EVENTS))
    result: dict[str, Any] | None = None
    error: ProblemDocument | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    cancelled: threading.Event = field(default_factory=threading.Event)

    def tell(self, event: progress.RunEvent) -> None:
        """Take note of an event of the run."""
        with self.lock:
            self.waiting = None
            match event:
                case progress.StepStarted(step=step):
                    self.current = step.migration.version
                    self._note("started", self.current)
                case progress.StatementDone(step=step):
                    self._note("statement", step.migration.version, f"{event.done} of {event.total}")
                case progress.StepDone(step=step):
                    self.done += 1
                    self.current = None
                    self._note("done", step.migration.version, f"{event.duration_ms} ms")
                case progress.Waiting():
                    self.waiting = f"{event.reason} ({event.seconds:.1f} s)"
                    self._note("waiting", self.current, self.waiting)
                case progress.ServerSaid(step=step):
                    self._note("server", step.migration.version, event.text)
                case progress.Noted():
                    self._note("note", self.current, event.message)

    def data(self) -> dict[str, Any]:
        """The job's document."""
        with self.lock:
            return {
                "id": self.id,
                "kind": self.request.kind.value,
                "state": self.state.value,
                "plan": self.plan or None,
                "by": self.by,
                "created_at": moment(self.created_at),
                "started_at": self.started_at and moment(self.started_at),
                "ended_at": self.ended_at and moment(self.ended_at),
                "total": self.total,
                "done": self.done,
                "current": self.current,
                "waiting": self.waiting,
                "events": list(self.events),
                "result": self.result,
                "error": self.error and self.error.data(),
            }

    def __str__(self) -> str:
        at = f", at version {self.current}" if self.current else ""
        return (
            f"{self.request.kind.value} {self.id} ({self.state.value}, {self.done} of {self.total} done{at})"
        )

    def _note(self, what: str, version: str | None, message: str = "") -> None:
        now = moment(datetime.now(UTC))
        self.events.append({"at": now, "what": what, "version": version, "message": message})
