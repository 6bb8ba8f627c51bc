"""The one sieve: what it holds back is told, and what was not asked about is left out."""

from __future__ import annotations

import pytest

from secopskit.findings import Confidence, Finding, Location, Severity, SuppressedBy
from secopskit.scan.content.detectors import Detectors
from secopskit.scan.content.occurrence import Occurrence
from secopskit.scan.judging.sieve import EVERYTHING, ScanScope, Sieve, Sifted
from secopskit.secret import SecretValue
from secopskit.settings.shown import Shown
from support.engines import detectors
from support.values import github_token

RULE, OTHER = "github-pat", "github-refresh-token"


class Knows:
    """A record that knows what stands at a path."""

    def __init__(self, path: str) -> None:
        self._path = path

    def covers(self, finding: Finding, location: Location) -> str | None:
        return "looked at" if location.path == self._path else None


@pytest.fixture(scope="module")
def made() -> Detectors:
    return detectors("re")


def occurrence(
    path: str, *, rule: str = RULE, allowed: str | None = None, severity: Severity = Severity.CRITICAL
) -> Occurrence:
    return Occurrence(
        rule_id=rule,
        secret=SecretValue(github_token().encode()),
        severity=severity,
        confidence=Confidence.HIGH,
        note="",
        path=path,
        oid=None,
        line=3,
        end_line=3,
        column=1,
        end_column=41,
        key_digest="",
        allowed=allowed,
    )


def sifted(made: Detectors, sieve: Sieve, *occurrences: Occurrence, scope: ScanScope = EVERYTHING) -> Sifted:
    return sieve.sift([(one, None) for one in occurrences], made.ruleset, lambda: bytes(32), scope)


def paths(result: Sifted) -> list[str]:
    return [place.path for finding in result.findings for place in finding.locations]


@pytest.mark.parametrize(
    ("sieve", "one", "by"),
    [
        (Sieve(), occurrence("a", allowed="a test"), SuppressedBy.INLINE),
        (Sieve(disabled_rules=frozenset([OTHER])), occurrence("a", rule=OTHER), SuppressedBy.RULE),
        (Sieve(excluded=lambda path: path == "a"), occurrence("a"), SuppressedBy.PATH),
        (Sieve(min_severity=Severity.HIGH), occurrence("a", severity=Severity.LOW), SuppressedBy.SEVERITY),
        (Sieve(known=[(SuppressedBy.BASELINE, Knows("a"))]), occurrence("a"), SuppressedBy.BASELINE),
        (Sieve(known=[(SuppressedBy.IGNORE_FILE, Knows("a"))]), occurrence("a"), SuppressedBy.IGNORE_FILE),
    ],
    ids=lambda value: value.name if isinstance(value, SuppressedBy) else "",
)
def test_what_is_held_back_is_told(made: Detectors, sieve: Sieve, one: Occurrence, by: SuppressedBy) -> None:
    result = sifted(made, sieve, one, occurrence("b"))
    assert paths(result) == ["b"]
    assert [(held.by, held.finding.locations[0].path) for held in result.suppressed] == [(by, "a")]


def test_what_is_to_be_read_says_so(made: Detectors) -> None:
    result = sifted(made, Sieve(), occurrence("README.md", rule="generic-secret", severity=Severity.MEDIUM))
    assert [(held.by, held.reason.partition(":")[0]) for held in result.suppressed] == [
        (SuppressedBy.SEVERITY, "information in a document")
    ]


def test_reasons_are_kept(made: Detectors) -> None:
    known = Sieve(known=[(SuppressedBy.BASELINE, Knows("a"))])
    result = sifted(made, known, occurrence("a"), occurrence("b", allowed="a test"))
    assert {held.reason for held in result.suppressed} == {"looked at", "a test"}


def test_a_server_may_heed_no_comment(made: Detectors) -> None:
    result = sifted(made, Sieve(heeds_comments=False), occurrence("a", allowed="says who pushes"))
    assert (paths(result), result.suppressed) == (["a"], ())


def test_lines_that_do_not_count_are_left_out(made: Detectors) -> None:
    scope = ScanScope(counts=lambda path, first, last: (path, first, last) != ("a", 3, 3))
    result = sifted(made, Sieve(), occurrence("a"), occurrence("b"), scope=scope)
    assert (paths(result), result.suppressed) == (["b"], ())


def test_places_that_were_not_brought_are_left_out_and_asked_about_last(made: Detectors) -> None:
    asked = list[str]()

    def brings(_finding: Finding, location: Location) -> bool:
        asked.append(location.path)
        return location.path == "b"

    sieve = Sieve(known=[(SuppressedBy.BASELINE, Knows("c"))])
    result = sifted(
        made, sieve, occurrence("a"), occurrence("b"), occurrence("c"), scope=ScanScope(brings=brings)
    )
    assert paths(result) == ["b"]
    assert result.suppressed == ()
    assert asked == ["a", "b", "c"]


def test_what_was_not_brought_was_not_hidden_either(made: Detectors) -> None:
    scope = ScanScope(brings=lambda _finding, location: location.path == "b")
    allowed = (occurrence("a", allowed="a test"), occurrence("b", allowed="a test"))
    assert [
        one.finding.locations[0].path for one in sifted(made, Sieve(), *allowed, scope=scope).suppressed
    ] == ["b"]


def test_a_comment_that_is_not_accepted_allows_nothing(made: Detectors) -> None:
    sieve = Sieve(accepts=lambda one: one.path == "b")
    result = sifted(made, sieve, occurrence("a", allowed="mine"), occurrence("b", allowed="ours"))
    assert paths(result) == ["a"]
    assert [held.reason for held in result.suppressed] == ["ours"]


GENERIC = "generic-secret"


def shown(made: Detectors, show: Shown, *occurrences: Occurrence) -> dict[str, Severity]:
    result = sifted(made, Sieve(show=show), *occurrences)
    return {place.path: finding.severity for finding in result.findings for place in finding.locations}


def test_what_stands_in_tests_is_counted_and_can_be_brought_back(made: Detectors) -> None:
    one = occurrence("tests/a.py", rule=GENERIC)
    held = sifted(made, Sieve(), one)
    assert not held.findings
    assert [(each.by, each.finding.severity) for each in held.suppressed] == [
        (SuppressedBy.TESTS, Severity.LOW)
    ]
    for show in (Shown.TESTS, Shown.ALL):
        assert shown(made, show, one) == {"tests/a.py": Severity.LOW}


def test_a_live_format_is_told_in_tests_too_and_low(made: Detectors) -> None:
    assert shown(made, Shown.DEFAULT, occurrence("tests/a.py")) == {"tests/a.py": Severity.LOW}


def test_documents_and_examples_are_a_step_down(made: Detectors) -> None:
    places = {"docs/a.md": Severity.HIGH, "examples/a.py": Severity.HIGH, "src/a.py": Severity.CRITICAL}
    assert shown(made, Shown.DEFAULT, *map(occurrence, places)) == places
    low = occurrence("docs/a.md", severity=Severity.LOW)
    assert [one.by for one in sifted(made, Sieve(), low).suppressed] == [SuppressedBy.SEVERITY]
    assert shown(made, Shown.ALL, low) == {"docs/a.md": Severity.INFO}


@pytest.mark.parametrize("other", ["tests/a.py", "docs/a.md"])
def test_a_secret_that_stands_elsewhere_too_keeps_its_severity_and_all_its_places(
    made: Detectors, other: str
) -> None:
    there = occurrence("src/a.py", rule=GENERIC, severity=Severity.LOW)
    assert shown(made, Shown.DEFAULT, there, there.at(other)) == {
        "src/a.py": Severity.LOW,
        other: Severity.LOW,
    }


def test_a_secret_in_the_name_of_a_file_has_the_role_of_the_file(made: Detectors) -> None:
    one = occurrence("<path name> tests/***.txt", rule=GENERIC)
    assert [each.by for each in sifted(made, Sieve(), one).suppressed] == [SuppressedBy.TESTS]


def test_what_was_only_moved_is_counted_with_where_it_stood(made: Detectors) -> None:
    scope = ScanScope(moved=lambda _finding, place: "in old" if place.path == "a" else "")
    one = occurrence("a")
    result = sifted(made, Sieve(), one, one.at("b"), scope=scope)
    assert paths(result) == ["b"]
    assert [(each.by, each.reason) for each in result.suppressed] == [(SuppressedBy.MOVED, "in old")]
