"""`secops scan`: find secrets in files, a work tree, the index or the history."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from secopskit.cli.options import global_options, settings_of
from secopskit.cli.output import deliver
from secopskit.cli.session import Overrides, ScanSession
from secopskit.errors import ExitCode, UsageError
from secopskit.report import FORMATS
from secopskit.scan.run import scan as run_scan

if TYPE_CHECKING:
    from secopskit.findings import ScanResult
    from secopskit.sources.interface import Source

_SEVERITIES: Final = ("info", "low", "medium", "high", "critical")
_ENGINES: Final = ("auto", "hyperscan", "re")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the command line asks to scan. At most one of the modes is set."""

    paths: tuple[str, ...]
    staged: bool
    history: bool
    since: str | None
    revisions: str | None
    stdin: bool
    stdin_name: str
    submodules: bool

    def check(self) -> None:
        """Raise UsageError where the command line contradicts itself."""
        modes = {
            "--staged": self.staged,
            "--history": self.history,
            "--since": self.since is not None,
            "--range": self.revisions is not None,
            "--stdin": self.stdin,
        }
        chosen = [name for name, on in modes.items() if on]
        if len(chosen) > 1:
            raise UsageError(f"{chosen[0]} and {chosen[1]} exclude each other", advice="Choose one of them.")
        if chosen and len(self.paths) > 1:
            raise UsageError(f"{chosen[0]} takes at most one path", advice="Give the path of the repository.")
        for path in self.paths:
            if path != "-" and not os.path.lexists(path):
                raise UsageError(f"{path}: no such file or directory", advice="Check the path.")


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--history",
    is_flag=True,
    help="Scan every object of the repository: all commits, messages, stashes, notes.",
)
@click.option("--since", metavar="REV", help="Scan what the commits after REV brought, up to HEAD.")
@click.option("--range", "revisions", metavar="A..B", help="Scan what a range of commits brought.")
@click.option("--staged", is_flag=True, help="Scan the index; only lines that the commit would add count.")
@click.option("--stdin", is_flag=True, help="Scan standard input.")
@click.option(
    "--stdin-name", default="<stdin>", metavar="NAME", help="The file name that standard input is judged by."
)
@click.option(
    "--recurse-submodules", "submodules", is_flag=True, help="Scan the work trees of submodules too."
)
@click.option(
    "-f", "--format", "form", type=click.Choice(tuple(FORMATS)), help="Form of the report [default: console]."
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the report to a file."
)
@click.option(
    "--min-severity",
    type=click.Choice(_SEVERITIES),
    help="Report findings from this severity on [default: low].",
)
@click.option("--show-secrets", is_flag=True, help="Show the values; on a terminal only.")
@click.option("--show-suppressed", is_flag=True, help="List what baseline, comments and rules held back.")
@click.option(
    "--exclude", multiple=True, metavar="PATTERN", help="Leave out paths, as in .gitignore; repeatable."
)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path),
    help="The baseline to use [default: .secops.baseline.json].",
)
@click.option("--no-baseline", is_flag=True, help="Report what baselines and ignore files hold back.")
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The configuration [default: .secops.yaml].",
)
@click.option(
    "--no-cache", is_flag=True, help="With --history: do not use or keep what earlier scans learnt."
)
@click.option(
    "--engine", type=click.Choice(_ENGINES), help="What looks for rule hits; the findings are the same."
)
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(0, 512),
    metavar="N",
    help="Processes for a history scan [default: one a core].",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@global_options
@click.pass_context
def scan(context: click.Context, /, **options: Any) -> int:
    """Find secrets in PATH: a repository, a directory or files [default: the current directory].

    In a repository, tracked files and untracked ones that are not ignored are read. Exit code 1
    means findings, 0 means none.
    """
    settings = settings_of(context)
    request = _request(options)
    request.check()
    overrides = Overrides(
        config=options["config"],
        baseline=options["baseline"],
        use_baseline=not options["no_baseline"],
        exclude=options["exclude"],
        min_severity=options["min_severity"],
        engine=options["engine"],
        jobs=options["jobs"],
    )
    place = next((path for path in request.paths if path != "-"), ".")
    session = ScanSession(place, overrides, hook=request.staged)
    result = _run(request, session, options, quiet=settings.quiet)
    deliver(result, session, settings, options)
    return ExitCode.FINDINGS if result.findings and not options["exit_zero"] else ExitCode.OK


def _request(options: dict[str, Any]) -> Request:
    names = ("paths", "staged", "history", "since", "revisions", "stdin", "stdin_name", "submodules")
    request = {name: options[name] for name in names}
    if request["paths"] == ("-",):
        request |= {"paths": (), "stdin": True}
    return Request(**request)


def _run(request: Request, session: ScanSession, options: dict[str, Any], *, quiet: bool) -> ScanResult:
    from secopskit.cli.progress import progress

    with progress(session.environment, quiet=quiet) as advance:
        if request.history or request.since is not None or request.revisions is not None:
            return _scan_commits(request, session, advance, cache=not options["no_cache"])
        source = _source(request, session)
        return run_scan(
            source, session.detectors, session.sieve(), key=session.fingerprint_key, progress=advance
        )


def _scan_commits(
    request: Request, session: ScanSession, advance: Callable[[int], None], *, cache: bool
) -> ScanResult:
    from secopskit.scan.history.objects import HistoryOptions, scan_history
    from secopskit.scan.history.selection import WHOLE_HISTORY, commits_of

    repository = session.require_repository("scanning its history")
    if request.history:
        selection = WHOLE_HISTORY
    else:
        selection = commits_of(repository, request.revisions or f"{request.since}..HEAD")
    options = HistoryOptions(
        detectors=session.detector_options, limit=session.limit, jobs=session.jobs,
        cache=cache and session.config.scan.cache,
    )  # fmt: skip
    result = scan_history(
        repository,
        selection,
        options,
        session.sieve(),
        key=session.fingerprint_key,
        progress=advance,
        detectors=session.detectors,
    )
    if selection.everything or not result.findings:
        return result
    from secopskit.scan.brought import only_brought

    return only_brought(repository, session.detectors, result, limit=session.limit)


def _source(request: Request, session: ScanSession) -> Source:
    repository = session.repository
    if request.stdin:
        from secopskit.sources.files import StdinSource

        return StdinSource(sys.stdin.buffer, path=request.stdin_name, limit=session.limit)
    if request.staged:
        from secopskit.sources.staged import StagedSource

        return StagedSource(session.require_repository("--staged"), limit=session.limit)
    if len(request.paths) <= 1 and repository and repository.work_tree:
        place = os.path.realpath(next(iter(request.paths), "."))
        directory = os.path.relpath(place, os.path.realpath(repository.work_tree))
        # A directory that git ignores is read as what it is when somebody names it.
        if os.path.isdir(place) and not (directory != "." and repository.ignores(directory)):
            from secopskit.sources.worktree import WorktreeSource

            return WorktreeSource(
                repository,
                limit=session.limit,
                directory="" if directory == "." else directory,
                submodules=request.submodules,
            )
    if repository and not repository.work_tree and len(request.paths) <= 1:
        raise UsageError(
            f"{session.root}: a bare repository has no work tree", advice="Scan it with --history."
        )
    from secopskit.sources.files import FilesSource

    return FilesSource(request.paths or (".",), root=str(session.root), limit=session.limit)
