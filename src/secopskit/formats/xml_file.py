"""XML settings: elements, attributes, key/value pairs; web.config, Maven, FileZilla and others.

Read by expressions, so entities are never expanded and a broken file is no obstacle.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.encoding import from_base64
from secopskit.formats.setting import Setting, SettingForm
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

_ELEMENT: Final = prepared(
    rb"<([A-Za-z_][\w.:-]{0,80})([^<>]{0,400})>(?:<!\[CDATA\[([^<>]{1,4000})\]\]>|([^<>]{1,4000}))</"
)
_TAG: Final = prepared(rb"<[A-Za-z_][\w.:-]{0,80}[ \t\r\n]([^<>]{1,4000})>")
_ATTRIBUTE: Final = prepared(
    rb"([A-Za-z_][\w.:-]{0,80})[ \t]{0,8}=[ \t]{0,8}(?:\"([^\"<]{1,2000})\"|'([^'<]{1,2000})')"
)
_NAMES: Final = ("key", "name", "id")
# Elements that name the one behind them, and those that hold its value.
_NAME_ENDS: Final = (b"name", b"key")
_VALUE_TAGS: Final = frozenset(b"value string data default defaultvalue settingvalue propertyvalue".split())
_TAGS: Final = prepared(rb"<(/?)([A-Za-z_][\w.:-]{0,80})([^<>]{0,400})>")
_FARTHEST: Final = 2000  # bytes between a value and what names it
_ENTITIES: Final = (
    (b"&lt;", b"<"),
    (b"&gt;", b">"),
    (b"&quot;", b'"'),
    (b"&apos;", b"'"),
    (b"&#39;", b"'"),
    (b"&amp;", b"&"),
)


def settings(data: bytes) -> Iterator[Setting]:
    """The elements, the attributes, then the elements named by another one; COMMENTED those in comments."""
    comments = list(_comments(data))
    for setting in _settings(data):
        index = bisect_right(comments, (setting.span.start, len(data))) - 1
        commented = index >= 0 and setting.span.start < comments[index][1]
        yield setting._replace(form=SettingForm.COMMENTED) if commented else setting


def _comments(data: bytes) -> Iterator[tuple[int, int]]:
    start = data.find(b"<!--")
    while start >= 0:
        end = data.find(b"-->", start)
        end = len(data) if end < 0 else end
        yield start, end
        start = data.find(b"<!--", end)


def _settings(data: bytes) -> Iterator[Setting]:
    for found in _ELEMENT.finditer(data):
        yield from _element(found)
    for found in _TAG.finditer(data):
        yield from _attributes(found[1], found.start(1))
    yield from _apart(data)


def _element(found: re.Match[bytes]) -> Iterator[Setting]:
    """`<password>x</password>`, `<entry key="password">x</entry>`, `<Pass encoding="base64">eA==</Pass>`."""
    attributes = {name: value for name, value, _ in _pairs(found[2])}
    tag = found[1].rpartition(b":")[2].decode()
    key = next((attributes[name].decode("utf-8", "replace") for name in _NAMES if name in attributes), tag)
    setting = _text(key, found)
    if attributes.get("encoding", b"").lower() == b"base64":
        plain = from_base64(setting.value)
        if plain is not None:
            yield setting._replace(key=tag, value=plain, encoding="base64")
        return
    yield setting
    if key != tag:
        yield setting._replace(key=tag)


def _apart(data: bytes) -> Iterator[Setting]:
    """`<name>a</name><value>b</value>`, `<key>a</key><string>b</string>`, and a value in what is named."""
    name = parent = ""
    end = 0
    for found in _ELEMENT.finditer(data):
        gap = data[max(end, found.start() - _FARTHEST) : found.start()]
        if around := _TAGS.findall(gap.partition(b">")[2] if end else gap):
            name, parent = "", _opened(*around[-1])
        end, tag = found.end(), found[1].rpartition(b":")[2].lower()
        if tag.endswith(_NAME_ENDS):
            name = _plain(found[4] or found[3] or b"").strip().decode("utf-8", "replace")
        elif tag in _VALUE_TAGS or tag.endswith(b"-value"):
            if name or parent:
                yield _text(name or parent, found)
            name = ""


def _opened(closing: bytes, tag: bytes, attributes: bytes) -> str:
    """What a tag before an element calls it, if the element is the first thing in it."""
    if closing or attributes.endswith(b"/"):
        return ""
    named = {name: value for name, value, _ in _pairs(attributes)}
    return next((named[name] for name in _NAMES if name in named), tag.rpartition(b":")[2]).decode(
        "utf-8", "replace"
    )


def _text(key: str, found: re.Match[bytes]) -> Setting:
    """The text of an element under `key`."""
    group = 3 if found[3] is not None else 4
    text = found[group].strip()
    start = found.start(group) + len(found[group]) - len(found[group].lstrip())
    return Setting(key=key, value=_plain(text), span=Span(start, start + len(text)))


def _attributes(text: bytes, offset: int) -> Iterator[Setting]:
    """`password="x"`, and `<add key="password" value="x"/>`."""
    pairs = list(_pairs(text))
    named = next((value.decode("utf-8", "replace") for name, value, _ in pairs if name in _NAMES), "")
    for name, value, start in pairs:
        key = named if name == "value" and named else name
        span = Span(offset + start, offset + start + len(value))
        yield Setting(key=key, value=_plain(value), span=span, quote=text[start - 1 : start].decode())


def _pairs(text: bytes) -> Iterator[tuple[str, bytes, int]]:
    for found in _ATTRIBUTE.finditer(text):
        group = 2 if found[2] is not None else 3
        yield found[1].rpartition(b":")[2].decode(), found[group], found.start(group)


def _plain(value: bytes) -> bytes:
    if b"&" in value:
        for entity, character in _ENTITIES:
            value = value.replace(entity, character)
    return value
