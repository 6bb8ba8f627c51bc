"""SQL: texts in rows of a table, each under the name of its column.

`INSERT INTO t (a, b) VALUES ('x', 'y'), …`, `INSERT INTO t SET a = 'x'`, `UPDATE t SET a = 'x'`, and
PostgreSQL's `COPY t (a, b) FROM stdin;` with a row a line. In a table of settings (a column `name` beside
a column `value`) a row's own name is the key. Values that functions make are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats import bounds
from secopskit.formats.setting import Setting
from secopskit.formats.tables.key_value import NAMES, VALUES, pair_of
from secopskit.lazy_regex import LazyRegex, prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


_INSERT: Final = prepared(
    rb"(?i)\b(?:INSERT|REPLACE)\s{1,8}(?:IGNORE\s{1,8})?(?:INTO\s{1,8})?[\w.`\"\[\]-]{1,160}"
    rb"\s{0,8}\(([^()']{1,4000})\)\s{0,40}(?:OVERRIDING[ \t]{1,8}\w{1,10}[ \t]{1,8}VALUE\s{1,8})?"
    rb"VALUES?\s{0,40}(?=\()"
)
_COPY: Final = prepared(
    rb"(?im)^COPY[ \t]{1,8}[\w.\"]{1,160}[ \t]{0,8}\(([^()]{1,4000})\)[ \t]{1,8}FROM"
    rb"[ \t]{1,8}stdin[^;\n]{0,200};\r?\n"
)
_SET: Final = prepared(
    rb"(?i)\b(?:UPDATE|INSERT|REPLACE)\s{1,8}[\w.`\"\[\]\s]{1,200}\s{1,8}SET\s{1,8}([^;]{1,8000})"
)
_ASSIGNED: Final = prepared(
    rb"[,\s]\s{0,40}([\w.`\"\[\]]{1,120})[ \t]{0,40}=[ \t]{0,40}N?'((?:[^'\\]|''|\\.){1,2000})'"
)
_PART: Final = prepared(rb"'((?:[^'\\]++|''|\\.)*+)'|[(),;]|[^'(),;\s]++")
_COLUMNS: Final = rb"\s{0,8}\([^()']{1,4000}\)\s{0,40}(?:overriding\b[^()']{1,40})?values?\s{0,40}\("
_SETS: Final = rb"\s{1,8}[\w.`\"\[\]\s]{1,200}\sset\s{1,8}[\w.`\"\[\]]{1,120}\s{0,40}="
_COPIED: Final = rb"[ \t]{1,8}[\w.\"]{1,160}[ \t]{0,8}\([^()]{1,4000}\)[ \t]{1,8}from[ \t]{1,8}stdin"
# By their first words, in small letters: a word is found faster than an expression.
_HEADS: Final = {
    word: LazyRegex(
        rb"%b(?:\s{1,8}(?:ignore\s{1,8})?(?:into\s{1,8})?[\w.`\"\[\]-]{1,160}%b|%b)" % (word, _COLUMNS, _SETS)
    )
    for word in (b"insert", b"replace", b"update")
} | {b"copy": LazyRegex(b"copy" + _COPIED)}
_DEEPEST: Final = 16  # brackets within brackets
_MOST: Final = 200_000
"""Rows of one statement that are read, and texts of one `COPY`."""


def may_stand(data: bytes) -> bool:
    """Whether `data` may hold rows of a table, which can lie far from the names of their columns."""
    low = data.lower()
    return any(_begins_at(low, word, head) for word, head in _HEADS.items())


def _begins_at(low: bytes, word: bytes, head: LazyRegex[bytes]) -> bool:
    """Whether `head`, which begins with `word`, matches anywhere."""
    at = low.find(word)
    while at >= 0:
        if head.match(low, at):
            return True
        at = low.find(word, at + 1)
    return False


def settings(data: bytes, wanted: Callable[[str], object] = bool) -> Iterator[Setting]:
    """The texts in columns whose name is `wanted`, and those of tables of settings."""
    for found in _INSERT.finditer(data):
        columns = _columns(found[1])
        if _reads(columns, wanted):
            for row in _rows(data, found.end()):
                yield from _row(columns, row, wanted)
    done = 0
    for found in _COPY.finditer(data):
        columns = _columns(found[1])
        if found.start() >= done and _reads(columns, wanted):
            end = data.find(b"\n\\.", found.end())
            done = end if end >= 0 else len(data)
            for row in _lines(data, found.end()):
                yield from _row(columns, row, wanted)
    for found in _SET.finditer(data):
        for pair in _ASSIGNED.finditer(data, found.start(1) - 1, found.end(1)):
            yield Setting(_name(pair[1]), _unquoted(pair[2]), Span(*pair.span(2)), quote="'")


def _columns(text: bytes) -> list[str]:
    return list(map(_name, text.split(b",")))


def _name(text: bytes) -> str:
    return text.strip(b' \t\r\n`"[]').rpartition(b".")[2].decode("utf-8", "replace")


def _reads(columns: list[str], wanted: Callable[[str], object]) -> bool:
    return any(map(wanted, columns)) or pair_of(columns) is not None


def _row(columns: list[str], row: list[Setting | None], wanted: Callable[[str], object]) -> Iterator[Setting]:
    """The texts of one row. A text has no key yet, None is what is no text."""
    low = [column.lower() for column in columns]
    name = next((text for column, text in zip(low, row, strict=False) if text and column in NAMES), None)
    for column, text in zip(columns, row, strict=False):
        if text is None:
            continue
        if name and column.lower() in VALUES:
            yield text._replace(key=name.value.decode("utf-8", "replace"))
        elif wanted(column):
            yield text._replace(key=column)


def _rows(data: bytes, at: int) -> Iterator[list[Setting | None]]:
    """The rows behind `VALUES`, up to the end of the statement."""
    row: list[Setting | None] = []
    depth = rows = 0
    fresh = False  # nothing of the field has been read
    for found in _PART.finditer(data, at):
        sign = found[0]
        if found[1] is not None:
            if depth == 1 and fresh:
                row[-1] = Setting("", _unquoted(found[1]), Span(*found.span(1)), quote="'")
        elif sign == b"(":
            depth += 1
            row = [None] if depth == 1 else row
        elif sign == b")":
            depth -= 1
            if depth == 0:
                yield row
                rows += 1
        elif sign == b"," and depth == 1:
            row.append(None)
        elif sign == b";" or (depth == 0 and sign != b","):
            return
        if _is_over(depth, rows):
            return
        # `N'x'` and `E'x'` are texts as well.
        fresh = (sign in (b"(", b",") and depth == 1) or (fresh and sign in (b"N", b"E"))


def _is_over(depth: int, rows: int) -> bool:
    """Whether the statement has ended within another one, or no more of it is read."""
    if depth > _DEEPEST or rows >= _MOST:
        bounds.stop()
        return True
    return depth < 0


def _lines(data: bytes, at: int) -> Iterator[list[Setting | None]]:
    """The rows of a `COPY`, up to a backslash with a dot on a line of its own."""
    for _ in range(_MOST):
        end = data.find(b"\n", at)
        line = data[at : end if end >= 0 else len(data)].rstrip(b"\r")
        if line == b"\\." or not line:
            return
        row, start = list[Setting | None](), at
        for field in line.split(b"\t"):
            row.append(None if field == b"\\N" else Setting("", field, Span(start, start + len(field))))
            start += len(field) + 1
        yield row
        if end < 0:
            return
        at = end + 1
    bounds.stop()


def _unquoted(text: bytes) -> bytes:
    return text.replace(b"''", b"'")
