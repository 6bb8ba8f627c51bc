"""The comment at the head of a program: what it says of variables, whoever runs the program reads.

Only names that the program uses below count, where the comment gives them a value as one types it
(`# SIZE=20 ./run.sh`), lets them lead a line, or sets them off as code.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Final

from secopskit.collect.facts import DocumentedName, FactPlace
from secopskit.collect.interface import Collector
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from secopskit.collect.facts import Fact
    from secopskit.findings import Blob

_SUFFIXES: Final = (
    *(".sh", ".bash", ".zsh", ".ksh", ".py", ".rb", ".pl", ".php", ".js", ".mjs", ".cjs", ".ts", ".mts"),
    *(".cts", ".go", ".rs", ".java", ".kt", ".groovy", ".ps1"),
)
_LONGEST: Final = 8192
_MOST: Final = 200
# Lines of comments, blank ones among them; a block; the text that a Python module begins with.
_HEAD: Final = LazyRegex(
    rb"(?:\xef\xbb\xbf)?(?:<\?php\s{1,20})?(?:[ \t]{0,8}(?:(?:\#|//)[^\n]{0,400})?\r?\n){0,200}"
    rb"(?:[ \t]{0,8}/\*[^*]{0,8000}(?:\*(?!/)[^*]{0,2000}){0,400}\*/|[rR]?\"\"\"[^\"]{0,8000}\"\"\")?"
)
_NAME: Final = rb"([A-Z][A-Z0-9_]{2,120})"
_EXPLAINED: Final = LazyRegex(
    rb"(?m)^[ \t]{0,8}(?:\#+|//+|\*+|/\*+)?[ \t]{0,40}(?:[-*][ \t]{1,4})?[`\"]?\$?" + _NAME + rb"[`\"]?"
    rb"(?=[ \t]{2,40}\S|[ \t]{0,8}(?::[ \t]|=|--?[ \t]|\(|\xe2\x80)|[ \t]{0,8}\r?$)"
    rb"|`\$?" + _NAME + rb"(?:=[^`\n]{0,80})?`"
    rb"|[ \t]" + _NAME + rb"=(?=[^\s=])"
)


def _wants(path: str) -> bool:
    return path.endswith(_SUFFIXES)


def _collect(blob: Blob) -> Iterator[Fact]:
    data = blob.data[:_LONGEST]
    if data[:1] not in b'#/"\xef<\n\r \tr':
        return
    head = _HEAD.match(data)
    end = head.end() if head else 0
    seen = set[bytes]()
    for found in islice(_EXPLAINED.finditer(data, 0, end), _MOST):
        group = found.lastindex or 1
        if found[group] not in seen and blob.data.find(found[group], end) >= 0:
            seen.add(found[group])
            line = data.count(b"\n", 0, found.start(group)) + 1
            yield DocumentedName(found[group].decode(), FactPlace(blob.path, line))


COLLECTOR: Final = Collector("head comments", _wants, _collect)
