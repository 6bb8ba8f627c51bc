"""What is asked about secrets that are staged, while they are scanned: whether they stood before."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from secopskit.findings import Finding, Location
from secopskit.git.repository import Repository
from secopskit.scan.content.detectors import Detectors
from secopskit.scan.content.occurrence import Occurrence
from secopskit.sources.staged import StagedSource

if TYPE_CHECKING:
    from secopskit.scan.judging.moved import StandingSecrets


class StagedSecrets:
    """The secrets of one source.

    `prepare` is called when there will mostly be something to tell, while git looks whether it is new.
    """

    def __init__(
        self,
        source: StagedSource,
        repository: Repository,
        detectors: Detectors,
        limit: int,
        prepare: Callable[[], None],
    ) -> None:
        self._source = source
        self._repository = repository
        self._detectors = detectors
        self._limit = limit
        self._prepare = prepare

    @cached_property
    def _standing(self) -> StandingSecrets:
        from secopskit.scan.judging.moved import StandingSecrets  # most commits have no secret

        source = self._source
        return StandingSecrets(
            self._repository, self._detectors, self._limit, in_head=source.in_head, replaced=source.replaced
        )

    def stood_before(self, finding: Finding, location: Location) -> str:
        """Where it stood before, in words; "" where it is new."""
        return self._standing.in_head(finding, location)

    def foresee(self, found: Occurrence) -> None:
        """Have git look for a secret of a new file that `stood_before` will mostly be asked about."""
        if found.secret and self._source.adds(found.path):
            self._standing.foresee_in_head(found.rule_id, found.secret)
            self._prepare()

    def forget_foreseen(self) -> None:
        """End a search that nobody has asked for."""
        if "_standing" in self.__dict__:
            self._standing.forget_foreseen()
