"""Values that are made up, as their names and their lines tell."""

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


# The very name of a field: that of a form, of a description of an API.
_EXAMPLE: Final = LazyRegex(
    rb"(?i)(?<![\w.-])[\"']?(?:example|placeholder)[\"']?[ \t]{0,4}(?:=>|[:=])[ \t]{0,4}[{(]?[\"'`]?$"
)


def against_named_example(value: bytes, text: bytes) -> str:
    """What speaks against any value that is assigned to a field called `example` or `placeholder`."""
    at = text.find(value)
    head = text[max(0, at - _LOOK_BACK) : at] if at > 0 else b""
    return "is called an example by the field that holds it" if _EXAMPLE.search(head) else ""


# --- comments ---------------------------------------------------------------------------------

# Of Javadoc, KDoc, JSDoc, Doxygen and Rust, and sessions with Python; JSON has none, and people write them
# as a field.
_DOCUMENTS: Final = LazyRegex(
    rb"(?:[ \t]{1,80}\*(?![*/])|[ \t]{0,80}/\*\*(?!/)|[ \t]{0,80}//[/!])[ \t]"
    rb"|[ \t]{0,80}(?:>>>|\.\.\.)[ \t]"
    rb"|[ \t]{0,80}[\"'](?://|_{0,2}comments?_{0,2})[\"'][ \t]{0,8}:"
)
_COMMENT: Final = LazyRegex(rb"[ \t]{0,80}(?:#|//|;|\*|<!--)")


def against_documented(value: bytes, text: bytes) -> str:
    """What speaks against a value that only its name makes a secret: that its line documents code."""
    shown = _DOCUMENTS.match(text, _line_start(value, text))
    return "stands in a comment that documents: an example" if shown else ""


def against_commented(value: bytes, text: bytes) -> str:
    """The filter of what says little anyway: drops what stands in a comment."""
    return "stands in a comment" if _COMMENT.match(text, _line_start(value, text)) else ""


def _line_start(value: bytes, text: bytes) -> int:
    return text.rfind(b"\n", 0, max(text.find(value), 0)) + 1
