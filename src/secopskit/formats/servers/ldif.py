"""LDIF (RFC 2849): attributes of entries in a directory: `userPassword: value`, `userPassword:: base64`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.encoding import from_base64
from secopskit.formats.setting import Setting
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

# A value is no address (`:<`), and goes on in lines that begin with a blank: those are no passwords.
_ATTRIBUTE: Final = prepared(
    rb"(?m)^([A-Za-z][\w-]{0,80})(?:;[\w-]{1,40}){0,4}:(:?)[ ]{0,20}"
    rb"([^\s<:][^\r\n]{0,2000})(?:\r?\n(?! )|\r?\Z)"
)


def settings(data: bytes) -> Iterator[Setting]:
    """The attributes with a text of one line."""
    for found in _ATTRIBUTE.finditer(data):
        text, span = found[3].rstrip(), Span(found.start(3), found.start(3) + len(found[3].rstrip()))
        if not found[2]:
            yield Setting(found[1].decode(), text, span)
        elif plain := from_base64(text):
            yield Setting(found[1].decode(), plain, span, encoding="base64")
