"""XML settings: elements, attributes, key/value pairs; web.config, Maven, FileZilla and others.

Read by expressions, so entities are never expanded and a broken file is no obstacle.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from hashlib import blake2b
from itertools import chain
from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.encoding import from_base64
from secopskit.formats.setting import Setting, SettingForm
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ELEMENT: Final = prepared(
    rb"<([A-Za-z_][\w.:-]{0,80})([^<>]{0,400})>(?:<!\[CDATA\[([^<>]{1,4000})\]\]>|([^<>]{1,4000}))</"
)
_TAG: Final = prepared(rb"<[A-Za-z_][\w.:-]{0,80}[ \t\r\n]([^<>]{1,4000})>")
_ATTRIBUTE: Final = prepared(
    rb"([A-Za-z_][\w.:-]{0,80})[ \t]{0,8}=[ \t]{0,8}(?:\"([^\"<]{1,2000})\"|'([^'<]{1,2000})')"
)
_NAMES: Final = ("key", "name", "id")
# Elements that name the one behind them, and those that hold its value.
_NAME_ENDS: Final = (b"name", b"key", b"variable", b"code", b"property", b"attribute", b"param")
_VALUE_TAGS: Final = frozenset(b"value string data default defaultvalue settingvalue propertyvalue".split())
_VALUE: Final = prepared(
    # How such a tag's name ends, and what a field of a record is called by.
    rb"(?i)(?:[<:](?:%b)|-value|[ \t]name=[\"']value[\"'])(?![\w.:-])" % b"|".join(sorted(_VALUE_TAGS))
)
_CONTAINER: Final = prepared(rb"\n[ \t]*+(?=<[A-Za-z_][^<>]*+>\s*+<(?:[A-Za-z_]|!--))")
_FIELDS: Final = frozenset({b"key", b"name", b"code", b"value"})
_VALUE_NAMES: Final = ("value", "val")
_MOST_BARREN: Final = 200_000
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


def _all(_key: str, _value: bytes) -> bool:
    return True


def settings(
    data: bytes, wanted: Callable[[str, bytes], object] = _all, barren: set[bytes] | None = None
) -> Iterator[Setting]:
    """The elements, the attributes, then the elements named by another one; COMMENTED those in comments.

    Those whose name and value (as it is written) are not `wanted` may be left out. `barren` is what this has
    noted of parts in which nothing was: the versions of a file share most of them.
    """
    comments = list(_comments(data))
    for setting in _settings(data, wanted, barren):
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


def _settings(
    data: bytes, wanted: Callable[[str, bytes], object], barren: set[bytes] | None
) -> Iterator[Setting]:
    found: tuple[list[Setting], ...] = ([], [], [])
    for start, part in [(0, data)] if barren is None else _parts(data, barren):
        before = sum(map(len, found))
        kinds = _elements(part, wanted), _of_tags(part), _apart(part) if _VALUE.search(part) else ()
        for kind, into in zip(kinds, found, strict=True):
            into.extend(_moved(one, start) for one in kind if wanted(one.key, one.value))
        if barren is not None and sum(map(len, found)) == before:
            barren.add(_mark(part))
    return chain.from_iterable(found)


def _parts(data: bytes, barren: set[bytes]) -> Iterator[tuple[int, bytes]]:
    """The parts that are not known to be barren, with their offsets.

    Each begins with a tag behind which another one stands. Nothing that is looked for goes on across that,
    and no name from before it holds behind it.
    """
    if len(barren) > _MOST_BARREN:
        barren.clear()
    starts = [0, *(found.end() for found in _CONTAINER.finditer(data))]
    for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
        part = data[start:end]
        if _mark(part) not in barren:
            yield start, part


def _mark(part: bytes) -> bytes:
    return blake2b(part, digest_size=16).digest()


def _moved(setting: Setting, by: int) -> Setting:
    start, end = setting.span
    return setting._replace(span=Span(start + by, end + by)) if by else setting


def _elements(data: bytes, wanted: Callable[[str, bytes], object]) -> Iterator[Setting]:
    for found in _ELEMENT.finditer(data):
        tag, attributes, cited, text = found.groups()
        # Most elements are a name and a text, and say nothing.
        if b"=" in attributes or wanted(_local(tag), text if cited is None else cited):
            yield from _element(found)


def _of_tags(data: bytes) -> Iterator[Setting]:
    for found in _TAG.finditer(data):
        yield from _attributes(found[1], found.start(1))


def _local(tag: bytes) -> str:
    """The name of a tag, without that of its namespace."""
    return tag.rpartition(b":")[2].decode()


def _element(found: re.Match[bytes]) -> Iterator[Setting]:
    """`<password>x</password>`, `<entry key="password">x</entry>`, `<Pass encoding="base64">eA==</Pass>`."""
    attributes = _named(found[2])
    tag = _local(found[1])
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
        end, tag = found.end(), _role(found)
        if tag.endswith(_NAME_ENDS):
            name = _plain(found[4] or found[3] or b"").strip().decode("utf-8", "replace")
        elif tag in _VALUE_TAGS or tag.endswith(b"-value"):
            if name or parent:
                yield _text(name or parent, found)
            name = ""


def _role(found: re.Match[bytes]) -> bytes:
    """What an element is: its tag, or of a record that names its fields (`<field name="key">`) that name."""
    tag, attributes = found[1].rpartition(b":")[2].lower(), found[2]
    called = _named(attributes).get("name", b"").lower() if b"=" in attributes else b""
    return called if called in _FIELDS else tag


def _opened(closing: bytes, tag: bytes, attributes: bytes) -> str:
    """What a tag before an element calls it, if the element is the first thing in it."""
    if closing or attributes.endswith(b"/"):
        return ""
    named = _named(attributes)
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
    named = next((value.decode("utf-8", "replace") for name, value, _ in pairs if name.lower() in _NAMES), "")
    for name, value, start in pairs:
        key = named if name.lower() in _VALUE_NAMES and named else name
        span = Span(offset + start, offset + start + len(value))
        yield Setting(key=key, value=_plain(value), span=span, quote=text[start - 1 : start].decode())


def _named(text: bytes) -> dict[str, bytes]:
    """The attributes of a tag by their names, in small letters."""
    return {name.lower(): value for name, value, _ in _pairs(text)}


def _pairs(text: bytes) -> Iterator[tuple[str, bytes, int]]:
    for found in _ATTRIBUTE.finditer(text):
        group = 2 if found[2] is not None else 3
        yield found[1].rpartition(b":")[2].decode(), found[group], found.start(group)


def _plain(value: bytes) -> bytes:
    if b"&" in value:
        for entity, character in _ENTITIES:
            value = value.replace(entity, character)
    return value
