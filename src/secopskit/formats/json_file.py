"""JSON settings, read as a stream of `"key": "value"` pairs: comments and broken files included.

The standard library's parser tells no offsets, and the pairs are all that is needed.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from secopskit.findings import Span
from secopskit.formats.encoding import from_base64
from secopskit.formats.setting import Setting, SettingForm

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAIR: Final = re.compile(
    rb"\"((?:[^\"\\\n]|\\.){1,200})\"[ \t\r\n]{0,40}:[ \t\r\n]{0,40}\"((?:[^\"\\\n]|\\.){1,4000})\""
)
_NAMED: Final = re.compile(
    rb"\"(?:[Nn]ame|[Kk]ey)\"[ \t]{0,8}:[ \t]{0,8}\"([^\"\\\n]{1,120})\"[ \t]{0,8},[ \t\r\n]{0,200}"
    rb"\"[Vv]alue\"[ \t]{0,8}:[ \t]{0,8}\"((?:[^\"\\\n]|\\.){1,4000})\""
)
_ESCAPE: Final = re.compile(rb"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPES: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_REGISTRY_KEYS: Final = (b"auth", b"password", b"identitytoken", b"registrytoken")


def settings(data: bytes) -> Iterator[Setting]:
    """The pairs with a text as value, then `"name": "KEY", "value": "…"` read as one."""
    for pattern in (_PAIR, _NAMED):
        for found in pattern.finditer(data):
            yield _setting(found[1].decode("utf-8", "replace"), found)


def registry_logins(data: bytes) -> Iterator[Setting]:
    """The logins of a Docker client configuration.

    `auth` is base64 of `user:password`: then the value is the password, decoded, of form PASSWORD.
    """
    for found in _PAIR.finditer(data):
        if found[1] in _REGISTRY_KEYS:
            login = _setting(found[1].decode(), found)
            plain = from_base64(login.value) if login.key == "auth" else None
            password = plain.partition(b":")[2] if plain else b""
            if password:
                yield login._replace(value=password, form=SettingForm.PASSWORD, encoding="base64")
            else:
                yield login


def _setting(key: str, found: re.Match[bytes]) -> Setting:
    return Setting(key=key, value=unescaped(found[2]), span=Span(*found.span(2)), quote='"')


def unescaped(text: bytes) -> bytes:
    """A JSON text without its escapes."""
    if b"\\" not in text:
        return text
    return _ESCAPE.sub(_character, text)


def _character(found: re.Match[bytes]) -> bytes:
    code = found[1]
    if len(code) == 5:
        return chr(int(code[1:], 16)).encode("utf-8", "replace")
    return _ESCAPES.get(code, code)


def outline(data: bytes) -> object:
    """The objects and arrays of a JSON file without its texts; None if it is not JSON."""
    try:
        return shape(json.loads(data))
    except (ValueError, RecursionError):  # a decoding error is a ValueError
        return None


def shape(value: Any) -> object:
    """A parsed value without its texts and keys."""
    if isinstance(value, dict):
        return "mapping", tuple(map(shape, value.values()))
    if isinstance(value, list):
        return "sequence", tuple(map(shape, value))
    return "scalar"
