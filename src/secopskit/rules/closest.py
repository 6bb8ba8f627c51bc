"""What rule may have been meant by an id that no rule has."""

from __future__ import annotations

from collections.abc import Collection


def closest_rule(name: str, known: Collection[str]) -> str:
    """A sentence that names those of the `known` ids that look like it."""
    from difflib import get_close_matches  # only on the way out

    close = get_close_matches(name, list(known), n=3)
    return f"Did you mean {' or '.join(close)}?" if close else "`secops rules list` names them all."
