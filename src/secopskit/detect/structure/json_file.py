"""JSON settings, read as a stream of `"key": "value"` pairs: comments and broken files included.

The standard library's parser tells no offsets, and the pairs are all that is needed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.detect.structure.judge import decoded, judge
from secopskit.detect.structure.setting import Setting, SettingPlace, Trust, place_for
from secopskit.detect.value.filters import KeyKind
from secopskit.findings import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match

RULE: Final = "json-secret"
DOCKER_RULE: Final = "docker-auth"
_PAIR: Final = re.compile(
    rb"\"((?:[^\"\\\n]|\\.){1,200})\"[ \t\r\n]{0,40}:[ \t\r\n]{0,40}\"((?:[^\"\\\n]|\\.){1,4000})\""
)
_NAMED: Final = re.compile(
    rb"\"(?:[Nn]ame|[Kk]ey)\"[ \t]{0,8}:[ \t]{0,8}\"([^\"\\\n]{1,120})\"[ \t]{0,8},[ \t\r\n]{0,200}"
    rb"\"[Vv]alue\"[ \t]{0,8}:[ \t]{0,8}\"((?:[^\"\\\n]|\\.){1,4000})\""
)
_ESCAPE: Final = re.compile(rb"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPES: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_DOCKER: Final = re.compile(r"(?i)(?:^|/)\.docker(?:cfg|configjson)$|(?:^|/)\.docker/config\.json$")
_TEXTS: Final = re.compile(
    r"(?i)(?:^|/)(?:locales?|i18n|lang|langs|languages|translations?|messages|schemas?)/|(?:^|/)[a-z]{2}(?:[-_][a-z]{2})?\.json$"
    r"|openapi|swagger|schema\.json$"
)


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a JSON file."""
    if _TEXTS.search(blob.path):
        return
    if _DOCKER.search(blob.path) or b'"auths"' in blob.data:
        yield from judge(docker_auths(blob.data), SettingPlace(rule=DOCKER_RULE, trust=Trust.DEPLOYED))
    yield from judge(settings(blob.data), place_for(blob.path, RULE, Trust.SETTINGS))


def settings(data: bytes) -> Iterator[Setting]:
    """The pairs with a text as value."""
    for pattern in (_PAIR, _NAMED):
        for found in pattern.finditer(data):
            key = found[1].decode("utf-8", "replace")
            yield Setting(key=key, value=unescaped(found[2]), span=Span(*found.span(2)))


def docker_auths(data: bytes) -> Iterator[Setting]:
    """The logins of a Docker client configuration: `auth` is base64 of `user:password`."""
    for found in _PAIR.finditer(data):
        if found[1] in (b"auth", b"password", b"identitytoken", b"registrytoken"):
            key, value = found[1].decode(), unescaped(found[2])
            plain = decoded(value) if key == "auth" else None
            password = plain.partition(b":")[2] if plain else b""
            kind = KeyKind.PASSWORD if password else KeyKind.CREDENTIALS
            note = "registry login, decoded from base64" if password else ""
            yield Setting(key=key, value=password or value, span=Span(*found.span(2)), kind=kind, note=note)


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
