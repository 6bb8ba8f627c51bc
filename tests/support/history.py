"""Scans of histories, and histories to scan, in this very process."""

from __future__ import annotations

from typing import Any

from secopskit.findings import Finding, Location, Provenance, ScanResult
from secopskit.git.repository import Repository
from secopskit.scan.content.detectors import DetectorOptions
from secopskit.scan.history.objects.selection import WHOLE_HISTORY, Selection
from secopskit.scan.history.options import HistoryOptions
from secopskit.scan.history.run import scan_history
from secopskit.scan.judging.sieve import Sieve
from support.cli import rules_cache
from support.repos import Repo
from support.values import alnum, github_token

LIMIT = 1_000_000
KEY = bytes(32)


def opened(repo: Repo) -> Repository:
    """The repository as secops sees it."""
    found = Repository.open(str(repo.path))
    assert found is not None
    return found


def scan(
    repo: Repo, what: Selection = WHOLE_HISTORY, *, cache: bool = False, jobs: int = 1, engine: str = "auto"
) -> ScanResult:
    """What a scan of its history tells."""
    options = HistoryOptions(
        detectors=DetectorOptions(engine=engine, cache=str(rules_cache())),
        limit=LIMIT,
        jobs=jobs,
        cache=cache,
    )
    return scan_history(opened(repo), what, options, Sieve(), key=lambda: KEY)


def only(result: ScanResult) -> Finding:
    """The one finding of a result."""
    assert len(result.findings) == 1, [(f.rule_id, [x.path for x in f.locations]) for f in result.findings]
    return result.findings[0]


def place(result: ScanResult) -> tuple[Location, Provenance]:
    """The one place of the one finding."""
    (location,) = only(result).locations
    assert location.provenance is not None
    return location, location.provenance


def line(token: str) -> str:
    """A line of code with a token in it."""
    return f"token = '{token}'\n"


def merge(repo: Repo, files: dict[str, str]) -> str:
    """A merge commit that brings `files`, which neither parent has."""
    repo.git("checkout", "-q", "-b", "side")
    repo.commit({"side": "x"})
    repo.git("checkout", "-q", "main")
    repo.commit({"main": "x"})
    repo.git("merge", "-q", "--no-commit", "--no-ff", "side")
    return repo.commit(files, "merge")


def told(result: ScanResult) -> tuple[Any, ...]:
    """All that a result tells, apart from how long it took and how much was spared."""
    findings = [f._replace(secret=None) if hasattr(f, "_replace") else f for f in result.findings]
    return (
        findings,
        result.suppressed,
        result.skipped,
        result.limits,
        result.stats.blobs,
        result.stats.bytes,
    )


def varied(repo: Repo) -> None:
    """A history with all kinds of findings."""
    repo.commit({"a.py": line(github_token()), "p": b"\0\1", ".env": f"DB_PASSWORD={alnum(20)}\n"})
    repo.commit({"b.yml": f"password: {alnum(18)}\n", "a.py": "clean\n"}, f"message {github_token()}")
    repo.git("tag", "-a", "v1", "-m", github_token())
    repo.git("hash-object", "-w", "--stdin", stdin=line(github_token()).encode())
    merge(repo, {"evil.yml": f"db:\n  password: {alnum(18)}\n"})
