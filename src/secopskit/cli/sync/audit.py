"""`secops sync-secrets audit`: what workflows look up, held against what exists or is declared."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from secopskit.cli.help import Example, HelpCommand
from secopskit.cli.options import global_options, settings_of
from secopskit.cli.runner_log import our_commands
from secopskit.cli.terminal.voice import Voice
from secopskit.errors import ExitCode, UsageError
from secopskit.git.repository import Repository
from secopskit.settings.declaration import check_repository
from secopskit.settings.environment import read_ci_context, read_environment
from secopskit.settings.sync import load_sync

if TYPE_CHECKING:
    from secopskit.settings.sync import SyncConfig
    from secopskit.sync.audit.model import AuditInventory, AuditReport

FORMS: Final = ("text", "json", "markdown", "md", "github")
_FORMS: Final = {"md": "markdown", "github": "text"}
_NO_TOKEN: Final = 401


def _repository_name(_context: click.Context, _parameter: click.Parameter, name: str | None) -> str:
    try:
        return check_repository(name) if name else ""
    except ValueError:
        raise click.BadParameter("name the repository as owner/name") from None


@click.command(
    cls=HelpCommand,
    examples=(
        Example("secops sync-secrets audit", "What workflows use against what GitHub has."),
        Example("secops sync-secrets audit --offline", "Against .secops.yaml alone."),
    ),
)
@click.argument("path", default=".", metavar="[PATH]", type=click.Path(exists=True, file_okay=False))
@click.option(
    "--repo",
    "repository",
    metavar="OWNER/NAME",
    callback=_repository_name,
    help="The repository at GitHub [default: that of the remote, else the declared one].",
)
@click.option("--offline", is_flag=True, help="Ask nobody: hold them against .secops.yaml alone.")
@click.option("--strict", is_flag=True, help="Fail for warnings, too.")
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(FORMS),
    help="Form of what is printed; github: annotations [default: text].",
)
@click.option(
    "--report",
    "report_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the report to a file as well, as its end says: .txt, .md or .json.",
)
@click.option("--config", type=click.Path(dir_okay=False, path_type=Path), help="The configuration.")
@global_options
@click.pass_context
def audit(context: click.Context, /, **options: Any) -> ExitCode:
    """Hold the secrets and variables that the workflows at PATH use against those that exist.

    Reads the work tree as it lies there, and lists names at GitHub, never a value; without a token, or
    with --offline, .secops.yaml alone is asked. Exit code 1 means an error: something is missing, or where
    it must not be. With --strict warnings count too: what is unused, and what cannot be known from here.
    """
    from secopskit.sync.audit.run import audit as run_audit

    form = options["form"] or "text"
    voice = Voice.of(
        settings_of(context),
        read_environment(),
        form=_FORMS.get(form, form),
        report=options["report_file"],
        summary=read_ci_context().summary if form == "github" else "",
    )
    repository = Repository.open(options["path"])
    root = _root(repository, options["path"])
    config = load_sync(root, file=options["config"])
    report = run_audit(root, partial(_inventory, options, voice, repository, config))
    _show(report, voice, annotations=form == "github")
    return _code(report, strict=options["strict"])


def _root(repository: Repository | None, path: str) -> str:
    """The top of the work tree, or `path` where that has workflows of its own (a template, an example)."""
    from secopskit.sync.audit.read import WORKFLOWS

    if repository is None or os.path.isdir(os.path.join(path, WORKFLOWS)):
        return path
    if repository.work_tree is None:
        raise UsageError("a bare repository has no work tree to read", advice="Run it in a clone.")
    return repository.work_tree


def _inventory(
    options: dict[str, Any],
    voice: Voice,
    repository: Repository | None,
    config: SyncConfig,
    named: frozenset[str],
) -> AuditInventory:
    """What exists; what is declared where nobody is to be asked, or nobody can be."""
    from secopskit.github.errors import GitHubError
    from secopskit.sync.audit.declared import declared

    if options["offline"]:
        return declared(config, options["repository"])
    from secopskit.cli.sync.surroundings import github_client
    from secopskit.sync.audit.exists import existing

    name = options["repository"] or _known_repository(repository, config)
    try:
        client = github_client(voice, repository, config.api_url)
    except GitHubError as error:
        if error.status != _NO_TOKEN:
            raise
        voice.insist(f"{error}: what exists was not looked at, only what is declared. {error.advice}")
        return declared(config, name)
    voice.phase(f"listing names at {client.host}")
    return existing(client, name, named)


def _known_repository(repository: Repository | None, config: SyncConfig) -> str:
    from secopskit.cli.sync.surroundings import repository_of_remote

    name = repository_of_remote(repository)
    if not name and len(config.repositories) == 1:
        name = config.repositories[0]
    if not name:
        raise UsageError(
            "no remote says which repository at GitHub this is", advice="Say --repo owner/name, or --offline."
        )
    return name


def _show(report: AuditReport, voice: Voice, *, annotations: bool) -> None:
    from secopskit.sync.audit.render import audit_annotations, audit_blocks, audit_facts

    blocks = audit_blocks(report)
    if annotations:
        from secopskit.report.page import as_markdown

        with our_commands():
            click.echo(audit_annotations(report), nl=False)
        voice.summarise(as_markdown(blocks))
    else:
        voice.page("sync-audit", audit_facts(report), blocks)


def _code(report: AuditReport, *, strict: bool) -> ExitCode:
    from secopskit.sync.audit.model import AuditSeverity

    failing = report.count(AuditSeverity.ERROR) + strict * report.count(AuditSeverity.WARNING)
    return ExitCode.FINDINGS if failing else ExitCode.OK
