"""What source code says of itself, to be read: docstrings of Python and Elixir, examples of Ansible, POD."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.lazy_regex import LazyRegex, TailRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

_WITH_STRINGS: Final = ("py", "pyi", "pyw", "pyx", "ex", "exs")
_WITH_POD: Final = ("pl", "pm", "cgi")
# A text over several lines, and what may hold its quotes without being one.
_MARK: Final = LazyRegex(rb"\"\"\"|'''|\"(?:[^\"\\\n]|\\.){0,400}\"|'(?:[^'\\\n]|\\.){0,400}'|#[^\n]{0,400}")
_TRIPLE: Final = (b'"""', b"'''")
_LOOK_BACK: Final = 400
_LONGEST_HEAD: Final = 8000  # bytes of comments at the top of a file
# The line before the first statement of a function or class, or the last one of it.
_OPENED: Final = LazyRegex(rb"[ \t]{0,80}(?:(?:async[ \t]{1,4})?def|class)[ \t]|[^\n#]{0,300}[)\]]")
_PREFIX: Final = TailRegex(rb"\s[rRuU]$", width=2)
_FIRST: Final = LazyRegex(rb"(?:\xef\xbb\xbf)?(?:[ \t]{0,8}(?:#[^\n]{0,400})?\r?\n){0,60}[rRuU]?")
# What a module of Ansible has for its users, and what other programs call so; an attribute of Elixir.
_NAMED: Final = TailRegex(
    rb"(?:(?:^|[\n(,])[ \t]{0,80}"
    rb"(?i:(?:\w{0,40}_)?(?:__doc__|docs?|docstring|documentation|examples?|returns?"
    rb"|usage|help|epilog)"
    rb"(?:_text)?)[ \t]{0,4}(?::[ \t]{0,4}\w{1,20}[ \t]{0,4})?=[ \t]{0,4}(?:\([ \t]{0,4})?[rRuUbB]{0,2}"
    rb"|@(?:module|type)?doc[ \t]{1,4}(?:~[sS])?)$",
    width=200,
)
_POD: Final = LazyRegex(rb"(?m)^=(?!cut\b)[a-z]\w{0,20}\b")
_CUT: Final = b"\n=cut"


def is_shown(data: bytes, path: str, starts: list[int]) -> list[bool]:
    """Whether what starts at each of `starts` stands in what the source code at `path` says of itself."""
    suffix = path.rpartition(".")[2].lower()
    if suffix in _WITH_STRINGS:
        spans = list(_texts(data))
    elif suffix in _WITH_POD:
        spans = list(_pods(data))
    else:
        return [False] * len(starts)
    begins = [span.start for span in spans]
    places = (bisect_right(begins, start) - 1 for start in starts)
    return [at >= 0 and start < spans[at].end for at, start in zip(places, starts, strict=True)]


def _texts(data: bytes) -> Iterator[Span]:
    at = 0
    while found := _MARK.search(data, at):
        at = found.end()
        if found[0] not in _TRIPLE:
            continue
        end = _closing(data, found[0], at)
        if end < 0:
            return
        if _is_to_be_read(data, found.start()):
            yield Span(at, end)
        at = end + len(found[0])


def _closing(data: bytes, quotes: bytes, start: int) -> int:
    """Where the text ends that began before `start`; -1 where it does not."""
    end = data.find(quotes, start)
    while end > start and data[end - 1 : end] == b"\\" and data[end - 2 : end - 1] != b"\\":
        end = data.find(quotes, end + 1)
    return end


def _is_to_be_read(data: bytes, at: int) -> bool:
    head = data[max(0, at - _LOOK_BACK) : at]
    if _NAMED.search(head) or _follows_opening(head):
        return True
    return at < _LONGEST_HEAD and _FIRST.fullmatch(data[:at]) is not None


def _follows_opening(head: bytes) -> bool:
    """Whether a text behind `head` is the first statement of a function or a class."""
    head = _PREFIX.cut(head).rstrip()
    line = head[head.rfind(b"\n") + 1 :].partition(b"  #")[0].rstrip()
    return line.endswith(b":") and _OPENED.match(line) is not None


def _pods(data: bytes) -> Iterator[Span]:
    at = 0
    while found := _POD.search(data, at):
        end = data.find(_CUT, found.end())
        end = end if end >= 0 else len(data)
        yield Span(found.start(), end)
        at = end + 1
