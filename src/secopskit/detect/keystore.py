"""Keystores and binary private keys: named by what they hold, and by their kind.

The finding is about the file: what is in it cannot be told without its password, if it has one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.findings import Blob, Match, Severity, Span
from secopskit.formats.keystores.recognised import keystore

RULE: Final = "keystore"
_SHARED: Final = "the key that Android's tools give to everybody"


class KeystoreDetector:
    """Says that a file is a keystore with a private or secret key. See `Detector`."""

    name = "keystore"

    def wants(self, path: str) -> bool:
        """See `Detector.wants`: the name of a file says nothing."""
        return True

    def detect(self, blob: Blob) -> Iterator[Match]:
        """See `Detector.detect`. What everybody has is told, and not reported by default."""
        if kind := keystore(blob.data):
            note = f"{kind.name}, {_SHARED}" if kind.shared else kind.name
            severity = Severity.INFO if kind.shared else None
            yield Match(rule_id=RULE, span=Span(0, 0), secret=None, severity=severity, note=note)
