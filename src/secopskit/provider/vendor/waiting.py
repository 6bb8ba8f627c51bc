"""Patience: vendors take a while until a change is known everywhere, and publish no figure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from secopskit.provider.interface import Surroundings

PAUSE_S: Final = 2.0


def patiently(
    look: Callable[[], bool], surroundings: Surroundings, seconds: float, *, pause: float = PAUSE_S
) -> bool:
    """Whether `look` says yes within `seconds`; it looks at once, then every `pause` seconds."""
    deadline = surroundings.now() + seconds
    while not look():
        if surroundings.now() + pause > deadline:
            return False
        surroundings.sleep(pause)
    return True
