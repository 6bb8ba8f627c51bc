"""Content of any size, searched as it streams by, in windows that overlap by the longest form's length."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from secopskit.purge.values.matcher import ValueMatcher

WINDOW: Final = 4 * 1024 * 1024


def contains_stream(
    matcher: ValueMatcher, read: Callable[[int], bytes | None], oid: str | None = None
) -> tuple[int, ...]:
    """The numbers of the targets in what `read` gives, up to its end; see `ValueMatcher.contains`."""
    numbers: set[int] = set()
    overlap = matcher.longest - 1
    window = fill(read)
    while window:
        numbers.update(matcher.contains(window, oid))
        more = fill(read)
        window = window[-overlap:] + more if more and overlap > 0 else more
    return tuple(sorted(numbers))


def fill(read: Callable[[int], bytes | None]) -> bytes:
    """A window, even where a pipe gives less at a time."""
    parts, size = list[bytes](), 0
    while size < WINDOW and (part := read(WINDOW - size)):
        parts.append(part)
        size += len(part)
    return b"".join(parts)
