"""Durations as PostgreSQL's settings spell them: `500ms`, `2s`, `5min`, `1h`, `7d`; a bare number is ms."""

from __future__ import annotations

import re
from typing import Final

from secopskit.settings.shapes import quantities

LONGEST_MS: Final = 2**31 - 1  # PostgreSQL's settings are 32-bit integers
_DURATION: Final = re.compile(r"(\d{1,10})[ ]?(ms|s|min|h|d|)", re.ASCII)
DURATION_SHAPE: Final = quantities(_DURATION.pattern)
_FACTOR: Final = {"ms": 1, "": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}


def parse_duration(text: str) -> int:
    """Milliseconds; 0 means no limit. Raises ValueError for anything else and above 24 days."""
    duration = _DURATION.fullmatch(text.strip())
    if not duration:
        raise ValueError
    milliseconds = int(duration[1]) * _FACTOR[duration[2]]
    if milliseconds > LONGEST_MS:
        raise ValueError
    return milliseconds
