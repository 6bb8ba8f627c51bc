"""Arguments of calls in Python: their defaults, and where they end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from secopskit.collect.code.reading import DefaultValue, SourceText

SPACE: Final = rb"[ \t\r\n]{0,80}"
LIKELY: Final = LazyRegex(rb"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
COMMA: Final = LazyRegex(SPACE + rb",")
_NAMED: Final = LazyRegex(SPACE + rb"(?:default|default_value|fallback|factory)[ \t]{0,8}=(?!=)")
_KEYWORD: Final = LazyRegex(SPACE + rb"(?!default)[A-Za-z_]\w{0,60}[ \t]{0,8}=(?!=)")
_DEFAULT: Final = LazyRegex(rb"(?<!\w)default[ \t]{0,8}=(?!=)")
_CLOSED: Final = LazyRegex(SPACE + rb"\)")
_OR: Final = LazyRegex(SPACE + rb"or\b")
_DEPTH: Final = LazyRegex(rb"[\[({})\],]")
_LONGEST: Final = 4000


def default_after(text: SourceText, end: int) -> DefaultValue | None:
    """The default of the call whose first argument ends at `end`: an argument, or what follows `or`."""
    if comma := COMMA.match(text.code, end):
        named = _NAMED.match(text.code, comma.end())
        if named or not _KEYWORD.match(text.code, comma.end()):
            last = _CLOSED.match(text.code, comma.end())
            return None if last else text.default(named.end() if named else comma.end())
        found = _DEFAULT.search(text.code, comma.end(), call_end(text.code, comma.end()))
        return text.default(found.end()) if found else None
    closed = _CLOSED.match(text.code, end)
    if closed and (other := _OR.match(text.code, closed.end())):
        return text.default(other.end())
    return None


def is_definition(code: bytes, start: int) -> bool:
    """Whether what stands at `start` is the name of a function that is being defined."""
    return code[max(0, start - 8) : start].rstrip().endswith(b"def")


def call_end(code: bytes, at: int) -> int:
    """Where the call ends whose arguments begin at `at`."""
    depth = 0
    for found in _DEPTH.finditer(code, at, at + _LONGEST):
        if found[0] in b"[({":
            depth += 1
        elif found[0] in b"])}":
            depth -= 1
            if depth < 0:
                return found.start()
    return min(len(code), at + _LONGEST)


def item_end(code: bytes, at: int, end: int) -> int:
    """Where the argument ends that begins at `at`: at its comma, or at `end`."""
    depth = 0
    for found in _DEPTH.finditer(code, at, end):
        if found[0] in b"[({":
            depth += 1
        elif found[0] in b"])}":
            depth -= 1
        elif not depth:
            return found.start()
    return end
