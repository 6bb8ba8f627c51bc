"""What rules of other tools do not report: their allowlists, as those tools apply them."""

from __future__ import annotations

import re
from typing import Final

from secopskit.findings import Span
from secopskit.rules.model import RuleAllowance

_LONGEST_LINE: Final = 4096


class AllowedMatches:
    """An allowlist of a rule, ready to decide."""

    def __init__(self, allowance: RuleAllowance) -> None:
        self._every = allowance.every
        self._target = allowance.target
        self._stopwords = tuple(word.encode() for word in allowance.stopwords)
        self._paths = tuple(map(re.compile, allowance.paths))
        self._regexes = tuple(re.compile(one.encode()) for one in allowance.regexes)

    def covers(self, data: bytes, path: str, match: Span, secret: Span) -> bool:
        """Whether it takes a match out, whose secret stands in `data` at `secret`."""
        told = list[bool]()
        if self._paths:
            told.append(any(one.search(path) for one in self._paths))
        if self._regexes:
            text = self._text(data, match, secret)
            told.append(any(one.search(text) for one in self._regexes))
        if self._stopwords:
            lowered = data[secret.start : secret.end].lower()
            told.append(any(word in lowered for word in self._stopwords))
        return all(told) if self._every else any(told)

    def _text(self, data: bytes, match: Span, secret: Span) -> bytes:
        if self._target == "secret":
            return data[secret.start : secret.end]
        if self._target == "match":
            return data[match.start : match.end]
        start = data.rfind(b"\n", max(match.start - _LONGEST_LINE, 0), match.start) + 1
        end = data.find(b"\n", match.end, match.end + _LONGEST_LINE)
        return data[max(start, match.start - _LONGEST_LINE) : end if end >= 0 else match.end + _LONGEST_LINE]
