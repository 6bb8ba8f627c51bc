"""Lists of literal texts in source code under a name of several: `API_KEYS = [` and an item a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.setting import Setting
from secopskit.lazy_regex import LazyRegex, TailRegex

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

_SEVERAL: Final = (b"passwords", b"passwds", b"secrets", b"tokens", b"keys")
_NAME: Final = TailRegex(rb"[A-Za-z_]\w{0,70}$", width=71)
# What stands between the name and the first item: a type, a sign, a call or a constructor.
_OPENED: Final = LazyRegex(
    rb"(?!\w)[\"'\]]{0,2}[^\n;=:\"'(){}]{0,30}(?::[ \t]{0,2}[\w.<>\[\], ]{1,40})?[ \t]{0,8}"
    rb"(?:=>|:=|[:=])[ \t]{0,4}(?:new[ \t])?[\w.<>\[\]]{0,40}?[ \t]{0,2}[\[({](?=\s|[\"'bruBRU#/])"
)
_ITEM: Final = LazyRegex(
    rb"(?:\s|(?://|#)[^\n]{0,200}\n){0,40}[bruBRU]{0,2}"
    rb"(?:\"([^\"\\\n]{1,400})\"|'([^'\\\n]{1,400})')[ \t\r\n]{0,80}(,?)"
)
_CLOSED: Final = LazyRegex(rb"(?:\s|(?://|#)[^\n]{0,200}\n){0,40}[\])}]")
_MOST: Final = 500
_LEAST: Final = 2


def settings(data: bytes) -> Iterator[list[Setting]]:
    """The items of each list of literal texts alone, two and more, each under the name of the list."""
    for name, start in _lists(data):
        if items := _items(data, start):
            yield [_setting(data[name.start : name.end], item) for item in items]


def spans(data: bytes) -> Iterator[Span]:
    """Where such lists stand, each with its name."""
    for name, start in _lists(data):
        if (items := _items(data, start)) and (closed := _CLOSED.match(data, items[-1].end())):
            yield Span(name.start, closed.end())


def _lists(data: bytes) -> Iterator[tuple[Span, int]]:
    """Where each name of several stands that a list follows, in order, and where its first item may begin.

    Looking for the words first is far cheaper than an expression.
    """
    text = data.lower()
    for end in sorted({at + len(word) for word in _SEVERAL for at in _places(word, text)}):
        opened = _OPENED.match(data, end)
        name = _NAME.search(data, 0, end) if opened else None
        if opened and name:
            yield Span(*name.span()), opened.end()


def _places(word: bytes, text: bytes) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _items(data: bytes, at: int) -> list[re.Match[bytes]]:
    """The items of the list that opens before `at`; none where it holds something else."""
    items: list[re.Match[bytes]] = []
    while len(items) < _MOST and (item := _ITEM.match(data, at)):
        items.append(item)
        at = item.end()
        if not item[3]:
            break
    return items if len(items) >= _LEAST and _CLOSED.match(data, at) else []


def _setting(name: bytes, item: re.Match[bytes]) -> Setting:
    group = 1 if item[1] is not None else 2
    return Setting(name.decode(), item[group], Span(*item.span(group)), quote='"' if group == 1 else "'")
