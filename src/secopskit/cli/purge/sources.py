"""Where `secops purge-history` gets the values from: a scan, a report, a file, a prompt."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from secopskit.cli.terminal.ask import Terminal
from secopskit.errors import UsageError
from secopskit.purge.values import targets
from secopskit.purge.values.collect import FindingChoice, ScannedFindings, ValuesToPurge, values_found
from secopskit.purge.values.secret_file import parse_values, read_values
from secopskit.secret import SecretValue

if TYPE_CHECKING:
    from secopskit.cli.terminal.voice import Voice
    from secopskit.scan.session import ScanSession


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSources:
    """What the command line names. Without any of them, all findings of a history scan are meant.

    That is so unless not `scans_by_default`. With `paths_only`, no value is meant, and the findings are
    those that remain. With `may_be_gone`, it is well if a finding that is named is not found any more.
    """

    secret_files: tuple[str, ...] = ()
    prompt: bool = False
    report: Path | None = None
    rules: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    paths_only: bool = False
    scans_by_default: bool = True
    may_be_gone: bool = False

    @property
    def scans(self) -> bool:
        """Whether the history has to be scanned for them."""
        chosen = self.report or self.rules or self.findings
        nothing = not (self.secret_files or self.prompt)
        return bool(chosen) or (nothing and self.scans_by_default)


def gather(session: ScanSession, sources: ValueSources, voice: Voice) -> ValuesToPurge:
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
        return ValuesToPurge(candidates=targets.merged(given))
    if sources.paths_only:
        return ValuesToPurge(remaining=_scanned(session, None, voice).findings, scope_known=True)
    choice = FindingChoice(rules=sources.rules, ids=sources.findings, may_be_gone=sources.may_be_gone)
    return values_found(repository, _scanned(session, sources.report, voice), choice, given)


def _scanned(session: ScanSession, report: Path | None, voice: Voice) -> ScannedFindings:
    """The findings of a scan of the history, or those of the report that it finds again."""
    from secopskit.scan import refind as refinding
    from secopskit.scan.history.objects.selection import WHOLE_HISTORY

    with voice.progress() as progress:
        result = session.scan_commits(WHOLE_HISTORY, purpose="purging its history", progress=progress)
    notes, findings = tuple(result.limits), result.findings
    if report:
        findings, absent = refinding.refind(result, refinding.read_report(report))
        if not findings and not absent:
            raise UsageError(f"{report}: reports no finding", advice="There is nothing to purge.")
        if absent:
            notes += (f"{absent} findings of {report} are in the history no more.",)
    return ScannedFindings(
        findings=findings,
        accepted=refinding.accepted(result),
        in_tests=refinding.in_tests(result),
        notes=notes,
        from_report=bool(report),
        everything=result.findings,
    )


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
