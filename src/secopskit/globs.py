"""Path patterns as `.gitignore` writes them, turned into regular expressions that cannot run away.

A pattern without a slash matches a name at any depth; one with a slash is anchored at the
root. `*` and `?` stop at a slash, `**` does not, a trailing slash asks for a directory, and
whatever matches a directory matches all that stands beneath it. `!` takes back what an
earlier pattern matched; the last pattern that matches decides.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.named_tuple import NamedTuple
from secopskit.state.smallfiles import MAX_PATTERN, MAX_PATTERNS

if TYPE_CHECKING:
    from collections.abc import Iterable

# The leftmost place for the piece after a star is as good as any other, so no star ever
# needs to be tried twice: the groups are atomic and matching stays close to linear.
_ANY_DIRECTORIES: Final = r"(?:[^/]+/)*?"
_CLASS: Final = re.compile(r"\[(?P<negated>[!^]?)(?P<body>\]?(?:\\.|[^\]\\])*)\]", re.DOTALL)
_RANGE: Final = re.compile(r"\\?(?P<low>.)(?:-\\?(?P<high>.))?", re.DOTALL)


class PathMatcher(NamedTuple):
    """A list of patterns, ready to be asked about paths (`/` separators, relative to the root)."""

    rules: tuple[tuple[re.Pattern[str], bool], ...]

    def matches(self, path: str) -> bool:
        """Whether the last pattern that matches `path` is not a negated one."""
        return next((chosen for pattern, chosen in self.rules if pattern.match(path)), False)


def compile_patterns(patterns: Iterable[str]) -> PathMatcher:
    """The matcher of `patterns`. Raises ValueError for a pattern that is too long, or too many."""
    rules: list[tuple[re.Pattern[str], bool]] = []
    for pattern in patterns:
        if len(pattern) > MAX_PATTERN or len(rules) == MAX_PATTERNS:
            raise ValueError("a path pattern is too long, or there are too many")
        negated = pattern.startswith("!")
        if body := pattern.removeprefix("!"):
            rules.append((re.compile(_translate(body), re.DOTALL), not negated))
    return PathMatcher(tuple(reversed(rules)))


def _translate(pattern: str) -> str:
    """The regular expression, for `match`, of one pattern without its `!`."""
    directory = pattern.endswith("/")
    anchored = "/" in pattern.rstrip("/")
    segments = [segment for segment in pattern.split("/") if segment not in ("", ".")]
    if not segments:
        return r"(?!)"
    pieces = _pieces(segments if anchored else ["**", *segments])
    end = "/" if directory else r"(?:/|\Z)"
    parts = []
    for number, (deep, piece) in enumerate(pieces):
        last = number == len(pieces) - 1
        inner = "/".join(map(_segment, piece)) + (end if last else "/")
        parts.append(f"(?>{_ANY_DIRECTORIES}{inner})" if deep else inner)
    return "".join(parts)


def _pieces(segments: list[str]) -> list[tuple[bool, list[str]]]:
    """Runs of plain segments, each with whether any number of directories may stand before it."""
    pieces: list[tuple[bool, list[str]]] = []
    deep = False
    run: list[str] = []
    for segment in segments:
        if segment != "**":
            run.append(segment)
            continue
        if run:
            pieces.append((deep, run))
            run = []
        deep = True
    if run or not pieces:
        pieces.append((deep, run or ["*"]))
    elif deep:
        pieces.append((True, ["*"]))  # `name/**`: everything beneath, not `name` itself
    return pieces


def _segment(text: str) -> str:
    """One path segment: literal runs between stars, each star followed by an atomic group."""
    runs: list[str] = [""]
    position = 0
    while position < len(text):
        piece, position = _token(text, position)
        if piece == "*":
            runs.append("")
        else:
            runs[-1] += piece
    first, *rest = runs
    if not rest:
        return first
    *middle, last = rest
    return first + "".join(f"(?>[^/]*?{run})" for run in middle if run) + "[^/]*" + last


def _token(text: str, position: int) -> tuple[str, int]:
    """The expression of the token at `position` ("*" for a star), and where the next one starts."""
    character = text[position]
    if character == "*":
        return "*", position + 1
    if character == "?":
        return "[^/]", position + 1
    if character == "[" and (found := _CLASS.match(text, position)) and found["body"]:
        return _class(found["body"], negated=bool(found["negated"])), found.end()
    if character == "\\" and position + 1 < len(text):
        position += 1
    return re.escape(text[position]), position + 1


def _class(body: str, *, negated: bool) -> str:
    items = [_item(found["low"], found["high"]) for found in _RANGE.finditer(body)]
    inside = "".join(items)
    if negated:
        return f"(?!/)[^{inside}]" if inside else "[^/]"
    return f"(?!/)[{inside}]" if inside else "(?!)"


def _item(low: str, high: str | None) -> str:
    if high is None:
        return re.escape(low)
    return f"{re.escape(low)}-{re.escape(high)}" if low <= high else ""
