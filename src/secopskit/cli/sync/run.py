"""`secops sync-secrets` at work: the plan, the question, the writing, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from secopskit.cli.runner_log import our_commands
from secopskit.cli.sync.request import SyncInputs
from secopskit.cli.terminal.ask import Terminal
from secopskit.cli.terminal.interrupted import saying_how_to_go_on
from secopskit.cli.terminal.voice import Voice
from secopskit.conduct.consent import NOBODY, Respondent
from secopskit.errors import ExitCode
from secopskit.report.page import as_markdown
from secopskit.report.text import count
from secopskit.settings.environment import read_ci_context, read_environment
from secopskit.sync import run
from secopskit.sync.tell.annotations import plan_annotations
from secopskit.sync.tell.facts import outcome_facts, plan_facts
from secopskit.sync.tell.story import outcome_story, plan_story

if TYPE_CHECKING:
    from secopskit.cli.options import Settings
    from secopskit.sync.outcome import SyncOutcome
    from secopskit.sync.request import SyncRequest

_GO_ON: Final = (
    "Finish it with `secops sync-secrets --resume` and the options that it had, or forget it with --abort; "
    "nothing that was done is lost."
)
_FORMS: Final = {"md": "markdown", "github": "text"}


def sync(settings: Settings, options: dict[str, Any]) -> ExitCode:
    """Run the command. Raises SecopsError."""
    form = options["form"] or "text"
    voice = Voice.of(
        settings,
        read_environment(),
        form=_FORMS.get(form, form),
        report=options["report_file"],
        summary=read_ci_context().summary,
    )
    inputs = SyncInputs(options, voice)
    if options["abort"]:  # whatever is declared by now
        left = run.abort(inputs.repository.state_dir if inputs.repository else None)
        names = "some names" if left is None else count(left, "name")
        voice.tell(f"Forgotten: {names} may or may not have been written.")
        return ExitCode.OK
    request = inputs.request()
    with saying_how_to_go_on(voice, lambda: run.is_unfinished(request), _GO_ON):
        if options["resume"]:
            return _resumed(inputs, request)
        return _planned(inputs, request, everything=settings.verbosity > 0)


def _resumed(inputs: SyncInputs, request: SyncRequest) -> ExitCode:
    outcome = run.resume(
        request,
        sinks=inputs.sinks(request.config),
        respondent=_respondent(inputs.options),
        consented=inputs.options["yes"],
        tell=inputs.voice,
    )
    return _show(inputs.voice, outcome)


def _planned(inputs: SyncInputs, request: SyncRequest, *, everything: bool) -> ExitCode:
    options, voice = inputs.options, inputs.voice
    plan = run.plan(request, sinks=inputs.sinks(request.config), tell=voice)
    facts = plan_facts(plan)
    last = plan.empty or options["check"]
    if options["form"] == "github":
        with our_commands():
            for line in plan_annotations(facts):
                click.echo(line)
        voice.summarise(as_markdown(plan_story(facts, everything=everything)))
    else:
        voice.page("sync-plan", facts, plan_story(facts, everything=everything), last=last)
    if options["check"]:
        return run.check(plan, strict=options["strict"])
    if voice.form == "text" and not plan.empty:
        voice.say()
    outcome = run.apply(plan, request, respondent=_respondent(options), consented=options["yes"], tell=voice)
    return outcome.code if plan.empty else _show(voice, outcome)


def _show(voice: Voice, outcome: SyncOutcome) -> ExitCode:
    facts = outcome_facts(outcome)
    voice.page("sync-outcome", facts, outcome_story(facts))
    return outcome.code


def _respondent(options: dict[str, Any]) -> Respondent:
    """Who is asked: the person at the terminal, or with `--yes` nobody."""
    return NOBODY if options["yes"] else Terminal()
