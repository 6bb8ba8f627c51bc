"""Regular expressions that are compiled when they are first used: importing them costs nothing."""

from __future__ import annotations

import re
import sys
from functools import cached_property
from typing import TYPE_CHECKING, AnyStr, Generic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class LazyRegex(Generic[AnyStr]):
    """An expression with the methods of a compiled one."""

    def __init__(self, source: AnyStr, flags: int = 0) -> None:
        self._source: AnyStr = source
        self._flags = flags

    @cached_property
    def _pattern(self) -> re.Pattern[AnyStr]:
        return re.compile(self._source, self._flags)

    def search(self, text: AnyStr, pos: int = 0, endpos: int = sys.maxsize) -> re.Match[AnyStr] | None:
        """See `re.Pattern.search`."""
        return self._pattern.search(text, pos, endpos)

    def match(self, text: AnyStr, pos: int = 0, endpos: int = sys.maxsize) -> re.Match[AnyStr] | None:
        """See `re.Pattern.match`."""
        return self._pattern.match(text, pos, endpos)

    def fullmatch(self, text: AnyStr) -> re.Match[AnyStr] | None:
        """See `re.Pattern.fullmatch`."""
        return self._pattern.fullmatch(text)

    def finditer(self, text: AnyStr, pos: int = 0, endpos: int = sys.maxsize) -> Iterator[re.Match[AnyStr]]:
        """See `re.Pattern.finditer`."""
        return self._pattern.finditer(text, pos, endpos)

    def sub(self, replacement: AnyStr | Callable[[re.Match[AnyStr]], AnyStr], text: AnyStr) -> AnyStr:
        """See `re.Pattern.sub`."""
        return self._pattern.sub(replacement, text)

    def split(self, text: AnyStr, maxsplit: int = 0) -> list[AnyStr]:
        """The parts of `text` between matches; for an expression without groups."""
        return self._pattern.split(text, maxsplit)
