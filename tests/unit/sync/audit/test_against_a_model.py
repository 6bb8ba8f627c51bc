"""The audit held against GitHub's rule in its shortest form: environment, repository, organisation."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from secopskit.sync.audit.model import AuditKind
from support.audits import audited

NAMES = ("ALPHA", "BRAVO", "CARGO")
ENVIRONMENTS = ("staging", "production")
LEVELS = ("repository", "organisation", *ENVIRONMENTS)

held = st.fixed_dictionaries({level: st.frozensets(st.sampled_from(NAMES)) for level in LEVELS})
jobs = st.lists(st.tuples(st.sampled_from(("", *ENVIRONMENTS)), st.sampled_from(NAMES)), max_size=5)


def workflow(uses: list[tuple[str, str]], context: str) -> str:
    lines = ["on: push", "jobs:", "  none: {}"]
    for number, (environment, name) in enumerate(uses):
        lines += [
            f"  j{number}:",
            f"    environment: '{environment}'",
            f"    env: {{A: '${{{{ {context}.{name} }}}}'}}",
        ]
    return "\n".join([*lines, ""])


def sees(levels: Mapping[str, frozenset[str]], environment: str, name: str) -> bool:
    return any(name in levels[level] for level in ("repository", "organisation", environment) if level)


@settings(max_examples=150, deadline=None)
@given(levels=held, uses=jobs, variables=st.booleans())
def test_what_is_missing_and_what_is_unused(
    levels: dict[str, frozenset[str]], uses: list[tuple[str, str]], variables: bool
) -> None:
    shelves = [f"{level}{' vars' if variables else ''}: {' '.join(names)}" for level, names in levels.items()]
    with tempfile.TemporaryDirectory() as root:
        text = workflow(uses, "vars" if variables else "secrets")
        report = audited(Path(root), {"a.yml": text}, *shelves)
    blamed = {
        place.line
        for finding in report.findings
        if finding.kind in (AuditKind.MISSING, AuditKind.MISPLACED)
        for place in finding.places
    }
    lines = {3 * number + 6: use for number, use in enumerate(uses)}
    assert blamed == {line for line, use in lines.items() if not sees(levels, *use)}
    unused = {
        (str(level), finding.subject.partition(".")[2])
        for finding in report.findings
        if finding.kind is AuditKind.UNUSED
        for level in finding.levels
    }
    read = {("repository", name) for _, name in uses} | {
        (f"environment {one}", name) for one, name in uses if one
    }
    kept = {
        (f"environment {level}" if level in ENVIRONMENTS else level, name)
        for level, names in levels.items()
        if level != "organisation"
        for name in names
    }
    assert unused == kept - read
