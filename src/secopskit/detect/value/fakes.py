"""Names that say that what they hold is made up: those with the word fake, dummy or mock."""

from __future__ import annotations

from typing import Final

from secopskit.lazy_regex import LazyRegex

_LOOK_BACK: Final = 120
# A word of the name, however names are spelt, and not part of one such as hammock.
_FAKE: Final = LazyRegex(
    rb"(?:(?<![A-Za-z])(?:fake|dummy|mock|Fake|Dummy|Mock)|(?<=[a-z0-9])(?:Fake|Dummy|Mock))(?![a-z])"
    rb"\w{0,60}[^\n]{0,60}$|(?<![A-Z])(?:FAKE|DUMMY|MOCK)(?![A-Za-z])\w{0,60}[^\n]{0,60}$"
)


def against_fake(value: bytes, text: bytes) -> str:
    """The filter of keys in blocks: drops one that the line it begins on calls made up.

    The name counts for values that nothing else tells apart from real ones.
    """
    at = text.find(value)
    if at <= 0:
        return ""
    before = text[max(0, at - _LOOK_BACK) : at]
    line = before[before.rfind(b"\n") + 1 :]
    return "is called a fake by its own name" if _FAKE.search(line) else ""
