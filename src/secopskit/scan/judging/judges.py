"""Who judges a scan: the files of a place that say what is not reported.

Every commit imports this module: the readers of the files are imported where a file is.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from secopskit.errors import ConfigError
from secopskit.findings import SkipReason, SuppressedBy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence, Set

    from secopskit.findings import ScanResult
    from secopskit.git.repository import Repository
    from secopskit.scan.judging.sieve import KnownFindings
    from secopskit.state.smallfiles import StrPath

SETTINGS: Final = ".secops.yaml"
YELP_BASELINE: Final = ".secrets.baseline"
IGNORE_FILES: Final = (".gitleaksignore", ".betterleaksignore")
GITLEAKS_RULES: Final = (".gitleaks.toml", ".betterleaks.toml")
JUDGES: Final = (SETTINGS, YELP_BASELINE, *IGNORE_FILES, *GITLEAKS_RULES)
"""Those with fixed names; the settings name the baseline and further rule files."""

_OF_SETTINGS: Final = (SuppressedBy.PATH, SuppressedBy.RULE, SuppressedBy.SEVERITY)
# The words of git that list the files that commits touch, a path each, ended by NUL.
_COMMITS: Final = ("log", "--format=", "--name-only", "-z", "--no-renames", "-m")


def known_findings(
    home: str, baseline: str, *, named: StrPath | None
) -> Iterator[tuple[SuppressedBy, KnownFindings]]:
    """The records in the directory `home` of what somebody judged. Raises ConfigError.

    `baseline` is the one that the settings name, which may be missing; one that the user has `named` may
    not, and may stand anywhere.
    """
    if named and not os.path.isfile(named):
        raise ConfigError(f"{named}: no such file", advice="Make it with `secops baseline create`.")
    if os.path.lexists(named or baseline):
        from datetime import date

        from secopskit.known.baseline import Baseline, BaselineOn

        accepted = Baseline.load(named or baseline, within=None if named else home)
        yield SuppressedBy.BASELINE, BaselineOn(accepted, date.today())
    if os.path.lexists(yelp := os.path.join(home, YELP_BASELINE)):
        from secopskit.known.yelp_baseline import YelpAcceptance, YelpBaseline

        yield SuppressedBy.BASELINE, YelpAcceptance(YelpBaseline.load(yelp, within=home))
    for name in IGNORE_FILES:
        if os.path.lexists(path := os.path.join(home, name)):
            from secopskit.known.ignore_file import IgnoreFile

            yield SuppressedBy.IGNORE_FILE, IgnoreFile.load(path, within=home)


def touched_in(repository: Repository, revisions: Sequence[str]) -> Callable[[Iterable[str]], set[str]]:
    """Tells which of some files, named from the root, commits touch. It may raise GitError."""

    def touched(names: Iterable[str]) -> set[str]:
        paths = (f":(top,literal){name}" for name in names if not name.startswith(".."))
        listing = repository.run(*_COMMITS, *revisions, "--", *paths)
        return {os.fsdecode(name.strip(b"\n")) for name in listing.split(b"\0")}

    return touched


def with_fresh(
    result: ScanResult, root: str, baseline: str, touched: Callable[[Iterable[str]], Set[str]]
) -> ScanResult:
    """`result`, with a mark on what a file keeps out that the scanned change itself touches.

    `touched` tells of the names of files, from `root`, at least which of them the change touches. Raises
    what it raises.
    """
    accepted = os.path.relpath(baseline, root).replace(os.sep, "/")
    kinds = {
        **dict.fromkeys(IGNORE_FILES, (SuppressedBy.IGNORE_FILE,)),
        YELP_BASELINE: (SuppressedBy.BASELINE,),
        accepted: (SuppressedBy.BASELINE,),
        SETTINGS: _OF_SETTINGS,
    }
    asked = {by for names in kinds.values() for by in names}
    excluded = any(one.reason is SkipReason.EXCLUDED for one in result.skipped)
    if not excluded and not any(one.by in asked for one in result.suppressed):
        return result
    fresh = {by for name in touched(kinds) for by in kinds.get(name, ())}
    excludes = SuppressedBy.PATH in fresh
    return result._replace(
        suppressed=tuple(one._replace(fresh=one.by in fresh) for one in result.suppressed),
        skipped=tuple(
            one._replace(fresh=excludes and one.reason is SkipReason.EXCLUDED) for one in result.skipped
        ),
    )
