"""Spans where OpenTelemetry is installed; nothing, and no complaint, where it is not."""

from __future__ import annotations

import sys

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from secopskit.migrate.apply.progress import Failure
from secopskit.migrate.apply.telemetry import Trace
from secopskit.migrate.model import Directives, Migration, MigrationStep, Script, Statement

SQL = "SELECT 'something private'"


def step(version: str) -> MigrationStep:
    statement = Statement(text=SQL, line=1, start=0, end=len(SQL))
    script = Script(
        path=f"{version}_x.sql", text=SQL, checksum="", directives=Directives(), statements=(statement,)
    )
    return MigrationStep(migration=Migration(version=version, name="x", up=script))


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    return exporter


def run(failure: Failure | None = None) -> None:
    spans = Trace("run-1")
    spans.start(step("1"))
    spans.start(step("2"))
    spans.done(step("1"))
    spans.retry(step("2"), "55P03")
    spans.start(step("2"))
    if failure is None:
        spans.done(step("2"))
    spans.end(failure)


def test_a_span_for_each_file(exporter: InMemorySpanExporter) -> None:
    run()
    spans = {span.name: span for span in exporter.get_finished_spans()}
    assert list(spans) == ["migrate up 1", "migrate up 2", "migrate"]
    whole, second = spans["migrate"], spans["migrate up 2"]
    assert second.parent
    assert whole.context
    assert second.parent.span_id == whole.context.span_id
    assert [event.name for event in second.events] == ["retry"]
    assert (second.attributes or {})["secops.migration.version"] == "2"
    assert {span.status.status_code.name for span in spans.values()} == {"UNSET"}
    assert "private" not in "".join(span.to_json() for span in spans.values())


def test_a_failure_marks_what_was_open(exporter: InMemorySpanExporter) -> None:
    run(Failure(version="2", path="", line=1, sqlstate="23505", message="private", advice=""))
    status = {span.name: span.status.status_code.name for span in exporter.get_finished_spans()}
    assert status == {"migrate up 1": "UNSET", "migrate up 2": "ERROR", "migrate": "ERROR"}
    assert "private" not in "".join(span.to_json() for span in exporter.get_finished_spans())


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", None)
    run()
