"""What a property of a request's body may be: JSON types, and no more of JSON Schema than is needed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

_BASE64: Final = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})")


class Shape(NamedTuple):
    """A JSON type. `items` are the types of an array's; `fields` are all that an object has, all required."""

    type: str
    enum: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    fields: Mapping[str, Shape] | None = None
    nullable: bool = False
    base64: bool = False


_JSON_TYPES: Final[Mapping[type, str]] = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
TEXT: Final = Shape("string")
BOOLEAN: Final = Shape("boolean")


def problems(value: Any, shape: Shape, where: str) -> Iterator[str]:
    """What is wrong with `value`; what is told holds nothing of it."""
    if value is None and shape.nullable:
        return
    if json_type(value) != shape.type:
        yield f"{where} is of type {json_type(value)}, not {shape.type}"
        return
    if shape.enum and value not in shape.enum:
        yield f"{where} is none of {', '.join(shape.enum)}"
    if shape.base64 and not _BASE64.fullmatch(value):
        yield f"{where} is not Base64"
    if shape.items and not all(json_type(item) in shape.items for item in value):
        yield f"{where} has items that are not {' or '.join(shape.items)}"
    if shape.fields is not None:
        yield from object_problems(value, shape.fields, frozenset(shape.fields), f"{where}.")


def object_problems(
    value: Mapping[str, Any], shapes: Mapping[str, Shape], required: frozenset[str], prefix: str = ""
) -> Iterator[str]:
    """What is wrong with an object: what is unknown, what is missing, what has another type."""
    for name in value.keys() - shapes.keys():
        yield f"{prefix}{name} is unknown"
    for name in sorted(required - value.keys()):
        yield f"{prefix}{name} is missing"
    for name in value.keys() & shapes.keys():
        yield from problems(value[name], shapes[name], prefix + name)


def json_type(value: Any) -> str:
    """The name of a value's type in JSON."""
    return _JSON_TYPES[type(value)]
