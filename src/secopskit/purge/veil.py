"""Names that hold a value which is not at hand: a journal knows that they do, and they are told without."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

_SPACES: Final = (("refs", "heads"), ("refs", "tags"), ("refs", "notes"), ("refs", "replace"))


def veiling(show: Callable[[str], str], names: Iterable[str]) -> Callable[[str], str]:
    """`show`, which takes these `names` of refs and work trees out of any text as well.

    A number stands in the place of each, so that they are told apart.
    """
    tails = sorted({_tail(name) for name in names}, key=lambda tail: (-len(tail), tail))
    if not tails:
        return show

    def veil(text: str) -> str:
        for number, tail in enumerate(tails, 1):
            text = text.replace(tail, f"(name {number} with a value)")
        return show(text)

    return veil


def _tail(name: str) -> str:
    """What is left of a ref's name without the part that all of its kind have."""
    parts = name.split("/")
    if parts[:2] == ["refs", "remotes"] and len(parts) > 3:
        return "/".join(parts[3:])
    if parts[0] == "worktrees" and len(parts) > 1:
        return parts[1]
    if tuple(parts[:2]) in _SPACES and len(parts) > 2:
        return "/".join(parts[2:])
    return name
