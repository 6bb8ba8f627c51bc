"""Named tuples are those of the standard library, made in less time."""

from __future__ import annotations

import ast
import pickle
import typing
from pathlib import Path
from typing import Any

import pytest

import secopskit
from secopskit.named_tuple import NamedTuple

SOURCE = Path(secopskit.__file__).parent


class Ours(NamedTuple):
    """What it stands for."""

    name: str
    size: int | None = None
    parts: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """A property."""
        return len(self.parts)

    @classmethod
    def called(cls, name: str) -> Ours:
        """A class method."""
        return cls(name)

    def __str__(self) -> str:
        return f"<{self.name}>"


class Theirs(typing.NamedTuple):
    """What it stands for."""

    name: str
    size: int | None = None
    parts: tuple[str, ...] = ()


def of_a_class(made: Any) -> dict[str, object]:
    return {
        "bases": made.__bases__,
        "defaults": made._field_defaults,
        "doc": made.__doc__,
        "fields": made._fields,
        "module": made.__module__,
        "slots": made.__slots__,
        "has annotations": set(made.__annotations__),
    }


def test_a_class_is_what_the_standard_library_makes_of_it() -> None:
    assert of_a_class(Ours) == of_a_class(Theirs)
    assert repr(Ours("a", 1)).replace("Ours", "Theirs") == repr(Theirs("a", 1))
    assert Ours.__qualname__ == "Ours"


def test_an_instance_is_what_the_standard_library_makes_of_it() -> None:
    one = Ours("a", parts=("x", "y"))
    assert tuple(one) == tuple(Theirs("a", parts=("x", "y")))
    assert (one.name, one.size, one.total, str(one)) == ("a", None, 2, "<a>")
    assert one._replace(size=3) == Ours("a", 3, ("x", "y"))
    assert one._asdict() == {"name": "a", "size": None, "parts": ("x", "y")}
    assert Ours.called("b") == Ours("b")
    assert hash(one) == hash(tuple(one))


def test_it_is_pickled() -> None:
    one = pickle.loads(pickle.dumps(Ours("a", 2)))
    assert (type(one), one) == (Ours, Ours("a", 2))


@pytest.mark.parametrize("arguments", [(), ("a", 1, (), 4)])
def test_a_wrong_number_of_fields_is_an_error(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError, match="argument"):
        Ours(*arguments)


def test_a_field_cannot_be_set() -> None:
    with pytest.raises(AttributeError):
        Ours("a").name = "b"  # type: ignore[misc]  # what is tried


def imports_the_other(path: Path) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "typing"]
    return any(alias.name == "NamedTuple" for node in found for alias in node.names)


def test_one_kind_is_used_throughout() -> None:
    """But for a class with a type parameter, which it does not make."""
    others = {path.name for path in SOURCE.rglob("*.py") if imports_the_other(path)}
    assert others == {"named_tuple.py", "notebook.py"}
