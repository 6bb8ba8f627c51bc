"""`secops migrate workflows`: write the GitHub workflows that migrate staging and production."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from secopskit.cli.help import Example, HelpCommand, options_of
from secopskit.cli.migrate.shared.inputs import CommandInputs
from secopskit.cli.migrate.shared.options import directory_option, yes_option
from secopskit.cli.migrate.shared.output import agree, voice_of
from secopskit.cli.options import global_options
from secopskit.cli.terminal.voice import Voice
from secopskit.errors import ExitCode, UsageError
from secopskit.settings.migrate import check_environment_name, is_production, load_migrate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secopskit.migrate.workflows.plan import WorkflowChoices, WorkflowFile


_what_option = options_of("What is written")
_setting_option = options_of("Settings")


@click.command(
    cls=HelpCommand,
    examples=(Example("secops migrate workflows --dry-run", "Show the two workflows, and write nothing."),),
)
@directory_option
@_what_option("--branch", default="staging", show_default=True, help="The branch that staging follows.")
@_what_option("--staging", metavar="NAME", default="staging", show_default=True, help="Its environment.")
@_what_option(
    "--production", metavar="NAME", default="production", show_default=True, help="Production's environment."
)
@_what_option(
    "--countdown",
    type=click.IntRange(0, 3600),
    metavar="SECONDS",
    default=30,
    show_default=True,
    help="The pause before production is migrated.",
)
@_what_option("--requirement", default="", help="What pip installs.  [default: this version of secopskit]")
@_what_option("--dry-run", is_flag=True, help="Show what would be written; exit code 1 if anything.")
@yes_option
@_setting_option("--config", type=click.Path(dir_okay=False, path_type=Path), help="The configuration.")
@global_options
@click.pass_context
def workflows(context: click.Context, /, **options: Any) -> ExitCode:
    """Write .github/workflows/db-staging.yml and db-prod.yml.

    A push to the branch of staging lints, tries and applies pending files. A version tag tries them
    on a shadow of production and, after a consent and a pause, applies the plan that was tried.
    """
    from secopskit.migrate.workflows.plan import plan_workflows, write

    inputs = CommandInputs({**options, "environment": None})
    voice = voice_of(context, inputs)
    planned = plan_workflows(inputs.root, _choices(inputs, voice))
    changed = [file for file in planned if not file.same]
    for file in planned:
        voice.say(f"{_state(file):9} {os.path.relpath(file.path, inputs.root)}")
    if options["dry_run"]:
        _show(changed, inputs.root, voice)
        return ExitCode.FINDINGS if changed else ExitCode.OK
    if changed:
        agree(_question(changed), yes=options["yes"])
        write(planned)
        names = options["staging"], f"{options['production']}-plan", options["production"]
        voice.tell(
            f"Next, in the repository's settings: environments {', '.join(names)}, each with the secret "
            f"DATABASE_URL; required reviewers for {options['production']}. Then commit the files."
        )
    return ExitCode.OK


def _choices(inputs: CommandInputs, voice: Voice) -> WorkflowChoices:
    from secopskit.migrate.workflows.plan import WorkflowChoices

    options = inputs.options
    staging, production = options["staging"], options["production"]
    if _guarded(inputs, staging):
        raise UsageError(
            f"{staging} is guarded as production is, and the workflow of staging asks nobody",
            advice="Name another environment with --staging.",
        )
    if not _guarded(inputs, production):
        voice.tell(
            f"note: {production} is not guarded: neither a dry run nor a pause is asked for. Put `guard: "
            f"true` under migrate.environments.{production} in .secops.yaml.",
            fg="yellow",
        )
    # From the root, where the workflows run, wherever we stand.
    directory = os.path.relpath(inputs.directory, inputs.root).replace(os.sep, "/")
    return WorkflowChoices(
        directory=directory,
        branch=options["branch"],
        staging=staging,
        production=production,
        countdown=options["countdown"],
        requirement=options["requirement"],
    )


def _guarded(inputs: CommandInputs, environment: str) -> bool:
    name = check_environment_name(environment)
    return is_production(name) or load_migrate(inputs.root, name, file=inputs.options["config"]).guard


def _state(file: WorkflowFile) -> str:
    if file.same:
        return "unchanged"
    return "changed" if file.exists else "new"


def _question(changed: Sequence[WorkflowFile]) -> str:
    lost = " What was edited in a changed one is lost." if any(file.exists for file in changed) else ""
    return f"Write {len(changed)} {'file' if len(changed) == 1 else 'files'}?{lost}"


def _show(changed: Sequence[WorkflowFile], root: str, voice: Voice) -> None:
    """What would change, line by line."""
    from difflib import unified_diff

    for file in changed:
        name = os.path.relpath(file.path, root)
        lines = unified_diff(
            file.old.splitlines(),
            file.text.splitlines(),
            name if file.exists else os.devnull,
            name,
            lineterm="",
        )
        for line in lines:
            voice.say(line)
