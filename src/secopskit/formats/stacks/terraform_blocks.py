"""Terraform: declared variables, references to them, and variables that resources give to programs.

https://developer.hashicorp.com/terraform/language/block/variable has the block; one without an
end is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.findings import Span
from secopskit.lazy_regex import prepared
from secopskit.named_tuple import NamedTuple

_VARIABLE: Final = prepared(rb"(?m)^[ \t]{0,20}variable[ \t]{1,8}\"([\w-]{1,120})\"[ \t]{0,8}\{")
_DEFAULT: Final = prepared(
    rb"(?m)^[ \t]{0,40}default[ \t]{0,40}=[ \t]{0,20}(\"(?:[^\"\\\n]|\\.){0,2000}\"|[^\n#]{1,2000})"
)
_GIVEN: Final = prepared(
    rb"(?m)^[ \t]{1,80}\"?([A-Z][A-Z0-9_]{2,120})\"?[ \t]{0,80}[=:][ \t]{0,20}"
    rb"(?:\"((?:[^\"\\\n]|\\.){0,2000})\"[ \t]{0,8},?[ \t]{0,8}$|[^\s\"=])"
)
_NAMED: Final = prepared(
    rb"\bname[ \t]{0,20}[=:][ \t]{0,20}\"([A-Z][A-Z0-9_]{1,120})\"[ \t]{0,8}[,\n][ \t\r\n]{0,80}"
    rb"value[ \t]{0,20}[=:][ \t]{0,20}(?:\"((?:[^\"\\\n]|\\.){0,2000})\")?"
)
_BRACE: Final = prepared(rb"\"(?:[^\"\\\n]|\\.){0,2000}\"|[{}]")
_DEPTHS: Final = {b"{": 1, b"}": -1}
_LONGEST: Final = 4000


class TerraformVariable(NamedTuple):
    """A declared variable. `default` is None where it has none, `literal` tells that it is a plain text."""

    name: str
    start: int
    default: bytes | None
    literal: bool


class TerraformGiven(NamedTuple):
    """A variable that a resource gives to a program. `value` is None where it is computed."""

    name: str
    start: int
    value: bytes | None


class VariableBlock(NamedTuple):
    """A `variable` block: the name, where it stands, and where what is between the braces stands."""

    name: str
    start: int
    body: Span


def blocks(data: bytes) -> Iterator[VariableBlock]:
    """The `variable` blocks; one without an end before the next is empty."""
    found = list(_VARIABLE.finditer(data))
    ends = [*(one.start() for one in found[1:]), len(data)]
    for one, end in zip(found, ends, strict=False):
        start = one.end()
        body = _body(data, start, min(end, start + _LONGEST))
        yield VariableBlock(one[1].decode(), one.start(1), Span(start, start + len(body)))


def declared(data: bytes) -> Iterator[TerraformVariable]:
    """The `variable` blocks."""
    for block in blocks(data):
        default = _DEFAULT.search(data[slice(*block.body)])
        written = default[1].strip() if default else None
        literal = written is not None and written[:1] == b'"'
        value = written[1:-1] if written is not None and literal else written
        value = None if value == b"null" and not literal else value
        yield TerraformVariable(block.name, block.start, value, literal)


def _body(data: bytes, start: int, limit: int) -> bytes:
    depth = 1
    for found in _BRACE.finditer(data[start:limit]):
        depth += _DEPTHS.get(found[0], 0)
        if depth == 0:
            return data[start : start + found.start()]
    return b""


def given(data: bytes) -> Iterator[TerraformGiven]:
    """Pairs with names of variables of an environment: `API_URL = …`, `{name = "API_URL", value = …}`."""
    for pattern in (_GIVEN, _NAMED):
        for found in pattern.finditer(data):
            value = found[2]
            computed = value is None or b"${" in value
            yield TerraformGiven(found[1].decode(), found.start(1), None if computed else value)
