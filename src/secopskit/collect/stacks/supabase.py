"""Supabase's config.toml: the variables it takes in with `env(X)`, and the ports of its local services.

https://supabase.com/docs/guides/local-development/cli/config has the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.collect.facts import Fact, Upstream, UseKind, VariableUse
from secopskit.collect.interface import Collector
from secopskit.collect.place import FilePlaces
from secopskit.findings import Blob
from secopskit.formats.lines import headers, path_at
from secopskit.lazy_regex import LazyRegex

_NAMED: Final = LazyRegex(r"(?:^|/)supabase/config[\w.-]{0,40}\.toml$")
_USED: Final = LazyRegex(rb"(?m)^([^\n#]{0,400}?)[\"']env\(([A-Za-z_]\w{0,120})\)[\"']")
_PORT: Final = LazyRegex(
    rb"(?m)^[ \t]{0,20}(?:port|[a-z]{2,20}_port)[ \t]{0,8}=[ \t]{0,8}([0-9]{1,5})[ \t]{0,20}(?:#|\r?$)"
)


def _wants(path: str) -> bool:
    return _NAMED.search(path) is not None


def _collect(blob: Blob) -> Iterator[Fact]:
    places = FilePlaces(blob.path, blob.data)
    sections = headers(blob.data)
    for found in _USED.finditer(blob.data):
        yield VariableUse(
            name=found[2].decode(),
            place=places.at(found.start(2)),
            kind=UseKind.CONFIG,
            language="supabase",
            scope=".".join(path_at(sections, found.start(2))),
        )
    for found in _PORT.finditer(blob.data):
        number = int(found[1])
        if 0 < number < 65536:
            yield Upstream("", number, places.at(found.start(1)), listens=True)


COLLECTOR: Final = Collector("supabase", _wants, _collect)
