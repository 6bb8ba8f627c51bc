"""Records of findings that somebody already judged, each as the sieve asks for them."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from secopskit.findings import Finding, Location
from secopskit.known.allow import IgnoreFile
from secopskit.known.baseline import Baseline
from secopskit.known.yelp_baseline import YelpBaseline


class KnownByBaseline(NamedTuple):
    """Our baseline, on a given day."""

    baseline: Baseline
    today: date

    def covers(self, finding: Finding, location: Location) -> str | None:
        """See `KnownFindings.covers`."""
        entry = self.baseline.covers(finding, location, self.today)
        return entry.reason if entry else None


class KnownByYelp(NamedTuple):
    """detect-secrets' baseline."""

    baseline: YelpBaseline

    def covers(self, finding: Finding, location: Location) -> str | None:
        """See `KnownFindings.covers`."""
        entry = self.baseline.covers(finding, location)
        return entry.reason if entry else None


class KnownByIgnoreFile(NamedTuple):
    """An ignore file of gitleaks or betterleaks."""

    file: IgnoreFile

    def covers(self, finding: Finding, location: Location) -> str | None:
        """See `KnownFindings.covers`."""
        commit = location.provenance.commit if location.provenance else ""
        allowance = self.file.find(location.path, location.line, commit=commit)
        return allowance.who if allowance else None
