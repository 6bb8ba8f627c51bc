"""nginx: the hosts and ports that requests go to, the ports it listens on, and what templates take in.

Names of nginx's own (`$host`) have small letters; what is written in capitals and not set in the file is
filled in from the environment before nginx starts, as its image does with templates
(https://hub.docker.com/_/nginx).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.collect.facts import Fact, FactPlace, Upstream, UseKind, VariableUse
from secopskit.collect.interface import Collector
from secopskit.collect.place import FilePlaces
from secopskit.findings import Blob
from secopskit.formats.servers import nginx
from secopskit.formats.setting import Setting
from secopskit.lazy_regex import LazyRegex

_NAMED: Final = LazyRegex(
    r"(?i)(?:^|/)(?:[^/]{0,80}nginx[^/]{0,80}\.(?:conf|template|tmpl|tpl|envsubst)|nginx/(?:[^/]{1,80}/){0,4}"
    r"[^/]{1,80}\.(?:conf|template|tmpl|tpl|nginx))(?:\.(?:template|tmpl|tpl))?$"
    r"|(?:^|/)(?:conf\.d|sites-(?:available|enabled)|templates)/[^/]{1,80}\.conf(?:\.(?:template|tmpl|tpl))?$"
)
_SIGN: Final = LazyRegex(rb"(?m)^[ \t]{0,40}(?:server|upstream|location|http|listen)\b[^\n]{0,200}[{;]")
_VARIABLE: Final = LazyRegex(rb"(?<!\\)\$(?:\{([A-Z_][A-Z0-9_]{1,120})\}|([A-Z_][A-Z0-9_]{1,120})(?!\w))")
_OWN: Final = LazyRegex(rb"\b(?:set|map|geo)[ \t]{1,20}[^;{\n]{0,200}\$([A-Z_][A-Z0-9_]{1,120})\b")
_COMMENT: Final = LazyRegex(rb"(?m)^[ \t]{0,80}#[^\n]{0,4000}")
_ADDRESS: Final = LazyRegex(
    rb"(?:[a-z]{2,8}://)?(?:\[([0-9A-Fa-f:.]{2,60})\]|([^\s:/\[\]]{1,255}))(?::([0-9]{1,5}))?(?:/.{0,2000})?"
)
_PORTS: Final = {b"https": 443, b"http": 80, b"grpc": 80, b"grpcs": 443}


def _wants(path: str) -> bool:
    return _NAMED.search(path) is not None


def _collect(blob: Blob) -> Iterator[Fact]:
    if _SIGN.search(blob.data) is None:
        return
    places = FilePlaces(blob.path, blob.data)
    found = list(nginx.settings(blob.data))
    names = {setting.path[1].encode() for setting in found if len(setting.path) > 1}
    for setting in found:
        upstream = _upstream(setting, places.at(setting.span.start), names)
        if upstream is not None:
            yield upstream
    own = {each[1] for each in _OWN.finditer(blob.data)}
    for variable in _VARIABLE.finditer(_COMMENT.sub(lambda each: b" " * len(each[0]), blob.data)):
        name = variable[1] or variable[2]
        if name not in own:
            yield VariableUse(name.decode(), places.at(variable.start()), UseKind.CONFIG, "nginx")


def _upstream(setting: Setting, place: FactPlace, names: set[bytes]) -> Upstream | None:
    value = setting.value
    if setting.key == "listen":
        port = value.rpartition(b":")[2]
        return Upstream("", int(port), place, listens=True) if _is_port(port) else _bare(value, place)
    if value.startswith(b"unix:"):
        return None
    found = _ADDRESS.fullmatch(value)
    host = (found[1] or found[2]) if found else b""
    if found is None or not host or b"$" in host:
        return None
    if setting.key != "server" and host in names:
        return None
    scheme = value.partition(b"://")[0] if b"://" in value else b""
    if not found[3] and setting.key not in ("proxy_pass", "grpc_pass", "server"):
        return None
    port_number = int(found[3]) if found[3] else _PORTS.get(scheme, 80)
    return Upstream(host.decode("utf-8", "replace"), port_number, place)


def _bare(value: bytes, place: FactPlace) -> Upstream | None:
    """`listen` with an address alone listens on port 80; one that a variable decides is not known."""
    return None if b"$" in value or value.startswith(b"unix:") else Upstream("", 80, place, listens=True)


def _is_port(text: bytes) -> bool:
    return text.isdigit() and 0 < int(text[:6]) < 65536


COLLECTOR: Final = Collector("nginx", _wants, _collect)
