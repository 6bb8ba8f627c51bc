"""A scan session: a place, the settings that hold there, and the detectors and the sieve made from them.

Commands that scan, and those that look for what a scan knows, begin with one.
"""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from secopskit.errors import ConfigError, UsageError
from secopskit.findings import Severity, SuppressedBy
from secopskit.git.repository import Repository
from secopskit.scan.detectors import DetectorOptions, Detectors
from secopskit.scan.run import scan
from secopskit.scan.sieve import KnownFindings, Sieve
from secopskit.settings.environment import Environment
from secopskit.settings.scan import Config, Switch, load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from secopskit.findings import ScanResult
    from secopskit.scan.history.selection import Selection
    from secopskit.sources.interface import Source

_IGNORE_FILES = (".gitleaksignore", ".betterleaksignore")


class Overrides(NamedTuple):
    """What the command line says on top of the settings; None or empty: nothing."""

    config: Path | None = None
    baseline: Path | None = None
    use_baseline: bool = True
    exclude: tuple[str, ...] = ()
    min_severity: str | None = None
    engine: str | None = None
    jobs: int | None = None


NO_OVERRIDES = Overrides()


class ScanSession:
    """A place to scan, with its settings. `repository` is None for a directory that is none.

    `notice` is told, in a sentence, why nothing seems to happen for seconds.
    """

    def __init__(
        self,
        path: str,
        overrides: Overrides = NO_OVERRIDES,
        *,
        hook: bool = False,
        notice: Callable[[str], None] = lambda _: None,
    ) -> None:
        start = path if os.path.isdir(path) else os.path.dirname(os.path.abspath(path))
        self.repository = Repository.open(start or ".", hook=hook)
        self.root = self.repository.root if self.repository else os.path.abspath(start)
        self.config: Config = load(self.root, file=overrides.config)
        self._overrides = overrides
        self._notice = notice

    def scan(self, source: Source, *, progress: Callable[[int], None] | None = None) -> ScanResult:
        """Scan content as this session's settings say. `progress` is told bytes read. Raises SecopsError."""
        return scan(source, self.detectors, self.sieve(), key=self.fingerprint_key, progress=progress)

    def scan_commits(
        self,
        selection: Selection,
        *,
        purpose: str,
        progress: Callable[[int], None] | None = None,
        cache: bool = True,
        heeds_comments: bool = True,
    ) -> ScanResult:
        """Scan objects of the repository. Raises SecopsError; UsageError, naming `purpose`, if there is none.

        Without `cache`, nothing is kept for the next scan, nor taken from the last one, whatever
        the settings say. Without `heeds_comments`, allow comments say nothing.
        """
        from secopskit.scan.history.run import HistoryOptions, scan_history

        options = HistoryOptions(
            detectors=self.detector_options,
            limit=self.limit,
            jobs=self.jobs,
            cache=cache and self.config.scan.cache,
        )
        return scan_history(
            self.require_repository(purpose),
            selection,
            options,
            self.sieve()._replace(heeds_comments=heeds_comments),
            key=self.fingerprint_key,
            progress=progress,
            detectors=self.detectors,
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
    def environment(self) -> Environment:
        """What the surroundings ask for."""
        return self.config.environment

    @cached_property
    def detector_options(self) -> DetectorOptions:
        """What to detect with."""
        scan, cache = self.config.scan, self.config.environment.cache_directory
        return DetectorOptions(
            engine=self._overrides.engine or scan.engine.value,
            cache=cache,
            extra_rules=scan.extra_rules,
            decode_depth=scan.decode_depth,
            plugins=self._plugins(),
        )

    @cached_property
    def detectors(self) -> Detectors:
        """The detectors of this process."""
        return Detectors.open(self.detector_options, self._notice)

    @property
    def state_dir(self) -> str | None:
        """Where state of this place is kept: in the git directory, else in the user's cache."""
        if self.repository:
            return self.repository.state_dir
        return self.config.environment.cache_directory

    def fingerprint_key(self) -> bytes:
        """The key of this place's fingerprints, made at first use."""
        from secopskit.state.fingerprint_key import fingerprint_key  # a clean commit needs none

        return fingerprint_key(self.state_dir)

    def sieve(self) -> Sieve:
        """What is not reported here. Raises ConfigError for a broken baseline or ignore file."""
        config = self.config.scan
        severity = self._overrides.min_severity
        patterns = (*config.exclude_paths, *self._overrides.exclude)
        plain = Sieve(
            disabled_rules=frozenset(config.disable_rules),
            min_severity=Severity[severity.upper()] if severity else config.min_severity,
            known=tuple(self._known()) if self._overrides.use_baseline else (),
        )
        if not patterns:
            return plain

        from secopskit.globs import compile_patterns

        return plain._replace(excluded=compile_patterns(patterns).matches)

    @property
    def baseline_path(self) -> Path:
        """The baseline file, whether or not it exists."""
        from pathlib import Path

        return self._overrides.baseline or Path(self.config.scan.baseline)

    @cached_property
    def _yelp_path(self) -> str | None:
        path = os.path.join(self.root, ".secrets.baseline")
        return path if os.path.lexists(path) else None

    def _known(self) -> list[tuple[SuppressedBy, KnownFindings]]:
        """The records that are there; their readers are imported only then."""
        known: list[tuple[SuppressedBy, KnownFindings]] = []
        if self._overrides.baseline and not self._overrides.baseline.is_file():
            raise ConfigError(
                f"{self._overrides.baseline}: no such file", advice="Make it with `secops baseline create`."
            )
        if os.path.lexists(self._overrides.baseline or self.config.scan.baseline):
            from datetime import date

            from secopskit.known.baseline import Baseline, BaselineOn

            baseline = Baseline.load(
                self.baseline_path, within=None if self._overrides.baseline else self.root
            )
            known.append((SuppressedBy.BASELINE, BaselineOn(baseline, date.today())))
        if self._yelp_path:
            from secopskit.known.yelp_baseline import YelpAcceptance, YelpBaseline

            known.append(
                (SuppressedBy.BASELINE, YelpAcceptance(YelpBaseline.load(self._yelp_path, within=self.root)))
            )
        for name in _IGNORE_FILES:
            if os.path.lexists(os.path.join(self.root, name)):
                from secopskit.known.ignore_file import IgnoreFile

                file = IgnoreFile.load(os.path.join(self.root, name), within=self.root)
                known.append((SuppressedBy.IGNORE_FILE, file))
        return known

    def _plugins(self) -> tuple[str, ...]:
        scan = self.config.scan
        if scan.detect_secrets is Switch.OFF and not scan.entropy:
            return ()
        if scan.detect_secrets is Switch.AUTO and not self._yelp_path and not scan.entropy:
            return ()
        from secopskit.detect.yelp.plugins import choose_plugins

        if scan.detect_secrets is Switch.ON:
            return choose_plugins(None, entropy=scan.entropy)
        named: tuple[str, ...] = ()
        if self._yelp_path and scan.detect_secrets is Switch.AUTO:
            from secopskit.known.yelp_baseline import YelpBaseline

            named = YelpBaseline.load(self._yelp_path, within=self.root).plugins
        return choose_plugins(named, entropy=scan.entropy)

    def require_repository(self, what: str) -> Repository:
        """The repository, for a command that needs one. Raises UsageError."""
        if self.repository is None:
            raise UsageError(
                f"{self.root}: not a git repository, and {what} needs one",
                advice="Give the path of a repository.",
            )
        return self.repository
