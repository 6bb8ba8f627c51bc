"""A scan session: a place, the settings that hold there, and the detectors and the sieve made from them.

Commands that scan, and those that look for what a scan knows, begin with one.
"""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Final

from secopskit.errors import UsageError
from secopskit.findings import Severity, SkipReason
from secopskit.git.repository import Repository
from secopskit.named_tuple import NamedTuple
from secopskit.progress import NO_PROGRESS, Progress
from secopskit.redaction import SEEN
from secopskit.scan.content.choose_detectors import options_for, require_rules
from secopskit.scan.content.detectors import DetectorOptions, Detectors
from secopskit.scan.judging.judges import known_findings, touched_in, with_fresh
from secopskit.scan.judging.sieve import EVERYTHING, ScanScope, Sieve
from secopskit.scan.run import scan
from secopskit.settings.environment import Environment
from secopskit.settings.scan import Config, load
from secopskit.settings.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from secopskit.findings import ScanResult
    from secopskit.scan.history.objects.selection import Selection
    from secopskit.scan.judging.committed_judges import CommittedJudges
    from secopskit.sources.interface import Source
    from secopskit.sources.staged import StagedSource

# Whoever commits or pushes waits for it.
_ARCHIVE_IN_HOOK: Final = 4 * 1024 * 1024


class Overrides(NamedTuple):
    """What the command line says on top of the settings; None or empty: nothing.

    `suppressions_from` names a commit: what says that a finding is not reported counts as it stands there.
    `show` tells how much of what stands in tests and documents is wanted: who keeps records of findings
    wants all of it.
    """

    config: Path | None = None
    baseline: Path | None = None
    use_baseline: bool = True
    exclude: tuple[str, ...] = ()
    min_severity: str | None = None
    show: Shown | None = None
    engine: str | None = None
    jobs: int | None = None
    suppressions_from: str | None = None


NO_OVERRIDES = Overrides()


class ScanSession:
    """A place to scan, with its settings. `repository` is None for a directory that is none.

    `notice` is told, in a sentence, why nothing seems to happen for seconds. `key` is a fingerprint key to
    use instead of this place's own. `prepare` is called when something staged will mostly have to be told,
    while git looks whether it is new.
    """

    def __init__(
        self,
        path: str,
        overrides: Overrides = NO_OVERRIDES,
        *,
        hook: bool = False,
        notice: Callable[[str], None] = lambda _: None,
        key: bytes | None = None,
        prepare: Callable[[], None] = lambda: None,
    ) -> None:
        self._key = key
        self._prepare = prepare
        self._hook = hook
        start = path if os.path.isdir(path) else os.path.dirname(os.path.abspath(path))
        self.repository = Repository.open(start or ".", hook=hook)
        self.root = self.repository.root if self.repository else _root_of(path)
        self._notice = notice
        self._judges: CommittedJudges | None = None
        if overrides.suppressions_from is not None:
            self.config, self._overrides = self._judged_by(overrides.suppressions_from, overrides)
        else:
            self.config, self._overrides = load(self.root, file=overrides.config), overrides

    def _judged_by(self, revision: str, overrides: Overrides) -> tuple[Config, Overrides]:
        """The settings of the commit `revision`. Raises UsageError, ConfigError."""
        from secopskit.scan.judging.committed_judges import CommittedJudges

        repository = self.require_repository("--suppressions-from")
        self._judges = judges = CommittedJudges(repository, revision)
        there = overrides._replace(
            config=judges.instead_of(overrides.config), baseline=judges.instead_of(overrides.baseline)
        )
        with judges.naming():
            config = load(judges.directory, file=there.config)
        judges.bring_named((config.scan.baseline, *config.scan.extra_rules))
        return config, there

    def scan(self, source: Source, *, progress: Progress = NO_PROGRESS) -> ScanResult:
        """Scan content as this session's settings say. Raises SecopsError."""
        from secopskit.sources.staged import StagedSource  # what a commit asks for alone

        if self.repository and isinstance(source, StagedSource):
            result = self._scan_staged(source, self.repository, progress)
        else:
            result = self._scan(source, progress, EVERYTHING)
        SEEN.note(result)
        return result

    def _scan(self, source: Source, progress: Progress, scope: ScanScope) -> ScanResult:
        return scan(
            source,
            self.detectors,
            self.sieve(),
            key=self.fingerprint_key,
            progress=progress,
            scope=scope,
            jobs=self.jobs,
        )

    def _scan_staged(self, source: StagedSource, repository: Repository, progress: Progress) -> ScanResult:
        from secopskit.scan.judging.staged import StagedSecrets

        asked = StagedSecrets(source, repository, self.detectors, self.limit, self._prepare)
        result = self._scan(source, progress, ScanScope(moved=asked.stood_before, foresee=asked.foresee))
        asked.forget_foreseen()
        excluded = any(one.reason is SkipReason.EXCLUDED for one in result.skipped)
        if (result.suppressed or excluded) and not self._judges:
            result = with_fresh(result, self.root, self._accepted, lambda _: source.touched)
        return result

    def scan_commits(
        self,
        selection: Selection,
        *,
        purpose: str,
        progress: Progress = NO_PROGRESS,
        cache: bool = True,
        heeds_comments: bool = True,
    ) -> ScanResult:
        """Scan objects of the repository. Raises SecopsError; UsageError, naming `purpose`, if there is none.

        Without `cache`, nothing is kept for the next scan, nor taken from the last one, whatever
        the settings say. Without `heeds_comments`, allow comments say nothing.
        """
        from secopskit.scan.history.options import HistoryOptions
        from secopskit.scan.history.run import scan_history

        options = HistoryOptions(
            detectors=self.detector_options,
            limit=self.limit,
            jobs=self.jobs,
            cache=cache and self.config.scan.cache,
        )
        repository = self.require_repository(purpose)
        result = scan_history(
            repository,
            selection,
            options,
            self.sieve()._replace(heeds_comments=heeds_comments),
            key=self.fingerprint_key,
            progress=progress,
            detectors=self.detectors,
        )
        SEEN.note(result)
        if selection.everything or self._judges or not repository.work_tree:
            return result  # a bare repository's judges are in no commit
        return with_fresh(
            result, repository.root, str(self.baseline_path), touched_in(repository, selection.revisions)
        )

    @property
    def limit(self) -> int:
        """The largest file read, in bytes."""
        return self.config.scan.max_file_size

    @property
    def jobs(self) -> int:
        """The number of worker processes; 0 for one a core."""
        return self.config.scan.jobs if self._overrides.jobs is None else self._overrides.jobs

    @property
    def judged_from_elsewhere(self) -> bool:
        """Whether what is scanned has no say in what is reported of it."""
        return self._judges is not None

    @property
    def environment(self) -> Environment:
        """What the surroundings ask for."""
        return self.config.environment

    @cached_property
    def detector_options(self) -> DetectorOptions:
        """What to detect with."""
        return options_for(
            self.config,
            engine=self._overrides.engine,
            home=self._home,
            largest_archive=_ARCHIVE_IN_HOOK if self._hook else sys.maxsize,
        )

    @cached_property
    def detectors(self) -> Detectors:
        """The detectors of this process."""
        with self._naming():
            found = Detectors.open(self.detector_options, self._notice, later=True)
        for note in found.ruleset.notes:
            self._notice(note)
        require_rules(self.config, found.ruleset.ids)
        return found

    @property
    def state_dir(self) -> str | None:
        """Where state of this place is kept: in the git directory, else in the user's cache."""
        if self.repository:
            return self.repository.state_dir
        return self.config.environment.cache_directory

    def fingerprint_key(self) -> bytes:
        """The key of this place's fingerprints, made at first use."""
        if self._key is not None:
            return self._key
        from secopskit.state.fingerprint_key import fingerprint_key  # a clean commit needs none

        return fingerprint_key(self.state_dir)

    def sieve(self) -> Sieve:
        """What is not reported here. Raises ConfigError for a broken baseline or ignore file."""
        config = self.config.scan
        severity = self._overrides.min_severity
        patterns = (*config.exclude_paths, *self._overrides.exclude)
        named = self._overrides.baseline
        with self._naming():
            found = known_findings(self._home, config.baseline, named=named)
            known = tuple(found) if self._overrides.use_baseline else ()
        plain = Sieve(
            disabled_rules=frozenset(config.disable_rules),
            min_severity=Severity[severity.upper()] if severity else config.min_severity,
            known=known,
            show=self._overrides.show or config.show,
        )
        if self._judges:
            plain = self._judges.before(plain, lambda: self.detectors, self.limit)
        if not patterns:
            return plain

        from secopskit.globs import compile_patterns

        return plain._replace(excluded=compile_patterns(patterns).matches)

    @property
    def baseline_path(self) -> Path:
        """The baseline file, whether or not it exists."""
        from pathlib import Path

        return self._overrides.baseline or Path(self.config.scan.baseline)

    @property
    def _accepted(self) -> str:
        """`baseline_path`, for which a commit need not load what makes a path of it."""
        return str(self._overrides.baseline or self.config.scan.baseline)

    @property
    def _home(self) -> str:
        """The directory that settings, baselines and ignore files are read from."""
        return self._judges.directory if self._judges else self.root

    def _naming(self) -> AbstractContextManager[None]:
        return self._judges.naming() if self._judges else nullcontext()

    def require_repository(self, what: str) -> Repository:
        """The repository, for a command that needs one. Raises UsageError; GitError for a damaged one."""
        if self.repository is None:
            from secopskit.git.discovery import require_none

            require_none(self.root, "Its files can be scanned by their names.")
            raise UsageError(
                f"{self.root}: not a git repository, and {what} needs one",
                advice="Give the path of a repository.",
            )
        return self.repository


def _root_of(path: str) -> str:
    """Where names begin outside of a repository: in a directory itself, in the current one above a file."""
    if os.path.isdir(path):
        return os.path.abspath(path)
    folder, here = os.path.dirname(os.path.abspath(path)), os.getcwd()
    return here if folder.startswith(here.rstrip(os.sep) + os.sep) else folder
