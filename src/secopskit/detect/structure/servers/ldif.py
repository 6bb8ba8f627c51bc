"""LDIF: passwords of entries in a directory, in plain text or as the hashes that they should be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.judge import judge
from secopskit.detect.judgement.place import Trust, place_for
from secopskit.formats.servers import ldif

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match

RULE: Final = "ldif-secret"


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a file of entries, which a directory loads as they stand."""
    yield from judge(ldif.settings(blob.data), place_for(blob.path, RULE, Trust.SETTINGS))
