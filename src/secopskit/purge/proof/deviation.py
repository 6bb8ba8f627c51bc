"""What is said where a rewrite is not what was planned."""

from __future__ import annotations

from secopskit.errors import SecopsError


def deviation(what: str) -> SecopsError:
    """The error to raise: it is ours, and nothing has been changed yet."""
    return SecopsError(
        f"the rewrite is not what was planned: {what}",
        advice="This is a bug in secops: please report it. Nothing was changed.",
    )
