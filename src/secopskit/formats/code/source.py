"""Settings written as source code: Django's settings.py, WordPress' wp-config.php and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.setting import Setting
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEXT: Final = rb"[bru]{0,2}(?:\"((?:[^\"\\\n]|\\.){1,2000})\"|'((?:[^'\\\n]|\\.){1,2000})')"
_DEFINE: Final = LazyRegex(
    rb"define[ \t]{0,8}\([ \t]{0,20}['\"](\w{1,80})['\"][ \t]{0,8},[ \t]{0,40}" + _TEXT
)
# NAME = "…", $name = '…', 'name' => '…', "name": "…", name: '…'
_ASSIGN: Final = LazyRegex(
    rb"(?m)(?:^|[\s{(\[,.;])[$'\"]{0,2}([A-Za-z_]\w{0,80})['\"]?\]?[ \t]{0,40}(?:=>|=|:)[ \t]{0,40}"
    + _TEXT
    + rb"[ \t]{0,8}(?=[,;\]})\r\n#/]|$)"
)


def settings(data: bytes) -> Iterator[Setting]:
    """The names that are given a literal text: PHP's `define`, then assignments and pairs.

    Escapes stay as they are: languages differ.
    """
    for pattern in (_DEFINE, _ASSIGN):
        for found in pattern.finditer(data):
            group = 2 if found[2] is not None else 3
            key = found[1].decode()
            yield Setting(
                key=key,
                value=found[group],
                span=Span(*found.span(group)),
                path=_owner(data, found.start(1)) if key.lower() in _BARE else (),
                quote='"' if group == 2 else "'",
            )


# Names that say little without that of the map they stand in.
_BARE: Final = ("key", "salt")
_LOOK_BACK: Final = 600  # bytes
_OPENED: Final = LazyRegex(
    rb"['\"]?([A-Za-z_]\w{0,60})['\"]?\]?[ \t]{0,20}(?:=>|=|:)[ \t]{0,20}(?:\[|\{|array\()$"
)


def _owner(data: bytes, at: int) -> tuple[str, ...]:
    """The name of the map that is open before `at`, where a name alone says nothing; () if none is near."""
    head, depth = data[max(0, at - _LOOK_BACK) : at], 0
    for index in range(len(head) - 1, -1, -1):
        code = head[index]
        if code in b"])}":
            depth += 1
        elif code in b"[({":
            if depth:
                depth -= 1
                continue
            found = _OPENED.search(head[max(0, index - 120) : index + 1])
            return (found[1].decode(),) if found else ()
    return ()
