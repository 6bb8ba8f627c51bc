"""Results of scans for the tests of reports: every kind of thing a report can meet.

Values are made at run time, so that this file holds nothing that looks like a credential.
"""

from __future__ import annotations

import hashlib

from secopskit.findings import (
    Confidence,
    Finding,
    Location,
    Provenance,
    ScanResult,
    ScanStats,
    Severity,
    Skipped,
    SkipReason,
    Suppressed,
    SuppressedBy,
)
from secopskit.secret import SecretValue

KEY = bytes(range(32))


def made(seed: str, length: int = 36) -> bytes:
    """A value that looks random and is the same in every run."""
    return ("zq" + hashlib.sha512(seed.encode()).hexdigest())[:length].encode()


CANARY = made("canary")

ESCAPE = "\x1b[2J\x1b]0;owned\x07"
MARKUP = "<script>document.title='owned'</script><img src=x onerror=document.title='owned'>"
BIDI = "\u202egpj.exe"
NOT_UTF8 = b"caf\xe9/\xff.env".decode("utf-8", "surrogateescape")
HOSTILE_PATHS = (
    f"a/{ESCAPE}.py",
    f"b/{MARKUP}",
    f"c/{BIDI}",
    NOT_UTF8,
    "=cmd|' /C calc'!A0",
    "two\nlines, 100%::error ::owned",
    "[bold red]markup[/bold red].py",
    "]]>&amp;\u2028\x00\x9b31m\ufffe.xml",
)


def place(path: str, line: int = 12, provenance: Provenance | None = None) -> Location:
    return Location(
        path=path,
        line=line,
        end_line=line,
        column=8,
        end_column=48,
        oid=hashlib.sha1(path.encode("utf-8", "replace"), usedforsecurity=False).hexdigest(),
        place=hashlib.sha256(path.encode("utf-8", "replace")).hexdigest()[:32],
        provenance=provenance,
    )


def finding(name: str, severity: Severity, *locations: Location, **changes: object) -> Finding:
    secret = SecretValue(made(name))
    base = Finding(
        id=hashlib.sha256(name.encode()).hexdigest()[:12],
        rule_id=name,
        title=name.replace("-", " ").capitalize(),
        severity=severity,
        confidence=Confidence.HIGH,
        fingerprint=secret.fingerprint(KEY),
        preview=secret.preview(),
        locations=locations,
        remediation="Revoke it at https://example.com/settings/tokens, then make a new one.",
        references=("https://example.com/docs/tokens",),
        secret=secret,
    )
    return base._replace(**changes)  # type: ignore[arg-type]  # the tests name real fields


def commit(
    digit: str, date: str, last_date: str, *, present: bool = False, author: str = "Ada Lovelace"
) -> Provenance:
    last = chr(ord(digit) + 1)
    return Provenance(
        commit=digit * 40,
        first_commit=digit * 40,
        last_commit=last * 40,
        author=author,
        date=date,
        last_date=last_date,
        refs=("refs/heads/main", "refs/heads/release/2.x", "refs/tags/v1.0", "refs/stash"),
        present=present,
    )


GONE = commit("1", "2023-04-02T23:10:00+02:00", "2024-01-20T08:00:00+00:00")
STILL_THERE = commit("3", "2021-11-05T10:00:00-08:00", "2026-03-01T12:00:00+00:00", present=True)
HOSTILE = commit(
    "5", "not a date", "9999-99-99", author=f"Mallory {ESCAPE}{MARKUP}{BIDI}\n::error::owned\udcff"
)


def rich_result() -> ScanResult:
    """Several severities, history, hostile names, suppressions, skips and limits."""
    canary = SecretValue(CANARY)
    return ScanResult(
        target="history of /srv/app",
        findings=(
            finding(
                "github-pat",
                Severity.CRITICAL,
                place("src/app/config.py", 12, STILL_THERE),
                place("src/app/settings/production.py", 3, GONE),
                place("deploy/.env", 7, GONE),
                place("docs/how to deploy.md", 41, STILL_THERE),
                note="decoded from base64",
                secret=canary,
                fingerprint=canary.fingerprint(KEY),
                preview=canary.preview(),
            ),
            finding("postgres-password", Severity.CRITICAL, place("docker-compose.yml", 31, GONE)),
            finding("slack-webhook", Severity.HIGH, *(place(path, 1, HOSTILE) for path in HOSTILE_PATHS)),
            finding("stash-token", Severity.HIGH, place("", 4, Provenance())),
            finding(
                "weak-password",
                Severity.MEDIUM,
                place("odoo.conf", 2),
                confidence=Confidence.MEDIUM,
                preview="***",
                note=f"key admin_passwd {ESCAPE}",
            ),
            finding("env-file", Severity.LOW, place("café/.env"), confidence=Confidence.LOW, secret=None),
            finding("public-key", Severity.INFO, place("web/main.js", 990), remediation="", references=()),
        ),
        suppressed=(
            Suppressed(
                finding=finding("old-token", Severity.HIGH, place(f"tests/{ESCAPE}.txt"), secret=canary),
                by=SuppressedBy.BASELINE,
                reason=f"revoked in May {MARKUP}",
            ),
            Suppressed(
                finding=finding("doc-token", Severity.LOW, place("docs/a.md")), by=SuppressedBy.INLINE
            ),
        ),
        skipped=(
            Skipped(path="logo.png", reason=SkipReason.BINARY),
            Skipped(path="dump.sql", reason=SkipReason.TOO_LARGE, detail="81,234,567 bytes"),
            Skipped(path=HOSTILE_PATHS[0], reason=SkipReason.BINARY, detail=MARKUP),
            Skipped(path=NOT_UTF8, reason=SkipReason.UNREADABLE, detail="permission denied"),
        ),
        limits=("This is a shallow clone: commits before 2021 were not seen.",),
        stats=ScanStats(
            blobs=15132,
            bytes=286_000_000,
            seconds=0.8123,
            cached_objects=12000,
            rules=203,
            engine="hyperscan",
        ),
    )


def clean_result() -> ScanResult:
    """Nothing found, nothing skipped."""
    return ScanResult(
        target="the staged changes",
        stats=ScanStats(blobs=11, bytes=48_211, seconds=0.02, rules=203, engine="hyperscan"),
    )


def work_tree_result() -> ScanResult:
    """What a hook meets: findings without history."""
    return ScanResult(
        target="the staged changes",
        findings=(
            finding(
                "github-pat",
                Severity.CRITICAL,
                place("src/app/config.py", 12),
                secret=SecretValue(CANARY),
                preview=SecretValue(CANARY).preview(),
            ),
            finding("weak-password", Severity.MEDIUM, place("odoo.conf", 2), note="key admin_passwd"),
        ),
        stats=ScanStats(blobs=11, bytes=48_211, seconds=0.02, rules=203, engine="hyperscan"),
    )
