"""`secops scan`: find secrets in files, a work tree, the index or the history."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from secopskit.cli.completion.values import revisions
from secopskit.cli.help import Example, HelpCommand, options_of
from secopskit.cli.options import global_options, settings_of
from secopskit.cli.terminal.output import deliver
from secopskit.cli.terminal.progress import progress, tell, tell_readers_of_logs
from secopskit.errors import UsageError
from secopskit.findings import SkipReason
from secopskit.report import FORMATS
from secopskit.report.facts.live import only_active
from secopskit.report.facts.presence import HistoryPresence, only
from secopskit.scan.choose import (
    FilesRequest,
    HistoryRequest,
    Request,
    StagedRequest,
    StreamRequest,
    scan_requested,
)
from secopskit.scan.session import Overrides, ScanSession
from secopskit.scan.spellings import joined
from secopskit.scan.verdict import judge
from secopskit.settings.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secopskit.findings import ScanResult

_SEVERITIES: Final = ("info", "low", "medium", "high", "critical")
_LIMIT: Final = 100
_STDIN: Final = "<stdin>"
_ACTIVE: Final = "active"
_LIMITED: Final = (None, "console", "md")
_ENGINES: Final = ("auto", "hyperscan", "re")
_what_option = options_of("What to scan")
_report_option = options_of("Report")
_judges_option = options_of("What is held back")
_verify_option = options_of("Live check")
_how_option = options_of("How to work")


@click.command(
    cls=HelpCommand,
    examples=(
        Example("secops scan", "Files that git tracks here, and untracked ones that it does not ignore."),
        Example("secops scan --history --only present", "Every commit; report what is still there."),
        Example("secops scan --range origin/main..HEAD -f md", "What a branch brings, for a comment."),
        Example("secops scan -f oneline | grep ' high: '", "A line a place, for other programs."),
    ),
)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@_what_option(
    "--history",
    is_flag=True,
    help="Scan every object of the repository: all commits, messages, stashes, notes.",
)
@_what_option(
    "--since",
    metavar="REV|DATE",
    shell_complete=revisions,
    help="Scan what the commits after a revision or a day brought, up to HEAD.",
)
@_what_option(
    "--range",
    "revisions",
    metavar="A..B",
    shell_complete=revisions,
    help="Scan what a range of commits brought.",
)
@_what_option("--staged", is_flag=True, help="Scan the index; only lines that the commit would add count.")
@_what_option("--stdin", is_flag=True, help="Scan standard input.")
@_what_option("--stdin-name", metavar="NAME", help="The file name that standard input is judged by.")
@_what_option(
    "--recurse-submodules", "submodules", is_flag=True, help="Scan the work trees of submodules too."
)
@_what_option(
    "--exclude", multiple=True, metavar="PATTERN", help="Leave out paths, as in .gitignore; repeatable."
)
@_report_option(
    "-f",
    "--format",
    "form",
    type=click.Choice(tuple(FORMATS)),
    help="Form of the report; oneline: `path:line:col: severity: …`, a line a place [default: console].",
)
@_report_option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the report to a file."
)
@_report_option(
    "--min-severity",
    type=click.Choice(_SEVERITIES),
    help="Report findings from this severity on [default: low].",
)
@_report_option(
    "--show",
    type=click.Choice(tuple(one.value for one in Shown)),
    help="Report what stands in tests too (tests), and what documents and examples make too small (all).",
)
@_report_option(
    "--only",
    type=click.Choice((*(one.value for one in HistoryPresence), _ACTIVE)),
    help="Of a history, report what the tip of a ref still holds (present) or what none does (gone); "
    "with --verify, what works (active).",
)
@_report_option(
    "--limit",
    type=click.IntRange(0),
    metavar="N",
    help="Show at most N places in console and md, of each rule some; 0: all "
    "[default: 100; 0 with -v, and with -o in a console report].",
)
@_report_option("--show-secrets", is_flag=True, help="Show the values; on a terminal only.")
@_report_option("--show-suppressed", is_flag=True, help="List what baseline, comments and rules held back.")
@_report_option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@_report_option(
    "--strict",
    is_flag=True,
    help="Exit with 1 if not everything was scanned: binary, unreadable or missing content, submodules.",
)
@_judges_option(
    "--baseline",
    type=click.Path(path_type=Path),
    help="The baseline to use [default: .secops.baseline.json].",
)
@_judges_option(
    "--suppressions-from",
    metavar="REV",
    shell_complete=revisions,
    help="Take baseline, ignore files, settings and allow comments as they stand in REV.",
)
@_judges_option("--no-baseline", is_flag=True, help="Report what baselines and ignore files hold back.")
@_judges_option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The configuration [default: .secops.yaml].",
)
@_verify_option(
    "--verify",
    is_flag=True,
    help="Ask those who issued what was found whether it works: sends the values to them, and only reads.",
)
@_verify_option(
    "--verify-host",
    "verify_hosts",
    multiple=True,
    metavar="HOST",
    help="With --verify: ask this host, though it is in a private network or named by a rule of your own.",
)
@_verify_option(
    "--verify-limit",
    type=click.IntRange(1, 10_000),
    metavar="N",
    help="With --verify: ask about at most N values [default: 200].",
)
@_how_option("--no-cache", is_flag=True, help="With --history: do not use or keep what earlier scans learnt.")
@_how_option(
    "--engine", type=click.Choice(_ENGINES), help="What looks for rule hits; the findings are the same."
)
@_how_option(
    "-j",
    "--jobs",
    type=click.IntRange(0, 512),
    metavar="N",
    help="Processes for a history or a large tree [default: one a core].",
)
@global_options
@click.pass_context
def scan(context: click.Context, /, **options: Any) -> int:
    """Find secrets in PATH: a repository, a directory or files [default: the current directory].

    In a repository, tracked files and untracked ones that are not ignored are read. Exit code 1
    means findings, 0 means none. A named file that cannot be read is exit code 3.
    """
    settings = settings_of(context)
    request = _request(options)
    overrides = Overrides(
        config=options["config"],
        baseline=options["baseline"],
        use_baseline=not options["no_baseline"],
        exclude=options["exclude"],
        min_severity=options["min_severity"],
        show=Shown(options["show"]) if options["show"] else None,
        engine=options["engine"],
        jobs=options["jobs"],
        suppressions_from=options["suppressions_from"],
    )
    place = next((path for path in options["paths"] if path != "-"), ".")
    session = ScanSession(place, overrides, hook=isinstance(request, StagedRequest), notice=tell)
    with progress(session.environment, quiet=settings.quiet, color=settings.color) as shown:
        result = joined(scan_requested(session, request, progress=shown))
    if session.detector_options.extra_rules and not settings.quiet:
        tell_readers_of_logs(session.detectors.ruleset.notes)
    if options["verify"]:
        result = _verified(result, session, options)
    if options["only"] == _ACTIVE:
        result = only_active(result)
    elif options["only"] is not None:
        result = only(result, HistoryPresence(options["only"]))
    deliver(result, session, settings, options | {"limit": _limit(options, settings.verbosity)})
    strict = options["strict"] or session.config.scan.strict
    verdict = judge(result, strict=strict, heeds_findings=not options["exit_zero"])
    for line in verdict.why:
        click.echo(f"secops: {line}", err=True)
    if any(one.asked and one.reason is SkipReason.NOT_REGULAR for one in result.skipped):
        hint = "Pipe its content into 'secops scan --stdin'; of a link, name what it leads to."
        click.echo(f"secops: {hint}", err=True)
    return verdict.code


def _verified(result: ScanResult, session: ScanSession, options: dict[str, Any]) -> ScanResult:
    from secopskit.cli.live_check import verified
    from secopskit.scan.verification import MOST, VerifyWish

    wish = VerifyWish(hosts=options["verify_hosts"], most=options["verify_limit"] or MOST)
    return verified(result, session, wish)


def _limit(options: dict[str, Any], verbosity: int) -> int:
    """How many places a report for people shows; 0: all, as for those who ask for more."""
    given: int | None = options["limit"]
    if given is not None:
        return given
    to_a_file = options["output"] is not None and options["form"] in (None, "console")
    return 0 if verbosity > 0 or to_a_file else _LIMIT


def _request(options: dict[str, Any]) -> Request:
    """What the command line asks to scan. Raises UsageError where it contradicts itself."""
    _check(options)
    if options["stdin"] or options["paths"] == ("-",):
        if sys.stdin is None:
            raise UsageError("standard input is closed", advice="Pipe or redirect the content into it.")
        return StreamRequest(sys.stdin.buffer, options["stdin_name"] or _STDIN)
    if options["staged"]:
        return StagedRequest()
    cache = not options["no_cache"]
    if options["history"]:
        return HistoryRequest(cache=cache)
    if options["since"] is not None:
        return HistoryRequest(start=options["since"], cache=cache)
    if options["revisions"] is not None:
        return HistoryRequest(options["revisions"], cache=cache)
    return FilesRequest(options["paths"], submodules=options["submodules"], follows=True)


def _check(options: dict[str, Any]) -> None:
    modes = {
        "--staged": options["staged"],
        "--history": options["history"],
        "--since": options["since"] is not None,
        "--range": options["revisions"] is not None,
        "--stdin": options["stdin"] or options["paths"] == ("-",),
    }
    paths = () if options["paths"] == ("-",) else options["paths"]
    chosen = [name for name, on in modes.items() if on]
    if len(chosen) > 1:
        raise UsageError(f"{chosen[0]} and {chosen[1]} exclude each other", advice="Choose one of them.")
    if chosen and len(paths) > 1:
        raise UsageError(f"{chosen[0]} takes at most one path", advice="Give the path of the repository.")
    _check_companions(options, chosen)
    for path in paths:
        if path != "-" and not os.path.lexists(path):
            raise UsageError(f"{path}: no such file or directory", advice="Check the path.")


def _check_companions(options: dict[str, Any], chosen: Sequence[str]) -> None:
    """Refuse what means something beside another option only, which is not there."""
    if options["stdin_name"] is not None and "--stdin" not in chosen:
        raise UsageError("--stdin-name names standard input", advice="Add --stdin, or leave it out.")
    if not options["verify"]:
        for name, given in (
            ("--only active", options["only"] == _ACTIVE),
            ("--verify-host", bool(options["verify_hosts"])),
            ("--verify-limit", options["verify_limit"] is not None),
        ):
            if given:
                raise UsageError(f"{name} belongs to a live check", advice="Add --verify, or leave it out.")
    if options["only"] not in (None, _ACTIVE) and not {"--history", "--since", "--range"} & set(chosen):
        raise UsageError("--only chooses from a history", advice="Add --history, --since or --range.")
    if options["limit"] is not None and options["form"] not in _LIMITED:
        raise UsageError(f"--format {options['form']} tells everything", advice="Leave out --limit.")
