"""OpenTelemetry spans of a run, where the library is installed; nothing at all where it is not.

Attributes name versions, files and counts; never SQL, and never where the database is.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from secopskit.migrate.apply.progress import Failure
from secopskit.migrate.model import MigrationStep

_NAME: Final = "secops.migrate"


class Trace:
    """The span of a run with a child for each file. Every method does nothing without OpenTelemetry."""

    def __init__(self, run_id: str) -> None:
        # Any: the library is optional, so its types are not there for the checker either.
        self._api: Any = None
        self._run: Any = None
        self._steps: dict[str, Any] = {}
        try:
            self._api = import_module("opentelemetry.trace")
        except ImportError:
            return
        tracer = self._api.get_tracer(_NAME)
        self._run = tracer.start_span(
            "migrate", attributes={"db.system.name": "postgresql", "secops.run_id": run_id}
        )

    def start(self, step: MigrationStep) -> None:
        """A file is being sent, perhaps not for the first time."""
        version = step.migration.version
        if self._run is None or version in self._steps:
            return
        self._steps[version] = self._api.get_tracer(_NAME).start_span(
            f"migrate {step.direction.value} {version}",
            context=self._api.set_span_in_context(self._run),
            attributes={
                "db.system.name": "postgresql",
                "secops.migration.version": version,
                "secops.migration.name": step.migration.name,
                "secops.migration.direction": step.direction.value,
                "secops.migration.statements": len(step.script.statements),
            },
        )

    def retry(self, step: MigrationStep, sqlstate: str) -> None:
        """The file is to be sent again."""
        if span := self._steps.get(step.migration.version):
            span.add_event("retry", {"db.response.status_code": sqlstate})

    def done(self, step: MigrationStep) -> None:
        """The file is applied, and confirmed."""
        if span := self._steps.pop(step.migration.version, None):
            span.end()

    def end(self, failure: Failure | None) -> None:
        """The run is over; what is still open has failed or was never reached."""
        for span in (*self._steps.values(), self._run):
            if span is None:
                continue
            if failure is not None:
                span.set_attribute("error.type", failure.sqlstate or "error")
                span.set_status(self._api.Status(self._api.StatusCode.ERROR))
            span.end()
        self._steps.clear()
