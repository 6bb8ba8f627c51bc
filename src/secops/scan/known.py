"""Records of findings that somebody already judged, each as the sieve asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from secops.allow import IgnoreFile
from secops.baseline import Baseline
from secops.findings import Finding, Location
from secops.yelp_baseline import YelpBaseline


@dataclass(frozen=True, slots=True)
class KnownByBaseline:
    """Our baseline, on a given day."""

    baseline: Baseline
    today: date

    def covers(self, finding: Finding, location: Location) -> str | None:
        """See `Known.covers`."""
        entry = self.baseline.covers(finding, location, self.today)
        return entry.reason if entry else None


@dataclass(frozen=True, slots=True)
class KnownByYelp:
    """detect-secrets' baseline."""

    baseline: YelpBaseline

    def covers(self, finding: Finding, location: Location) -> str | None:
        """See `Known.covers`."""
        entry = self.baseline.covers(finding, location)
        return entry.reason if entry else None


@dataclass(frozen=True, slots=True)
class KnownByIgnoreFile:
    """An ignore file of gitleaks or betterleaks."""

    file: IgnoreFile

    def covers(self, finding: Finding, location: Location) -> str | None:  # noqa: ARG002 - it knows places, not values
        """See `Known.covers`."""
        commit = location.provenance.commit if location.provenance else ""
        allowance = self.file.find(location.path, location.line, commit=commit)
        return allowance.who if allowance else None
