"""What is looked into although it is no text."""

from __future__ import annotations

from secopskit.formats.archives.recognised import archive_kind
from secopskit.formats.keystores.recognised import keystore


def is_known_binary(data: bytes) -> bool:
    """Whether binary content is an archive, or a keystore."""
    return archive_kind(data) is not None or keystore(data) is not None
