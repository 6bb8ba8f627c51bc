"""A new value put in the place of the old one, wherever that stands: alone, or within a URL or a text.

What is written in place of the old value is written as that was: as it is, percent-encoded, as JSON has it
between quotes, or within base64.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from secopskit.secret import SecretValue

SHORTEST_PART: Final = 8
"""Shorter values are exchanged where they stand alone: within another one they may stand by chance."""
_URL: Final = re.compile(rb"\s*[A-Za-z][A-Za-z0-9+.-]*://\S+\s*")
_SCHEME: Final = re.compile(
    rb"\s*(?:jdbc:)?(?P<scheme>[A-Za-z][A-Za-z0-9.-]{0,40})(?:\+[A-Za-z0-9+.-]{1,40})?://"
)
_JSON: Final = re.compile(rb"\s*[{\[\"]")
# As a whole, or as a header has it.
_BASE64: Final = re.compile(rb"(?P<lead>\s*(?:Basic )?)(?P<body>[A-Za-z0-9+/_-]{8,65536})(?P<pad>={0,2}\s*)")


def exchange(value: SecretValue, old: SecretValue | None, new: SecretValue) -> SecretValue | None:
    """What `value` becomes; None where it has nothing of `old`.

    Within a longer value the old one is looked for as it is and as it may be written, and the new one is
    written in the same way; in what is a URL as a whole it is always percent-encoded.
    """
    whole = exchange_whole(value, old, new)
    if whole is not None or old is None or len(old) < SHORTEST_PART:
        return whole
    text = value.reveal()
    result = _within(text, old.reveal(), new.reveal()) or _within_base64(text, old.reveal(), new.reveal())
    return None if result is None else SecretValue(result)


def exchange_whole(value: SecretValue, old: SecretValue | None, new: SecretValue) -> SecretValue | None:
    """What `value` becomes where it is `old` and nothing else, however it is written; else None."""
    if old is None or not old:
        return None
    if value == old:
        return new
    for written in _WAYS:
        if value.reveal() == written(old.reveal()):
            return SecretValue(written(new.reveal()))
    return None


def exchange_beside(
    value: SecretValue, old: SecretValue, new: SecretValue, *, user: str
) -> SecretValue | None:
    """What `value` becomes where it is `old`, or a text that has it and names its `user`; else None."""
    name, word = user.encode("utf-8", "surrogateescape"), old.reveal()
    named = re.search(rb"(?<!\w)" + re.escape(name) + rb"(?!\w)", value.reveal())
    apart = name not in word and word not in name
    return exchange(value, old, new) if named and apart else exchange_whole(value, old, new)


def scheme_of(value: SecretValue) -> str:
    """The scheme of what is a URL, in small letters, without `jdbc:` and a driver; empty for all else."""
    found = _SCHEME.match(value.reveal())
    return found["scheme"].decode().lower() if found else ""


def _within(text: bytes, before: bytes, after: bytes) -> bytes | None:
    """The text with each `before` in it exchanged; None where there is none."""
    escaped, in_url = _json(before), _percent(after)
    plain = in_url if _URL.fullmatch(text) else _json(after) if _JSON.match(text) else after
    result = _percented(before).sub(lambda found: plain if found[0] == before else in_url, text)
    if escaped != before:
        result = result.replace(escaped, _json(after))
    return None if result == text else result


def _within_base64(text: bytes, before: bytes, after: bytes) -> bytes | None:
    """The same for a text that is base64 as a whole, and has `before` in what it stands for."""
    found = _BASE64.fullmatch(text)
    if found is None:
        return None
    urlsafe = b"-" in found["body"] or b"_" in found["body"]
    try:
        padded = found["body"] + b"=" * (-len(found["body"]) % 4)
        inner = base64.b64decode(padded, altchars=b"-_" if urlsafe else None, validate=True)
    except binascii.Error:
        return None
    if (changed := _within(inner, before, after)) is None:
        return None
    body = base64.b64encode(changed, altchars=b"-_" if urlsafe else None)
    has_padding = bool(found["pad"].strip()) or len(found["body"]) % 4 == 0
    behind = found["pad"].lstrip(b"=")
    return found["lead"] + (body if has_padding else body.rstrip(b"=")) + behind


def _percent(text: bytes) -> bytes:
    return quote(text, safe="").encode()


def _json(text: bytes) -> bytes:
    """As it stands between the quotes of a JSON string; unchanged where it is no text."""
    try:
        return json.dumps(text.decode(), ensure_ascii=False)[1:-1].encode()
    except UnicodeDecodeError:
        return text


_WAYS: Final[tuple[Callable[[bytes], bytes], ...]] = (
    _percent,
    _json,
    base64.b64encode,
    base64.urlsafe_b64encode,
    lambda text: base64.b64encode(text).rstrip(b"="),
    lambda text: base64.urlsafe_b64encode(text).rstrip(b"="),
)


@lru_cache(maxsize=16)
def _percented(text: bytes) -> re.Pattern[bytes]:
    """What finds a text in which any byte may be percent-encoded."""
    return re.compile(
        b"".join(b"(?:%%%02X|%%%02x|%b)" % (byte, byte, re.escape(bytes((byte,)))) for byte in text)
    )
