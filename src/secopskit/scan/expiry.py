"""Tokens that say when they expire, held against the clock of this scan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.value.web_tokens import EXPIRES
from secopskit.findings import Severity
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from secopskit.scan.assemble import Located

_EXPIRES: Final = LazyRegex(rf"\b{EXPIRES}(\d{{4}}-\d\d-\d\d)\b")


def with_expiry(located: Iterable[Located], today: date | None = None) -> Iterator[Located]:
    """The occurrences; those of expired tokens are information, and a note says so. `today` is in UTC.

    Detectors have no clock: what they say is kept between scans, and a token expires between two.
    """
    for occurrence, provenance in located:
        found = _EXPIRES.search(occurrence.note) if EXPIRES in occurrence.note else None
        if found and not today:
            from datetime import UTC, datetime  # few values tell of it

            today = datetime.now(UTC).date()
        if not found or not today or today.fromisoformat(found[1]) >= today:
            yield occurrence, provenance
            continue
        note = occurrence.note.replace(found[0], f"expired {found[1]}")
        yield occurrence._replace(note=note, severity=Severity.INFO), provenance
