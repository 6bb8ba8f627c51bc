"""`secops audit --update-baseline`: what is found now is accepted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from secopskit.audit.baseline import change, save_accepted
from secopskit.errors import ExitCode
from secopskit.findings import SuppressedBy
from secopskit.report.text import count, visible

if TYPE_CHECKING:
    from secopskit.audit.outcome import AcceptedMismatch, AuditOutcome

_SHOWN: Final = 20


def update_baseline(
    outcome: AuditOutcome,
    before: tuple[AcceptedMismatch, ...],
    options: dict[str, Any],
    place: Path,
    *,
    quiet: bool,
) -> ExitCode:
    """Write the baseline of what is reported and what was accepted; show what that changes."""
    found = [mismatch for _, mismatch in outcome.mismatches]
    found += [held.mismatch for held in outcome.held_back if held.by is SuppressedBy.BASELINE]
    made = change(before, found, reason=options["reason"], owner=options["owner"], unspoken=outcome.unspoken)
    writes = not options["dry_run"] and (made.added or made.dropped or not place.exists())
    if not quiet:
        for sign, entries in (("+", made.added), ("-", made.dropped)):
            for entry in entries[:_SHOWN]:
                click.echo(f"{sign} {visible(entry.file)}  {visible(entry.rule)}: {visible(entry.subject)}")
            if len(entries) > _SHOWN:
                click.echo(f"{sign} {len(entries) - _SHOWN:,} more")
    if writes:
        save_accepted(place, made.after)
    if not quiet:
        number = count(len(made.after), "entry", "entries")
        told = f"{number}, {len(made.added):,} new, {len(made.dropped):,} dropped"
        click.echo(f"{_verb(options, wrote=bool(writes))} {place}: {told}")
    return ExitCode.OK


def _verb(options: dict[str, Any], *, wrote: bool) -> str:
    if options["dry_run"]:
        return "would write"
    return "wrote" if wrote else "nothing to change in"
