"""What `secops baseline audit` shows and asks."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final

import click

from secopskit.known.baseline import Baseline, BaselineEntry
from secopskit.known.baseline_audit import AuditedEntry, EntryStatus
from secopskit.redaction import SEEN
from secopskit.report.text import count, visible

_COLOR: Final = {
    EntryStatus.HOLDS: "green",
    EntryStatus.UNSEEN: "cyan",
    EntryStatus.STALE: "yellow",
    EntryStatus.EXPIRED: "red",
}


def show(audited: Sequence[AuditedEntry], *, today: date, history: bool) -> None:
    """One line an entry, then what to do."""
    for one in audited:
        status = click.style(f"{one.status.value:15}", fg=_COLOR[one.status])
        click.echo(f"{status} {visible(SEEN.hidden(_line(one.entry, today)))}")
    counts = ", ".join(
        f"{number} {status.value}"
        for status in EntryStatus
        if (number := sum(one.status is status for one in audited))
    )
    click.echo(f"{count(len(audited), 'entry', 'entries')}: {counts}" if audited else "no entries")
    if any(one.status is EntryStatus.EXPIRED for one in audited):
        click.echo("Expired: rotate the secret, or give the entry a later date and a reason.")
    if any(one.status is EntryStatus.STALE for one in audited):
        where = "" if history else " (with --history if the baseline was made with it)"
        click.echo(f"Matches nothing: `secops baseline update` drops it{where}.")


def show_json(audited: Sequence[AuditedEntry], *, today: date) -> None:
    """The same for a program."""
    entries = [
        {
            "rule_id": one.entry.rule_id,
            "path": SEEN.hidden(one.entry.path),
            "line": one.entry.line,
            "standing": one.status.name.lower(),
            "age_days": _age(one.entry, today),
            "added": one.entry.added.isoformat(),
            "expires": one.entry.expires.isoformat() if one.entry.expires else None,
            "owner": one.entry.owner,
            "reason": SEEN.hidden(one.entry.reason),
        }
        for one in audited
    ]
    click.echo(json.dumps({"version": 1, "entries": entries}, indent=2))


def ask_reasons(baseline: Baseline, audited: Sequence[AuditedEntry]) -> Baseline | None:
    """`baseline` with the reasons given at the terminal; None without a terminal, or an answer."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    answers: dict[BaselineEntry, str] = {}
    wanting = [one for one in audited if one.status is EntryStatus.HOLDS and not one.entry.reason]
    if wanting:
        number = count(len(wanting), "entry", "entries")
        click.echo(f"Without a reason: {number}. Give one, or press Enter to leave it open.")
    for one in wanting:
        preview = one.finding.preview if one.finding else ""
        where = SEEN.hidden(f"{one.entry.path}:{one.entry.line}")
        click.echo(visible(f"{where} {one.entry.rule_id} {preview}"))
        answer = click.prompt("reason", default="", show_default=False).strip()[:2000]
        if answer:
            answers[one.entry] = answer
    if not answers:
        return None
    entries = (replace(e, reason=answers[e]) if e in answers else e for e in baseline.entries)
    return replace(baseline, entries=tuple(entries))


def _line(entry: BaselineEntry, today: date) -> str:
    details = [
        f"{_age(entry, today)} days old",
        f"owner {entry.owner}" if entry.owner else "no owner",
        f"until {entry.expires}" if entry.expires else "",
        entry.reason or "no reason given",
    ]
    return f"{entry.path}:{entry.line} {entry.rule_id}: {'; '.join(filter(None, details))}"


def _age(entry: BaselineEntry, today: date) -> int:
    return max((today - entry.added).days, 0)
