"""One secret in several spellings is one finding of a report."""

from __future__ import annotations

from secopskit.findings import Confidence, Finding, ScanResult, Severity
from secopskit.scan.spellings import joined
from secopskit.secret import SecretValue
from support.report_samples import finding, made, place


def found(value: bytes, path: str, severity: Severity = Severity.HIGH) -> Finding:
    return finding(path, severity, place(path), secret=SecretValue(value), confidence=Confidence.MEDIUM)


def told(*findings: Finding) -> list[list[str]]:
    result = joined(ScanResult(target="x", findings=findings))
    return [[one.path for one in each.locations] for each in result.findings]


def pem(end: bytes) -> bytes:
    """What is shaped as a private key, with line ends of a kind."""
    lines = [b"-----BEGIN " + b"PRIVATE KEY-----", made("a", 64), made("b", 64), b"-----END PRIVATE KEY-----"]
    return end.join(lines)


def test_a_password_in_a_url_is_the_password() -> None:
    assert told(found(b"p%40ss" + made("u"), "url"), found(b"p@ss" + made("u"), "env")) == [["env", "url"]]


def test_a_key_is_the_same_with_other_line_ends() -> None:
    ends = {"a": b"\n", "b": b"\r\n", "c": b"\\n", "d": b"\\\\n", "e": b"\n    "}
    assert [sorted(each) for each in told(*(found(pem(end), name) for name, end in ends.items()))] == [
        list(ends)
    ]


def test_other_values_stay_apart_and_in_order() -> None:
    findings = [
        found(made("a"), "low", Severity.LOW),
        found(made("b"), "high"),
        found(b"100%" + made("c"), "z"),
    ]
    assert joined(ScanResult(target="x", findings=tuple(findings))).findings == tuple(findings)


def test_what_is_together_is_as_bad_as_the_worst() -> None:
    both = (
        found(b"a%2F" + made("d"), "one", Severity.LOW),
        found(b"a/" + made("d"), "two", Severity.CRITICAL),
    )
    (one,) = joined(ScanResult(target="x", findings=both)).findings
    assert (one.severity, one.rule_id) == (Severity.CRITICAL, "two")
