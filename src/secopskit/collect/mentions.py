"""Mentions: the names in capitals that stand in a file, whoever reads them and however.

A program may look a variable up in ways that no collector understands: through a wrapper, from a list, in
a language that is not parsed. Where its name stands, nobody can say that nothing reads it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Final

from secopskit.collect.facts import Fact, MentionedNames
from secopskit.collect.interface import Collector
from secopskit.findings import Blob
from secopskit.lazy_regex import LazyRegex

_NAME: Final = LazyRegex(rb"(?<![A-Za-z0-9_])[A-Z][A-Z0-9]{0,40}_[A-Z0-9_]{1,80}(?![A-Za-z0-9_])")
_PROSE: Final = (
    ".md", ".mdx", ".rst", ".adoc", ".txt", ".svg", ".lock", ".map", ".po", ".pot", ".csv", ".html", ".css",
    ".scss", ".sql", ".ipynb", ".snap", ".d.ts", ".pem", ".crt", ".env",
)  # fmt: skip
_LONGEST: Final = 256 * 1024
_MOST: Final = 5000


def _wants(path: str) -> bool:
    name = posixpath.basename(path).lower()
    return not (name.endswith(_PROSE) or name.startswith(".env") or "compose" in name or "-lock." in name)


def _collect(blob: Blob) -> Iterator[Fact]:
    data = blob.data
    if len(data) > _LONGEST or b"_" not in data or b"\0" in data[:1024]:
        return
    names = {found[0] for found in _NAME.finditer(data)}
    if names:
        yield MentionedNames(blob.path, frozenset(name.decode() for name in sorted(names)[:_MOST]))


COLLECTOR: Final = Collector(name="mentions", wants=_wants, collect=_collect)
