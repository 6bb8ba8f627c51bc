"""What every format must tell besides the findings: limits, what was skipped, what was suppressed."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from secopskit.findings import ScanResult, Severity, Skipped, SkipReason, Suppressed, SuppressedBy
from secopskit.report import FORMATS, load
from secopskit.report.facts.summary import asides
from secopskit.report.interface import RenderOptions
from support.report_samples import finding, place

_LIMITS = ("This is a shallow clone.", "Two objects were not fetched.")
_FOUND = (finding("slack-webhook", Severity.HIGH, place("a.py")),)
_HELD_BACK = finding("old-token", Severity.HIGH, place("b.py"))


def result(*, findings: bool) -> ScanResult:
    """Two limits, 3 + 1 skips, 2 + 1 suppressions."""
    return ScanResult(
        target="a tree",
        findings=_FOUND if findings else (),
        suppressed=(
            *[Suppressed(finding=_HELD_BACK, by=SuppressedBy.BASELINE)] * 2,
            Suppressed(finding=_HELD_BACK, by=SuppressedBy.INLINE),
        ),
        skipped=(
            *(Skipped(path=f"{n}.png", reason=SkipReason.BINARY) for n in range(3)),
            Skipped(path="dump.sql", reason=SkipReason.TOO_LARGE),
        ),
        limits=_LIMITS,
    )


def _tells_in_words(text: str) -> None:
    assert all(limit in text for limit in _LIMITS)
    assert "binary content (3), larger than the size limit (1)" in text
    assert "baseline (2), inline comment (1)" in text


def _tells_in_fields(text: str) -> None:
    document = json.loads(text)
    assert document["limits"] == list(_LIMITS)
    assert [one["path"] for one in document["skipped"]] == ["0.png", "1.png", "2.png", "dump.sql"]
    assert [one["reason"] for one in document["skipped"]] == ["binary"] * 3 + ["too_large"]
    assert [one["by"] for one in document["suppressed"]] == ["baseline", "baseline", "inline"]
    assert (document["stats"]["skipped"], document["stats"]["suppressed"]) == (4, 3)


_TELLS: dict[str, Callable[[str], None]] = {"json": _tells_in_fields}


@pytest.mark.parametrize("findings", [True, False], ids=["with findings", "clean"])
@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_report_drops_nothing_in_silence(name: str, findings: bool) -> None:
    reporter, scanned = load(name), result(findings=findings)
    text = reporter.render(scanned, RenderOptions(width=200))
    beside = "" if reporter.complete else "\n".join(asides(scanned))
    _TELLS.get(name, _tells_in_words)(text + beside)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_limits_are_told_even_in_quiet(name: str) -> None:
    reporter, scanned = load(name), result(findings=True)
    text = reporter.render(scanned, RenderOptions(width=200, verbosity=-1))
    beside = "" if reporter.complete else "\n".join(asides(scanned, counts=False))
    assert all(limit in text + beside for limit in _LIMITS)


def test_only_tables_and_lines_are_told_of_beside_them() -> None:
    assert [name for name in sorted(FORMATS) if not load(name).complete] == ["csv", "oneline"]


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_what_was_suppressed_is_counted_even_in_quiet(name: str) -> None:
    reporter, scanned = load(name), result(findings=False)
    fresh = tuple(one._replace(fresh=one.by is SuppressedBy.INLINE) for one in scanned.suppressed)
    text = reporter.render(scanned._replace(suppressed=fresh), RenderOptions(width=200, verbosity=-1))
    text += "" if reporter.complete else "\n".join(asides(scanned._replace(suppressed=fresh), counts=False))
    if name == "json":
        counts = json.loads(text)["stats"]["suppressed_by"]
        assert counts == {"baseline": 2, "inline comment that this change touches": 1}
        assert [one["fresh"] for one in json.loads(text)["suppressed"]] == [False, False, True]
    else:
        assert "baseline (2), inline comment that this change touches (1)" in text
