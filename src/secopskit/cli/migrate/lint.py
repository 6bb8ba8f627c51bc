"""`secops migrate lint`: look for statements that will hurt."""

from __future__ import annotations

from typing import Any

import click

from secopskit.cli.help import Example, HelpCommand, options_of
from secopskit.cli.migrate.shared.inputs import CommandInputs
from secopskit.cli.migrate.shared.options import directory_option, shadow_options, target_options
from secopskit.cli.migrate.shared.output import problems_shown, voice_of, warn
from secopskit.cli.migrate.shared.show_dry_run import show_hazards
from secopskit.errors import ExitCode
from secopskit.migrate.model import count_files

_what_option = options_of("What is looked at")


@click.command(
    cls=HelpCommand,
    examples=(
        Example("secops migrate lint", "All files."),
        Example("secops migrate lint --since 20260301120000", "Only what is newer, as in a pull request."),
    ),
)
@_what_option("--since", metavar="VERSION", help="Only files newer than this version.")
@_what_option("--pending", is_flag=True, help="Only files that the database does not have yet.")
@_what_option("--exclude", multiple=True, metavar="RULE", help="A rule to leave out.")
@_what_option("--no-shadow", is_flag=True, help="Do not try the files: read them only.")
@_what_option("--explain", metavar="RULE", help="Say what a rule looks for and why; `all` lists them.")
@shadow_options
@directory_option
@target_options
@click.pass_context
def lint(context: click.Context, /, **options: Any) -> ExitCode:
    """Look for statements that will hurt: by reading them, by trying them on a shadow, and with squawk.

    No database is needed, but for --pending. Exit code 1 means that something was found. A comment in the
    line, or alone in the line above, lets one stand: `-- secops: allow[rule] reason`. What was looked at,
    and what could not be, is said. squawk is an optional part: `pip install 'secopskit[lint]'`.
    """
    if options["explain"]:
        return _explain(options["explain"])
    from secopskit.migrate import lint as linting
    from secopskit.migrate.tell.render import VERSION
    from secopskit.migrate.tell.render_dryrun import hazard_data, hazards_markdown

    inputs = CommandInputs(options)
    voice = voice_of(context, inputs)
    loaded = inputs.load()
    warn(voice, [problem for problem in loaded.problems if not problem.blocking])
    before, chosen = linting.choose_files(loaded, _applied(inputs), since=options["since"])
    with problems_shown(voice):
        found = linting.lint(
            before,
            chosen,
            None if options["no_shadow"] else inputs.shadow,
            lock_timeout_ms=inputs.settings.lock_timeout,
        )
    warn(voice, found.problems)
    hazards = [hazard for hazard in found.hazards if hazard.rule not in options["exclude"]]
    verdict = f"{count_files(len(chosen))}: {len(hazards) or 'nothing'} found by {', '.join(found.looked)}"

    def text() -> None:
        show_hazards(hazards, voice)
        for each in found.allowed:
            hazard = each.hazard
            reason = f": {each.reason}" if each.reason else ""
            voice.tell(f"allowed {hazard.version}, line {hazard.line} [{hazard.rule}]{reason}", dim=True)
        for missed in found.missed:
            voice.insist(f"not looked at: {missed}", fg="yellow")
        voice.say(verdict)

    voice.result(
        lambda: {
            "version": VERSION,
            "files": len(chosen),
            "hazards": [hazard_data(h) for h in hazards],
            "allowed": [hazard_data(each.hazard) | {"reason": each.reason} for each in found.allowed],
            "looked": list(found.looked),
            "not_looked": list(found.missed),
        },
        text,
    )
    missed = "".join(f"\nNot looked at: {each}\n" for each in found.missed)
    voice.summarise("### Lint\n\n" + (hazards_markdown(hazards) or f"{verdict}.\n") + missed)
    return ExitCode.FINDINGS if hazards else ExitCode.OK


def _explain(name: str) -> ExitCode:
    from secopskit.migrate.pains.rules import PAIN_RULES

    if name == "all":
        for rule_id, rule in PAIN_RULES.items():
            click.echo(f"{rule_id:22}{rule.title}")
        return ExitCode.OK
    if name not in PAIN_RULES:
        raise click.BadParameter(
            f"there is no rule {name[:40]!r}; there are: {', '.join(PAIN_RULES)}", param_hint="--explain"
        )
    rule = PAIN_RULES[name]
    click.echo(f"{name}: {rule.title}\n\n{rule.why}\n\nInstead: {rule.advice}")
    click.echo(f"\nTo let one stand, beside it or above it: -- secops: allow[{name}] reason")
    return ExitCode.OK


def _applied(inputs: CommandInputs) -> list[str]:
    """The versions that the database has, where only what it has not is asked for."""
    if not inputs.options["pending"]:
        return []
    with inputs.context.opened() as database:
        return [row.version for row in database.applied]
