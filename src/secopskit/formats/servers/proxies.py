"""Caddyfiles and haproxy.cfg: what requests are passed to, and what is listened on.

https://caddyserver.com/docs/caddyfile/directives/reverse_proxy and https://docs.haproxy.org/3.0/configuration.html.
Each address is a `Setting` whose key is the directive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.setting import Setting
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

_CADDY: Final = prepared(rb"(?m)^[ \t]{0,80}(reverse_proxy|php_fastcgi|to)[ \t]{1,20}([^\r\n#]{1,2000})")
_WORD: Final = prepared(rb"[^\s]{1,500}")
_HAPROXY: Final = prepared(
    rb"(?m)^[ \t]{1,40}(?:(server)[ \t]{1,20}[^\s#]{1,120}|(bind))[ \t]{1,20}([^\s#]{1,300})"
)


def caddy(data: bytes) -> Iterator[Setting]:
    """The addresses of `reverse_proxy`, `php_fastcgi` and `to`."""
    for found in _CADDY.finditer(data):
        for word in _WORD.finditer(found[2]):
            if word[0] == b"{":
                break
            if not word[0].startswith((b"/", b"@", b"*")):
                start = found.start(2) + word.start()
                yield Setting(found[1].decode(), word[0], Span(start, start + len(word[0])))


def haproxy(data: bytes) -> Iterator[Setting]:
    """The addresses of `server` and `bind`."""
    for found in _HAPROXY.finditer(data):
        yield Setting((found[1] or found[2]).decode(), found[3], Span(*found.span(3)))
