"""Freeze windows: times in which a thing is left alone. The clock is the caller's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo

from secopskit.errors import RefusedError
from secopskit.settings.freeze import Window


def require_thaw(windows: Iterable[Window], now: datetime, zone: tzinfo) -> None:
    """Raise RefusedError in a freeze window. `now` knows its own zone."""
    local = now.astimezone(zone)
    for window in windows:
        if window.holds(local):
            raise RefusedError(
                f"it is {local:%a %Y-%m-%d %H:%M} ({zone}), a time without migrations: {window.text}",
                advice="Wait until it is over. If it cannot wait: --during-freeze.",
            )
