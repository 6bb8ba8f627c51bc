"""`secops hook`: what git, or the pre-commit framework, runs; and putting it where git looks."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from secopskit.cli.completion.values import revisions
from secopskit.cli.help import Example, HelpGroup
from secopskit.cli.options import Settings, global_options, settings_of
from secopskit.errors import ExitCode, SecopsError, UsageError
from secopskit.report.text import visible

if TYPE_CHECKING:
    from secopskit.hooks.plan import HookPlan


suppressions_from: Final = click.option(
    "--suppressions-from",
    metavar="REV",
    shell_complete=revisions,
    help="Take baseline, ignore files, settings and allow comments as they stand in REV.",
)


@click.group(
    cls=HelpGroup,
    examples=(
        Example("secops hook install", "Check every commit made here."),
        Example("secops hook status", "Which hooks are ours."),
    ),
)
@global_options
def hook() -> None:
    """Keep secrets out of commits and pushes. See docs/hooks.md."""


@hook.command(
    "run", examples=(Example("secops hook run", "What the hook does, by hand: check what is staged."),)
)
@click.argument("arguments", nargs=-1, metavar="[FILES]...")
@click.option("--push", is_flag=True, help="Check the commits being pushed, as told by git's pre-push hook.")
@click.option("--purged-only", is_flag=True, help="With --push: look for purged objects, and do not scan.")
@suppressions_from
@global_options
@click.pass_context
def run(
    context: click.Context,
    arguments: tuple[str, ...],
    *,
    push: bool,
    purged_only: bool,
    suppressions_from: str | None,
) -> ExitCode:
    """Check what is about to be committed (or pushed): what the hooks call.

    Without FILES, or where all of them are staged, only lines that the commit would add count.
    Other FILES are read from disk, whole. Exit code 1 stops the commit.
    """
    settings = settings_of(context)
    if push:
        from secopskit.cli.hook.push_check import check_push
        from secopskit.scan.session import Overrides

        overrides = Overrides(suppressions_from=suppressions_from)
        return check_push(arguments, settings, overrides, scans=not purged_only)
    if purged_only:
        raise UsageError("--purged-only goes with --push", advice="A commit is not checked for it.")
    from secopskit.cli.hook.commit_check import check_commit

    verbosity = -1 if settings.quiet else settings.verbosity
    return check_commit(
        arguments, color=settings.color, verbosity=verbosity, suppressions_from=suppressions_from
    )


@hook.command(
    "pre-receive",
    examples=(Example("exec secops hook pre-receive", "The whole of a pre-receive hook on a server."),),
)
@click.option("--config", type=click.Path(dir_okay=False, path_type=Path), help="The server's configuration.")
@click.option("--no-inline-allow", is_flag=True, help="Heed no `secops: allow` comment in what is pushed.")
@click.option("--purged-only", is_flag=True, help="Look for purged objects, and do not scan.")
@suppressions_from
@global_options
@click.pass_context
def pre_receive(
    context: click.Context,
    config: Path | None,
    *,
    no_inline_allow: bool,
    purged_only: bool,
    suppressions_from: str | None,
) -> ExitCode:
    """Check a push on the server, before any ref moves: for a `pre-receive` hook.

    Settings and baselines come from the server alone: from --config, or from files in the
    bare repository itself, or with --suppressions-from from a branch as it stands before the push.
    Those that are pushed have no say.
    """
    from secopskit.cli.hook.push_check import check_received
    from secopskit.scan.session import Overrides

    overrides = Overrides(config=config, suppressions_from=suppressions_from)
    return check_received(
        overrides, settings_of(context), inline_allow=not no_inline_allow, scans=not purged_only
    )


@hook.command(
    examples=(
        Example("secops hook install --push", "Check commits and pushes."),
        Example("secops hook install --reject-purged", "No old clone brings back what was purged."),
    )
)
@click.option("--push", is_flag=True, help="Write a pre-push hook too.")
@click.option(
    "--reject-purged",
    is_flag=True,
    help="Write the hook that rejects what a purge removed: pre-push, in a bare repository pre-receive.",
)
@click.option(
    "--purged-list",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="With --reject-purged: take in a list that was recorded in another clone.",
)
@click.option("--shared", is_flag=True, help="Write into a core.hooksPath that serves others too.")
@click.option("-n", "--dry-run", is_flag=True, help="Say what would be done.")
@global_options
@click.pass_context
def install(context: click.Context, /, **options: Any) -> ExitCode:
    """Write the git hooks of this repository. A hook that is there is kept, and runs first."""
    from secopskit.hooks.plan import plan_install
    from secopskit.hooks.script import Interpreter

    guards, dry_run = options["reject_purged"], options["dry_run"]
    if options["purged_list"] and not guards:
        raise UsageError("--purged-list goes with --reject-purged", advice="Say both.")
    hooks = _wanted(push=options["push"], guards=guards)
    plan = plan_install(
        Path.cwd(), hooks, Interpreter.of(sys.executable), shared=options["shared"], guards=guards
    )
    if options["purged_list"]:
        _take_in(options["purged_list"], settings_of(context), dry_run=dry_run)
    code = _carry_out(plan, settings_of(context), dry_run=dry_run)
    if hooks and not dry_run:
        _compile_rules()
    return code


def _wanted(*, push: bool, guards: bool) -> tuple[str, ...]:
    """The hooks that scan. The guard alone brings none of them: nobody has asked for a scan then."""
    if push:
        return ("pre-commit", "pre-push")
    return () if guards else ("pre-commit",)


def _take_in(path: str, settings: Settings, *, dry_run: bool) -> None:
    from secopskit.git.repository import Repository
    from secopskit.purge.push import guard

    repository = Repository.open(".")
    if repository and not dry_run:
        number = guard.bring(repository, path)
        if not settings.quiet:
            click.echo(f"take in {number:,} ids of purged objects from {visible(path)}")
    elif not settings.quiet:
        click.echo(f"would take in the ids of purged objects from {visible(path)}")


@hook.command(examples=(Example("secops hook status", "Which hooks are ours, and whether one is outdated."),))
@global_options
@click.pass_context
def status(context: click.Context) -> ExitCode:
    """Show which git hooks of this repository are ours. Exit code 1 means that one is outdated or idle.

    An outdated hook starts `secops` under the name that this program no longer has: it stops every
    commit, or runs another project's package of that name. An idle one is not executable: git passes
    over it without a word.
    """
    from secopskit.hooks.status import HookState, hooks_status

    found = hooks_status(Path.cwd())
    if not settings_of(context).quiet:
        for each in found:
            click.echo(f"{each.hook:12} {each.state.value}  {visible(each.path)}")
    useless = any(each.state in (HookState.OUTDATED, HookState.IDLE) for each in found)
    return ExitCode.FINDINGS if useless else ExitCode.OK


@hook.command(examples=(Example("secops hook uninstall --dry-run", "What would be removed and put back."),))
@click.option("--shared", is_flag=True, help="Remove what `install --shared` wrote.")
@click.option("-n", "--dry-run", is_flag=True, help="Say what would be done.")
@global_options
@click.pass_context
def uninstall(context: click.Context, *, shared: bool, dry_run: bool) -> ExitCode:
    """Remove our git hooks from this repository, and put back those that were there before."""
    from secopskit.hooks.plan import plan_uninstall

    plan = plan_uninstall(Path.cwd(), shared=shared)
    return _carry_out(plan, settings_of(context), dry_run=dry_run)


def _carry_out(plan: HookPlan, settings: Settings, *, dry_run: bool) -> ExitCode:
    if not settings.quiet:
        before = "would " if dry_run and plan.steps else ""
        for line in plan.words:
            click.echo(before + visible(line))
    if not dry_run:
        plan.apply()
    return ExitCode.OK


def _compile_rules() -> None:
    """Compile the rules now: it takes seconds, for which the first commit would have to wait."""
    from secopskit.cli.terminal.progress import tell
    from secopskit.scan.session import ScanSession

    with suppress(SecopsError):  # a broken setting is told by the commit that meets it
        ScanSession(".", notice=tell).detectors  # noqa: B018 - made, and kept on disk, by being asked for
