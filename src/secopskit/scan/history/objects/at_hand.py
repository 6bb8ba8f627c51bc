"""The objects of a repository, as far as a scan knows of them by now."""

from __future__ import annotations

from collections.abc import Set

from secopskit.named_tuple import NamedTuple
from secopskit.scan.history.objects.objectfiles import ObjectFiles
from secopskit.scan.history.reading.packed import PackedHistory


class ObjectsAtHand(NamedTuple):
    """The objects of a repository: the files they lie in, and what is known of them.

    `there` are those that a partial clone has. Where all are in `packed`, git need not be asked which of them
    are commits.
    """

    files: ObjectFiles
    there: Set[str] | None = None
    packed: PackedHistory | None = None
