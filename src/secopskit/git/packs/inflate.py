"""Deflated data inflated to the size that is told, and never beyond; by isal, where it is installed."""

from __future__ import annotations

from typing import Final

from secopskit.git.fast_zlib import fast
from secopskit.git.packs.compiled import PackError

checksum: Final = fast.crc32
# A byte of deflated data cannot become more than 1032. Below this, a lie about the size is let come true.
_HARMLESS: Final = 1 << 14


def inflated(data: memoryview, size: int) -> bytes:
    """The `size` bytes that `data` inflates to; what stands behind them is passed over. Raises PackError."""
    try:
        if len(data) <= _HARMLESS:
            found: bytes = fast.decompress(data, 15, size or 1)
        else:
            # One byte more than there may be: else the end of the data would not be seen.
            stream = fast.decompressobj()
            found = stream.decompress(data, size + 1)
            if not stream.eof:
                raise PackError("more or less than it says")
    except fast.error:
        raise PackError("it cannot be inflated") from None
    if len(found) != size:
        raise PackError("more or less than it says")
    return found


def inflated_beginning(data: memoryview, most: int) -> bytes:
    """The first `most` bytes of what `data` inflates to. Raises PackError."""
    try:
        found: bytes = fast.decompressobj().decompress(data, most)
    except fast.error:
        raise PackError("it cannot be inflated") from None
    return found
