"""The room that sinks have: a host takes so many names in one place, and refuses the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from secopskit.errors import ConfigError
from secopskit.sync.compare.listing import ListedSink
from secopskit.sync.compare.targets import SinkKey
from secopskit.sync.model import SyncItem


def require_room(items: Iterable[SyncItem], found: Mapping[SinkKey, ListedSink]) -> None:
    """Return if each sink takes what is new. Raises ConfigError: half of the names would be refused."""
    new: dict[SinkKey, list[SyncItem]] = {}
    for item in items:
        if item.entry is None and item.value is not None:
            new.setdefault(item.sink.address, []).append(item)
    for address, ones in new.items():
        most, number = ones[0].sink.most, len(found[address].entries) + len(ones)
        if most and number > most:
            raise ConfigError(
                f"{address}: would hold {number:,} names, and takes {most:,} at most",
                advice="Keep some in another place, or remove what nobody uses. Nothing was changed.",
            )
