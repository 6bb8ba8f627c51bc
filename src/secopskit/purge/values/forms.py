"""The forms in which one value may stand in a repository, and what takes the place of each.

A form is a way of writing: what replaces a value is written in the same way, so that what is
around it stays well-formed. All forms are fixed texts; nothing here is a regular expression.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Final, TypeAlias
from urllib.parse import quote, quote_plus

from secopskit.purge.model import PurgeTarget

Way: TypeAlias = Callable[[bytes], bytes]

# Base64 leaves less of a value than there is to it: shorter than this, it could be anything.
UNMISTAKABLE: Final = 12
_KEY_LINE: Final = 48
_KEY_ALPHABET: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
# The first line of every unencrypted OpenSSH key of a kind is the same: "openssh-key-v1" and a header.
_COMMON_KEY_LINE: Final = b"b3BlbnNzaC1rZXktdjEA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One way in which target `number` may be written: exactly `text`.

    `write` turns what replaces it into the same way of writing. `value` is what was written; a
    form that is `rigid` (base64) must keep its length, so what replaces it must have the value's.
    `wide` are the bytes a character takes.
    """

    number: int
    text: bytes = field(repr=False)
    value: bytes = field(repr=False)
    write: Way = field(repr=False)
    rigid: bool = False
    wide: int = 1


def forms_of(target: PurgeTarget) -> list[Form]:
    """All forms of a target, each text once, the plain one first."""
    forms: dict[bytes, Form] = {}
    for form in chain(_plain(target), _encoded(target)):
        if form.text:
            forms.setdefault(form.text, form)
    return list(forms.values())


def _plain(target: PurgeTarget) -> Iterator[Form]:
    value = target.value.reveal()
    for text in chain(layouts(value), _key_lines(value), (extra.reveal() for extra in target.extra_forms)):
        yield Form(number=target.number, text=text, value=text, write=_as_is)


def _encoded(target: PurgeTarget) -> Iterator[Form]:
    for value in layouts(target.value.reveal()):
        for write, rigid, wide in _WAYS:
            text = _written(write, value)
            if not rigid or len(text) >= UNMISTAKABLE:
                yield Form(number=target.number, text=text, value=value, write=write, rigid=rigid, wide=wide)


def _written(write: Way, text: bytes) -> bytes:
    """`text` in this way of writing; nothing where it cannot be written so."""
    try:
        return write(text)
    except UnicodeDecodeError:
        return b""


def layouts(value: bytes) -> list[bytes]:
    """The value itself, and a value of many lines with either line end, as found and not indented."""
    if b"\n" not in value:
        return [value]
    unix = value.replace(b"\r\n", b"\n")
    flush = b"\n".join(line.strip(b" \t") for line in unix.split(b"\n"))
    texts = [value, *(text.replace(b"\n", end) for text in (unix, flush) for end in (b"\n", b"\r\n"))]
    return list(dict.fromkeys(texts))


def _key_lines(value: bytes) -> Iterator[bytes]:
    """The lines of a private key that tell it: found however they are indented, quoted or joined."""
    if b"-----BEGIN " not in value:
        return
    for line in value.replace(b"\\n", b"\n").split(b"\n"):
        text = line.strip()
        if (
            len(text) >= _KEY_LINE
            and _KEY_ALPHABET.issuperset(text)
            and not text.startswith(_COMMON_KEY_LINE)
        ):
            yield text


def _as_is(text: bytes) -> bytes:
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


_ESCAPE: Final = re.compile(rb"%[0-9A-F]{2}")
_RESERVED: Final = "!*'();:@&=+$,/?#[]"
# Each way of writing, whether it must keep its length, and the bytes a character takes.
_WAYS: Final[tuple[tuple[Way, bool, int], ...]] = (
    (_breaks_escaped, False, 1),
    (_json, False, 1),
    (partial(_json, ascii_only=True), False, 1),
    (_json_with_slashes, False, 1),
    (_json_for_html, False, 1),
    (_xml, False, 1),
    (partial(_xml, quotes=True), False, 1),
    *(
        (partial(_url, keep=keep, lower=low), False, 1)
        for keep in ("", "/", "!*'()", _RESERVED)
        for low in (False, True)
    ),
    (_form_data, False, 1),
    *((partial(_every_byte, pattern=pattern), False, 1) for pattern in (b"%%%02X", b"%%%02x")),
    *(
        (partial(_base64, shift=shift, encode=encode), True, 1)
        for shift in range(3)
        for encode in (b64encode, urlsafe_b64encode)
    ),
    *((partial(_utf16, encoding=encoding), False, 2) for encoding in ("utf-16-le", "utf-16-be")),
)
