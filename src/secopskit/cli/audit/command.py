"""`secops audit`: where what is declared, what is deployed and what is read do not agree."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from secopskit.cli.audit.live import check_asked, live_options, look_around, without_secrets
from secopskit.cli.completion.values import mismatch_rule_ids
from secopskit.cli.help import Example, HelpCommand, options_of
from secopskit.cli.options import global_options, settings_of
from secopskit.cli.terminal.progress import progress
from secopskit.errors import ConfigError, ExitCode, UsageError
from secopskit.progress import ProgressStage
from secopskit.settings.environment import read_environment

if TYPE_CHECKING:
    from secopskit.audit.outcome import AcceptedMismatch, AuditOutcome
    from secopskit.audit.request import AuditRequest
    from secopskit.cli.options import Settings
    from secopskit.settings.audit import AuditConfig

FORMS: Final = ("console", "md", "html", "json", "sarif", "github")
_SEVERITIES: Final = ("info", "low", "medium", "high", "critical")


_rule_option = options_of("Rules")
_read_option = options_of("What is read")
_ci_option = options_of("CI and baseline")
_report_option = options_of("Report")


@click.command(
    cls=HelpCommand,
    examples=(
        Example("secops audit", "The project here, on the terminal."),
        Example("secops audit -f html -o report.html", "A page with the picture and the plan, to hand on."),
        Example("secops audit --explain variable-goes-nowhere", "What a rule is about, and what to do."),
        Example(
            'secops audit --update-baseline --reason "known" --owner platform',
            "Accept what is there; from then on `secops audit --check` tells what is new.",
        ),
    ),
)
@click.argument("path", default=".", metavar="[PATH]", type=click.Path(exists=True, file_okay=False))
@_rule_option("--list-rules", is_flag=True, help="List the rules, and look at nothing.")
@_rule_option(
    "--explain",
    metavar="ID",
    shell_complete=mismatch_rule_ids,
    help="Say what a rule is about, and look at nothing.",
)
@_rule_option(
    "--rule",
    "rules",
    multiple=True,
    metavar="ID",
    shell_complete=mismatch_rule_ids,
    help="Ask only this rule; repeatable.",
)
@_rule_option(
    "--disable",
    multiple=True,
    metavar="ID",
    shell_complete=mismatch_rule_ids,
    help="Report nothing of this rule; repeatable.",
)
@_read_option("--exclude", multiple=True, metavar="PATTERN", help="Do not read these files; repeatable.")
@_rule_option(
    "--min-severity",
    type=click.Choice(_SEVERITIES),
    help="Report mismatches from this severity on [default: low].",
)
@_ci_option("--check", is_flag=True, help="For CI: a line for each mismatch that the baseline lacks.")
@_ci_option("--update-baseline", is_flag=True, help="Accept what is found now; show what that changes.")
@_ci_option("--dry-run", is_flag=True, help="With --update-baseline: write nothing.")
@_ci_option("--reason", default="", help="With --update-baseline: why new entries are accepted.")
@_ci_option("--owner", default="", help="With --update-baseline: who answers for new entries.")
@_ci_option(
    "--baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The baseline [default: .secops.audit.json].",
)
@_ci_option("--no-baseline", is_flag=True, help="Report what the baseline accepts, too.")
@_read_option("--local-env", is_flag=True, help="Read environment files that git ignores, too.")
@_report_option(
    "-f", "--format", "form", type=click.Choice(FORMS), help="Form of the report [default: console]."
)
@_report_option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the report to a file."
)
@_report_option(
    "--svg",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the picture of services and databases to a file as well.",
)
@_report_option("--show-suppressed", is_flag=True, help="List what baseline and settings hold back.")
@_read_option("--config", type=click.Path(dir_okay=False, path_type=Path), help="The configuration.")
@live_options
@_ci_option("--exit-zero", is_flag=True, help="Exit with 0 even if there are mismatches.")
@global_options
@click.pass_context
def audit(context: click.Context, /, **options: Any) -> ExitCode:
    """Hold the files of the project at PATH against each other: code, Compose, Dockerfiles, workflows, …

    Reads tracked files, and untracked ones that git does not ignore; runs nothing, prints no
    value, and asks nobody unless an option --ask-… says so. Exit code 1 means mismatches that the baseline
    does not accept. See docs/AUDIT.md.
    """
    if options["list_rules"] or options["explain"]:
        from secopskit.cli.audit.explain import explain_rule, list_rules

        return explain_rule(options["explain"]) if options["explain"] else list_rules()
    _check(options)
    from secopskit.settings.audit import load_audit

    settings = settings_of(context)
    config = load_audit(options["path"], file=options["config"])
    accepted = _accepted(options, config)
    outcome = _audited(options, config, settings, accepted)
    if options["update_baseline"]:
        from secopskit.cli.audit.baseline import update_baseline

        code = update_baseline(outcome, accepted, options, _baseline(options, config), quiet=settings.quiet)
        return ExitCode.OPERATION if outcome.unanswered and code is ExitCode.OK else code
    from secopskit.cli.audit.deliver import deliver_audit

    _notice_names(options)
    deliver_audit(outcome, settings, options)
    if outcome.total and not options["exit_zero"]:
        return ExitCode.FINDINGS
    return ExitCode.OPERATION if outcome.unanswered else ExitCode.OK


def _notice_names(options: dict[str, Any]) -> None:
    from secopskit.scan.session import Overrides, ScanSession
    from secopskit.scan.shown_names import notice_names

    notice_names(lambda: ScanSession(options["path"], Overrides(config=options["config"])))


def _check(options: dict[str, Any]) -> None:
    """Raises UsageError where the command line contradicts itself."""
    if options["check"] and options["update_baseline"]:
        raise UsageError("--check and --update-baseline exclude each other", advice="Choose one of them.")
    if options["rules"] and options["update_baseline"]:
        raise UsageError("--rule and --update-baseline exclude each other", advice="Leave out --rule.")
    for name in ("dry_run", "reason", "owner"):
        if options[name] and not options["update_baseline"]:
            shown = name.replace("_", "-")
            raise UsageError(f"--{shown} says nothing here", advice="It belongs to --update-baseline.")


def _baseline(options: dict[str, Any], config: AuditConfig) -> Path:
    given: Path | None = options["baseline"]
    return given or Path(config.baseline)


def _accepted(options: dict[str, Any], config: AuditConfig) -> tuple[AcceptedMismatch, ...]:
    """What the baseline accepts. Raises UsageError for a named one that is not there."""
    from secopskit.audit.baseline import load_accepted

    given: Path | None = options["baseline"]
    if options["no_baseline"]:
        return ()
    if given is not None and not given.exists() and not options["update_baseline"]:
        raise UsageError(f"{given}: no such file", advice="Make it with --update-baseline.")
    return load_accepted(_baseline(options, config), within=options["path"] if given is None else None)


def _audited(
    options: dict[str, Any], config: AuditConfig, settings: Settings, accepted: tuple[AcceptedMismatch, ...]
) -> AuditOutcome:
    from secopskit.audit.run import audit as run_audit
    from secopskit.audit.run import chosen_rules
    from secopskit.collect.project import read_project
    from secopskit.globs import compile_patterns

    request = _request(options, config)
    chosen_rules((*options["rules"], *options["disable"]))  # before a large project is read
    try:
        chosen_rules(config.disable)
    except UsageError as error:
        place = config.file or "the environment"
        raise ConfigError(f"{place}: `audit.disable`: {error}", advice=error.advice) from None
    check_asked(options)
    patterns = (*config.exclude, *options["exclude"])
    with progress(read_environment(), quiet=settings.quiet, color=settings.color) as shown:
        shown.stage(ProgressStage.READING_FILES)
        facts = read_project(
            options["path"],
            exclude=compile_patterns(patterns) if patterns else None,
            ignored_environment=options["local_env"],
            variables=without_secrets(options),
            name=config.name,
        )
    facts, live = look_around(facts, options, settings)
    return run_audit(facts, request, accepted, live)


def _request(options: dict[str, Any], config: AuditConfig) -> AuditRequest:
    from secopskit.audit.request import AuditRequest
    from secopskit.findings import Severity

    given = options["min_severity"]
    return AuditRequest(
        name=config.name,
        rules=options["rules"],
        disable=(*config.disable, *options["disable"]),
        min_severity=Severity[given.upper()] if given else config.min_severity,
    )
