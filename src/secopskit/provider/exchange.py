"""A new value put in the place of the old one, wherever that stands: alone, or within a URL or a text."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from secopskit.secret import SecretValue

SHORTEST_PART: Final = 8
"""Shorter values are exchanged where they stand alone: within another one they may stand by chance."""
_URL: Final = re.compile(rb"\s*[A-Za-z][A-Za-z0-9+.-]*://\S+\s*")


def exchange(value: SecretValue, old: SecretValue | None, new: SecretValue) -> SecretValue | None:
    """What `value` becomes; None where it has nothing of `old`.

    Within a longer value the old one is looked for as it is and percent-encoded, and the new one is
    written in the same way; in what is a URL as a whole it is always encoded.
    """
    if old is None or not old:
        return None
    if value == old:
        return new
    text, before, after = value.reveal(), old.reveal(), new.reveal()
    if len(before) < SHORTEST_PART:
        return None
    encoded = quote(before, safe="").encode()
    in_url = quote(after, safe="").encode()
    result = text.replace(encoded, in_url) if encoded != before else text
    result = result.replace(before, in_url if _URL.fullmatch(text) else after)
    return None if result == text else SecretValue(result)
