"""The ways of writing a value: what programs make of it that escape what they must, or encode it."""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from functools import partial
from typing import Final, TypeAlias
from urllib.parse import quote, quote_plus

from secopskit.named_tuple import NamedTuple

Way: TypeAlias = Callable[[bytes], bytes]


class WayOfWriting(NamedTuple):
    """A way of writing. One that is `rigid` must keep its length; a character takes `wide` bytes.

    One of `utf16` is made of the value in UTF-16. A text of fewer than `shortest` bytes could be anything.
    """

    write: Way
    rigid: bool = False
    wide: int = 1
    utf16: bool = False
    shortest: int = 0

    def written(self, text: bytes) -> bytes:
        """`text` in this way of writing; nothing where it cannot be written so."""
        try:
            return self.write(text)
        except UnicodeDecodeError:
            return b""


def as_is(text: bytes) -> bytes:
    """The text itself."""
    return text


def _breaks_escaped(text: bytes) -> bytes:
    return text.replace(b"\r", b"\\r").replace(b"\n", b"\\n")


def _json(text: bytes, *, ascii_only: bool = False) -> bytes:
    return json.dumps(text.decode(), ensure_ascii=ascii_only)[1:-1].encode()


def _json_with_slashes(text: bytes) -> bytes:
    return _json(text, ascii_only=True).replace(b"/", b"\\/")


def _json_for_html(text: bytes) -> bytes:
    """As encoders write it that fear to be embedded in HTML."""
    written = _json(text)
    for character in b"&<>":
        written = written.replace(bytes([character]), b"\\u00%02x" % character)
    return written


def _xml(text: bytes, *, quotes: bool = False) -> bytes:
    written = text.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
    return written.replace(b'"', b"&quot;").replace(b"'", b"&apos;") if quotes else written


def _url(text: bytes, *, keep: str = "", lower: bool = False) -> bytes:
    """Percent-encoded but for letters, digits, `_.-~` and what is in `keep`."""
    written = quote(text, safe=keep).encode()
    return _ESCAPE.sub(lambda escape: escape[0].lower(), written) if lower else written


def _every_byte(text: bytes, *, pattern: bytes) -> bytes:
    return b"".join(pattern % byte for byte in text)


def _form_data(text: bytes) -> bytes:
    return quote_plus(text).encode()


def _base64(text: bytes, *, shift: int, encode: Callable[[bytes], bytes]) -> bytes:
    """The characters that depend on `text` alone where it begins `shift` bytes into a group of three."""
    written = encode(bytes(shift) + text)
    return written[-(-8 * shift // 6) : 8 * (shift + len(text)) // 6]


def _utf16(text: bytes, *, encoding: str) -> bytes:
    return text.decode().encode(encoding)


def _base64_utf16(text: bytes, *, shift: int) -> bytes:
    """As PowerShell takes commands."""
    return _base64(_utf16(text, encoding="utf-16-le"), shift=shift, encode=b64encode)


def lower_units(text: bytes) -> bytes:
    """A byte for each unit of `text` in UTF-16, line ends where it has them."""
    try:
        return _utf16(text, encoding="utf-16-le")[::2]
    except UnicodeDecodeError:
        return text


def _hexadecimal(text: bytes, *, upper: bool) -> bytes:
    return text.hex().upper().encode() if upper else text.hex().encode()


_ESCAPE: Final = re.compile(rb"%[0-9A-F]{2}")
_RESERVED: Final = "!*'();:@&=+$,/?#[]"
# What eight bytes are in base64, wherever it begins; hexadecimal digits stand in every commit id.
_SHORTEST_BASE64: Final = 10
_SHORTEST_HEXADECIMAL: Final = 12
BASE64_WAYS: Final = (
    *(
        WayOfWriting(partial(_base64, shift=shift, encode=b64encode), rigid=True, shortest=_SHORTEST_BASE64)
        for shift in range(3)
    ),
    *(
        WayOfWriting(partial(_base64_utf16, shift=shift), rigid=True, utf16=True, shortest=_SHORTEST_BASE64)
        for shift in range(3)
    ),
)
_ESCAPES: Final[tuple[Way, ...]] = (
    _breaks_escaped,
    _json,
    partial(_json, ascii_only=True),
    _json_with_slashes,
    _json_for_html,
    _xml,
    partial(_xml, quotes=True),
    *(partial(_url, keep=keep, lower=low) for keep in ("", "/", "!*'()", _RESERVED) for low in (False, True)),
    _form_data,
    *(partial(_every_byte, pattern=pattern) for pattern in (b"%%%02X", b"%%%02x")),
)
WAYS: Final = (
    *(WayOfWriting(write) for write in _ESCAPES),
    *BASE64_WAYS,
    *(
        WayOfWriting(
            partial(_base64, shift=shift, encode=urlsafe_b64encode), rigid=True, shortest=_SHORTEST_BASE64
        )
        for shift in range(3)
    ),
    *(
        WayOfWriting(partial(_hexadecimal, upper=upper), rigid=True, shortest=_SHORTEST_HEXADECIMAL)
        for upper in (False, True)
    ),
    *(WayOfWriting(partial(_utf16, encoding=encoding), wide=2) for encoding in ("utf-16-le", "utf-16-be")),
)
