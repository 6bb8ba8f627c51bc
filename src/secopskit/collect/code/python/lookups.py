"""Python: `os.environ` and `os.getenv`, and all else by which Python reads the environment."""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from secopskit.collect.code.masking import PYTHON
from secopskit.collect.code.python import helpers, readers, settings
from secopskit.collect.code.python.arguments import default_after
from secopskit.collect.code.reading import SourceText, distinct, has_any
from secopskit.collect.interface import Collector
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.collect.facts import DynamicLookup, Fact, VariableUse
    from secopskit.findings import Blob

_DIRECT: Final = (b"os.environ", b"environ[", b"environ.", b"environ)", b"import environ", b"getenv")
_ALIAS: Final = LazyRegex(
    rb"(?m)^[ \t]{0,40}(\w{1,60})[ \t]{0,8}(?::[^=\n]{1,60})?=[ \t]{0,8}"
    rb"(?:dict\()?os\.environ(?:\.copy\(\))?\)?[ \t]{0,8}$"
)
_FROM_OS: Final = LazyRegex(rb"(?m)^[ \t]{0,40}from[ \t]{1,8}os[ \t]{1,8}import[ \t]{1,8}[^\n]{0,200}")
_ACCESS: Final = LazyRegex(
    rb"\.(get|setdefault|getenv|getb|__getitem__)[ \t]{0,8}\(|[ \t]{0,8}(\[)|\.(?:items|keys|values)\(\)"
)
_WRITTEN: Final = LazyRegex(rb"[ \t]{0,8}\][ \t]{0,8}(?:=(?!=)|:[ \t]{0,8}str[ \t]{0,8}=)")
_DELETED: Final = LazyRegex(rb"(?s).*\bdel[ \t]{1,8}$")
_GETENV: Final = LazyRegex(rb"(?<![\w.])(?:os[ \t]{0,4}\.[ \t]{0,4})(?:getenv|getenvb)[ \t]{0,8}\(")
_WITHIN: Final = LazyRegex(
    rb"[\"']([A-Za-z_]\w{0,120})[\"'][ \t]{1,8}(?:not[ \t]{1,8})?in[ \t]{1,8}os\.environ(?![\w.\[])"
)
_CALLED: Final = LazyRegex(rb"(?<![\w.])getenv[ \t]{0,8}\(")


def wants(path: str) -> bool:
    """Whether it is a Python file."""
    return path.endswith((".py", ".pyw", ".wsgi", ".py.jinja", ".py.j2"))


def collect(blob: Blob) -> Iterator[Fact]:
    """The lookups of a Python file, in no order."""
    data = blob.data
    is_direct = has_any(data, _DIRECT)
    is_helped = helpers.may_be_in(data)
    is_read = readers.may_be_in(data)
    if not (is_direct or is_helped or is_read or b"BaseSettings" in data):
        return
    text = SourceText(blob, PYTHON, "python")
    own = helpers.wrappers(text) if is_direct else {}
    direct = _PythonLookups(text, own).direct() if is_direct else ()
    read = readers.collect(text) if is_read else ()
    helped = helpers.collect(text, own) if own or is_helped else ()
    yield from distinct(chain(direct, read, helped, settings.collect(text)))


class _PythonLookups:
    """The direct lookups of one file."""

    def __init__(self, text: SourceText, wrappers: dict[bytes, tuple[int, int]]) -> None:
        self._text = text
        self._wrappers = wrappers

    def direct(self) -> Iterator[VariableUse | DynamicLookup]:
        """`os.environ` and `os.getenv`, also as imported or under another name."""
        text = self._text
        names = [rb"(?<![\w.])os[ \t]{0,4}\.[ \t]{0,4}environb?"]
        imported = b"\n".join(found[0] for found in _FROM_OS.finditer(text.code))
        if b"environ" in imported:
            names.append(rb"(?<![\w.])environ")
        names += [rb"(?<![\w.])" + found[1] for found in islice(_ALIAS.finditer(text.code), 20)]
        for head in re.compile(rb"(?:" + rb"|".join(names) + rb")(?!\w)").finditer(text.code):
            yield from self._access(head.start(), head.end())
        for call in _GETENV.finditer(text.code):
            yield from self._lookup(call.start(), call.end(), may_default=True)
        if b"getenv" in imported:
            for call in _CALLED.finditer(text.code):
                yield from self._lookup(call.start(), call.end(), may_default=True)
        for found in _WITHIN.finditer(text.bare):
            if text.code[found.start()] == text.bare[found.start()] and text.code[found.start(1)] == ord(" "):
                yield text.use(found[1], found.start())

    def _access(self, start: int, end: int) -> Iterator[VariableUse | DynamicLookup]:
        found = _ACCESS.match(self._text.code, end)
        if found is None or _DELETED.match(self._text.code, max(0, start - 20), start):
            return
        if found[1] or found[2]:
            yield from self._lookup(start, found.end(), may_default=bool(found[1]))
        elif not self._is_wrapped(start):
            yield self._text.dynamic(start)

    def _lookup(self, start: int, at: int, *, may_default: bool) -> Iterator[VariableUse | DynamicLookup]:
        text = self._text
        found = text.lookup(at)
        if isinstance(found, bytes):
            if not self._is_wrapped(start):
                yield text.dynamic(start, found)
            return
        name, end = found
        if may_default:
            default = default_after(text, end)
            yield text.use(name, start, default)
        elif not _WRITTEN.match(text.code, end):
            yield text.use(name, start, required=True)

    def _is_wrapped(self, offset: int) -> bool:
        """Whether the function around it is called with the names that it looks up."""
        return any(low <= offset < high for low, high in self._wrappers.values())


COLLECTOR: Final = Collector("python", wants, collect)
