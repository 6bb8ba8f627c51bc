"""`secops baseline`: record findings that are known, and look after the record."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from secopskit.cli.help import Example, HelpGroup, options_of
from secopskit.cli.options import global_options, settings_of
from secopskit.cli.terminal.progress import progress, tell
from secopskit.errors import ExitCode, UsageError
from secopskit.known.baseline import Baseline, new_salt
from secopskit.redaction import SEEN
from secopskit.report.text import visible
from secopskit.scan.inventory import Inventory, take_inventory
from secopskit.scan.session import Overrides, ScanSession
from secopskit.settings.shown import Shown

if TYPE_CHECKING:
    from secopskit.known.baseline import BaselineEntry
    from secopskit.known.yelp_baseline import YelpEntry

_Command = TypeVar("_Command", bound=Callable[..., Any])
_SHOWN: Final = 20


_place_option = options_of("Where to look")
_entry_option = options_of("New entries")


def _day(_context: click.Context, _parameter: click.Parameter, value: str | None) -> date | None:
    """The day that `value` spells; one that is over makes no sense for what is accepted now."""
    if value is None:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter("must be a date such as 2030-12-31") from None
    if day < date.today():
        raise click.BadParameter("is a day that is over")
    return day


def _place_options(command: _Command) -> _Command:
    """What says where to look, and which baseline is meant."""
    for decorate in (
        _place_option("--config", type=click.Path(dir_okay=False, path_type=Path), help="The configuration."),
        _place_option("--baseline", "file", type=click.Path(path_type=Path), help="The baseline file."),
        _place_option("--history", is_flag=True, help="Look through the whole history too."),
        click.argument("path", default=".", metavar="[PATH]", type=click.Path(exists=True, file_okay=False)),
    ):
        command = decorate(command)
    return command


def _entry_options(command: _Command) -> _Command:
    """What new entries say."""
    for decorate in (
        _entry_option(
            "--expires", callback=_day, metavar="DATE", help="The last day on which new entries hold."
        ),
        _entry_option("--owner", default="", help="Who answers for new entries."),
        _entry_option("--reason", default="", help="Why new entries are accepted."),
    ):
        command = decorate(command)
    return command


@click.group(
    cls=HelpGroup,
    examples=(
        Example("secops baseline create", "Accept what is there today."),
        Example("secops baseline audit", "Look after what was accepted."),
    ),
)
@global_options
def baseline() -> None:
    """Record findings that are known, and look after the record. See docs/baseline.md."""


@baseline.command(
    examples=(
        Example(
            'secops baseline create --reason "test data" --owner platform',
            "Accept what a scan finds now, with a reason.",
        ),
        Example(
            "secops baseline create --from .secrets.baseline",
            "Take over what a baseline of detect-secrets accepts.",
        ),
    )
)
@_place_options
@_entry_options
@click.option(
    "--from", "source", type=click.Path(dir_okay=False, path_type=Path), help="Move a .secrets.baseline here."
)
@global_options
@click.pass_context
def create(context: click.Context, /, **options: Any) -> ExitCode:
    """Accept everything that is found in PATH now, or what a baseline of detect-secrets accepts."""
    session, place = _open(options)
    if os.path.lexists(place):
        raise UsageError(f"{place}: is there already", advice="Use `secops baseline update`.")
    inventory = _inventory(session, options, quiet=settings_of(context).quiet)
    empty = Baseline(salt=new_salt())
    unmatched: tuple[YelpEntry, ...] = ()
    if options["source"]:
        from secopskit.known.yelp_baseline import YelpBaseline

        moved = YelpBaseline.load(options["source"]).migrate(inventory.findings, today=date.today())
        made, unmatched = moved.baseline, moved.unmatched
    else:
        made = empty.update(inventory.findings, today=date.today())
    made = made.labelled(empty, **_labels(options))
    made.save(place)
    if not settings_of(context).quiet:
        click.echo(f"wrote {place}: {_count(len(made.entries))}; commit it")
        for entry in unmatched[:_SHOWN]:
            click.echo(visible(SEEN.hidden(f"found no more: {entry.path}:{entry.line} ({entry.type})")))
        if len(unmatched) > _SHOWN:
            click.echo(f"found no more: {len(unmatched) - _SHOWN} others")
    return ExitCode.OK


@baseline.command(
    examples=(
        Example("secops baseline update --history", "Accept what is new, in history too; drop what is gone."),
    )
)
@_place_options
@_entry_options
@global_options
@click.pass_context
def update(context: click.Context, /, **options: Any) -> ExitCode:
    """Accept what is new in PATH, and drop what is no longer found where the scan looked.

    Reasons, owners and dates of entries that stay are kept. Without --history, an entry that
    only the history explains is dropped.
    """
    session, place = _open(options)
    old = _load(place, session, options)
    inventory = _inventory(session, options, quiet=settings_of(context).quiet)
    new = old.update(inventory.findings, today=date.today(), in_scope=inventory.looked_at)
    new = new.labelled(old, **_labels(options))
    new.save(place)
    if not settings_of(context).quiet:
        _tell_change(old, new, place, inventory)
    return ExitCode.OK


@baseline.command(
    examples=(
        Example("secops baseline audit", "Entries with age and owner; asks for missing reasons."),
        Example("secops baseline audit --json", "The same for a program."),
    )
)
@_place_options
@click.option("--json", "as_json", is_flag=True, help="The entries and how they stand, as JSON.")
@global_options
@click.pass_context
def audit(context: click.Context, /, **options: Any) -> ExitCode:
    """List the entries with their age, owner and expiry, and which match nothing any more.

    On a terminal, asks for the reasons that are missing. Exit code 1 means that entries have
    expired or match nothing.
    """
    from secopskit.cli.baseline.audit import ask_reasons, show, show_json
    from secopskit.known.baseline_audit import audit as judge

    session, place = _open(options)
    present = _load(place, session, options)
    quiet = settings_of(context).quiet
    inventory = _inventory(session, options, quiet=quiet)
    audited = judge(present, inventory.findings, today=date.today(), looked_at=inventory.looked_at)
    if options["as_json"]:
        show_json(audited, today=date.today())
    else:
        show(audited, today=date.today(), history=options["history"])
        if labelled := ask_reasons(present, audited):
            labelled.save(place)
    return ExitCode.FINDINGS if any(one.pending for one in audited) else ExitCode.OK


def _open(options: dict[str, Any]) -> tuple[ScanSession, Path]:
    """The place to look at, seen as if it had no baseline, and the baseline's file."""
    overrides = Overrides(
        config=options["config"], baseline=options["file"], use_baseline=False, show=Shown.ALL
    )
    session = ScanSession(options["path"], overrides, notice=tell)
    return session, session.baseline_path


def _inventory(session: ScanSession, options: dict[str, Any], *, quiet: bool) -> Inventory:
    with progress(session.environment, quiet=quiet) as shown:
        return take_inventory(session, options["path"], history=options["history"], progress=shown)


def _load(place: Path, session: ScanSession, options: dict[str, Any]) -> Baseline:
    if not os.path.lexists(place):
        raise UsageError(f"{place}: no such file", advice="Make it with `secops baseline create`.")
    return Baseline.load(place, within=None if options["file"] else Path(session.root))


def _labels(options: dict[str, Any]) -> dict[str, Any]:
    """What the command line says of entries that are new."""
    texts = {name: SEEN.hidden(options[name]) for name in ("reason", "owner")}
    return texts | {"expires": options["expires"]}


def _tell_change(old: Baseline, new: Baseline, place: Path, inventory: Inventory) -> None:
    before, after = ({entry.key: entry for entry in one.entries} for one in (old, new))
    added = [entry for key, entry in after.items() if key not in before]
    dropped = [entry for key, entry in before.items() if key not in after]
    click.echo(f"wrote {place}: {_count(len(after))}, {len(added)} new, {len(dropped)} dropped")
    for word, entries in (("new", added), ("dropped", dropped)):
        for entry in entries[:_SHOWN]:
            click.echo(f"{word}: {_where(entry)}")
        if len(entries) > _SHOWN:
            click.echo(f"{word}: {len(entries) - _SHOWN} others")
    if dropped and not inventory.history:
        click.echo("Entries made with --history are kept only by an update with --history.")


def _where(entry: BaselineEntry) -> str:
    return visible(SEEN.hidden(f"{entry.path}:{entry.line} {entry.rule_id}"))


def _count(number: int) -> str:
    return f"{number} entry" if number == 1 else f"{number} entries"
