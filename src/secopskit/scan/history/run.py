"""The scan of a repository's objects, or of those that some commits brought."""

from __future__ import annotations

import time
from collections.abc import Callable

from secopskit.findings import ScanResult
from secopskit.git.repository import Repository
from secopskit.progress import NO_PROGRESS, Progress, ProgressStage
from secopskit.scan.content.detectors import Detectors
from secopskit.scan.history.again import present, told_again
from secopskit.scan.history.earlier import EarlierContent
from secopskit.scan.history.objects.selection import Selection
from secopskit.scan.history.options import HistoryOptions
from secopskit.scan.judging.moved import StandingSecrets
from secopskit.scan.judging.sieve import EVERYTHING, ScanScope, Sieve
from secopskit.scan.run import UnsievedScan, conclude


def scan_history(
    repository: Repository,
    selection: Selection,
    options: HistoryOptions,
    sieve: Sieve,
    *,
    key: Callable[[], bytes],
    progress: Progress = NO_PROGRESS,
    detectors: Detectors | None = None,
) -> ScanResult:
    """Scan the selected objects, each once. Raises GitError, ConfigError.

    Of a range of commits, what its files held before is not reported. `detectors` are those
    that the options describe, if they are made already.
    """
    started = time.perf_counter()
    detectors = detectors or Detectors.open(options.detectors)
    unsieved = _scanned(repository, selection, options, detectors, progress)
    progress.stage(ProgressStage.JUDGING)
    scope = EVERYTHING
    if not selection.everything:
        earlier = EarlierContent(repository, detectors, options.limit)
        standing = StandingSecrets(repository, detectors, options.limit)
        scope = ScanScope(brings=earlier.lacks, moved=standing.before_its_commit)
    target = f"{selection.words} of {repository.root}"
    return conclude(target, unsieved, detectors, sieve, key=key, started=started, scope=scope)


def _scanned(
    repository: Repository,
    selection: Selection,
    options: HistoryOptions,
    detectors: Detectors,
    progress: Progress,
) -> UnsievedScan:
    progress.stage(ProgressStage.LISTING_OBJECTS)
    now = present(repository, selection, options, detectors)
    if again := told_again(now, repository, options, detectors):
        return again
    from secopskit.scan.history.stages import scanned  # where nothing has changed, nothing of it is needed

    return scanned(repository, selection, options, detectors, now, progress)
