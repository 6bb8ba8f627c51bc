"""Caddyfiles and haproxy.cfg: the hosts and ports that requests go to, and the variables they take in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.collect.facts import Fact, FactPlace, Upstream, UseKind, VariableUse
from secopskit.collect.interface import Collector
from secopskit.collect.place import FilePlaces
from secopskit.collect.value import ConfigValue
from secopskit.findings import Blob
from secopskit.formats.servers import proxies
from secopskit.formats.setting import Setting
from secopskit.lazy_regex import LazyRegex

_CADDY: Final = LazyRegex(r"(?:^|/)Caddyfile(?:[.-][\w.-]{1,60})?$|\.caddyfile$")
_HAPROXY: Final = LazyRegex(r"(?:^|/)haproxy[\w.-]{0,60}\.(?:cfg|conf)$")
_IN_CADDY: Final = LazyRegex(
    rb"\{\$([A-Za-z_]\w{0,120})(?::([^{}\n]{0,400}))?\}|\{env\.([A-Za-z_]\w{0,120})\}"
)
_IN_HAPROXY: Final = LazyRegex(
    rb"\$\{([A-Za-z_]\w{0,120})(?:-([^{}\n]{0,400}))?\}|\$([A-Z_][A-Z0-9_]{1,120})"
)
_COMMENT: Final = LazyRegex(rb"(?m)(?:^|[ \t])#[^\n]{0,4000}")
_ADDRESS: Final = LazyRegex(
    rb"(?:([a-z0-9]{2,8})://)?(?:\[([0-9A-Fa-f:.]{2,60})\]|([^\s:/\[\]{}$*]{0,255}))(?::([0-9]{1,5}))?/?"
)


def _wants(path: str) -> bool:
    return _CADDY.search(path) is not None or _HAPROXY.search(path) is not None


def _collect(blob: Blob) -> Iterator[Fact]:
    places = FilePlaces(blob.path, blob.data)
    is_caddy = _CADDY.search(blob.path) is not None
    data = _COMMENT.sub(lambda found: b" " * len(found[0]), blob.data)
    for setting in (proxies.caddy if is_caddy else proxies.haproxy)(data):
        found = _upstream(setting, places.at(setting.span.start))
        if found is not None:
            yield found
    for used in (_IN_CADDY if is_caddy else _IN_HAPROXY).finditer(data):
        default = None if used[2] is None else ConfigValue(used[2])
        yield VariableUse(
            name=(used[1] or used[3]).decode(),
            place=places.at(used.start()),
            kind=UseKind.CONFIG,
            language="caddy" if is_caddy else "haproxy",
            default=default,
        )


def _upstream(setting: Setting, place: FactPlace) -> Upstream | None:
    found = _ADDRESS.fullmatch(setting.value.replace(b"*", b"") if setting.key == "bind" else setting.value)
    if found is None or found[1] == b"unix":
        return None
    port = int(found[4]) if found[4] and 0 < int(found[4]) < 65536 else None
    if setting.key == "bind":
        return Upstream("", port, place, listens=True) if port else None
    host = (found[2] or found[3]).decode("utf-8", "replace")
    if not host or (port is None and setting.key == "to"):
        return None
    return Upstream(host, port or (443 if found[1] == b"https" else 80), place)


COLLECTOR: Final = Collector("proxies", _wants, _collect)
