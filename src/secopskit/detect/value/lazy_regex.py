"""Regular expressions that are compiled when they are first used: importing them costs nothing."""

from __future__ import annotations

import re
from functools import cached_property


class LazyRegex:
    """A bytes expression with the methods of a compiled one."""

    def __init__(self, source: bytes, flags: int = 0) -> None:
        self._source = source
        self._flags = flags

    @cached_property
    def _pattern(self) -> re.Pattern[bytes]:
        return re.compile(self._source, self._flags)

    def search(self, text: bytes) -> re.Match[bytes] | None:
        """See `re.Pattern.search`."""
        return self._pattern.search(text)

    def match(self, text: bytes) -> re.Match[bytes] | None:
        """See `re.Pattern.match`."""
        return self._pattern.match(text)

    def fullmatch(self, text: bytes) -> re.Match[bytes] | None:
        """See `re.Pattern.fullmatch`."""
        return self._pattern.fullmatch(text)

    def sub(self, replacement: bytes, text: bytes) -> bytes:
        """See `re.Pattern.sub`."""
        return self._pattern.sub(replacement, text)

    def split(self, text: bytes) -> list[bytes]:
        """The parts of `text` between matches; for an expression without groups."""
        return self._pattern.split(text)
