"""`secops fleet scan`: scan every repository that is meant."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from secopskit.cli.fleet.choosing import api_address, selection, selection_options
from secopskit.cli.fleet.place import fleet_directory, fleet_option, store
from secopskit.cli.help import Example, HelpCommand, options_of
from secopskit.cli.options import global_options, settings_of
from secopskit.errors import ExitCode, RefusedError, SecopsError, UsageError
from secopskit.report.text import count

if TYPE_CHECKING:
    import sqlite3

    from secopskit.cli.terminal.voice import Voice
    from secopskit.fleet.executor.interface import Deliver, Executor
    from secopskit.fleet.run import RunSummary, RunWish
    from secopskit.fleet.tell.facts import FleetFacts

_who = options_of("Who works")
_limit = options_of("Limits for each repository")
_how = options_of("How to scan")
_result = options_of("Result")
_FAIL_ON: Final = ("any", "new", "never")
_SHOWN: Final = 20


@click.command(
    cls=HelpCommand,
    examples=(
        Example("secops fleet scan --org acme", "Every repository of an organisation."),
        Example("secops fleet scan --path 'clones/*' -j 8", "Clones of this machine, eight at a time."),
        Example("secops fleet scan --org acme --scheduler tls://dask:8786", "On a Dask cluster."),
    ),
)
@selection_options
@_who("-j", "--workers", type=click.IntRange(1, 512), metavar="N", help="Processes [default: one a core].")
@_who("--dask", is_flag=True, help="Let these be a Dask cluster of this machine, made for the run.")
@_who("--scheduler", metavar="ADDRESS", help="Work on the Dask cluster there: tls://host:8786.")
@_who(
    "--tls-ca",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Who signs its certificates.",
)
@_who("--tls-cert", type=click.Path(exists=True, dir_okay=False), metavar="FILE", help="Our certificate.")
@_who("--tls-key", type=click.Path(exists=True, dir_okay=False), metavar="FILE", help="The key of it.")
@_limit(
    "--timeout", type=click.IntRange(1), default=3600, show_default=True, metavar="SECONDS", help="Its time."
)
@_limit(
    "--memory",
    type=click.IntRange(256),
    default=4096,
    show_default=True,
    metavar="MIB",
    help="Of each process.",
)
@_limit(
    "--disk", type=click.IntRange(1), default=20480, show_default=True, metavar="MIB", help="Of its clone."
)
@_how(
    "--cache-size",
    type=click.IntRange(0),
    default=0,
    metavar="MIB",
    help="All clones together; the least recently used go first [default: any size].",
)
@_how(
    "--clones",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where clones are kept [default: in your cache directory].",
)
@_how(
    "--max-blob",
    type=click.IntRange(1),
    metavar="MIB",
    help="Clone no larger files, where the host can leave them out; the report says what is missing.",
)
@_how(
    "--no-baseline",
    is_flag=True,
    help="Report what the repositories' own baselines and ignore files hold back.",
)
@_how("--again", is_flag=True, help="Scan what has not changed, too.")
@_how("--fresh", is_flag=True, help="Begin anew, though an earlier run was broken off.")
@_result(
    "--fail-on",
    type=click.Choice(_FAIL_ON),
    default="any",
    show_default=True,
    help="Exit with 1 for any secret, for those that no earlier run has seen, or never.",
)
@fleet_option
@global_options
@click.pass_context
def scan(context: click.Context, /, **options: Any) -> ExitCode:
    """Scan the whole history of every repository that is meant, several at a time.

    Hosted ones are cloned into your cache directory, and fetched from then on. What a repository holds
    back (baseline, ignore files, comments, settings) is what its default branch says. Exit code 1 means
    secrets, 3 that not all repositories could be looked into and nothing was found in the others.
    """
    from secopskit.cli.terminal.voice import Voice
    from secopskit.settings.environment import read_environment
    from secopskit.state.lock import GRACE, held
    from secopskit.state.private import private_directory

    _check(options)
    settings = settings_of(context)
    voice = Voice.of(settings, read_environment())
    options["api"] = api_address(options["api"])
    chosen = selection(options, options["api"], voice)
    directory = fleet_directory(options["directory"])
    private_directory(directory)
    alone = held(directory, running="another scan of this fleet", wait=GRACE)
    with alone, store(directory, create=True) as connection:
        return _scan(chosen, connection, directory, options, voice)


def _check(options: dict[str, Any]) -> None:
    if options["scheduler"] == "":
        raise UsageError("--scheduler names nothing", advice="Is a variable of the command line empty?")
    if options["clones"] and (options["scheduler"] or options["dask"]):
        raise UsageError(
            "workers of a cluster keep clones in their own cache directories", advice="Leave out --clones."
        )
    tls = [name for name in ("tls_ca", "tls_cert", "tls_key") if options[name]]
    if options["scheduler"] and (options["dask"] or options["workers"]):
        raise UsageError(
            "--scheduler names a cluster with workers of its own", advice="Leave out --dask and --workers."
        )
    if tls and not options["scheduler"]:
        raise UsageError(f"--{tls[0].replace('_', '-')} belongs to --scheduler", advice="Name the scheduler.")


def _scan(
    chosen: Any, connection: sqlite3.Connection, directory: str, options: dict[str, Any], voice: Voice
) -> ExitCode:
    from secopskit.cli.fleet.watching import watching
    from secopskit.fleet.key import key_mark, own_fleet_key
    from secopskit.fleet.run import run_fleet
    from secopskit.fleet.store.reading import StoreReader
    from secopskit.fleet.store.runs import RunStore
    from secopskit.fleet.tell.gather import fleet_facts

    key = own_fleet_key(directory)
    runs = RunStore(connection)
    if runs.require_key(key_mark(key)) != key_mark(key):
        raise RefusedError(
            f"{directory}: the key there is not the one that earlier results were made with",
            advice="Bring back its fleet.key. Is that lost, begin a new fleet: --fleet DIR.",
        )
    make = _executor(key, options)
    try:
        with watching(voice) as watcher:
            summary = run_fleet(chosen, runs, make, _wish(options, key_mark(key)), watcher)
    except KeyboardInterrupt:
        voice.insist("What was scanned is kept: the same command goes on where it was.")
        raise
    facts = fleet_facts(StoreReader(connection), summary.number, most=_SHOWN)
    _tell(facts, voice)
    return _verdict(summary, facts, options["fail_on"])


def _wish(options: dict[str, Any], mark: str) -> RunWish:
    from secopskit.fleet.model import MEBIBYTE, UnitLimits
    from secopskit.fleet.run import RunWish

    return RunWish(
        limits=UnitLimits(
            seconds=options["timeout"],
            memory=options["memory"] * MEBIBYTE,
            disk=options["disk"] * MEBIBYTE,
            largest_blob=(options["max_blob"] or 0) * MEBIBYTE,
        ),
        again=options["again"],
        fresh=options["fresh"],
        judged=not options["no_baseline"],
        api=options["api"],
        key_mark=mark,
    )


def _executor(key: bytes, options: dict[str, Any]) -> Callable[[Deliver], Executor]:
    """What makes the executor that the options ask for. Raises UsageError where it is not installed."""
    from secopskit.fleet.executor.remote import workplace_of
    from secopskit.fleet.model import MEBIBYTE

    workers = options["workers"] or os.cpu_count() or 1
    shelf = options["cache_size"] * MEBIBYTE
    if options["scheduler"] or options["dask"]:
        return _cluster(key, options, workers, shelf)

    from secopskit.fleet.executor.local import LocalExecutor

    clones = os.path.abspath(options["clones"]) if options["clones"] else ""
    workplace = workplace_of(key, shelf, clones)
    return lambda deliver: LocalExecutor(workplace, deliver, workers=workers)


def _cluster(key: bytes, options: dict[str, Any], workers: int, shelf: int) -> Callable[[Deliver], Executor]:
    from secopskit.cli.extras import require_extra

    require_extra("fleet")
    from secopskit.fleet.executor.cluster import (
        Certificates,
        ClusterExecutor,
        existing_cluster,
        local_cluster,
    )
    from secopskit.fleet.key import key_mark

    def make(deliver: Deliver) -> Executor:
        mark = key_mark(key)
        if not options["scheduler"]:
            client, close = local_cluster(workers, key)
            return ClusterExecutor(client, deliver, mark=mark, shelf_bound=shelf, close=close)
        certificates = Certificates(
            authority=options["tls_ca"] or "",
            certificate=options["tls_cert"] or "",
            key=options["tls_key"] or "",
        )
        client = existing_cluster(options["scheduler"], certificates)
        return ClusterExecutor(client, deliver, mark=mark, shelf_bound=shelf)

    return make


def _tell(facts: FleetFacts, voice: Voice) -> None:
    from secopskit.cli.fleet.show import show_text

    show_text(facts, voice, secrets=True)


def _verdict(summary: RunSummary, facts: FleetFacts, fail_on: str) -> ExitCode:
    if (fail_on == "any" and facts.total) or (fail_on == "new" and facts.new):
        return ExitCode.FINDINGS
    if summary.listing_errors:
        first, *others = summary.listing_errors
        more = f"; and {count(len(others), 'more error')}, above" if others else ""
        raise SecopsError(f"the list of repositories is not complete: {first}{more}", advice=first.advice)
    return ExitCode.OK if facts.complete else ExitCode.OPERATION
