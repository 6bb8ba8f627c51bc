"""The text of a migration file as every machine sees it, and its checksum.

A byte order mark and the kind of line end depend on editors and on git's settings, not on what
the file does; they are taken away before anything else looks at the text.
"""

from __future__ import annotations

from typing import Final

try:  # the hashlib module loads OpenSSL, which takes longer than all files of a project
    from _sha2 import sha256  # type: ignore[import-not-found]  # from Python 3.12 on
except ImportError:
    try:
        from _sha256 import sha256  # type: ignore[import-not-found]  # Python 3.11
    except ImportError:
        from hashlib import sha256

_MARK: Final = "\ufeff"


def normalise(data: bytes) -> str:
    """The text of a file without byte order mark and with LF line ends. Raises UnicodeDecodeError."""
    return data.decode("utf-8").removeprefix(_MARK).replace("\r\n", "\n")


def checksum(text: str) -> str:
    """SHA-256 over a normalised text, as 64 hexadecimal digits."""
    digest: str = sha256(text.encode("utf-8")).hexdigest()
    return digest
