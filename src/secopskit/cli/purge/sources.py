"""Where `secops purge-history` gets the values from: a scan, a report, a file, a prompt."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from secopskit.cli.ask import Terminal
from secopskit.cli.progress import progress
from secopskit.errors import UsageError
from secopskit.purge.values import targets
from secopskit.purge.values.given import parse_values, read_values
from secopskit.report.text import count
from secopskit.secret import SecretValue

if TYPE_CHECKING:
    from secopskit.findings import Finding
    from secopskit.purge.values.targets import Candidate
    from secopskit.scan.session import ScanSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What the command line names. Without any of them, all findings of a history scan are meant.

    That is so unless not `scans_by_default`. With `may_be_gone`, it is well if a finding that is named
    is not found any more.
    """

    secret_files: tuple[str, ...] = ()
    prompt: bool = False
    report: Path | None = None
    rules: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    drops: bool = False
    scans_by_default: bool = True
    may_be_gone: bool = False

    @property
    def scans(self) -> bool:
        """Whether the history has to be scanned for them."""
        chosen = self.report or self.rules or self.findings
        nothing = not (self.secret_files or self.prompt or self.drops)
        return bool(chosen) or (nothing and self.scans_by_default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The candidates, findings `without` a value, and sentences about what cannot be purged."""

    candidates: tuple[Candidate, ...]
    notes: tuple[str, ...] = ()
    without: tuple[Finding, ...] = ()


def gather(session: ScanSession, sources: Sources, *, quiet: bool) -> Gathered:
    """Find or ask for the values. Raises SecopsError."""
    repository = session.require_repository("purging its history")
    given = [
        one
        for path in sources.secret_files
        for one in targets.from_values(
            read_values(path, repository, sys.stdin.buffer if sys.stdin else None),
            "standard input" if path == "-" else Path(path).name,
        )
    ]
    if sources.prompt:
        given += targets.from_values(_asked(), "those typed in")
    if not sources.scans:
        return Gathered(candidates=targets.merged(given))
    return _scanned(session, sources, given, quiet=quiet)


def _scanned(session: ScanSession, sources: Sources, given: Iterable[Candidate], *, quiet: bool) -> Gathered:
    from secopskit.purge.values.spelling import spelt_forms
    from secopskit.scan import refind as refinding
    from secopskit.scan.history.selection import WHOLE_HISTORY

    with progress(session.environment, quiet=quiet) as advance:
        result = session.scan_commits(WHOLE_HISTORY, purpose="purging its history", progress=advance)
    notes = list(result.limits)
    findings = result.findings
    if sources.report:
        findings, absent = refinding.refind(result, refinding.read_report(sources.report))
        if not findings and not absent:
            raise UsageError(f"{sources.report}: reports no finding", advice="There is nothing to purge.")
        if absent:
            notes.append(f"{absent} findings of {sources.report} are in the history no more.")
    accepted = refinding.accepted(result)
    if sources.findings:  # who names one of them means it
        findings += accepted
    elif accepted and not sources.report:
        notes.append(
            f"Not purged: {count(len(accepted), 'finding')} that a baseline, a comment or an ignore file "
            "accepts. --no-baseline takes what baselines and ignore files accept."
        )
    chosen = targets.choose(
        findings, rules=sources.rules, ids=sources.findings, strict=not sources.may_be_gone
    )
    without = tuple(finding for finding in chosen if finding.secret is None)
    if without:
        names = ", ".join(_named(finding) for finding in without)
        notes.append(
            f"About a place rather than a value: {names}. There is nothing to replace; --path "
            "removes such a file from every commit."
        )
    forms = spelt_forms(session.require_repository("purging its history"), chosen)
    candidates = targets.merged((*targets.from_findings(chosen, forms), *given))
    return Gathered(candidates=candidates, notes=tuple(notes), without=without)


def _named(finding: Finding) -> str:
    place = finding.locations[0].path if finding.locations else "no place"
    return f"{finding.title} ({place})"


def _asked() -> list[SecretValue]:
    """Values typed in, none of them shown."""
    terminal = Terminal()
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError("--prompt needs a terminal", advice="Use --secret-file - to read standard input.")
    click.echo("Type or paste one value a line; it is not shown. An empty line ends.", err=True)
    lines: list[str] = []
    while line := terminal.reads_secret(f"value {len(lines) + 1}"):
        lines.append(line)
    return parse_values("\n".join(lines).encode("utf-8", "surrogateescape"), name="the prompt")
