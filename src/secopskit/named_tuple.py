"""`typing.NamedTuple`, whose classes are made in less than half of the time.

The standard library's compiles each annotation that a module leaves as text, of some fifty classes at each
commit. Here the fields are the names that are annotated, and `collections.namedtuple` makes the class. Type
checkers see the standard library's.
"""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple  # noqa: PLC0414 - passed on
else:
    _OF_THE_CLASS: Final = frozenset({"__module__", "__annotations__", "__classcell__"})

    class _Maker(type):
        """Makes a named tuple of a class body."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = body.get("__annotations__", {})
            defaults = [body[field] for field in fields if field in body]
            made = namedtuple(name, fields, defaults=defaults, module=body["__module__"])
            made.__annotations__ = fields
            for key, value in body.items():
                if key not in fields and key not in _OF_THE_CLASS:
                    setattr(made, key, value)
            return made

    class NamedTuple(metaclass=_Maker):
        """The base to write; the class that is made is a `tuple` and none of this."""
