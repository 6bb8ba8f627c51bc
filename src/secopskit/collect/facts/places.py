"""Places of facts, and what files are for.

Paths are relative to the project's top, with `/`. Lines are 1-based.
"""

from __future__ import annotations

from enum import Enum

from secopskit.named_tuple import NamedTuple


class FactPlace(NamedTuple):
    """Where a fact stands."""

    path: str
    line: int


class FileRole(Enum):
    """What a file is for: a lookup in a test is no lookup of the product."""

    PRODUCT = "product"
    TEST = "test"
    EXAMPLE = "example"
    DOCUMENT = "document"
    VENDORED = "vendored"
    GENERATED = "generated"
