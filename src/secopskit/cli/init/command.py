"""`secops init`: hardens a repository, step by step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from secopskit.cli.help import Example, HelpCommand, options_of
from secopskit.cli.options import global_options, settings_of
from secopskit.cli.terminal.voice import FORMS, Voice
from secopskit.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from secopskit.harden.project import HardenProject

_MODES = ("dry_run", "check", "undo")


_mode_option = options_of("What is done")
_host_option = options_of("For whom it is written")
_report_option = options_of("Settings and report")


@click.command(
    cls=HelpCommand,
    examples=(
        Example("secops init --dry-run", "See what would be written."),
        Example("secops init", "Go through the steps; each asks."),
        Example("secops init --only hook --only ignore", "Two steps alone."),
        Example("secops init --undo", "Take it all back."),
    ),
)
@click.argument("path", default=".", metavar="[PATH]", type=click.Path(exists=True, file_okay=False))
@_mode_option("-n", "--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@_mode_option("--check", is_flag=True, help="For CI: exit with 1 if anything is missing that is committed.")
@_mode_option("--undo", is_flag=True, help="Take back what `secops init` wrote here, and nothing else.")
@_mode_option("--only", multiple=True, metavar="STEP", help="Only this step; repeatable.")
@_mode_option("--skip", multiple=True, metavar="STEP", help="Not this step; repeatable.")
@_host_option("--github", is_flag=True, help="Write for GitHub [default: as the remotes tell].")
@_host_option("--gitlab", is_flag=True, help="Write for GitLab [default: as the remotes tell].")
@_host_option(
    "--hook-by",
    type=click.Choice(["auto", "pre-commit", "git"]),
    default="auto",
    help="Who runs the hook: the pre-commit framework, or git [default: the framework where it is used].",
)
@_mode_option("-y", "--yes", is_flag=True, help="Do not ask. No finding is accepted that way.")
@_report_option("--config", type=click.Path(dir_okay=False, path_type=Path), help="The configuration.")
@_report_option(
    "-f",
    "--format",
    "form",
    type=click.Choice([*FORMS, "md"]),
    help="Form of what is printed [default: text].",
)
@global_options
@click.pass_context
def init(context: click.Context, /, **options: Any) -> ExitCode:
    """Harden the repository at PATH, step by step; each is explained, shown and asked for.

    Steps: ignore, untrack, sample, hook, config, baseline, workflows, security, checklist. No line of yours
    is changed, no value is copied, and nothing is committed. A second run has nothing to do. See
    docs/INIT.md.
    """
    from secopskit.cli.init.surroundings import project_of

    if sum(options[mode] for mode in _MODES) > 1:
        raise UsageError("--dry-run, --check and --undo exclude each other", advice="Choose one of them.")
    voice = _voice(context, options)
    project = project_of(voice, options)
    if options["undo"]:
        return _undo(voice, project, yes=options["yes"])
    if options["check"]:
        return _check(voice, project)
    if options["dry_run"]:
        return _dry_run(voice, project, everything=settings_of(context).verbosity > 0)
    return _apply(voice, project, yes=options["yes"])


def _voice(context: click.Context, options: dict[str, Any]) -> Voice:
    from secopskit.settings.environment import read_environment

    form = "markdown" if options["form"] == "md" else options["form"]
    return Voice.of(settings_of(context), read_environment(), form=form)


def _check(voice: Voice, project: HardenProject) -> ExitCode:
    from secopskit.harden import run
    from secopskit.harden.tell import check_story, plan_facts

    plan = run.plan(project)
    missing = any(step.missing for step in plan.steps)
    facts = plan_facts(plan, result="missing" if missing else "complete")
    voice.page("init-check", facts, check_story(facts))
    return ExitCode.FINDINGS if missing else ExitCode.OK


def _dry_run(voice: Voice, project: HardenProject, *, everything: bool) -> ExitCode:
    from secopskit.harden import run
    from secopskit.harden.tell import plan_facts, plan_story

    plan = run.plan(project)
    facts = plan_facts(plan)
    voice.page("init-plan", facts, plan_story(facts, everything=everything))
    if plan.empty and voice.form == "text":
        voice.say("Nothing to do.")
    blocked = any(step.problem for step in plan.steps)
    return ExitCode.OK if plan.empty and not blocked else ExitCode.FINDINGS


def _apply(voice: Voice, project: HardenProject, *, yes: bool) -> ExitCode:
    from secopskit.cli.init.conversation import Conversation
    from secopskit.cli.terminal.interrupted import saying_how_to_go_on
    from secopskit.harden import run
    from secopskit.harden.recovery import GO_ON, unfinished

    plan = run.plan(project)
    conversation = Conversation(voice, project, yes=yes)
    try:
        agreed = conversation.hold(plan)
    except (KeyboardInterrupt, click.Abort):
        voice.note("Nothing was changed.")
        raise
    with saying_how_to_go_on(voice, lambda: unfinished(project), GO_ON):
        outcome = run.apply(project, agreed, voice)
    return conversation.conclude(plan, outcome)


def _undo(voice: Voice, project: HardenProject, *, yes: bool) -> ExitCode:
    from secopskit.cli.terminal.ask import Terminal
    from secopskit.cli.terminal.interrupted import saying_how_to_go_on
    from secopskit.conduct.consent import YesNo, obtain
    from secopskit.harden import recovery
    from secopskit.harden.tell import undo_facts, undo_story

    plan = recovery.plan_undo(project)
    if not plan.empty and not yes:
        planned = undo_facts(plan, project.repository.common_dir)
        for line in planned.written:
            voice.tell(f"would {line}")
        obtain(YesNo(question="Take this back?"), Terminal())
    with saying_how_to_go_on(voice, lambda: recovery.unfinished(project), recovery.GO_ON):
        facts = undo_facts(recovery.undo(project), project.repository.common_dir)
    voice.page("init-undo", facts, undo_story(facts))
    return ExitCode.OK
