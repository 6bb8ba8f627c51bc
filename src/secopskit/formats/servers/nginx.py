"""nginx: what a configuration listens on and passes requests to, and the templates of its image.

https://nginx.org/en/docs/http/ngx_http_upstream_module.html and ngx_http_proxy_module.html. Directives with
an address are `Setting`s whose key is the directive and whose value is the address: `listen`, `server` (of an
`upstream`), `proxy_pass` and its like. The path is ("upstream", its name) within one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.setting import Setting
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN: Final = prepared(
    rb"#[^\n]{0,4000}|\"(?:[^\"\\]|\\.){0,4000}\"|'(?:[^'\\]|\\.){0,4000}'|\$\{\w{1,200}\}|[{};]|"
    rb"(?:\$\{\w{1,200}\}|[^\s{};#\"']){1,4000}"
)
_ADDRESSES: Final = frozenset(
    {b"listen", b"server", b"proxy_pass", b"fastcgi_pass", b"uwsgi_pass", b"scgi_pass", b"grpc_pass"}
)
_MOST: Final = 200_000


def settings(data: bytes) -> Iterator[Setting]:
    """The directives with an address, in order."""
    words, blocks = list[re.Match[bytes]](), list[tuple[str, ...]]()
    for number, token in enumerate(_TOKEN.finditer(data)):
        text = token[0]
        if number > _MOST:
            return
        if text.startswith(b"#"):
            continue
        if text == b"{":
            blocks.append(_block(words))
            words = []
        elif text == b"}":
            blocks = blocks[:-1]
            words = []
        elif text == b";":
            yield from _directive(words, blocks[-1] if blocks else ())
            words = []
        else:
            words.append(token)


def _block(words: list[re.Match[bytes]]) -> tuple[str, ...]:
    return tuple(word[0].decode("utf-8", "replace") for word in words[:2])


def _directive(words: list[re.Match[bytes]], block: tuple[str, ...]) -> Iterator[Setting]:
    if len(words) < 2 or words[0][0] not in _ADDRESSES:
        return
    upstream = block[:1] == ("upstream",)
    if (words[0][0] == b"server") != upstream:
        return
    value = words[1][0]
    quote = value[:1].decode("ascii", "replace") if value[:1] in (b'"', b"'") else ""
    start = words[1].start() + len(quote)
    value = value[1:-1] if quote else value
    yield Setting(
        key=words[0][0].decode(),
        value=value,
        span=Span(start, start + len(value)),
        path=block if upstream else (),
        quote=quote,
    )
