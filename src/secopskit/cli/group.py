"""The `secops` command itself: a table of commands, each loaded when it runs."""

from __future__ import annotations

from typing import Final

import click

from secopskit import __version__
from secopskit.cli.help import Example
from secopskit.cli.lazy import LazyCommand, LazyGroup
from secopskit.cli.options import global_options

COMPLETE_VARIABLE: Final = "_SECOPS_COMPLETE"
COMMANDS: Final[dict[str, LazyCommand]] = {
    "scan": LazyCommand(
        "secopskit.cli.scan:scan", "Find secrets in files, a work tree, the index or the whole history."
    ),
    "explain": LazyCommand(
        "secopskit.cli.explain:explain", "Explain why a value in a file is reported, or is not."
    ),
    "init": LazyCommand(
        "secopskit.cli.init.command:init", "Harden a repository: what is ignored, checked, told and asked."
    ),
    "baseline": LazyCommand(
        "secopskit.cli.baseline.commands:baseline",
        "Record findings that are known, and look after the record.",
    ),
    "hook": LazyCommand("secopskit.cli.hook.commands:hook", "Keep secrets out of commits and pushes."),
    "purge-history": LazyCommand(
        "secopskit.cli.purge.command:purge_history",
        "Take leaked values out of the whole history, and prove that they are gone.",
    ),
    "sync-secrets": LazyCommand(
        "secopskit.cli.sync.group:sync_secrets",
        "Bring secrets and variables to where they are read, and keep them so.",
    ),
    "rotate": LazyCommand(
        "secopskit.cli.rotate.group:rotate", "Replace leaked credentials by new ones; end the old ones last."
    ),
    "status": LazyCommand(
        "secopskit.cli.incident.status:status",
        "Show each exposed secret: how far it has come, and what comes next.",
    ),
    "remediate": LazyCommand(
        "secopskit.cli.incident.remediate:remediate",
        "Walk an incident to its end: rotate, sync, purge, push, verify, guard.",
    ),
    "migrate": LazyCommand(
        "secopskit.cli.migrate.group:migrate", "Migrate a PostgreSQL database that must not be harmed."
    ),
    "audit": LazyCommand(
        "secopskit.cli.audit.command:audit",
        "Show where what is declared, what is deployed and what is read do not agree.",
    ),
    "fleet": LazyCommand(
        "secopskit.cli.fleet.group:fleet", "Scan every repository of an organisation, and remember."
    ),
    "rules": LazyCommand("secopskit.cli.rules:rules", "List, show and check the rules."),
    "completion": LazyCommand(
        "secopskit.cli.completion.command:completion", "Print a shell's completion script."
    ),
    "help": LazyCommand("secopskit.cli.about:show_help", "Show the help of a command."),
    "version": LazyCommand("secopskit.cli.about:version", "Show the version; with -v, what it runs on."),
}


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    name="secops",
    examples=(
        Example("secops scan", "Find secrets in the repository here."),
        Example("secops scan --history", "Find them in every commit, too."),
        Example("secops status", "After a leak: what is done, and what comes next."),
        Example("secops help scan", "What a command does, its options and more examples."),
    ),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 clean, 1 findings, 2 usage or configuration, 3 operational error, "
    "4 stopped half-way, 5 refused for safety, 70 a bug in secops, 130 interrupted.",
)
# With its own words, no translation of them is looked for.
@click.version_option(__version__, message="%(prog)s %(version)s", help="Show the version and exit.")
@global_options
def secops() -> None:
    """Secrets hygiene: find leaked secrets in a git repository and keep new ones out."""
